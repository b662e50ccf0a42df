#include "svg.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdarg>
#include <cstdio>

#include "report.h"

namespace gyre::bench {
namespace {

constexpr int kWidth = 860, kPlotLeft = 90, kPlotWidth = 560, kPlotHeight = 260, kFirstTop = 70,
              kSecondTop = 420, kHeight = 740;
// Told apart by people who see colours differently (Okabe and Ito, 2008).
constexpr std::array kColours = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"};

[[gnu::format(printf, 2, 3)]] void appendf(std::string* out, const char* format, ...) {
  char buffer[512];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(buffer, sizeof(buffer), format, arguments);
  va_end(arguments);
  *out += buffer;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '&')
      out += "&amp;";
    else
      out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out;
}

/// Maps values of an axis to pixels.
struct Axis {
  double from, to;
  bool logarithmic;
  double place(double value, double length) const {
    if (logarithmic) return std::log(value / from) / std::log(to / from) * length;
    return (value - from) / (to - from) * length;
  }
};

/// The next 1, 2 or 5 times a power of ten.
double round_step(double value) {
  const double power = std::pow(10, std::floor(std::log10(std::max(value, 1e-9))));
  for (const double factor : {1.0, 2.0, 5.0})
    if (power * factor >= value) return power * factor;
  return power * 10;
}

void frame(std::string* out, int top, const char* title, const char* x_title) {
  appendf(out, "<text x='%d' y='%d' font-weight='bold'>%s</text>\n", kPlotLeft, top - 14, title);
  appendf(out, "<rect x='%d' y='%d' width='%d' height='%d' fill='none' stroke='#888'/>\n", kPlotLeft, top,
          kPlotWidth, kPlotHeight);
  appendf(out, "<text x='%d' y='%d' text-anchor='middle'>%s</text>\n", kPlotLeft + kPlotWidth / 2,
          top + kPlotHeight + 38, x_title);
}

void x_tick(std::string* out, int top, double x, const std::string& label) {
  appendf(out, "<line x1='%.1f' y1='%d' x2='%.1f' y2='%d' stroke='#ddd'/>", kPlotLeft + x, top, kPlotLeft + x,
          top + kPlotHeight);
  appendf(out, "<text x='%.1f' y='%d' text-anchor='middle'>%s</text>\n", kPlotLeft + x,
          top + kPlotHeight + 18, label.c_str());
}

void y_tick(std::string* out, int top, double y, const std::string& label) {
  const double at = top + kPlotHeight - y;
  appendf(out, "<line x1='%d' y1='%.1f' x2='%d' y2='%.1f' stroke='#ddd'/>", kPlotLeft, at,
          kPlotLeft + kPlotWidth, at);
  appendf(out, "<text x='%d' y='%.1f' text-anchor='end'>%s</text>\n", kPlotLeft - 8, at + 4, label.c_str());
}

const char* colour(size_t i) { return kColours[i % kColours.size()]; }

void curve(std::string* out, size_t i, const std::string& points) {
  *out += std::string("<polyline fill='none' stroke-width='2' stroke='") + colour(i) + "' points='" + points +
          "'/>\n";
}

void legend(std::string* out, const Report& report, int top) {
  for (size_t i = 0; i < report.runs.size(); ++i) {
    const int x = kPlotLeft + kPlotWidth + 16, y = top + 14 + static_cast<int>(i) * 20;
    appendf(out, "<line x1='%d' y1='%d' x2='%d' y2='%d' stroke='%s' stroke-width='3'/>", x, y - 4, x + 20,
            y - 4, colour(i));
    appendf(out, "<text x='%d' y='%d'>%s</text>\n", x + 26, y,
            escaped(report.runs[i].name.substr(0, 22)).c_str());
  }
}

/// The horizontal place is the logarithm of how rare a request is: 90%, 99%, 99.9% ... are equally far apart.
void latency_panel(std::string* out, const Report& report) {
  uint64_t count = 10, least = UINT64_MAX, most = 1;
  for (const RunResult& run : report.runs) {
    if (run.requests() == 0) continue;
    count = std::max(count, run.requests());
    least = std::min(least, run.latency.percentile(0.1));
    most = std::max(most, run.latency.max());
  }
  const double decades = std::max(1.0, std::ceil(std::log10(static_cast<double>(count))));
  const Axis x{1, std::pow(10, decades), true};
  const Axis y{
      std::pow(10, std::floor(std::log10(std::max<double>(1, static_cast<double>(std::min(least, most)))))),
      std::pow(10, std::ceil(std::log10(static_cast<double>(most) + 1))), true};
  frame(out, kFirstTop, "Latency by percentile", "percentile");
  for (int i = 0; i <= static_cast<int>(decades); ++i) {
    char label[32];
    std::snprintf(label, sizeof(label), "%.*f%%", std::max(0, i - 2), 100 - 100 * std::pow(10, -i));
    x_tick(out, kFirstTop, x.place(std::pow(10, i), kPlotWidth), label);
  }
  for (double value = y.from; value <= y.to * 1.01; value *= 10)
    y_tick(out, kFirstTop, y.place(value, kPlotHeight), format_time(static_cast<uint64_t>(value)));
  constexpr int kPointsPerDecade = 24;
  for (size_t i = 0; i < report.runs.size(); ++i) {
    const Histogram& latency = report.runs[i].latency;
    if (latency.count() == 0) continue;
    std::string points;
    const double last = std::log10(static_cast<double>(latency.count()));
    for (int step = 0; step <= static_cast<int>(last * kPointsPerDecade) + 1; ++step) {
      const double rarity = std::min(last, static_cast<double>(step) / kPointsPerDecade);
      const double percent = 100 - 100 * std::pow(10, -rarity);
      const auto value = static_cast<double>(std::max<uint64_t>(1, latency.percentile(percent)));
      appendf(&points, "%.1f,%.1f ", kPlotLeft + x.place(std::pow(10, rarity), kPlotWidth),
              kFirstTop + kPlotHeight - std::clamp(y.place(value, kPlotHeight), 0.0, double{kPlotHeight}));
    }
    curve(out, i, points);
  }
  legend(out, report, kFirstTop);
}

void throughput_panel(std::string* out, const Report& report) {
  double longest = 0.001, highest = 1;
  for (const RunResult& run : report.runs) {
    for (const Sample& sample : run.samples) {
      longest = std::max(longest, sample.at_s);
      highest = std::max(highest, sample.rate);
    }
  }
  const double x_step = round_step(longest / 6), y_step = round_step(highest / 5);
  const Axis x{0, longest, false}, y{0, std::ceil(highest / y_step) * y_step, false};
  frame(out, kSecondTop, "Requests per second", "seconds");
  for (double value = 0; value <= longest * 1.0001; value += x_step) {
    char label[32];
    std::snprintf(label, sizeof(label), "%g", value);
    x_tick(out, kSecondTop, x.place(value, kPlotWidth), label);
  }
  for (double value = 0; value <= y.to * 1.0001; value += y_step)
    y_tick(out, kSecondTop, y.place(value, kPlotHeight), format_count(value));
  for (size_t i = 0; i < report.runs.size(); ++i) {
    std::string points;
    const auto& samples = report.runs[i].samples;
    const auto point = [&](double at, double rate) {
      appendf(&points, "%.1f,%.1f ", kPlotLeft + x.place(at, kPlotWidth),
              kSecondTop + kPlotHeight - y.place(rate, kPlotHeight));
    };
    // A sample is the mean of the time before it: a single one is a level line.
    if (!samples.empty()) point(0, samples[0].rate);
    for (const Sample& sample : samples) point(sample.at_s, sample.rate);
    curve(out, i, points);
  }
  legend(out, report, kSecondTop);
}

}  // namespace

std::string svg_report(const Options& options, const Report& complete) {
  // Preloading is no measurement: it is shown only when there is nothing else.
  Report report;
  report.server = complete.server;
  for (const RunResult& run : complete.runs)
    if (!run.is_preload || complete.runs.size() == 1) report.runs.push_back(run);
  std::string out;
  appendf(&out,
          "<svg xmlns='http://www.w3.org/2000/svg' width='%d' height='%d' viewBox='0 0 %d %d' "
          "font-family='sans-serif' font-size='12'>\n<rect width='100%%' height='100%%' fill='white'/>\n",
          kWidth, kHeight, kWidth, kHeight);
  appendf(&out, "<text x='%d' y='28' font-size='15'>%s, %u connections, pipeline %u</text>\n", kPlotLeft,
          escaped(report.server.substr(0, 80)).c_str(), options.clients, options.pipeline);
  latency_panel(&out, report);
  throughput_panel(&out, report);
  return out + "</svg>\n";
}

}  // namespace gyre::bench
