// Sending the image of a full sync to one replica.
#include <fcntl.h>

#include <algorithm>
#include <cstring>
#include <mutex>

#include "gyre/base/clock.h"
#include "gyre/base/log.h"
#include "replica.h"

namespace gyre::repl {

namespace {

/// Between two signs of life while there is nothing else to send.
constexpr int64_t kKeepAliveUs = 1'000'000;
constexpr size_t kFileReadBytes = size_t{256} << 10;

}  // namespace

coro::Task<bool> Replica::await_sync() {
  while (!over()) {
    wake_.reset();
    if (state != State::kWaits) co_return true;
    if (co_await reactor_.wait_for(wake_, kKeepAliveUs) || over() || state != State::kWaits) continue;
    keep_alive();
  }
  co_return false;
}

/// A newline, which a replica that waits for an image passes over.
void Replica::keep_alive() {
  stream_.output().append("\n");
  stream_.flush();
}

coro::Task<bool> Replica::receive_image() {
  if (!co_await await_sync()) co_return false;
  std::shared_ptr<FullSync> sync;
  {
    std::lock_guard lock(primary_.mutex_);
    sync = sync_;
  }
  base::OutBuffer& out = stream_.output();
  if (!old_protocol)
    out.append("+FULLRESYNC " + sync->id + " " + std::to_string(sync->offset) + "\r\n");
  stream_.flush();
  const bool complete = sync->to_file ? co_await send_file(*sync) : co_await send_chunks(*sync);
  sync->fan.leave(reader_);
  if (!complete) co_return false;
  if (image_only) {
    state = State::kDone;
    base::log(base::LogLevel::kNotice,
              "RDB transfer completed, rdb only replica (%s) should be disconnected asap", name().c_str());
    (void)co_await stream_.drained(0);
    co_return false;
  }
  if (sync->to_file) {
    go_online();
    co_return true;
  }
  base::log(base::LogLevel::kNotice,
            "Streamed replica with replica %s (socket). Waiting for REPLCONF ACK from replica to enable streaming",
            name().c_str());
  // How it knows where the image ended is its own affair until it says so: nothing may follow before.
  awaits_ack_ = true;
  go_online();
  while (!over()) {
    wake_.reset();
    if (has_acknowledged_) break;
    co_await wake_.wait();
  }
  progress_ms = reactor_.wall_ms();
  awaits_ack_ = false;
  co_return !over();
}

coro::Task<bool> Replica::pace(uint64_t bytes, int64_t started_us) {
  const int64_t rate = primary_.sync_bytes_per_second_.load(std::memory_order_relaxed);
  if (rate <= 0) co_return true;
  const auto due_us = started_us + static_cast<int64_t>(static_cast<double>(bytes) * 1e6 / static_cast<double>(rate));
  constexpr int64_t kStepUs = 100'000;
  for (int64_t left = due_us - base::monotonic_us(); left > 0 && !over(); left = due_us - base::monotonic_us()) {
    co_await reactor_.sleep_us(std::min(left, kStepUs));
    progress_ms = reactor_.wall_ms();
  }
  co_return !over();
}

coro::Task<bool> Replica::send_chunks(FullSync& sync) {
  base::OutBuffer& out = stream_.output();
  out.append("$EOF:" + sync.end_mark + "\r\n");
  const int64_t started_us = base::monotonic_us();
  uint64_t bytes = 0;
  while (!over()) {
    reader_.more.reset();
    rdb::Chunk chunk;
    switch (sync.fan.take(reader_, &chunk)) {
      case ChunkFan::Reader::Next::kChunk: break;
      case ChunkFan::Reader::Next::kNothing:
        // Nothing is asked of it: it may be another one that holds the image up, and is dropped alone.
        progress_ms = INT64_MAX;
        co_await reader_.more.wait();
        progress_ms = base::wall_ms();
        continue;
      case ChunkFan::Reader::Next::kFailed: co_return false;
      case ChunkFan::Reader::Next::kEnd:
        out.append(sync.end_mark);
        stream_.flush();
        co_return true;
    }
    bytes += chunk.size;
    hand_over(std::move(chunk.blob), chunk.offset, chunk.size);
    stream_.flush();
    if (stream_.pending() >= kFileReadBytes && !co_await drained()) co_return false;
    if (!co_await pace(bytes, started_us)) co_return false;
  }
  co_return false;
}

coro::Task<bool> Replica::send_file(FullSync& sync) {
  base::OutBuffer& out = stream_.output();
  while (!sync.file_done.is_set()) {
    if (over()) co_return false;
    if (co_await reactor_.wait_for(sync.file_done, kKeepAliveUs)) break;
    keep_alive();
    progress_ms = reactor_.wall_ms();
  }
  if (sync.fd < 0) co_return false;
  out.append("$" + std::to_string(sync.file_bytes) + "\r\n");
  const int64_t started_us = base::monotonic_us();
  int64_t at = 0;
  while (at < sync.file_bytes) {
    base::Blob blob = base::Blob::create(kFileReadBytes);
    const int got = co_await reactor_.read(sync.fd, blob.data(), kFileReadBytes, at);
    if (got <= 0 || over()) {
      if (got <= 0)
        base::log(base::LogLevel::kWarning, "Read error sending DB to replica: %s",
                  got < 0 ? std::strerror(-got) : "premature EOF");
      co_return false;
    }
    at += got;
    hand_over(std::move(blob), 0, static_cast<size_t>(got));
    stream_.flush();
    if (!co_await drained() || !co_await pace(static_cast<uint64_t>(at), started_us)) co_return false;
  }
  co_return true;
}

}  // namespace gyre::repl
