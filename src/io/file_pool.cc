#include "file_pool.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <utility>

namespace gyre::io {
namespace {

int64_t call(FileOp& op) {
  switch (op.kind) {
    case Backend::kOpen:
      return ::open(op.path.c_str(), op.flags, op.mode);
    case Backend::kRead:
      return op.offset >= 0 ? ::pread(op.fd, op.iov.iov_base, op.iov.iov_len, op.offset)
                            : ::read(op.fd, op.iov.iov_base, op.iov.iov_len);
    case Backend::kWrite:
      return op.offset >= 0 ? ::pwrite(op.fd, op.iov.iov_base, op.iov.iov_len, op.offset)
                            : ::write(op.fd, op.iov.iov_base, op.iov.iov_len);
    case Backend::kFsync:
      return ::fsync(op.fd);
    case Backend::kFdatasync:
      return ::fdatasync(op.fd);
    case Backend::kFileClose:
      return ::close(op.fd);
    case Backend::kRename:
      return ::rename(op.path.c_str(), op.path2.c_str());
    case Backend::kUnlink:
      return ::unlink(op.path.c_str());
    case Backend::kTruncate:
      return ::ftruncate(op.fd, op.offset);
    case Backend::kStatSize: {
      struct stat status;
      int result = op.path.empty() ? ::fstat(op.fd, &status) : ::stat(op.path.c_str(), &status);
      if (result == 0) op.offset = status.st_size;
      return result;
    }
    default:
      errno = EINVAL;
      return -1;
  }
}

}  // namespace

int32_t run_file_operation(FileOp& op) {
  int64_t result;
  do result = call(op);
  while (result < 0 && errno == EINTR && op.kind != Backend::kFileClose);
  return result >= 0 ? static_cast<int32_t>(result) : -errno;
}

void FilePool::submit(FileOp& op) {
  std::lock_guard lock(mutex_);
  op.next = nullptr;
  if (last_)
    last_->next = &op;
  else
    first_ = &op;
  last_ = &op;
  ++waiting_;
  if (idle_ < waiting_ && threads_.size() < kThreads) {
    // The server's signals belong to its own threads. Not so those that concern the thread itself: its faults, and SIGUSR2,
    // by which reports ask for its stack.
    sigset_t others, before;
    sigfillset(&others);
    for (int own : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGUSR2}) sigdelset(&others, own);
    pthread_sigmask(SIG_SETMASK, &others, &before);
    threads_.emplace_back([this] { work(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
  wanted_.notify_one();
}

void FilePool::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    wanted_.wait(lock, [this] { return stopping_ || first_; });
    --idle_;
    if (stopping_) return;
    auto& op = static_cast<FileOp&>(*first_);
    first_ = op.next;
    if (!first_) last_ = nullptr;
    --waiting_;
    lock.unlock();
    op.token = static_cast<uint64_t>(static_cast<int64_t>(run_file_operation(op)));
    lock.lock();
    op.next = completed_;
    completed_ = &op;
    lock.unlock();
    notify_();
    lock.lock();
  }
}

unsigned FilePool::deliver() {
  Op* newest;
  {
    std::lock_guard lock(mutex_);
    newest = std::exchange(completed_, nullptr);
  }
  Op* oldest = nullptr;
  while (newest) {
    Op* next = newest->next;
    newest->next = oldest;
    oldest = newest;
    newest = next;
  }
  unsigned count = 0;
  for (; oldest; ++count) {
    Op& op = *oldest;
    oldest = op.next;
    op.done(op, Completion{.result = static_cast<int32_t>(static_cast<int64_t>(op.token))});
  }
  return count;
}

void FilePool::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wanted_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace gyre::io
