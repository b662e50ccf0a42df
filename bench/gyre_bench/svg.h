// The plot of a run: latency by percentile, and throughput over time, one curve a test. A file of its own
// without scripts.
#pragma once

#include <string>

#include "runner.h"

namespace gyre::bench {

std::string svg_report(const Options& options, const Report& report);

}  // namespace gyre::bench
