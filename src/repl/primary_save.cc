// BGSAVE: an image of one moment into a file, by the walk that full syncs use. One walk at a time, so the
// loop that runs these runs saves as well.
#include <fcntl.h>
#include <unistd.h>

#include <cstring>

#include "full_sync.h"
#include "gyre/base/clock.h"
#include "gyre/base/log.h"
#include "gyre/repl/primary.h"

namespace gyre::repl {

using base::LogLevel;

namespace {

constexpr int kFileMode = 0644;

}  // namespace

void Primary::save(const SaveJob& job) {
  {
    std::lock_guard lock(mutex_);
    save_wanted_ = job;
  }
  saving_.store(true, std::memory_order_relaxed);
  reactors_[0]->call([this] { sync_wanted_.set(); });
}

void Primary::give_up_save() {
  std::lock_guard lock(mutex_);
  if (!syncing_ || !syncing_->of_save) return;
  syncing_->given_up.store(true, std::memory_order_relaxed);
  output_ready_.set();
}

std::optional<Primary::SaveJob> Primary::take_save() {
  std::lock_guard lock(mutex_);
  return std::exchange(save_wanted_, std::nullopt);
}

coro::Task<void> Primary::run_save(SaveJob job) {
  io::Reactor& reactor = *reactors_[0];
  const Settings settings = environment_.settings();
  auto sync = std::make_shared<FullSync>(/*file=*/true, std::string());
  sync->of_save = true;
  sync->started_us = base::monotonic_us();
  bool whole = false;
  const int fd = co_await reactor.open(job.temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kFileMode);
  if (fd < 0) {
    base::log(LogLevel::kWarning, "Failed opening the temp RDB file %s for saving: %s", job.temporary.c_str(),
              std::strerror(-fd));
  } else {
    sync->fd = fd;
    co_await keyspace_.gate().close();
    if (journal_.active()) {
      sync->id = id_;
      sync->offset = journal_.head();
    }
    begin_walk(settings);
    keyspace_.gate().open();
    {
      std::lock_guard lock(mutex_);
      syncing_ = sync;
    }
    whole = co_await write_image(*sync, Group{.file = true}, settings);
    co_await keyspace_.gate().close();
    end_walk();
    keyspace_.gate().open();
    if (const int error = whole ? co_await reactor.fsync(fd) : 0; error < 0) {
      base::log(LogLevel::kWarning, "Write error while saving DB to the disk(fsync): %s",
                std::strerror(-error));
      whole = false;
    }
    std::lock_guard lock(mutex_);
    syncing_.reset();
  }
  saving_.store(false, std::memory_order_relaxed);
  job.done(job.context, whole);
}

}  // namespace gyre::repl
