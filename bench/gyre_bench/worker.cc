#include "worker.h"

#include <sys/prctl.h>

#include <algorithm>
#include <cerrno>
#include <cmath>

namespace gyre::bench {
namespace {

/// More connects at once overflow the server's backlog, and a lost SYN costs a second.
constexpr unsigned kConnectsAtOnce = 32;
constexpr int64_t kWatchPeriodUs = 50'000;
/// How long an open loop that fell behind may go on behind its end.
constexpr int64_t kDrainNs = 2'000'000'000;

}  // namespace

void count(Tally* tally, std::string_view text, uint64_t times) {
  auto found = tally->find(text);
  if (found == tally->end())
    found = tally->emplace(tally->size() < kMaxTexts ? std::string(text) : "(other texts)", 0).first;
  found->second += times;
}

Worker::Worker(const Options& options, const Endpoint& endpoint, unsigned connections,
               std::unique_ptr<FieldSource> fields, std::unique_ptr<FieldSource> preload_fields)
    : options_(options),
      endpoint_(endpoint),
      load_fields_(std::move(fields)),
      preload_fields_(std::move(preload_fields)) {
  const unsigned depth = std::max(options.pipeline, kPreloadDepth);
  for (unsigned i = 0; i < connections; ++i)
    connections_.push_back(std::make_unique<Connection>(*this, depth));
}

Worker::~Worker() { stop(); }

bool Worker::start(std::string* error) {
  io::ReactorOptions reactor_options;
  reactor_options.backend = options_.backend;
  std::string note;
  reactor_ = io::Reactor::create(reactor_options, &note, error);
  if (!reactor_) return false;
  pump_timer_ = std::make_unique<io::Timer>([](void* self) { static_cast<Worker*>(self)->pump(); }, this);
  watch_timer_ = std::make_unique<io::Timer>([](void* self) { static_cast<Worker*>(self)->watch(); }, this);
  reactor_->add_background([this] { return spin(); });
  thread_ = std::thread([this] {
    // The default lets the kernel oversleep by 50 us, more than many of the latencies to be measured.
    prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
    reactor_->run();
  });
  return true;
}

// ---- connecting ----

void Worker::connect_all(std::function<void()> done) {
  reactor_->call([this, done = std::move(done)] {
    done_ = done;
    for (unsigned i = 0; i < kConnectsAtOnce; ++i) connect_next();
  });
}

void Worker::connect_next() {
  if (next_to_connect_ < connections_.size())
    reactor_->scope().spawn(connections_[next_to_connect_++]->serve());
}

void Worker::on_connected() {
  ++live_;
  {
    std::lock_guard lock(counts_mutex_);
    ++counts_.connected;
  }
  connection_settled();
}

void Worker::on_connect_failed(const std::string& why) {
  if (stopping_) return;
  {
    std::lock_guard lock(counts_mutex_);
    count(&counts_.failures, why);
  }
  connection_settled();
}

void Worker::connection_settled() {
  connect_next();
  if (++settled_ == connections_.size()) done_();
}

// ---- phases ----

void Worker::run_phase(const Phase& phase, std::function<void()> done) {
  while (latencies_.size() < phase.workload->size()) latencies_.push_back(std::make_unique<LiveHistogram>());
  for (auto& histogram : latencies_) histogram->clear();
  start_delays_.clear();
  {
    std::lock_guard lock(counts_mutex_);
    counts_.errors.clear();
    counts_.unsent = 0;
  }
  reactor_->call([this, phase, done = std::move(done)] {
    phase_ = phase;
    done_ = done;
    begin_phase();
  });
}

void Worker::begin_phase() {
  running_ = true;
  fields_ = phase_.preload ? preload_fields_.get() : load_fields_.get();
  to_send_ = phase_.requests;
  last_reply_ns_ = now_ns();
  reactor_->arm(*watch_timer_, reactor_->now_us() + kWatchPeriodUs);
  if (phase_.rate == 0) {
    for (auto& connection : connections_)
      if (connection->ready()) send_batch(*connection);
  } else {
    first_free_ = last_free_ = nullptr;
    for (auto& connection : connections_) {
      connection->in_free_list = false;
      if (connection->ready()) push_free(*connection);
    }
    next_start_ns_ = static_cast<double>(phase_.start_ns) +
                     (phase_.poisson ? next_gap_ns() : phase_.offset * 1e9 / phase_.rate);
    pump();
  }
  finish_if_over(now_ns());
}

void Worker::send_batch(Connection& connection) {
  const int64_t now = now_ns();
  if (now >= phase_.end_ns) return;
  const auto n = static_cast<unsigned>(std::min<uint64_t>(phase_.depth, to_send_));
  to_send_ -= n;
  outstanding_ += n;
  for (unsigned i = 0; i < n; ++i)
    connection.send(static_cast<uint32_t>(phase_.workload->draw(fields_->random)), now);
}

void Worker::on_replies(Connection& connection, int64_t now) {
  last_reply_ns_ = now;
  if (!running_) return;
  if (phase_.rate == 0) {
    if (connection.outstanding() == 0 && to_send_ != 0) send_batch(connection);
  } else {
    const bool starved = first_free_ == nullptr;
    if (connection.outstanding() < phase_.depth) push_free(connection);
    if (starved) pump();
  }
  if (outstanding_ == 0) finish_if_over(now);
}

bool Worker::all_sent(int64_t now) const {
  if (to_send_ == 0 || live_ == 0) return true;
  return phase_.rate == 0 ? now >= phase_.end_ns : next_start_ns_ >= static_cast<double>(phase_.end_ns);
}

void Worker::finish_if_over(int64_t now) {
  if (!running_ || outstanding_ != 0 || !all_sent(now)) return;
  running_ = false;
  reactor_->disarm(*pump_timer_);
  reactor_->disarm(*watch_timer_);
  done_();
}

void Worker::on_lost(Connection& connection, const std::string& why) {
  if (stopping_) return;
  --live_;
  outstanding_ -= connection.outstanding();
  {
    std::lock_guard lock(counts_mutex_);
    count(&counts_.failures, why);
    counts_.unanswered += connection.outstanding();
  }
  finish_if_over(now_ns());
}

void Worker::on_error_reply(std::string_view text) {
  std::lock_guard lock(counts_mutex_);
  count(&counts_.errors, text);
}

void Worker::watch() {
  const int64_t now = now_ns();
  if (outstanding_ != 0 && now - last_reply_ns_ > phase_.timeout_ns) {
    for (auto& connection : connections_)
      if (connection->outstanding() != 0) connection->shutdown(ETIMEDOUT);
  }
  if (phase_.rate != 0 && phase_.end_ns != INT64_MAX && now > phase_.end_ns + kDrainNs) abandon_schedule(now);
  if (running_) reactor_->arm(*watch_timer_, reactor_->now_us() + kWatchPeriodUs);
  finish_if_over(now);
}

// ---- open loop ----

double Worker::next_gap_ns() {
  const double mean = 1e9 / phase_.rate;
  // 1 - u is never zero.
  return phase_.poisson ? -std::log(1 - unit_interval(fields_->random)) * mean : mean;
}

void Worker::push_free(Connection& connection) {
  if (connection.in_free_list) return;
  connection.in_free_list = true;
  connection.next_free = nullptr;
  (last_free_ ? last_free_->next_free : first_free_) = &connection;
  last_free_ = &connection;
}

Connection* Worker::pop_free() {
  while (Connection* connection = first_free_) {
    first_free_ = connection->next_free;
    if (!first_free_) last_free_ = nullptr;
    connection->in_free_list = false;
    if (connection->ready()) return connection;
  }
  return nullptr;
}

void Worker::pump() {
  const int64_t now = now_ns();
  const auto end = static_cast<double>(phase_.end_ns);
  while (to_send_ != 0 && next_start_ns_ <= static_cast<double>(now) && next_start_ns_ < end) {
    Connection* connection = pop_free();
    if (!connection) return;  // the next reply goes on
    const auto start = static_cast<int64_t>(next_start_ns_);
    --to_send_;
    ++outstanding_;
    connection->send(static_cast<uint32_t>(phase_.workload->draw(fields_->random)), start);
    start_delays_.record(static_cast<uint64_t>(now - start));
    if (connection->outstanding() < phase_.depth) push_free(*connection);
    next_start_ns_ += next_gap_ns();
  }
  if (to_send_ != 0 && next_start_ns_ < end)
    reactor_->arm(*pump_timer_, static_cast<int64_t>(std::ceil(next_start_ns_ / 1000)));
}

void Worker::abandon_schedule(int64_t now) {
  uint64_t unsent = 0;
  while (to_send_ != 0 && next_start_ns_ < static_cast<double>(phase_.end_ns)) {
    // They waited at least that long: leaving them out would flatter the server.
    latencies_[phase_.workload->draw(fields_->random)]->record(static_cast<uint64_t>(now) -
                                                               static_cast<uint64_t>(next_start_ns_));
    next_start_ns_ += next_gap_ns();
    --to_send_;
    ++unsent;
  }
  to_send_ = 0;
  std::lock_guard lock(counts_mutex_);
  counts_.unsent += unsent;
}

/// True keeps the reactor from sleeping: the next start is near.
bool Worker::spin() {
  if (!running_ || phase_.rate == 0 || phase_.spin_ns == 0 || to_send_ == 0 || !first_free_) return false;
  const auto now = static_cast<double>(now_ns());
  if (next_start_ns_ >= static_cast<double>(phase_.end_ns)) return false;
  if (next_start_ns_ <= now) pump();
  return next_start_ns_ - now < static_cast<double>(phase_.spin_ns);
}

// ---- the end ----

Worker::Counts Worker::counts() const {
  std::lock_guard lock(counts_mutex_);
  return counts_;
}

coro::Task<void> Worker::close_down() {
  stopping_ = true;
  running_ = false;
  reactor_->disarm(*pump_timer_);
  reactor_->disarm(*watch_timer_);
  reactor_->scope().request_stop();
  for (auto& connection : connections_) connection->shutdown(0);
  co_await reactor_->scope().drained();
  reactor_->stop();
}

void Worker::stop() {
  if (!thread_.joinable()) return;
  reactor_->call([this] { closing_.spawn(close_down()); });
  thread_.join();
}

}  // namespace gyre::bench
