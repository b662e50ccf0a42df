// gyre-bench: a load generator for Redis and whatever speaks its protocol.
#include <sys/resource.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

#include "options.h"
#include "report.h"
#include "runner.h"
#include "svg.h"

namespace {

constexpr int kExitTrouble = 1;  // errors, lost connections
constexpr int kExitUsage = 2;

bool write_file(const std::string& path, const std::string& text) {
  if (path == "-") return std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "w"), &std::fclose);
  if (!file || std::fwrite(text.data(), 1, text.size(), file.get()) != text.size()) {
    std::fprintf(stderr, "gyre-bench: %s: %s\n", path.c_str(), std::strerror(errno));
    return false;
  }
  return true;
}

void raise_descriptor_limit() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
  using gyre::bench::Options;
  Options options;
  std::string error;
  switch (options.parse(argc, argv, &error)) {
    case Options::Parsed::kRun:
      break;
    case Options::Parsed::kHelp:
      std::fputs(gyre::bench::kUsage, stdout);
      return 0;
    case Options::Parsed::kError:
      std::fprintf(stderr, "gyre-bench: %s\n", error.c_str());
      return kExitUsage;
  }
  raise_descriptor_limit();
  gyre::bench::Report report;
  {
    gyre::bench::Runner runner(options);
    if (!runner.run(&report, &error)) {
      std::fprintf(stderr, "gyre-bench: %s\n", error.c_str());
      return kExitTrouble;
    }
  }
  bool fine = error.empty() && report.failures.empty() && report.unanswered == 0;
  for (const auto& run : report.runs) fine = fine && run.error_count == 0;
  if (!error.empty()) std::fprintf(stderr, "gyre-bench: %s\n", error.c_str());
  if (options.json_file != "-") std::fputs(text_report(options, report).c_str(), stdout);
  if (!options.json_file.empty()) fine = write_file(options.json_file, json_report(options, report)) && fine;
  if (!options.svg_file.empty()) fine = write_file(options.svg_file, svg_report(options, report)) && fine;
  return fine ? 0 : kExitTrouble;
}
