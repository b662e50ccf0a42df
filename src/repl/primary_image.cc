// The image of a full sync: the walk on every reactor, and its chunks in the order of the stream.
#include <algorithm>
#include <cstring>

#include "full_sync.h"
#include "gyre/base/clock.h"
#include "gyre/base/crc64.h"
#include "gyre/base/log.h"
#include "gyre/rdb/encoder.h"
#include "gyre/repl/primary.h"
#include "gyre/snapshot/stream_writer.h"
#include "local.h"

namespace gyre::repl {

using base::LogLevel;

namespace {

/// Pieces between two looks at everything else: at 64 KiB each, which most have, their checksums take under 250 us.
constexpr unsigned kPiecesPerTurn = 4;
constexpr int64_t kWalkSliceUs = 200;
/// A walk that had to let others pass tries again after this, also on a reactor that sleeps.
constexpr int64_t kRetryUs = 1'000;
constexpr int64_t kPollUs = 100'000;
/// Writers wait for an image that is held up only for so long: a replica that has stopped reading would hold them up, too.
constexpr int64_t kHeldUpUs = 500'000;

}  // namespace

/// Where the pieces of one image go.
struct Primary::Image {
  Primary& primary;
  FullSync& sync;
  io::Reactor& reactor;
  const snapshot::Walk& walk;
  int error = 0;  // of the file

