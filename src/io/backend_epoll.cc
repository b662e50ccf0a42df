// Start, end and turn of the epoll backend; epoll_transfer.cc receives and sends.
#include "backend_epoll.h"

#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <utility>

#include "gyre/base/check.h"

namespace gyre::io {

bool EpollBackend::start(std::string* reason) {
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  wake_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  timer_ = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  bool fine = epoll_ >= 0 && wake_ >= 0 && timer_ >= 0;
  for (int fd : {wake_, timer_}) {
    // Edge-triggered: a write or an expiry is one event, without reading the counter.
    epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.fd = fd}};
    fine = fine && epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0;
  }
  if (!fine) *reason = std::strerror(errno);
  return fine;
}

EpollBackend::~EpollBackend() {
  files_.stop();
  for (int fd : {epoll_, wake_, timer_})
    if (fd >= 0) ::close(fd);
}

void EpollBackend::wake() noexcept {
  const uint64_t one = 1;
  [[maybe_unused]] ssize_t n = ::write(wake_, &one, sizeof one);
}

EpollBackend::Descriptor& EpollBackend::at(int fd) {
  if (static_cast<size_t>(fd) >= descriptors_.size()) descriptors_.resize(static_cast<size_t>(fd) * 2 + 64);
  return descriptors_[static_cast<size_t>(fd)];
}

EpollBackend::Descriptor& EpollBackend::registered(int fd) {
  Descriptor& d = at(fd);
  if (d.registered) return d;
  epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.fd = fd}};
  ++counters_.system_calls;
  // A descriptor that epoll does not take (a regular file) shows as an error when it is read.
  epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  d.registered = true;
  return d;
}

void EpollBackend::finish(Op& op, int32_t result) {
  op.state = kQueued;
  results_.push_back({&op, Completion{.result = result}});
  result_matters_ = true;
}

void EpollBackend::poll(PollOp& op, int fd, uint32_t events) {
  Descriptor& d = at(fd);
  GYRE_CHECK(!d.polled);
  op.fd = fd;
  op.events = events;
  op.state = kPolled;
  epoll_event event{.events = events | EPOLLONESHOT, .data = {.fd = fd}};
  ++counters_.system_calls;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0 &&
      (errno != EEXIST || epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event) != 0))
    return finish(op, -errno);
  d.polled = &op;
}

void EpollBackend::cancel(Op& op) {
  if (op.state == kNowhere || op.state == kQueued || op.fd < 0) return;  // its completion is on the way
  Descriptor& d = at(op.fd);
  if (d.reader == &op)
    d.reader = nullptr, d.into = nullptr;
  else if (d.writer == &op)
    d.writer = nullptr, d.connecting = false;
  else if (d.polled == &op) {
    d.polled = nullptr;
    epoll_ctl(epoll_, EPOLL_CTL_DEL, op.fd, nullptr);
  } else {
    return;
  }
  finish(op, -ECANCELED);
}

void EpollBackend::close(int fd) {
  Descriptor& d = at(fd);
  GYRE_CHECK(!d.reader && !d.writer && !d.polled);
  const bool listed = d.listed;
  d = Descriptor{};
  d.listed =
      listed;  // its number may be in again_; a successor of the same number is looked at once for nothing
  ++counters_.system_calls;
  ::close(fd);
}

void EpollBackend::set_timer() {
  // Moved only to earlier times; one that comes too early finds nothing due and the next wait sets it again.
  if (deadline_us_ >= armed_us_) return;
  itimerspec at{};
  at.it_value.tv_sec = deadline_us_ / 1'000'000;
  at.it_value.tv_nsec = deadline_us_ % 1'000'000 * 1000;
  if (at.it_value.tv_sec <= 0 && at.it_value.tv_nsec <= 0) at.it_value.tv_nsec = 1;  // zero would disarm
  ++counters_.system_calls;
  timerfd_settime(timer_, TFD_TIMER_ABSTIME, &at, nullptr);
  armed_us_ = deadline_us_;
}

unsigned EpollBackend::deliver_results() {
  if (results_.empty()) return 0;
  result_matters_ = false;
  results_now_.swap(results_);
  for (const Result& result : results_now_) {
    if (result.op->state == kQueued) result.op->state = kNowhere;
    result.op->done(*result.op, result.completion);
  }
  unsigned count = static_cast<unsigned>(results_now_.size());
  counters_.completions += count;
  results_now_.clear();
  return count;
}

void EpollBackend::dispatch(const epoll_event& event) {
  const int fd = event.data.fd;
  if (fd == wake_) {
    files_.deliver();
    return;
  }
  if (fd == timer_) {
    armed_us_ = INT64_MAX;
    return;
  }
  Descriptor& d = at(fd);
  if (d.polled) {
    PollOp& op = *std::exchange(d.polled, nullptr);
    epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
    op.state = kNowhere;
    op.done(op, Completion{.result = static_cast<int32_t>(event.events & ~EPOLLONESHOT)});
    return;
  }
  if (!d.registered) return;  // closed by an earlier completion of this turn
  if (event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) d.hung_up = true;
  if (event.events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) d.readable = true;
  if (event.events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) do_write(fd);
  do_read(fd);
}

unsigned EpollBackend::turn(bool may_block) {
  ++counters_.turns;
  const bool block = may_block && !result_matters_ && again_.empty();
  unsigned count = deliver_results();  // silent successes give their memory back before the wait
  if (block) set_timer();
  ++counters_.system_calls;
  int n = epoll_wait(epoll_, events_, static_cast<int>(std::size(events_)), block ? -1 : 0);
  woken();
  again_now_.swap(again_);
  for (int i = 0; i < n; ++i) dispatch(events_[i]);
  for (int fd : again_now_) {
    at(fd).listed = false;
    do_read(fd);
  }
  again_now_.clear();
  return count + static_cast<unsigned>(std::max(n, 0));
}

std::unique_ptr<Backend> make_epoll_backend(const BackendOptions&, std::string* reason) {
  auto backend = std::make_unique<EpollBackend>();
  if (!backend->start(reason)) return nullptr;
  return backend;
}

}  // namespace gyre::io
