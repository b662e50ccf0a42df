#include "gyre/server/latency_monitor.h"

#include <algorithm>

#include "gyre/exec/ignore_case.h"

namespace gyre::server {

void LatencyMonitor::add(std::string_view event, int64_t now_s, int64_t latency_ms) {
  std::lock_guard lock(mutex_);
  auto it = series_.find(event);
  if (it == series_.end()) it = series_.emplace(std::string(event), Series()).first;
  Series& series = it->second;
  series.worst_ms = std::max(series.worst_ms, latency_ms);
  if (series.count > 0) {
    Sample& newest = series.ring[(series.count - 1) % kSamples];
    if (newest.time_s == now_s) {
      newest.latency_ms = std::max(newest.latency_ms, latency_ms);
      return;
    }
  }
  series.ring[series.count++ % kSamples] = {now_s, latency_ms};
}

LatencyMonitor::Event LatencyMonitor::snapshot(const std::string& name, const Series& series) {
  Event event{name, {}, series.worst_ms};
  const size_t kept = std::min(series.count, kSamples);
  event.samples.reserve(kept);
  for (size_t i = series.count - kept; i < series.count; ++i)
    event.samples.push_back(series.ring[i % kSamples]);
  return event;
}

std::vector<LatencyMonitor::Event> LatencyMonitor::events() const {
  std::lock_guard lock(mutex_);
  std::vector<Event> events;
  for (const auto& [name, series] : series_) events.push_back(snapshot(name, series));
  return events;
}

std::optional<LatencyMonitor::Event> LatencyMonitor::find(std::string_view event) const {
  std::lock_guard lock(mutex_);
  const auto it = series_.find(event);
  if (it == series_.end()) return std::nullopt;
  return snapshot(it->first, it->second);
}

bool LatencyMonitor::reset(std::string_view event) {
  std::lock_guard lock(mutex_);
  return std::erase_if(series_, [event](const auto& item) {
           return exec::equal_ignoring_case(item.first, event);
         }) != 0;
}

size_t LatencyMonitor::reset_all() {
  std::lock_guard lock(mutex_);
  const size_t count = series_.size();
  series_.clear();
  return count;
}

LatencyMonitor::Summary LatencyMonitor::summarize(const Event& event, int64_t now_s) {
  const auto n = static_cast<int64_t>(event.samples.size());
  Summary summary{0, 0, event.samples[0].latency_ms, event.samples[0].latency_ms, 0};
  int64_t sum = 0, oldest = event.samples[0].time_s;
  for (const Sample& sample : event.samples) {
    sum += sample.latency_ms;
    summary.min_ms = std::min(summary.min_ms, sample.latency_ms);
    summary.max_ms = std::max(summary.max_ms, sample.latency_ms);
    oldest = std::min(oldest, sample.time_s);
  }
  summary.average_ms = sum / n;
  summary.period_s = std::max<int64_t>(1, now_s - oldest);
  int64_t deviation = 0;
  for (const Sample& sample : event.samples) deviation += std::abs(summary.average_ms - sample.latency_ms);
  summary.mean_deviation_ms = deviation / n;
  return summary;
}

}  // namespace gyre::server
