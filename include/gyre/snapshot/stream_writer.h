// The final RDB stream of a walk, for its consumer: header, hints for each database, everything the walk
// gives, end and checksum, in pieces that are sent in the order they come.
//
// Owner and thread: the consumer's. Requires that the walk has begun; between its end() and the next begin()
// only destruction is allowed.
#pragma once

#include <cstdint>
#include <vector>

#include "gyre/rdb/encoder.h"
#include "gyre/snapshot/walk.h"

namespace gyre::snapshot {

class StreamWriter {
 public:
  /// Pieces are at most this long, so that one call's checksum stays below about 200 us (I7).
  static constexpr size_t kPieceBytes = size_t{256} << 10;

  enum class Result : uint8_t {
    kPiece,
    kNothing,  // the walk has nothing ready
    kEnd,      // the image is complete
    kFailed,   // the walk has failed: drop what was sent
  };

  /// `with_checksum`: rdbchecksum; without it the image ends with eight zero bytes, which loaders do not
  /// check.
  StreamWriter(Walk& walk, const rdb::HeaderFields& fields, bool with_checksum);

  Result next(rdb::Chunk* out);
  /// Given out so far.
  uint64_t bytes() const { return bytes_; }

 private:
  /// own pieces (head) ──▶ the walk's ──▶ own pieces (end of image) ──▶ the checksum ──▶ ended
  enum class Stage : uint8_t { kHead, kWalk, kEndOfImage, kChecksum, kEnded };

  bool next_own(rdb::Chunk* out);
  void load(rdb::ChunkBuilder& builder);
  void give(rdb::Chunk* out);

  Walk& walk_;
  const bool with_checksum_;
  Stage stage_ = Stage::kHead;
  std::vector<rdb::Chunk> own_;  // not yet given, last first
  rdb::Chunk rest_;              // of a piece that is too long
  uint64_t crc_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace gyre::snapshot
