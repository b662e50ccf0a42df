#include "report.h"

#include <cstdarg>
#include <cstdio>

#include "json.h"

namespace gyre::bench {
namespace {

[[gnu::format(printf, 2, 3)]] void appendf(std::string* out, const char* format, ...) {
  char buffer[1024];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(buffer, sizeof(buffer), format, arguments);
  va_end(arguments);
  *out += buffer;
}

const char* distribution_name(Distribution distribution) {
  switch (distribution) {
    case Distribution::kUniform:
      return "uniform";
    case Distribution::kZipf:
      return "zipf";
    case Distribution::kSequential:
      break;
  }
  return "sequential";
}

std::string load_line(const Options& options) {
  std::string line;
  appendf(&line, "%u connections, %u thread%s, pipeline %u, ", options.clients, options.threads,
          options.threads == 1 ? "" : "s", options.pipeline);
  if (options.rate > 0)
    appendf(&line, "open loop at %s/s (%s)", format_count(options.rate).c_str(),
            options.poisson ? "poisson" : "uniform");
  else
    line += "closed loop";
  appendf(&line, ", %s keys %s", format_count(static_cast<double>(options.keys.space)).c_str(),
          distribution_name(options.keys.distribution));
  if (options.keys.distribution == Distribution::kZipf) appendf(&line, " %.2f", options.keys.theta);
  return line;
}

void text_latency(std::string* out, const char* title, const Histogram& h) {
  appendf(out, "  %-14.14s %12s  %10s", title, format_count(static_cast<double>(h.count())).c_str(),
          format_time(static_cast<uint64_t>(h.mean())).c_str());
  for (const double p : kPercentiles) appendf(out, " %10s", format_time(h.percentile(p)).c_str());
  appendf(out, " %10s\n", format_time(h.max()).c_str());
}

void text_run(std::string* out, const Options& options, const RunResult& run) {
  appendf(out, "\n%s: %s requests in %.2f s, %s per second\n", run.name.substr(0, 900).c_str(),
          format_count(static_cast<double>(run.requests())).c_str(), run.seconds,
          format_count(run.rate()).c_str());
  appendf(out, "  %-14s %12s  %10s %10s %10s %10s %10s %10s %10s %10s\n", "latency", "count", "mean", "p50",
          "p90", "p95", "p99", "p99.9", "p99.99", "max");
  text_latency(out, "all", run.latency);
  if (run.commands.size() > 1)
    for (const auto& command : run.commands) text_latency(out, command.name.c_str(), command.latency);
  if (run.start_delay.count() > 0) text_latency(out, "sent late by", run.start_delay);
  if (run.unsent > 0)
    appendf(
        out,
        "  %s requests could not be sent in time; each counts with the time that it had waited at the end\n",
        format_count(static_cast<double>(run.unsent)).c_str());
  for (const auto& [text, times] : run.errors)
    appendf(out, "  error x %s: %s\n", format_count(static_cast<double>(times)).c_str(),
            text.substr(0, 200).c_str());
  if (run.cpu.known)
    appendf(out, "  server CPU: %.3f us per command (%.2f s: user %.2f, system %.2f)\n",
            run.cpu_us_per_command(), run.cpu.total(), run.cpu.user, run.cpu.system);
  else if (options.server_pid != 0)
    appendf(out, "  server CPU: no process %d\n", options.server_pid);
  for (const CommandStats& stats : run.server_stats)
    appendf(out, "  by the server: %s %" PRIu64 " calls, %.2f us each, %s\n", stats.name.c_str(), stats.calls,
            stats.us_per_call, stats.latency.c_str());
}

void json_latency(JsonWriter& json, const Histogram& h) {
  json.open('{').key("count").integer(h.count());
  json.key("mean_ns").number(h.mean());
  for (const double p : kPercentiles) {
    char name[32];
    std::snprintf(name, sizeof(name), "p%g_ns", p);
    json.key(name).integer(h.percentile(p));
  }
  json.key("max_ns").integer(h.max());
  json.close('}');
}

void json_tally(JsonWriter& json, const Tally& tally) {
  json.open('{');
  for (const auto& [text, times] : tally) json.key(text).integer(times);
  json.close('}');
}

void json_server(JsonWriter& json, const RunResult& run) {
  if (run.cpu.known) {
    json.key("server_cpu").open('{').key("us_per_command").number(run.cpu_us_per_command());
    json.key("total_s").number(run.cpu.total());
    json.key("user_s").number(run.cpu.user);
    json.key("system_s").number(run.cpu.system);
    json.close('}');
  }
  if (run.server_stats.empty()) return;
  json.key("server_stats").open('{');
  for (const CommandStats& stats : run.server_stats) {
    json.key(stats.name).open('{').key("calls").integer(stats.calls);
    json.key("us_per_call").number(stats.us_per_call);
    json.key("max_us").number(stats.max_us);
    json.key("latency").string(stats.latency);
    json.close('}');
  }
  json.close('}');
}

void json_run(JsonWriter& json, const RunResult& run) {
  json.open('{').key("name").string(run.name);
  json.key("seconds").number(run.seconds);
  json.key("requests").integer(run.requests());
  json.key("rate").number(run.rate());
  json.key("unsent").integer(run.unsent);
  json.key("latency");
  json_latency(json, run.latency);
  json.key("commands").open('{');
  for (const auto& command : run.commands) {
    json.key(command.name);
    json_latency(json, command.latency);
  }
  json.close('}');
  if (run.start_delay.count() > 0) {
    json.key("start_delay");
    json_latency(json, run.start_delay);
  }
  json.key("errors");
  json_tally(json, run.errors);
  json_server(json, run);
  json.key("samples").open('[');
  for (const Sample& sample : run.samples) {
    json.open('{').key("at_s").number(sample.at_s);
    json.key("rate").number(sample.rate);
    json.key("p50_ns").integer(sample.p50_ns);
    json.key("p99_ns").integer(sample.p99_ns);
    json.key("max_ns").integer(sample.max_ns);
    json.close('}');
  }
  json.close(']').close('}');
}

}  // namespace

std::string format_time(uint64_t ns) {
  char text[32];
  const auto value = static_cast<double>(ns);
  if (ns < 1'000)
    std::snprintf(text, sizeof(text), "%u ns", static_cast<unsigned>(ns));
  else if (ns < 1'000'000)
    std::snprintf(text, sizeof(text), "%.1f us", value / 1e3);
  else if (ns < 1'000'000'000)
    std::snprintf(text, sizeof(text), "%.2f ms", value / 1e6);
  else
    std::snprintf(text, sizeof(text), "%.2f s", value / 1e9);
  return text;
}

std::string format_count(double n) {
  char digits[64];
  std::snprintf(digits, sizeof(digits), "%.0f", n);
  std::string text = digits;
  for (size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

std::string text_report(const Options& options, const Report& report) {
  std::string out =
      "server: " + report.server + "; generator: " + report.backend + "\n" + load_line(options) + "\n";
  for (const RunResult& run : report.runs) text_run(&out, options, run);
  for (const auto& [text, times] : report.failures)
    appendf(&out, "connection failure x %" PRIu64 ": %s\n", times, text.substr(0, 200).c_str());
  if (report.unanswered > 0) appendf(&out, "%" PRIu64 " requests were never answered\n", report.unanswered);
  return out;
}

std::string json_report(const Options& options, const Report& report) {
  JsonWriter json;
  json.open('{').key("server").string(report.server);
  json.key("generator").string(report.backend);
  json.key("connections").integer(report.connected);
  json.key("threads").integer(options.threads);
  json.key("pipeline").integer(options.pipeline);
  json.key("target_rate").number(options.rate);
  json.key("keys").integer(options.keys.space);
  json.key("distribution").string(distribution_name(options.keys.distribution));
  json.key("unanswered").integer(report.unanswered);
  json.key("connection_failures");
  json_tally(json, report.failures);
  json.key("runs").open('[');
  for (const RunResult& run : report.runs) json_run(json, run);
  json.close(']').close('}');
  return json.text() + "\n";
}

}  // namespace gyre::bench
