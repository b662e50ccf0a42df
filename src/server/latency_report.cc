// What people read about latency: LATENCY GRAPH and LATENCY DOCTOR.
#include <algorithm>
#include <cstdio>

#include "gyre/server/latency_monitor.h"

namespace gyre::server {

namespace {

constexpr size_t kColumns = 80;
constexpr int kRows = 4;
/// From nothing to a full row.
constexpr char kLevels[] = {'_', 'o', '#'};
constexpr int kLevelsPerRow = 3;

std::string age_label(int64_t seconds) {
  if (seconds < 60) return std::to_string(seconds) + "s";
  if (seconds < 3600) return std::to_string(seconds / 60) + "m";
  if (seconds < 86400) return std::to_string(seconds / 3600) + "h";
  return std::to_string(seconds / 86400) + "d";
}

struct Column {
  int height;  // in levels, 0 to kRows * kLevelsPerRow - 1
  std::string label;
};

char cell(const Column& column, int row) {
  const int level = column.height - (kRows - row - 1) * kLevelsPerRow;
  if (level < 0) return ' ';
  return level < kLevelsPerRow ? kLevels[level] : '|';
}

/// One band of at most kColumns columns: the drawing, an empty line, the labels.
std::string draw(const std::vector<Column>& columns) {
  std::string text;
  for (int row = 0; row < kRows; ++row) {
    for (const Column& column : columns) text += cell(column, row);
    text += '\n';
  }
  text += std::string(columns.size(), ' ') + '\n';
  size_t longest = 0;
  for (const Column& column : columns) longest = std::max(longest, column.label.size());
  for (size_t i = 0; i < longest; ++i) {
    for (const Column& column : columns) text += i < column.label.size() ? column.label[i] : ' ';
    text += '\n';
  }
  return text;
}

struct Advice {
  bool enable_slowlog = false, tune_slowlog = false, inspect_slowlog = false, scheduler = false;
  bool large_objects = false, expiry = false, mass_eviction = false;
};

Advice advice_for(const std::vector<LatencyMonitor::Event>& events, const LatencyReportSettings& settings) {
  Advice advice;
  for (const LatencyMonitor::Event& event : events) {
    if (event.name == "command") {
      advice.enable_slowlog = settings.slowlog_slower_than_us < 0;
      advice.tune_slowlog = settings.slowlog_slower_than_us / 1000 > settings.threshold_ms;
      advice.inspect_slowlog = advice.large_objects = true;
    }
    if (event.name == "fast-command") advice.scheduler = true;
    if (event.name == "expire-cycle") advice.expiry = true;
    if (event.name == "eviction-cycle") advice.mass_eviction = true;
    if (event.name == "eviction-del") advice.large_objects = true;
  }
  return advice;
}

std::string advice_text(const Advice& advice, const LatencyReportSettings& settings) {
  const std::string slower_than = std::to_string(settings.threshold_ms * 1000);
  std::string text;
  if (advice.enable_slowlog)
    text +=
        "- Some commands are slow, and the slow log, which would name them, is off. Turn it on with CONFIG "
        "SET "
        "slowlog-log-slower-than " +
        slower_than + ".\n";
  if (advice.tune_slowlog)
    text += "- The slow log misses commands that this monitor sees. CONFIG SET slowlog-log-slower-than " +
            slower_than + " makes them agree.\n";
  if (advice.inspect_slowlog) text += "- SLOWLOG GET shows which commands take long.\n";
  if (advice.scheduler)
    text +=
        "- Even simple commands were slow at times, so the process did not get the CPU when it wanted to "
        "run. Lower the "
        "load of this machine, give the server cores of its own (server-cpulist), look for a noisy "
        "neighbour.\n";
  if (advice.large_objects)
    text +=
        "- Commands over large values take as long as these are large. Split values that are often "
        "rewritten, and delete "
        "with UNLINK.\n";
  if (advice.expiry)
    text += "- Many keys fell due at the same moment. Spread expiry times by a random amount.\n";
  if (advice.mass_eviction)
    text +=
        "- Much was evicted at once, after maxmemory was lowered or a large value was stored. Lower "
        "maxmemory in steps.\n";
  return text;
}

}  // namespace

std::string latency_graph(const LatencyMonitor::Event& event, int64_t now_s) {
  const LatencyMonitor::Summary summary = LatencyMonitor::summarize(event, now_s);
  const int64_t range = std::max<int64_t>(1, summary.max_ms - summary.min_ms);
  char head[160];
  std::snprintf(head, sizeof(head), "%.64s - high %lld ms, low %lld ms (all time high %lld ms)\n",
                event.name.c_str(), static_cast<long long>(summary.max_ms),
                static_cast<long long>(summary.min_ms), static_cast<long long>(event.worst_ms));
  std::string text = head + std::string(kColumns, '-') + '\n';
  std::vector<Column> columns;
  for (size_t i = 0; i < event.samples.size(); ++i) {
    const LatencyMonitor::Sample& sample = event.samples[i];
    constexpr int64_t kSteps = kRows * kLevelsPerRow;
    const int64_t height = std::min((sample.latency_ms - summary.min_ms) * kSteps / range, kSteps - 1);
    columns.push_back({static_cast<int>(height), age_label(now_s - sample.time_s)});
    if (columns.size() == kColumns || i + 1 == event.samples.size()) {
      if (i >= kColumns) text += '\n';
      text += draw(columns);
      columns.clear();
    }
  }
  return text;
}

std::string latency_report(const std::vector<LatencyMonitor::Event>& events,
                           const LatencyReportSettings& settings, int64_t now_s) {
  if (events.empty() && settings.threshold_ms == 0)
    return "Latency monitoring is disabled in this instance. CONFIG SET latency-monitor-threshold "
           "<milliseconds> turns it "
           "on.\n";
  if (events.empty()) return "No latency spike was observed in this instance.\n";
  std::string text = "Latency spikes were observed in this instance:\n\n";
  for (size_t i = 0; i < events.size(); ++i) {
    const LatencyMonitor::Event& event = events[i];
    const LatencyMonitor::Summary summary = LatencyMonitor::summarize(event, now_s);
    char line[320];
    std::snprintf(line, sizeof(line),
                  "%zu. %.64s: %zu latency spikes (average %lldms, mean deviation %lldms, period %.2f sec). "
                  "Worst all time "
                  "event %lldms.\n",
                  i + 1, event.name.c_str(), event.samples.size(), static_cast<long long>(summary.average_ms),
                  static_cast<long long>(summary.mean_deviation_ms),
                  static_cast<double>(summary.period_s) / static_cast<double>(event.samples.size()),
                  static_cast<long long>(event.worst_ms));
    text += line;
  }
  const std::string advice = advice_text(advice_for(events, settings), settings);
  return advice.empty() ? text : text + "\nWhat may help:\n\n" + advice;
}

}  // namespace gyre::server
