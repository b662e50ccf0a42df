#include "gyre/io/reactor.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "gyre/base/check.h"
#include "gyre/io/socket_stream.h"

namespace gyre::io {

void Reactor::List::push(coro::Resumption& resumption) {
  resumption.next = nullptr;
  if (last)
    last->next = &resumption;
  else
    first = &resumption;
  last = &resumption;
}

void Reactor::List::splice(List& other) {
  if (other.empty()) return;
  if (last)
    last->next = other.first;
  else
    first = other.first;
  last = other.last;
  other.first = other.last = nullptr;
}

std::unique_ptr<Reactor> Reactor::create(const ReactorOptions& options, std::string* note,
                                         std::string* error) {
  std::string text;
  auto backend = make_backend(options.backend, options.backend_options, &text);
  if (!backend) {
    if (error) *error = text;
    return nullptr;
  }
  if (note) *note = text;
  return std::make_unique<Reactor>(options, std::move(backend));
}

Reactor::Reactor(const ReactorOptions& options, std::unique_ptr<Backend> backend)
    : options_(options), backend_(std::move(backend)) {
  backend_->set_woken_hook(&Reactor::on_woken, this);
  refresh_time();
}

void Reactor::drop_mail() {
  for (coro::Resumption* mail = mail_.exchange(nullptr); mail;) {
    coro::Resumption* next = mail->next;
    if (mail->run == &Reactor::run_call) delete static_cast<Call*>(mail);
    mail = next;
  }
}

Reactor::~Reactor() {
  drop_mail();
  while (!timers_.empty()) disarm(*timers_.back());
  for (iovec* iovecs : spare_iovecs_) delete[] iovecs;
  if (current_ == this) current_ = nullptr;
}

void Reactor::refresh_time() {
  now_us_ = backend_->monotonic_us();
  wall_us_ = backend_->wall_us();
}

void Reactor::on_woken(void* self) {
  auto* reactor = static_cast<Reactor*>(self);
  // From here on posts need no wake-up: mail is looked at before the next wait.
  reactor->blocked_.store(false, std::memory_order_relaxed);
  reactor->refresh_time();
}

void Reactor::run() {
  Executor* outer = std::exchange(current_, this);
  refresh_time();
  while (!stop_.load(std::memory_order_acquire)) turn(/*may_block=*/true);
  turn(/*may_block=*/false);  // last replies, and wake-ups that others count on
  current_ = outer;
}

void Reactor::turn(bool may_block) {
  Executor* outer = std::exchange(current_, this);
  turning_ = true;
  turns_.fetch_add(1, std::memory_order_relaxed);
  ready_.splice(next_turn_);
  take_mail();
  run_timers();
  run_ready();
  bool more_background = run_background();
  flush_dirty();

  bool block = may_block && !more_background && ready_.empty() && next_turn_.empty() && dirty_.empty();
  if (block) {
    backend_->set_deadline(timers_.empty() ? INT64_MAX : timers_[0]->due_us_);
    // Against post(): it pushes mail, then looks at blocked_; here blocked_ is set, then mail is looked at.
    // Both sides are sequentially consistent, so at least one of them sees the other.
    blocked_.store(true, std::memory_order_seq_cst);
    if (mail_.load(std::memory_order_seq_cst) != nullptr || stop_.load(std::memory_order_seq_cst))
      block = false;
  }
  backend_->turn(block);
  blocked_.store(false, std::memory_order_relaxed);
  turning_ = false;
  current_ = outer;
}

void Reactor::stop() {
  stop_.store(true, std::memory_order_seq_cst);
  backend_->wake();
}

void Reactor::post(coro::Resumption& resumption) noexcept {
  if (current_ == this) {
    ready_.push(resumption);
    return;
  }
  coro::Resumption* head = mail_.load(std::memory_order_relaxed);
  do resumption.next = head;
  while (
      !mail_.compare_exchange_weak(head, &resumption, std::memory_order_seq_cst, std::memory_order_relaxed));
  // Only who turns the flag off wakes: a storm of posts costs one wake-up.
  if (!blocked_.load(std::memory_order_seq_cst) || !blocked_.exchange(false, std::memory_order_seq_cst))
    return;
  // A reactor's cheap wake-up leaves with its next submission, so there must be one ahead.
  Reactor* sender = current();
  if (!sender || !sender->turning_ || !sender->backend_->wake_other(*backend_)) backend_->wake();
}

void Reactor::post_next_turn(coro::Resumption& resumption) noexcept { next_turn_.push(resumption); }

void Reactor::run_call(coro::Resumption& self) {
  auto* call = static_cast<Call*>(&self);
  auto function = std::move(call->function);
  delete call;
  function();
}

void Reactor::call(std::function<void()> function) {
  auto* call = new Call;
  call->run = &Reactor::run_call;
  call->function = std::move(function);
  post(*call);
}

void Reactor::take_mail() {
  if (mail_.load(std::memory_order_relaxed) == nullptr) return;
  coro::Resumption* newest = mail_.exchange(nullptr, std::memory_order_acquire);
  List mail;
  mail.last = newest;
  while (newest) {
    coro::Resumption* next = newest->next;
    newest->next = mail.first;
    mail.first = newest;
    newest = next;
  }
  ready_.splice(mail);
}

void Reactor::run_ready() {
  for (unsigned n = 0; n < kResumesPerTurn && ready_.first; ++n) {
    coro::Resumption* resumption = ready_.first;
    ready_.first = resumption->next;
    if (!ready_.first) ready_.last = nullptr;
    resumption->go();
  }
}

void Reactor::add_background(Slice slice) { background_.push_back(std::move(slice)); }

bool Reactor::run_background() {
  bool more = false;
  int64_t end_us = 0;
  const size_t count = background_.size();
  for (size_t n = 0; n < count; ++n) {
    if (more) {
      // The first slice that has work runs whatever the time; further ones share what is left of the budget.
      if (backend_->monotonic_us() >= end_us) break;
    } else {
      end_us = count > 1 ? backend_->monotonic_us() + kSliceBudgetUs : 0;
    }
    size_t index = next_slice_++ % count;
    if (background_[index]()) more = true;
  }
  return more;
}

void Reactor::mark_dirty(SocketStream& stream) { dirty_.push_back(&stream); }

void Reactor::forget_dirty(SocketStream& stream) {
  std::replace(dirty_.begin(), dirty_.end(), &stream, static_cast<SocketStream*>(nullptr));
  std::replace(flushing_.begin(), flushing_.end(), &stream, static_cast<SocketStream*>(nullptr));
}

void Reactor::flush_dirty() {
  // A stream that failed may resume its drainer here; what that one marks is for the next turn.
  flushing_.swap(dirty_);
  for (size_t i = 0; i < flushing_.size(); ++i)
    if (flushing_[i]) flushing_[i]->send_now();
  flushing_.clear();
}

iovec* Reactor::allocate_iovecs() {
  if (spare_iovecs_.empty()) return new iovec[kIovecs];
  iovec* iovecs = spare_iovecs_.back();
  spare_iovecs_.pop_back();
  return iovecs;
}

void Reactor::free_iovecs(iovec* iovecs) {
  if (spare_iovecs_.size() < 64)
    spare_iovecs_.push_back(iovecs);
  else
    delete[] iovecs;
}

std::unique_ptr<Stream> Reactor::adopt(int fd) { return std::make_unique<SocketStream>(*this, fd); }

}  // namespace gyre::io
