// Awaitable one-shot operations of the reactor: connect, accept, files, foreign descriptors.
#include <fcntl.h>

#include <cerrno>

#include "gyre/io/reactor.h"

namespace gyre::io {
namespace {

/// Suspends until the operation's one completion. `Base` is FileOp, PollOp or ConnectOp, prepared by the
/// caller.
template <class Base>
struct Once : Base {
  std::coroutine_handle<> waiting;
  int32_t result = 0;
  bool completed = false;

  Once() { this->done = &Once::on_done; }
  static void on_done(Op& op, const Completion& completion) {
    auto& self = static_cast<Once&>(static_cast<Base&>(op));
    self.result = completion.result;
    self.completed = true;
    if (self.waiting) self.waiting.resume();
  }
  auto finished() {
    struct Awaiter {
      Once& once;
      bool await_ready() const { return once.completed; }
      void await_suspend(std::coroutine_handle<> handle) { once.waiting = handle; }
      int32_t await_resume() const { return once.result; }
    };
    return Awaiter{*this};
  }
};

/// Cancels an operation at a time.
template <class O>
struct Deadline {
  Deadline(Reactor& r, O& o, int64_t timeout_us) : reactor(r), op(o), timer(&Deadline::fire, this) {
    if (timeout_us > 0) reactor.arm(timer, reactor.now_us() + timeout_us);
  }
  static void fire(void* context) {
    auto* self = static_cast<Deadline*>(context);
    self->passed = true;
    self->reactor.backend().cancel(self->op);
  }
  Reactor& reactor;
  O& op;
  Timer timer;
  bool passed = false;
};

}  // namespace

coro::Task<std::unique_ptr<Stream>> Reactor::connect(sockaddr_storage address, socklen_t length,
                                                     int64_t timeout_us, int* error) {
  int fd = backend_->socket(address.ss_family);
  if (fd < 0) {
    *error = -fd;
    co_return nullptr;
  }
  Once<ConnectOp> op;
  op.address = address;
  op.address_length = length;
  backend_->connect(op, fd);
  int32_t result;
  {
    Deadline deadline(*this, op, timeout_us);
    result = co_await op.finished();
    if (result < 0 && deadline.passed) result = -ETIMEDOUT;
  }
  if (result < 0) {
    backend_->close(fd);
    *error = -result;
    co_return nullptr;
  }
  *error = 0;
  co_return adopt(fd);
}

void Reactor::start_accepting(Acceptor& acceptor, int listen_fd) {
  acceptor.reactor = this;
  acceptor.listen_fd = listen_fd;
  acceptor.armed = true;
  acceptor.stopping = false;
  acceptor.ended.reset();
  acceptor.done = [](Op& op, const Completion& completion) {
    auto& self = static_cast<Acceptor&>(static_cast<AcceptOp&>(op));
    self.armed = completion.more;
    if (completion.result >= 0 || !self.stopping) self.on_accept(completion.result);
    if (completion.more) return;
    if (self.stopping) {
      self.ended.set();
      return;
    }
    // The peer that gave up before we came is no trouble of ours; the others need time to pass.
    const int32_t result = completion.result;
    if (result >= 0 || result == -ECONNABORTED || result == -EINTR || result == -EAGAIN)
      accept_again(&self);
    else
      self.reactor->arm(self.retry, self.reactor->now_us() + kAcceptRetryUs);
  };
  backend_->accept(acceptor, listen_fd);
}

void Reactor::accept_again(void* context) {
  auto* acceptor = static_cast<Acceptor*>(context);
  if (acceptor->stopping) return;
  acceptor->armed = true;
  acceptor->reactor->backend_->accept(*acceptor, acceptor->listen_fd);
}

void Reactor::stop_accepting(Acceptor& acceptor) {
  if (acceptor.stopping) return;
  acceptor.stopping = true;
  disarm(acceptor.retry);
  if (acceptor.armed)
    backend_->cancel(acceptor);
  else
    acceptor.ended.set();
}

coro::Task<int> Reactor::poll(int fd, uint32_t events, int64_t timeout_us) {
  Once<PollOp> op;
  op.events = events;
  backend_->poll(op, fd, events);
  Deadline deadline(*this, op, timeout_us);
  const int result = co_await op.finished();
  co_return result < 0 && deadline.passed ? -ETIMEDOUT : result;
}

coro::Task<int> Reactor::open(std::string path, int flags, int mode) {
  Once<FileOp> op;
  op.kind = Backend::kOpen;
  op.path = std::move(path);
  op.flags = flags | O_CLOEXEC;
  op.mode = mode;
  backend_->file(op);
  co_return co_await op.finished();
}

coro::Task<int> Reactor::read(int fd, char* into, size_t bytes, int64_t offset) {
  Once<FileOp> op;
  op.kind = Backend::kRead;
  op.fd = fd;
  op.iov = {into, bytes};
  op.offset = offset;
  backend_->file(op);
  co_return co_await op.finished();
}

coro::Task<int> Reactor::write(int fd, const char* from, size_t bytes, int64_t offset) {
  Once<FileOp> op;
  op.kind = Backend::kWrite;
  op.fd = fd;
  op.iov = {const_cast<char*>(from), bytes};
  op.offset = offset;
  backend_->file(op);
  co_return co_await op.finished();
}

coro::Task<int> Reactor::fsync(int fd) {
  Once<FileOp> op;
  op.kind = Backend::kFsync;
  op.fd = fd;
  backend_->file(op);
  co_return co_await op.finished();
}

coro::Task<int> Reactor::fdatasync(int fd) {
  Once<FileOp> op;
  op.kind = Backend::kFdatasync;
  op.fd = fd;
  backend_->file(op);
  co_return co_await op.finished();
}

coro::Task<int> Reactor::truncate(int fd, int64_t size) {
  Once<FileOp> op;
  op.kind = Backend::kTruncate;
  op.fd = fd;
  op.offset = size;
  backend_->file(op);
  co_return co_await op.finished();
}

coro::Task<int> Reactor::close_file(int fd) {
  Once<FileOp> op;
  op.kind = Backend::kFileClose;
  op.fd = fd;
  backend_->file(op);
  co_return co_await op.finished();
}

coro::Task<int> Reactor::rename(std::string from, std::string to) {
  Once<FileOp> op;
  op.kind = Backend::kRename;
  op.path = std::move(from);
  op.path2 = std::move(to);
  backend_->file(op);
  co_return co_await op.finished();
}

coro::Task<int> Reactor::unlink(std::string path) {
  Once<FileOp> op;
  op.kind = Backend::kUnlink;
  op.path = std::move(path);
  backend_->file(op);
  co_return co_await op.finished();
}

}  // namespace gyre::io
