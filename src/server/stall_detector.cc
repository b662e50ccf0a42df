#include "gyre/server/stall_detector.h"

#include <algorithm>

namespace gyre::server {

std::vector<StallEvent> StallDetector::look(std::span<const ReactorSample> samples, int64_t elapsed_us,
                                            int64_t timeout_us) {
  std::vector<StallEvent> events;
  for (unsigned i = 0; i < reactors_.size() && i < samples.size(); ++i) {
    const ReactorSample& sample = samples[i];
    Reactor& reactor = reactors_[i];
    look_at(reactor.turns, sample.turns, sample.runs && !sample.waits, elapsed_us, timeout_us,
            {StallEvent::What::kReactor, false, i, 0}, &events);
    look_at(reactor.wait, sample.oldest_wait, sample.runs && sample.oldest_wait != 0, elapsed_us, timeout_us,
            {StallEvent::What::kClient, false, i, 0}, &events);
  }
  return events;
}

void StallDetector::look_at(Watched& watched, uint64_t value, bool busy, int64_t elapsed_us,
                            int64_t timeout_us, StallEvent event, std::vector<StallEvent>* events) {
  if (watched.value == value && watched.busy && busy) {
    watched.for_us += elapsed_us;
    event.for_us = watched.for_us;
    if (watched.reported || watched.for_us < timeout_us) return;
    watched.reported = true;
    events->push_back(event);
    return;
  }
  if (watched.reported) {
    event.over = true;
    event.for_us = watched.for_us;
    events->push_back(event);
  }
  // What began between two looks counts from the second: too late rather than too early.
  watched = {.value = value, .busy = busy};
}

bool StallDetector::stuck() const {
  return std::any_of(reactors_.begin(), reactors_.end(),
                     [](const Reactor& reactor) { return reactor.turns.reported || reactor.wait.reported; });
}

void StallDetector::reset() { std::fill(reactors_.begin(), reactors_.end(), Reactor{}); }

}  // namespace gyre::server
