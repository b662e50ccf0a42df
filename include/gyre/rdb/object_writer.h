// Writes the value of an object by pieces, so that one with millions of elements holds nobody up.
//
// One owner at a time. The object must neither change nor go while the writer is at work: a frozen one, or
// one whose shard is held all the time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>

#include "gyre/rdb/chunk.h"
#include "gyre/store/object.h"

namespace gyre::rdb {

/// What is written at a time: the kind, the last `texts_left` of the texts, the bytes as they are, then the
/// number.
struct ObjectElement {
  static constexpr size_t kRawMax = 24;
  std::optional<uint64_t> kind;
  std::array<std::string_view, 2> texts;
  size_t texts_left = 0;
  std::array<char, kRawMax> raw;
  size_t raw_bytes = 0;
  std::optional<uint64_t> number;

  /// A single text.
  void set_text(std::string_view text) {
    texts.back() = text;
    texts_left = 1;
  }
  template <class Number>
  void put(Number value) {
    std::memcpy(raw.data() + raw_bytes, &value, sizeof(value));
    raw_bytes += sizeof(value);
  }
};

class ObjectSource;

class ObjectWriter {
 public:
  /// `version`: of the format, 10 or 11.
  ObjectWriter(const store::Object& object, bool compress, int version);
  ~ObjectWriter();
  ObjectWriter(const ObjectWriter&) = delete;
  ObjectWriter& operator=(const ObjectWriter&) = delete;

  /// Appends at least `about_bytes` (one text of less than kReferenceFrom bytes may pass that), or all that
  /// is left. True while there may be more.
  bool step(ChunkBuilder& out, size_t about_bytes);

 private:
  void write_string(ChunkBuilder& out, std::string_view text);

  const bool compress_;
  std::unique_ptr<ObjectSource> source_;
  bool begun_ = false;
  ObjectElement element_;  // being written
  std::string_view rest_;  // of a text too large to be copied at once
};

}  // namespace gyre::rdb
