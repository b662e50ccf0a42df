#include "gyre/server/watchdog.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <vector>

#include "gyre/base/clock.h"
#include "gyre/base/log.h"
#include "gyre/exec/dispatcher.h"
#include "gyre/io/reactor.h"
#include "gyre/server/config.h"
#include "gyre/server/stall_detector.h"
#include "gyre/server/thread_reports.h"

namespace gyre::server {

namespace {

using base::LogLevel;

constexpr int64_t kSecondUs = 1'000'000;

/// Four looks within the timeout, but at least one a second.
int64_t period_us(int64_t timeout_us) { return std::min(timeout_us / 4, kSecondUs); }

std::vector<ReactorSample> sample_reactors(unsigned count) {
  std::vector<ReactorSample> samples(count);
  for (unsigned i = 0; i < count; ++i) {
    const ReportedReactor* reported = reported_reactor(i);
    if (!reported) continue;
    samples[i] = {.runs = true,
                  .waits = reported->reactor.blocked(),
                  .turns = reported->reactor.turns(),
                  .oldest_wait = reported->state.waits.oldest()};
  }
  return samples;
}

void log_event(const StallEvent& event) {
  const double seconds = static_cast<double>(event.for_us) / static_cast<double>(kSecondUs);
  if (event.what == StallEvent::What::kReactor) {
    base::log(LogLevel::kWarning,
              event.over ? "Watchdog: reactor %u turns again: it was stuck for %.1f s"
                         : "Watchdog: reactor %u has not turned for %.1f s",
              event.reactor, seconds);
  } else {
    base::log(LogLevel::kWarning,
              event.over ? "Watchdog: the client on reactor %u that waited longest, for %.1f s, goes on"
                         : "Watchdog: a client on reactor %u waits for a lock or the gate for %.1f s",
              event.reactor, seconds);
  }
}

}  // namespace

Watchdog::Watchdog(Config& config, unsigned reactors)
    : config_(config), reactors_(reactors), detector_(std::make_unique<StallDetector>(reactors)) {
  config_.on_change({"watchdog-timeout"}, [this] {
    // Once the lock was to be had the thread waits, or has yet to read the new value.
    { std::lock_guard lock(mutex_); }
    changed_.notify_all();
    return std::string();
  });
}

Watchdog::~Watchdog() { stop(); }

void Watchdog::start() {
  thread_ = std::thread([this] { run(); });
}

void Watchdog::stop() {
  if (!thread_.joinable()) return;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Watchdog::run() {
  std::unique_lock lock(mutex_);
  int64_t last_us = base::monotonic_us();
  while (!stopping_) {
    const int64_t timeout_us = int64_t{config_.watchdog_timeout} * kSecondUs;
    if (timeout_us == 0) {
      detector_->reset();
      changed_.wait(lock);
      last_us = base::monotonic_us();
      continue;
    }
    const int64_t period = period_us(timeout_us);
    changed_.wait_for(lock, std::chrono::microseconds(period));
    if (stopping_) break;
    const int64_t now_us = base::monotonic_us();
    // Who sleeps much longer than it wanted to was stopped, and so was everybody else.
    const int64_t elapsed_us = std::min(now_us - last_us, 2 * period);
    last_us = now_us;
    lock.unlock();
    look(elapsed_us, timeout_us);
    lock.lock();
  }
}

void Watchdog::look(int64_t elapsed_us, int64_t timeout_us) {
  const bool before = detector_->stuck();
  const std::vector<StallEvent> events = detector_->look(sample_reactors(reactors_), elapsed_us, timeout_us);
  bool begun = false;
  for (const StallEvent& event : events) {
    log_event(event);
    begun |= !event.over;
  }
  if (!begun) return;
  // The crash report shows the same and more.
  const bool dies = config_.watchdog_abort;
  // One report an incident: what gets stuck behind what is stuck is told by its line above.
  if (!before && !(dies && config_.crash_log_enabled)) report();
  if (!dies) return;
  base::log(LogLevel::kWarning, "Watchdog: ending the process, as watchdog-abort demands");
  std::abort();
}

void Watchdog::report() {
  base::log_raw("\n=== GYRE WATCHDOG REPORT START ===\n\n------ REACTORS ------\n");
  write_reactors();
  base::log_raw("\n------ STACK TRACE ------\n");
  write_other_threads();
  base::log_raw("\n=== GYRE WATCHDOG REPORT END ===\n\n");
}

}  // namespace gyre::server
