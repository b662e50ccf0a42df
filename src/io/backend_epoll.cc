#include "backend_epoll.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <vector>

#include "file_pool.h"
#include "gyre/base/check.h"

namespace gyre::io {
namespace {

// Every descriptor is registered once, edge-triggered for both directions; its state remembers which edges
// were seen and not used up, so that no epoll_ctl is needed per command.
//
// A receive that brought fewer bytes than asked for has emptied the socket: the next arrival is a new edge.
// The end of the stream that arrived before that receive is not; so after a hang-up event we read until the
// end.
class EpollBackend final : public Backend {
 public:
  EpollBackend() : scratch_(new char[kScratchBytes]) {}
  ~EpollBackend() override;
  bool start(std::string* reason);

  const char* name() const override { return "epoll"; }
  std::string describe() const override { return "edge-triggered"; }
  unsigned turn(bool may_block) override;
  void wake() noexcept override;
  void set_deadline(int64_t monotonic_us) override { deadline_us_ = monotonic_us; }

  void accept(AcceptOp& op, int listen_fd) override;
  void connect(ConnectOp& op, int fd) override;
  void receive(RecvOp& op, int fd) override;
  void receive_into(RecvOp& op, int fd, char* data, size_t bytes) override;
  void send_attempt(SendOp& op, int fd) override;
  void send_when_ready(SendOp& op, int fd) override;
  void send_zero_copy(SendOp& op, int fd) override { send_when_ready(op, fd); }
  bool has_zero_copy() const override { return false; }
  void poll(PollOp& op, int fd, uint32_t events) override;
  void cancel(Op& op) override;
  void close(int fd) override;
  void file(FileOp& op) override { files_.submit(op); }

 private:
  static constexpr size_t kScratchBytes = 64 * 1024;
  static constexpr unsigned kAcceptsPerTurn = 64;
  // What an Op's state says: where it waits.
  enum Where : uint32_t { kNowhere, kReader, kWriter, kPolled, kQueued };

  struct Descriptor {
    Op* reader = nullptr;  // RecvOp or AcceptOp
    Op* writer = nullptr;  // SendOp or ConnectOp
    PollOp* polled = nullptr;
    char* into = nullptr;  // receive_into
    size_t into_bytes = 0;
    bool registered = false;
    bool readable = false;  // an edge was seen and not used up
    bool hung_up = false;
    bool listening = false;
    bool connecting = false;
    bool listed = false;  // in again_
  };
  struct Result {
    Op* op;
    Completion completion;
  };

  Descriptor& at(int fd);
  Descriptor& registered(int fd);
  void read_again(int fd);
  void do_read(int fd);
  void do_receive(int fd);
  void do_accept(int fd);
  void do_write(int fd);
  ssize_t send_some(SendOp& op, int fd);
  void finish(Op& op, int32_t result);  // through the queue
  void dispatch(const epoll_event& event);
  unsigned deliver_results();
  void set_timer();

