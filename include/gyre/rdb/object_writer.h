// Writes the value of an object by pieces, so that one with millions of elements holds nobody up.
//
// One owner at a time. The object must neither change nor go while the writer is at work: a frozen one, or
// one whose shard is held all the time.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "gyre/rdb/chunk.h"
#include "gyre/store/object.h"

namespace gyre::rdb {

class ObjectWriter {
 public:
  ObjectWriter(const store::Object& object, bool compress);
  ~ObjectWriter();
  ObjectWriter(const ObjectWriter&) = delete;
  ObjectWriter& operator=(const ObjectWriter&) = delete;

  /// Appends at least `about_bytes` (one text of less than kReferenceFrom bytes may pass that), or all that
  /// is left. True while there may be more.
  bool step(ChunkBuilder& out, size_t about_bytes);

 private:
  /// What is written of an element: the number, the last `texts_left` of the texts, then the score.
  struct Element {
    std::optional<uint64_t> number;
    std::array<std::string_view, 2> texts;
    size_t texts_left = 0;
    std::optional<double> score;
  };
  class Source;
  class TrieSource;
  class ZsetSource;
  class ListSource;
  static std::unique_ptr<Source> source_of(const store::Object& object);

  void write_string(ChunkBuilder& out, std::string_view text);
  static void write_score(ChunkBuilder& out, double score);

  const bool compress_;
  std::unique_ptr<Source> source_;
  bool begun_ = false;
  Element element_;        // being written
  std::string_view rest_;  // of a text too large to be copied at once
};

}  // namespace gyre::rdb
