#include "gyre/io/signals.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "gyre/base/check.h"

namespace gyre::io {
namespace {

std::atomic<int> signal_pipe{-1};

void on_interrupt(int number) {
  const int before = errno;
  const auto byte = static_cast<unsigned char>(number);
  [[maybe_unused]] ssize_t n = ::write(signal_pipe.load(std::memory_order_relaxed), &byte, 1);
  errno = before;
}

}  // namespace

Signals::Signals(Reactor& reactor, const std::vector<int>& signals, std::function<void(int)> on_signal)
    : reactor_(reactor), on_signal_(std::move(on_signal)) {
  int fds[2];
  GYRE_CHECK(::pipe2(fds, O_CLOEXEC | O_NONBLOCK) == 0);
  read_fd_ = fds[0];
  write_fd_ = fds[1];
  GYRE_CHECK(signal_pipe.exchange(write_fd_) == -1);
  for (int number : signals) {
    struct sigaction action{}, before{};
    action.sa_handler = &on_interrupt;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    GYRE_CHECK(::sigaction(number, &action, &before) == 0);
    former_.emplace_back(number, before);
  }
  scope_.spawn(watch());
}

Signals::~Signals() { GYRE_CHECK(read_fd_ < 0); }

coro::Task<void> Signals::watch() {
  while (!scope_.stopping()) {
    co_await reactor_.poll(read_fd_, POLLIN);
    unsigned char numbers[64];
    ssize_t count = ::read(read_fd_, numbers, sizeof numbers);
    for (ssize_t i = 0; i < count; ++i)
      if (numbers[i] != 0) on_signal_(numbers[i]);
  }
}

coro::Task<void> Signals::stop() {
  for (auto& [number, before] : former_) ::sigaction(number, &before, nullptr);
  scope_.request_stop();
  const unsigned char nothing = 0;
  [[maybe_unused]] ssize_t n = ::write(write_fd_, &nothing, 1);
  co_await scope_.drained();
  signal_pipe.store(-1);
  ::close(std::exchange(read_fd_, -1));
  ::close(std::exchange(write_fd_, -1));
}

}  // namespace gyre::io