  int epoll_ = -1, wake_ = -1, timer_ = -1;
  int64_t deadline_us_ = INT64_MAX, armed_us_ = INT64_MAX;
  std::unique_ptr<char[]> scratch_;
  std::vector<Descriptor> descriptors_;
  std::vector<int> again_, again_now_;  // readable, with a reader: to look at in the next turn
  std::vector<Result> results_, results_now_;
  bool result_matters_ = false;  // one of results_ is not a silent success
  FilePool files_{[this] { wake(); }};
  epoll_event events_[256];
};

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

// --- receiving

void EpollBackend::read_again(int fd) {
  Descriptor& d = at(fd);
  if (d.listed) return;
  d.listed = true;
  again_.push_back(fd);
}

void EpollBackend::receive(RecvOp& op, int fd) { receive_into(op, fd, nullptr, 0); }

void EpollBackend::receive_into(RecvOp& op, int fd, char* data, size_t bytes) {
  Descriptor& d = registered(fd);
  GYRE_CHECK(!d.reader);
  op.fd = fd;
  op.state = kReader;
  d.reader = &op;
  d.into = data;
  d.into_bytes = bytes;
  if (d.readable) read_again(fd);
}

void EpollBackend::accept(AcceptOp& op, int listen_fd) {
  ::fcntl(listen_fd, F_SETFL, ::fcntl(listen_fd, F_GETFL) | O_NONBLOCK);
  Descriptor& d = registered(listen_fd);
  GYRE_CHECK(!d.reader);
  op.fd = listen_fd;
  op.state = kReader;
  d.reader = &op;
  d.listening = true;
  if (d.readable) read_again(listen_fd);
}

void EpollBackend::do_read(int fd) {
  Descriptor& d = at(fd);
  if (!d.reader || !d.readable) return;
  if (d.listening)
    do_accept(fd);
  else
    do_receive(fd);
}

void EpollBackend::do_receive(int fd) {
  Descriptor& d = at(fd);
  Op& op = *d.reader;
  const bool once = d.into != nullptr;
  char* into = once ? d.into : scratch_.get();
  const size_t room = once ? d.into_bytes : kScratchBytes;
  ++counters_.system_calls;
  ssize_t n = ::recv(fd, into, room, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
    if (errno == EINTR)
      read_again(fd);
    else
      d.readable = false;
    return;
  }
  Completion completion{
      .result = n >= 0 ? static_cast<int32_t>(n) : -errno, .more = n > 0 && !once, .data = into};
  if (n > 0 && static_cast<size_t>(n) < room && !d.hung_up) d.readable = false;
  if (d.readable && completion.more)
    read_again(fd);  // one receive a turn: a busy peer must not starve others
  if (!completion.more) {
    d.reader = nullptr;
    d.into = nullptr;
    op.state = kNowhere;
  }
  ++counters_.completions;
  op.done(op, completion);  // may close the descriptor and destroy op
}

void EpollBackend::do_accept(int fd) {
  for (unsigned n = 0; n < kAcceptsPerTurn; ++n) {
    Descriptor& d = at(fd);
    if (!d.reader) return;
    Op& op = *d.reader;
    ++counters_.system_calls;
    int accepted = ::accept4(fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (accepted < 0 && (errno == EAGAIN || errno == EINTR)) {
      if (errno == EAGAIN)
        d.readable = false;
      else
        read_again(fd);
      return;
    }
    Completion completion{.result = accepted >= 0 ? accepted : -errno, .more = accepted >= 0};
    if (!completion.more) {
      d.reader = nullptr;
      op.state = kNowhere;
    }
    ++counters_.completions;
    op.done(op, completion);
  }
  read_again(fd);
}

// --- sending

ssize_t EpollBackend::send_some(SendOp& op, int fd) {
  ++counters_.system_calls;
  ++counters_.sends;
  ssize_t n;
  if (op.iov_count == 1) {
    n = ::send(fd, op.iov[0].iov_base, op.iov[0].iov_len, MSG_DONTWAIT | MSG_NOSIGNAL);
  } else {
    op.message = {};
    op.message.msg_iov = op.iov;
    op.message.msg_iovlen = op.iov_count;
    n = ::sendmsg(fd, &op.message, MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  return n >= 0 ? n : -errno;
}

void EpollBackend::send_attempt(SendOp& op, int fd) {
  op.fd = fd;
  ssize_t n = send_some(op, fd);
  size_t wanted = 0;
  for (unsigned i = 0; i < op.iov_count; ++i) wanted += op.iov[i].iov_len;
  bool mattered = result_matters_;
  finish(op, static_cast<int32_t>(n));
  if (n >= 0 && static_cast<size_t>(n) == wanted) result_matters_ = mattered;
}

void EpollBackend::send_when_ready(SendOp& op, int fd) {
  op.fd = fd;
  ssize_t n = send_some(op, fd);
  if (n != -EAGAIN && n != -EINTR) {
    finish(op, static_cast<int32_t>(n));
    return;
  }
  // Registered only now: an edge for what changed since the send comes in any case, as registering reports
  // the state, and so does a full socket that gets room.
  Descriptor& d = registered(fd);
  GYRE_CHECK(!d.writer);
  op.state = kWriter;
  d.writer = &op;
}

void EpollBackend::connect(ConnectOp& op, int fd) {
  op.fd = fd;
  ++counters_.system_calls;
  if (::connect(fd, reinterpret_cast<sockaddr*>(&op.address), op.address_length) == 0) return finish(op, 0);
  if (errno != EINPROGRESS) return finish(op, -errno);
  Descriptor& d = registered(fd);
  GYRE_CHECK(!d.writer);
  op.state = kWriter;
  d.writer = &op;
  d.connecting = true;
}

void EpollBackend::do_write(int fd) {
  Descriptor& d = at(fd);
  if (!d.writer) return;
  Op& op = *d.writer;
  int32_t result;
  if (d.connecting) {
    int error = 0;
    socklen_t length = sizeof error;
    ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
    result = -error;
    d.connecting = false;
  } else {
    result = static_cast<int32_t>(send_some(static_cast<SendOp&>(op), fd));
    if (result == -EAGAIN || result == -EINTR) return;
  }
  d.writer = nullptr;
  op.state = kNowhere;
  ++counters_.completions;
  op.done(op, Completion{.result = result});
}

// --- others

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

}  // namespace

std::unique_ptr<Backend> make_epoll_backend(const BackendOptions&, std::string* reason) {
  auto backend = std::make_unique<EpollBackend>();
  if (!backend->start(reason)) return nullptr;
  return backend;
}

}  // namespace gyre::io
