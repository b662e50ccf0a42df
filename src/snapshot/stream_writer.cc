#include "gyre/snapshot/stream_writer.h"

#include <algorithm>
#include <utility>

#include "gyre/base/crc64.h"

namespace gyre::snapshot {

namespace {
constexpr size_t kHeadBytes = 4096, kTailBytes = 16;
}

StreamWriter::StreamWriter(Walk& walk, const rdb::HeaderFields& fields, bool with_checksum)
    : walk_(walk), with_checksum_(with_checksum) {
  rdb::ChunkBuilder head(kHeadBytes);
  rdb::header(head, fields);
  for (unsigned db = 0; db < walk.sizes().size(); ++db) {
    const Walk::DatabaseSize& size = walk.sizes()[db];
    if (size.keys == 0) continue;
    rdb::select_db(head, db);
    rdb::resize_db(head, size.keys, size.with_expiry);
  }
  load(head);
}

void StreamWriter::load(rdb::ChunkBuilder& builder) {
  own_ = builder.take();
  std::reverse(own_.begin(), own_.end());
}

bool StreamWriter::next_own(rdb::Chunk* out) {
  if (own_.empty()) return false;
  *out = std::move(own_.back());
  own_.pop_back();
  return true;
}

/// Cuts what is too long, counts and sums up.
void StreamWriter::give(rdb::Chunk* out) {
  if (out->size > kPieceBytes) {
    rest_ = {out->blob, out->offset + kPieceBytes, out->size - kPieceBytes};
    out->size = kPieceBytes;
  }
  bytes_ += out->size;
  if (with_checksum_ && stage_ != Stage::kChecksum) crc_ = base::crc64(crc_, out->view());
}

StreamWriter::Result StreamWriter::next(rdb::Chunk* out) {
  if (walk_.failed()) return Result::kFailed;
  if (rest_.size != 0) {
    *out = std::exchange(rest_, {});
    give(out);
    return Result::kPiece;
  }
  for (;;) {
    // Asked first: what was finished before is in the queue now.
    const bool finished = stage_ == Stage::kWalk && walk_.finished();
    if (stage_ == Stage::kWalk ? walk_.next(out) : next_own(out)) {
      give(out);
      return Result::kPiece;
    }
    rdb::ChunkBuilder tail(kTailBytes);
    switch (stage_) {
      case Stage::kHead:
        stage_ = Stage::kWalk;
        break;
      case Stage::kWalk:
        if (walk_.failed()) return Result::kFailed;
        if (!finished) return Result::kNothing;
        stage_ = Stage::kEndOfImage;
        rdb::end_of_image(tail);
        load(tail);
        break;
      case Stage::kEndOfImage:
        stage_ = Stage::kChecksum;
        rdb::checksum(tail, crc_);
        load(tail);
        break;
      case Stage::kChecksum:
        stage_ = Stage::kEnded;
        break;
      case Stage::kEnded:
        return Result::kEnd;
    }
  }
}

}  // namespace gyre::snapshot
