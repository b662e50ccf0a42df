// Full syncs: who shares one, the cut, and what comes before and after. The image itself: primary_image.cc.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "full_sync.h"
#include "gyre/base/clock.h"
#include "gyre/base/log.h"
#include "gyre/base/random.h"
#include "gyre/repl/primary.h"
#include "local.h"
#include "replica.h"

namespace gyre::repl {

using base::LogLevel;

namespace {

constexpr int64_t kPollUs = 100'000;

}  // namespace

FullSync::~FullSync() {
  if (fd >= 0) ::close(fd);
}

Primary::Group Primary::group_of(const Replica& replica, const Settings& settings) {
  // As in Redis: an image without keys never goes to a file.
  return {.file = !replica.can_eof || (!settings.diskless && !replica.without_keys), .without_keys = replica.without_keys};
}

/// Whether replicas that wait should be served now, and which of them together. *wait_us: when to look again.
bool Primary::due_group(const Settings& settings, Group* group, int64_t* wait_us) {
  const int64_t now_ms = base::wall_ms();
  *wait_us = kPollUs;
  std::lock_guard lock(mutex_);
  size_t waiting = 0;
  int64_t longest_ms = 0;
  for (const Replica* replica : replicas_) {
    if (replica->state != Replica::State::kWaits) continue;
    const Group its = group_of(*replica, settings);
    if (waiting == 0) *group = its;
    if (its != *group) continue;
    ++waiting;
    longest_ms = std::max(longest_ms, now_ms - replica->waits_since_ms);
  }
  if (waiting == 0) return false;
  if (group->file) return true;
  const bool enough = settings.diskless_max_replicas > 0 && waiting >= static_cast<size_t>(settings.diskless_max_replicas);
  const int64_t left_ms = settings.diskless_delay_s * 1000 - longest_ms;
  if (enough || left_ms <= 0) return true;
  *wait_us = std::min(left_ms * 1000, kPollUs);
  return false;
}

coro::Task<void> Primary::sync_loop() {
  io::Reactor& reactor = *reactors_[0];
  while (!reactor.scope().stopping()) {
    if (std::optional<SaveJob> job = take_save()) co_await run_save(std::move(*job));
    Group group;
    int64_t wait_us = 0;
    if (due_group(environment_.settings(), &group, &wait_us)) {
      co_await run_sync(group);
      continue;
    }
    if (co_await reactor.wait_for(sync_wanted_, wait_us)) sync_wanted_.reset();
  }
}

/// With the gate closed: the moment of the image. The replicas of the group follow the stream from here on.
size_t Primary::cut(const Group& group, const Settings& settings, const std::shared_ptr<FullSync>& sync) {
  if (!journal_.active()) {
    // What was written before is in no history.
    new_history_id();
    journal_.start(idle_offset_.load());
    dispatcher_.propagating.store(true, std::memory_order_relaxed);
    base::log(LogLevel::kNotice, "Replication backlog created, my new replication IDs are '%s' and '%s'", id_.c_str(),
              second_id_.c_str());
  }
  sync->id = id_;
  sync->offset = journal_.head();
  // The replicas begin without a database selected.
  journal_.forget_database();
  if (!group.without_keys) begin_walk(settings);
  std::lock_guard lock(mutex_);
  size_t joined = 0;
  for (Replica* replica : replicas_) {
    if (replica->state != Replica::State::kWaits || group_of(*replica, settings) != group) continue;
    if (!replica->image_only && !replica->cursor.open(journal_, sync->offset)) continue;
    replica->sent = sync->offset;
    replica->begin_sync(sync);
    ++joined;
  }
  syncing_ = sync;
  return joined;
}

coro::Task<void> Primary::run_sync(Group group) {
  const Settings settings = environment_.settings();
  auto sync = std::make_shared<FullSync>(group.file, base::random_hex(40));
  sync->started_us = base::monotonic_us();
  base::log(LogLevel::kNotice, "Starting BGSAVE for SYNC with target: %s", group.file ? "disk" : "replicas sockets");
  if (group.file && !co_await open_file(*sync, settings.dir)) {
    drop_waiting(group, settings);
    co_return;
  }
  co_await keyspace_.gate().close();
  const size_t joined = cut(group, settings, sync);
  keyspace_.gate().open();
  base::log(LogLevel::kNotice, "Background RDB transfer started, for %zu replicas", joined);

  const bool whole = co_await write_image(*sync, group, settings);
  if (group.file) {
    sync->file_bytes = static_cast<int64_t>(sync->bytes.load());
    if (!whole) ::close(std::exchange(sync->fd, -1));
    sync->file_done.set();
  } else {
    sync->fan.end(whole);
  }
  if (!group.without_keys) {
    co_await keyspace_.gate().close();
    end_walk();
    keyspace_.gate().open();
  }
  {
    std::lock_guard lock(mutex_);
    syncing_.reset();
    // One that has stopped reading would not learn of it.
    if (!whole)
      for (Replica* replica : replicas_)
        if (replica->receives(*sync)) replica->drop();
  }
  const double seconds = static_cast<double>(base::monotonic_us() - sync->started_us) / 1e6;
  if (whole) {
    base::log(LogLevel::kNotice, "Background RDB transfer terminated with success: %llu bytes in %.3f seconds",
              static_cast<unsigned long long>(sync->bytes.load()), seconds);
  } else {
    base::log(LogLevel::kWarning, "Background transfer error");
  }
}

void Primary::drop_waiting(const Group& group, const Settings& settings) {
  std::lock_guard lock(mutex_);
  for (Replica* replica : replicas_)
    if (replica->state == Replica::State::kWaits && group_of(*replica, settings) == group) replica->drop();
}

/// A file without a name, so that nothing is left behind whatever happens.
coro::Task<bool> Primary::open_file(FullSync& sync, std::string dir) {
  io::Reactor& reactor = *reactors_[0];
  int fd = co_await reactor.open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd == -EOPNOTSUPP || fd == -EISDIR) {
    const std::string name = dir + "/temp-sync-" + sync.end_mark + ".rdb";
    fd = co_await reactor.open(name, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0) (void)co_await reactor.unlink(name);
  }
  if (fd < 0) {
    base::log(LogLevel::kWarning, "SYNC failed. Can't create a file in %s: %s", dir.c_str(), std::strerror(-fd));
    co_return false;
  }
  sync.fd = fd;
  co_return true;
}

}  // namespace gyre::repl
