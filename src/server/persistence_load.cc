// Reading the server's RDB file.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "environment.h"
#include "gyre/base/clock.h"
#include "gyre/base/log.h"
#include "gyre/cmd/value_limits.h"
#include "gyre/server/process.h"
#include "gyre/server/server.h"
#include "persistence.h"

namespace gyre::server {

using base::LogLevel;
using Result = rdb::Decoder::Result;

namespace {

constexpr size_t kReadBytes = size_t{256} << 10;
/// Decoded at once, between two looks at the clients that ask meanwhile.
constexpr size_t kSliceBytes = size_t{32} << 10;
constexpr int64_t kGateRetryUs = 100, kNapUs = 10'000;

void log_counts(const snapshot::LoadCounts& counts) {
  const auto loaded = static_cast<unsigned long long>(counts.loaded);
  const auto expired = static_cast<unsigned long long>(counts.expired);
  if (counts.empty == 0)
    return base::log(LogLevel::kNotice, "Done loading RDB, keys loaded: %llu, keys expired: %llu.", loaded,
                     expired);
  base::log(LogLevel::kNotice,
            "Done loading RDB, keys loaded: %llu, keys expired: %llu, empty keys skipped: %llu.", loaded,
            expired, static_cast<unsigned long long>(counts.empty));
}

}  // namespace

rdb::Decoder::Options Persistence::decoder_options() const {
  const Config& config = server_.config();
  const SanitizePayload sanitize = config.sanitize_dump_payload;
  return {.values = {.limits = cmd::value_limits(server_.environment()),
                     .deep = sanitize == SanitizePayload::kYes},
          .verify_checksum = config.rdbchecksum && !server_.environment().skip_checksum_validation()};
}

snapshot::LoadOptions Persistence::load_options() const {
  return {.now_ms = base::wall_ms()};
}

snapshot::LoadCounts Persistence::last_load() const { return {.loaded = loaded_, .expired = expired_}; }

bool Persistence::open_file() {
  file_name_ = server_.config().dbfilename.get();
  fd_ = ::open(file_name_.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd_ < 0) {
    if (errno == ENOENT) return true;
    base::log(LogLevel::kWarning, "Fatal error: can't open the RDB file %s for reading: %s",
              file_name_.c_str(), std::strerror(errno));
    base::log(LogLevel::kWarning, "Fatal error loading the DB, check server logs. Exiting.");
    return false;
  }
  struct stat about{};
  if (::fstat(fd_, &about) == 0) progress_.total_bytes = about.st_size;
  progress_.started_s = base::wall_ms() / 1000;
  loading_ = true;
  return true;
}

/// kMore at the end of the file: it ends too early, or the server stops.
coro::Task<Result> Persistence::read_file(rdb::Decoder& decoder, snapshot::Loader& loader) {
  io::Reactor& reactor = server_.reactor(0);
  store::Gate& gate = server_.keyspace().gate();
  const auto buffer = std::make_unique_for_overwrite<char[]>(kReadBytes);
  int64_t offset = 0;
  uint64_t keys_before = 0;
  while (!reactor.scope().stopping()) {
    const int n = co_await reactor.read(fd_, buffer.get(), kReadBytes, offset);
    if (n < 0) base::log(LogLevel::kWarning, "Error reading the RDB file: %s", std::strerror(-n));
    if (n <= 0) break;
    offset += n;
    for (std::string_view left(buffer.get(), static_cast<size_t>(n)); !left.empty();) {
      while (!gate.try_enter(0)) co_await reactor.sleep_us(kGateRetryUs);
      const std::string_view slice = left.substr(0, kSliceBytes);
      const Result result = decoder.feed(slice);
      gate.leave(0);
      left.remove_prefix(slice.size());
      progress_.loaded_bytes.store(static_cast<int64_t>(decoder.position()), std::memory_order_relaxed);
      progress_.used_memory.store(loader.used_memory(), std::memory_order_relaxed);
      if (result != Result::kMore) co_return result;
      const uint64_t keys = loader.counts().loaded + loader.counts().expired;
      co_await delay(keys - std::exchange(keys_before, keys));
      co_await reactor.yield();
    }
  }
  co_return Result::kMore;
}

/// key-load-delay, by naps, so that a change of the setting counts at once.
coro::Task<void> Persistence::delay(uint64_t keys) {
  io::Reactor& reactor = server_.reactor(0);
  for (int64_t slept_us = 0; !reactor.scope().stopping();) {
    const int64_t us = server_.config().key_load_delay;
    const int64_t due_us = us >= 0 ? static_cast<int64_t>(keys) * us : static_cast<int64_t>(keys) / -us;
    const int64_t nap_us = std::min(due_us - slept_us, kNapUs);
    if (nap_us <= 0) co_return;
    co_await reactor.sleep_us(nap_us);
    slept_us += nap_us;
  }
}

coro::Task<void> Persistence::load() {
  const int64_t begun_us = base::monotonic_us();
  snapshot::Loader loader(server_.keyspace(), load_options());
  rdb::Decoder decoder(decoder_options(), loader);
  const Result result = co_await read_file(decoder, loader);
  ::close(fd_);
  fd_ = -1;
  if (result != Result::kEnd) {
    if (server_.reactor(0).scope().stopping()) co_return;
    snapshot::log_decode_error(decoder);
    base::log(LogLevel::kWarning, decoder.error().empty() || decoder.corrupt()
                                      ? "Terminating server after rdb file reading failure."
                                      : "Fatal error loading the DB, check server logs. Exiting.");
    server_.request_shutdown(1);
    co_return;
  }
  if (decoder.without_checksum() && server_.config().rdbchecksum)
    base::log(LogLevel::kNotice, "RDB file was saved with checksum disabled: no check performed.");
  log_counts(loader.counts());
  loaded_ = loader.counts().loaded;
  expired_ = loader.counts().expired;
  base::log(LogLevel::kNotice, "DB loaded from disk: %.3f seconds",
            static_cast<double>(base::monotonic_us() - begun_us) / 1e6);
  co_await finish_loading();
}

/// With the gate closed in between, so that what other threads do from now on comes after all that was
/// loaded.
coro::Task<void> Persistence::finish_loading() {
  store::Gate& gate = server_.keyspace().gate();
  co_await gate.close();
  loading_ = false;
  server_.update_conditions();
  gate.open();
  log_ready(server_.config());
}

bool Persistence::load_at_once(bool replace) {
  const std::string name = server_.config().dbfilename.get();
  const int fd = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    base::log(LogLevel::kWarning, "Fatal error: can't open the RDB file %s for reading: %s", name.c_str(),
              std::strerror(errno));
    return false;
  }
  snapshot::LoadOptions options = load_options();
  options.replace = replace;
  snapshot::Loader loader(server_.keyspace(), options);
  rdb::Decoder decoder(decoder_options(), loader);
  const auto buffer = std::make_unique_for_overwrite<char[]>(kReadBytes);
  Result result = Result::kMore;
  ssize_t n = 0;
  while (result == Result::kMore && (n = ::read(fd, buffer.get(), kReadBytes)) > 0)
    result = decoder.feed({buffer.get(), static_cast<size_t>(n)});
  ::close(fd);
  if (result != Result::kEnd) {
    snapshot::log_decode_error(decoder);
    return false;
  }
  log_counts(loader.counts());
  loaded_ = loader.counts().loaded;
  expired_ = loader.counts().expired;
  return true;
}

bool Persistence::reload(const ReloadOptions& options) {
  if (options.save && !save()) return false;
  store::Keyspace& keyspace = server_.keyspace();
  if (options.flush) {
    for (unsigned i = 0; i < keyspace.shard_count(); ++i)
      for (unsigned db = 0; db < keyspace.database_count(); ++db)
        keyspace.shard(i).drop_database(db, /*later=*/false);
  }
  if (!load_at_once(options.merge)) return false;
  base::log(LogLevel::kWarning, "DB reloaded by DEBUG RELOAD");
  return true;
}

}  // namespace gyre::server
