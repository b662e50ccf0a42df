// What a run leaves: text for people, JSON for programs. (The plot is in svg.h.)
#pragma once

#include <string>

#include "runner.h"

namespace gyre::bench {

/// The percentiles that every output shows.
inline constexpr double kPercentiles[] = {50, 90, 95, 99, 99.9, 99.99};

/// "1.23 ms", "850 ns".
std::string format_time(uint64_t ns);
/// "1,234,567".
std::string format_count(double n);

std::string text_report(const Options& options, const Report& report);
std::string json_report(const Options& options, const Report& report);

}  // namespace gyre::bench
