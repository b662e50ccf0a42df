// What stands still and for how long, told from looks at a few numbers at intervals: the watchdog's
// judgement, without its thread and its clock.
//
// Thread: one.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace gyre::server {

/// One reactor at one look.
struct ReactorSample {
  bool runs = false;   // its thread is in its loop
  bool waits = false;  // it sleeps until there is work
  uint64_t turns = 0;
  uint64_t oldest_wait =
      0;  // identifies the longest wait of a client for a lock or the gate; 0: nobody waits
};

/// Something began to count as stuck, or goes on after it had.
struct StallEvent {
  enum class What : uint8_t { kReactor, kClient };
  What what;
  bool over;  // it goes on
  unsigned reactor;
  int64_t for_us;  // how long it stood still, as far as was seen

  bool operator==(const StallEvent&) const = default;
};

class StallDetector {
 public:
  explicit StallDetector(unsigned reactors) : reactors_(reactors) {}

  /// Another look, `elapsed_us` after the last one. Time for which this process was stopped is not to be
  /// counted: the caller limits it. Each stall gives one event when it begins and one when it is over.
  std::vector<StallEvent> look(std::span<const ReactorSample> samples, int64_t elapsed_us,
                               int64_t timeout_us);
  /// Whether something is stuck that was reported.
  bool stuck() const;
  /// Forgets everything: the next look is the first.
  void reset();

 private:
  /// A number that should change unless there is nothing to do.
  struct Watched {
    uint64_t value = 0;
    bool busy = false;  // at the last look
    bool reported = false;
    int64_t for_us = 0;
  };
  struct Reactor {
    Watched turns, wait;
  };
  static void look_at(Watched& watched, uint64_t value, bool busy, int64_t elapsed_us, int64_t timeout_us,
                      StallEvent event, std::vector<StallEvent>* events);

  std::vector<Reactor> reactors_;
};

}  // namespace gyre::server
