// The latency monitor: for each kind of event that took latency-monitor-threshold milliseconds or longer, a
// ring of the worst sample of each second and the worst of all time. Any reactor adds (rarely), LATENCY
// reads.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gyre::server {

class LatencyMonitor {
 public:
  static constexpr size_t kSamples = 160;
  struct Sample {
    int64_t time_s;
    int64_t latency_ms;
  };
  /// The samples of one event, oldest first; never empty.
  struct Event {
    std::string name;
    std::vector<Sample> samples;
    int64_t worst_ms;  // since the event's first sample
  };
  /// What the report says of an event.
  struct Summary {
    int64_t average_ms, mean_deviation_ms, min_ms, max_ms;
    int64_t period_s;  // from the oldest sample to `now_s`, at least 1
  };

  void add(std::string_view event, int64_t now_s, int64_t latency_ms);
  /// All events by name.
  std::vector<Event> events() const;
  std::optional<Event> find(std::string_view event) const;
  /// Forgets an event (any case); false when there is none.
  bool reset(std::string_view event);
  /// Forgets all; how many there were.
  size_t reset_all();
  static Summary summarize(const Event& event, int64_t now_s);

 private:
  struct Series {
    std::array<Sample, kSamples> ring;
    size_t count = 0;  // samples ever begun; the newest is at (count - 1) % kSamples
    int64_t worst_ms = 0;
  };
  static Event snapshot(const std::string& name, const Series& series);

  mutable std::mutex mutex_;
  std::map<std::string, Series, std::less<>> series_;
};

/// The samples as a drawing of at most four rows: a column for each, above its age ("4m", written downwards).
std::string latency_graph(const LatencyMonitor::Event& event, int64_t now_s);
/// The human-readable report of LATENCY DOCTOR.
struct LatencyReportSettings {
  int64_t threshold_ms;
  int64_t slowlog_slower_than_us;
  int hz;
};
std::string latency_report(const std::vector<LatencyMonitor::Event>& events,
                           const LatencyReportSettings& settings, int64_t now_s);

}  // namespace gyre::server
