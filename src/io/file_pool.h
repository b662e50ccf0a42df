// Threads for file operations, for backends whose kernel interface cannot do them asynchronously.
//
// Threads: submit(), deliver() and stop() on the reactor's; the pool's own threads run the system calls.
// Operations that were submitted together may run at the same time, so who needs an order awaits. Started on
// first use; at most kThreads, and no more than there are operations waiting.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "gyre/io/backend.h"

namespace gyre::io {

/// Does the operation now, blocking. Result >= 0 or -errno.
int32_t run_file_operation(FileOp& op);

class FilePool {
 public:
  static constexpr size_t kThreads = 4;

  /// `notify` is called on a pool thread when something is there to deliver.
  explicit FilePool(std::function<void()> notify) : notify_(std::move(notify)) {}
  ~FilePool() { stop(); }

  void submit(FileOp& op);
  /// Calls done() of what has completed; returns how many.
  unsigned deliver();
  /// Ends the threads after what runs now; what waits is dropped.
  void stop();

 private:
  void work();

  std::function<void()> notify_;
  std::mutex mutex_;
  std::condition_variable wanted_;
  std::vector<std::thread> threads_;
  Op* first_ = nullptr;  // waiting, oldest first
  Op* last_ = nullptr;
  size_t idle_ = 0;
  size_t waiting_ = 0;
  Op* completed_ = nullptr;  // newest first
  bool stopping_ = false;
};

}  // namespace gyre::io
