// LATENCY: the latency monitor, and the histograms of command durations.
#include "gyre/base/clock.h"
#include "gyre/exec/command_answers.h"
#include "gyre/server/command_families.h"
#include "gyre/server/info.h"
#include "support.h"

namespace gyre::server {

namespace {

using exec::CommandContext;

LatencyMonitor& monitor_of(CommandContext& c) { return server_of(c).latency_monitor(); }

void latency_latest(CommandContext& c) {
  const std::vector<LatencyMonitor::Event> events = monitor_of(c).events();
  c.reply.array(events.size());
  for (const LatencyMonitor::Event& event : events) {
    c.reply.array(4);
    c.reply.bulk(event.name);
    c.reply.integer(event.samples.back().time_s);
    c.reply.integer(event.samples.back().latency_ms);
    c.reply.integer(event.worst_ms);
  }
}

void latency_history(CommandContext& c) {
  const auto event = monitor_of(c).find(c.arg(2));
  if (!event) return c.reply.array(0);
  c.reply.array(event->samples.size());
  for (const LatencyMonitor::Sample& sample : event->samples) {
    c.reply.array(2);
    c.reply.integer(sample.time_s);
    c.reply.integer(sample.latency_ms);
  }
}

void latency_reset(CommandContext& c) {
  if (c.argc() == 2) return c.reply.integer(static_cast<int64_t>(monitor_of(c).reset_all()));
  int64_t count = 0;
  for (size_t i = 2; i < c.argc(); ++i) count += monitor_of(c).reset(c.arg(i)) ? 1 : 0;
  c.reply.integer(count);
}

void latency_graph_command(CommandContext& c) {
  const auto event = monitor_of(c).find(c.arg(2));
  if (!event)
    return c.reply.errorf("ERR No samples available for event '%.*s'", printed(c.arg(2)), c.arg(2).data());
  c.reply.verbatim("txt", latency_graph(*event, c.now_ms() / 1000));
}

void latency_doctor(CommandContext& c) {
  const Config& config = server_of(c).config();
  const LatencyReportSettings settings{config.latency_monitor_threshold, config.slowlog_log_slower_than,
                                       config.hz};
  c.reply.verbatim("txt", latency_report(monitor_of(c).events(), settings, c.now_ms() / 1000));
}

/// Cumulative counts at bounds that double: 1.03 µs, 2.06 µs, ... (the bounds of Redis's histograms, in whole
/// µs).
void reply_distribution(CommandContext& c, const exec::LatencyHistogram& histogram) {
  constexpr uint64_t kFirstBoundNs = 1032;
  const double ticks_per_ns = base::ticks_per_us() / 1000;
  c.reply.map(2);
  c.reply.bulk("calls");
  c.reply.integer(static_cast<int64_t>(histogram.total()));
  c.reply.bulk("histogram_usec");
  resp::DeferredAggregate buckets(c.reply, resp::DeferredAggregate::Kind::kMap);
  uint64_t count = 0, seen = 0;
  for (uint64_t bound_ns = kFirstBoundNs; seen < histogram.total(); bound_ns *= 2) {
    // Beyond an hour everything is in the last bucket.
    const bool last = bound_ns > uint64_t{1} << 42;
    const uint64_t now =
        last ? histogram.total()
             : histogram.count_up_to(static_cast<uint64_t>(static_cast<double>(bound_ns - 1) * ticks_per_ns));
    if (now > seen) {
      c.reply.integer(static_cast<int64_t>((bound_ns - 1) / 1000));
      c.reply.integer(static_cast<int64_t>(now));
      ++count;
    }
    seen = now;
  }
  buckets.finish(count);
}

void latency_histogram(CommandContext& c) {
  Server& server = server_of(c);
  const auto stats = merged_stats(server);
  resp::DeferredAggregate commands(c.reply, resp::DeferredAggregate::Kind::kMap);
  uint64_t count = 0;
  auto reply_row = [&](const exec::CommandRow& row) {
    const exec::LatencyHistogram* histogram = stats->commands[row.id].latency.get();
    if (!histogram) return;
    c.reply.bulk(row.full_name);
    reply_distribution(c, *histogram);
    ++count;
  };
  if (c.argc() == 2)
    for (const exec::CommandRow& row : server.commands().all()) reply_row(row);
  for (size_t i = 2; i < c.argc(); ++i) {
    const exec::CommandRow* row = server.commands().find_full(c.arg(i));
    if (!row) continue;
    reply_row(*row);
    for (const exec::CommandRow& sub : row->subcommands) reply_row(sub);
  }
  commands.finish(count);
}

void latency_help(CommandContext& c) {
  static constexpr std::string_view kLines[] = {
      "DOCTOR",
      "    A report in words on the latency that was observed.",
      "GRAPH <event>",
      "    Draw the latency of the <event> class.",
      "HISTORY <event>",
      "    Times and latencies of the <event> class.",
      "LATEST",
      "    The newest and the worst latency of each event class.",
      "RESET [<event> ...]",
      "    Forget the data of these <event> classes, or of all.",
      "HISTOGRAM [COMMAND ...]",
      "    The cumulative distribution of the durations of these commands, or of all.",
  };
  exec::reply_help(c.reply, c.arg(0), kLines);
}

}  // namespace

void bind_latency_commands(exec::CommandTable& table) {
  table.bind("latency|latest", latency_latest);
  table.bind("latency|history", latency_history);
  table.bind("latency|reset", latency_reset);
  table.bind("latency|graph", latency_graph_command);
  table.bind("latency|doctor", latency_doctor);
  table.bind("latency|histogram", latency_histogram);
  table.bind("latency|help", latency_help);
}

}  // namespace gyre::server