  bool given_up() const {
    return error != 0 || reactor.scope().stopping() || (!sync.to_file && sync.fan.readers() == 0) ||
           sync.given_up.load(std::memory_order_relaxed);
  }
  coro::Task<void> write(rdb::Chunk chunk);
};

coro::Task<void> Primary::Image::write(rdb::Chunk chunk) {
  const std::string_view bytes = chunk.view();
  const uint64_t at = sync.bytes.fetch_add(bytes.size(), std::memory_order_relaxed);
  if (!sync.to_file) {
    sync.fan.push(std::move(chunk));
    // A replica that takes nothing does not hold up the end of a walk that has failed.
    const int64_t since_us = base::monotonic_us();
    while (sync.fan.full() && !given_up() && !walk.failed()) {
      if (base::monotonic_us() - since_us > kHeldUpUs) primary.slow_writers(false);
      sync.fan.room.reset();
      if (sync.fan.full()) (void)co_await reactor.wait_for(sync.fan.room, kPollUs);
    }
    co_return;
  }
  for (size_t done = 0; done < bytes.size() && error == 0;) {
    const int n = co_await reactor.write(sync.fd, bytes.data() + done, bytes.size() - done, static_cast<int64_t>(at + done));
    if (n <= 0) {
      error = n < 0 ? -n : ENOSPC;
      base::log(LogLevel::kWarning, "Write error saving DB on disk: %s", std::strerror(error));
    } else {
      done += static_cast<size_t>(n);
    }
  }
}

void Primary::begin_walk(const Settings& settings) {
  snapshot::WalkOptions options;
  options.rdb_version = settings.rdb_version;
  options.compress = settings.compress;
  options.access = settings.access;
  options.max_pre_image_bytes = settings.pre_image_bytes;
  options.key_save_delay_us = settings.key_save_delay_us;
  options.on_output = [](void* self) { static_cast<Primary*>(self)->output_ready_.set(); };
  options.on_output_context = this;
  walk_.begin(options, base::wall_ms());
  walking_.store(true, std::memory_order_relaxed);
  walk_turn_.fetch_add(1, std::memory_order_release);
  wake_walkers();
}

void Primary::end_walk() {
  last_preserved_bytes_.store(walk_.preserved_bytes(), std::memory_order_relaxed);
  walk_.end();
  walking_.store(false, std::memory_order_relaxed);
  // What it left in the tables goes in slices.
  walk_turn_.fetch_add(1, std::memory_order_release);
  wake_walkers();
  slow_writers(false);
}

void Primary::slow_writers(bool slow) {
  if (slowing_writes_.exchange(slow) != slow) environment_.conditions_changed();
}

void Primary::wake_walkers() {
  for (unsigned i = 0; i < reactors_.size(); ++i)
    if (i != io::Reactor::current()->index()) wake_reactor(i);
}

bool Primary::walk_slice(unsigned reactor) {
  Local& local = locals_[reactor];
  const uint64_t turn = walk_turn_.load(std::memory_order_acquire);
  if (local.walk_done == turn) [[likely]] return false;
  switch (walk_.step(reactor, base::monotonic_us(), kWalkSliceUs)) {
    case snapshot::StepResult::kMore: return true;
    case snapshot::StepResult::kLater:
      // While there is a consumer it looks after those who sleep.
      return !walking_.load(std::memory_order_relaxed);
    case snapshot::StepResult::kBlocked: return false;
    case snapshot::StepResult::kDone: local.walk_done = turn; return false;
  }
  return false;
}

/// Everything the walk has, as it comes. False: it failed, or nobody wants it any more.
coro::Task<bool> Primary::write_walk(Image& image, const rdb::HeaderFields& fields, const Settings& settings) {
  snapshot::StreamWriter writer(walk_, fields, settings.checksum);
  while (!image.given_up()) {
    slow_writers(walk_.overloaded());
    output_ready_.reset();
    auto result = snapshot::StreamWriter::Result::kPiece;
    rdb::Chunk piece;
    for (unsigned i = 0; i < kPiecesPerTurn && (result = writer.next(&piece)) == snapshot::StreamWriter::Result::kPiece; ++i)
      co_await image.write(std::move(piece));
    wake_walkers();
    switch (result) {
      case snapshot::StreamWriter::Result::kPiece: co_await image.reactor.yield(); break;
      case snapshot::StreamWriter::Result::kNothing:
        (void)co_await image.reactor.wait_for(output_ready_, kRetryUs);
        break;
      case snapshot::StreamWriter::Result::kEnd: co_return !image.given_up();
      case snapshot::StreamWriter::Result::kFailed:
        base::log(LogLevel::kWarning,
                  "Full sync given up: what was overwritten during it took more than %llu bytes of memory. A larger "
                  "repl-sync-pre-image-limit, or fewer writes, let it get through.",
                  static_cast<unsigned long long>(settings.pre_image_bytes));
        co_return false;
    }
  }
  co_return false;
}

coro::Task<bool> Primary::write_image(FullSync& sync, const Group& group, const Settings& settings) {
  Image image{*this, sync, *reactors_[0], walk_};
  rdb::HeaderFields fields;
  fields.version = settings.rdb_version;
  fields.created_s = base::wall_ms() / 1000;
  fields.used_memory = environment_.used_memory();
  // A save of a server without a history has none.
  if (!sync.id.empty()) fields.replication = rdb::Replication{0, sync.id, static_cast<int64_t>(sync.offset)};
  if (!group.without_keys) co_return co_await write_walk(image, fields, settings);
  rdb::ChunkBuilder builder;
  rdb::header(builder, fields);
  rdb::end_of_image(builder);
  uint64_t crc = 0;
  for (rdb::Chunk& chunk : builder.take()) {
    if (settings.checksum) crc = base::crc64(crc, chunk.view());
    co_await image.write(std::move(chunk));
  }
  rdb::checksum(builder, crc);
  for (rdb::Chunk& chunk : builder.take()) co_await image.write(std::move(chunk));
  co_return !image.given_up();
}

SyncProgress Primary::progress() {
  SyncProgress p;
  std::shared_ptr<FullSync> sync;
  {
    std::lock_guard lock(mutex_);
    sync = syncing_;
  }
  if (!sync) return p;
  p.active = true;
  p.bytes = sync->bytes;
  const int64_t us = base::monotonic_us() - sync->started_us;
  p.seconds = us / 1'000'000;
  // A save's figures stand until its file is complete.
  if (!walking_.load(std::memory_order_relaxed) && !sync->of_save) return p;
  p.keys = walk_.keys_done();
  p.keys_total = walk_.keys_total();
  p.pre_image_bytes = walk_.pre_image_bytes();
  p.preserved_bytes = walk_.preserved_bytes();
  if (p.keys != 0 && p.keys < p.keys_total)
    p.seconds_left = static_cast<int64_t>(static_cast<double>(us) / 1e6 * static_cast<double>(p.keys_total - p.keys) /
                                          static_cast<double>(p.keys));
  return p;
}

}  // namespace gyre::repl
