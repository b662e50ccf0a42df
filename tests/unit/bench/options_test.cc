#include "options.h"

#include <gtest/gtest.h>

#include "report.h"
#include "server_probe.h"
#include "svg.h"

namespace gyre::bench {
namespace {

Options::Parsed parse(Options* options, std::vector<std::string> words, std::string* error) {
  words.insert(words.begin(), "gyre-bench");
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  return options->parse(static_cast<int>(arguments.size()), arguments.data(), error);
}

TEST(Options, DefaultsAndNames) {
  Options options;
  std::string error;
  ASSERT_EQ(parse(&options, {}, &error), Options::Parsed::kRun) << error;
  EXPECT_EQ(options.tests, (std::vector<std::string>{"ping", "set", "get"}));
  Options full;
  ASSERT_EQ(parse(&full,
                  {"-p", "7000", "--threads=4", "-P", "16", "--mix", "set:1,get:9", "-n", "1k", "--rate",
                   "1e5", "--distribution", "zipf", "--command", "GET x", "--weight", "2.5", "-3"},
                  &error),
            Options::Parsed::kRun)
      << error;
  EXPECT_EQ(full.target.port, 7000);
  EXPECT_EQ(full.threads, 4u);
  EXPECT_EQ(full.requests, 1000u);
  EXPECT_EQ(full.rate, 1e5);
  EXPECT_TRUE(full.target.resp3);
  ASSERT_EQ(full.commands.size(), 1u);
  EXPECT_EQ(full.commands[0].weight, 2.5);
  EXPECT_TRUE(full.tests.empty());
}

TEST(Options, NoMoreThreadsThanConnections) {
  Options options;
  std::string error;
  ASSERT_EQ(parse(&options, {"-c", "2", "--threads", "8"}, &error), Options::Parsed::kRun);
  EXPECT_EQ(options.threads, 2u);
}

TEST(Options, SaysWhatIsWrong) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"--nosuch"}, "no option '--nosuch'; see --help"},
      {{"-p"}, "--port needs a value"},
      {{"-p", "x"}, "'x' is no value for --port"},
      {{"-c", "0"}, "'0' is no value for --clients"},
      {{"--weight", "2"}, "'2' is no value for --weight"},
      {{"--key-format", "x"}, "a key format needs %d, %012d or a final N"},
      {{"-t", "get", "--mix", "set"},
       "--tests makes a run of each test, --mix and --command make one run: give either"},
  };
  for (const auto& [words, expected] : cases) {
    Options options;
    std::string error;
    EXPECT_EQ(parse(&options, words, &error), Options::Parsed::kError);
    EXPECT_EQ(error, expected);
  }
}

TEST(ServerStats, AreReadFromInfo) {
  const auto stats = parse_stats(
      "# Commandstats\r\ncmdstat_set:calls=10,usec=25,usec_per_call=2.50,rejected_calls=0,failed_calls=0\r\n"
      "cmdstat_config|get:calls=1,usec=9,usec_per_call=9.00,rejected_calls=0,failed_calls=0\r\n# "
      "Latencystats\r\n"
      "latency_percentiles_usec_set:p50=1.003,p99=2.007,p99.9=3.007,p100=41.215\r\n");
  ASSERT_EQ(stats.size(), 2u);
  EXPECT_EQ(stats[0].name, "set");
  EXPECT_EQ(stats[0].calls, 10u);
  EXPECT_EQ(stats[0].us_per_call, 2.5);
  EXPECT_EQ(stats[0].max_us, 41.215);
  EXPECT_EQ(stats[1].name, "config|get");
  EXPECT_EQ(stats[1].max_us, 0);
}

TEST(CpuTime, OfThisProcessGrows) {
  const CpuTime before = CpuTime::of(getpid());
  ASSERT_TRUE(before.known);
  volatile uint64_t sum = 0;
  for (uint64_t i = 0; i < 30'000'000; ++i) sum = sum + i;
  const CpuTime used = CpuTime::of(getpid()).since(before);
  EXPECT_TRUE(used.known);
  EXPECT_GT(used.total(), 0.001);
  EXPECT_FALSE(CpuTime::of(INT32_MAX).known);
}

Report sample_report() {
  Report report;
  report.server = "redis \"7\" <&>";
  RunResult& run = report.runs.emplace_back();
  run.name = "SET \"a<b\"";
  run.seconds = 2;
  run.commands.resize(1);
  run.commands[0].name = "set";
  for (uint64_t i = 1; i <= 10'000; ++i) run.latency.record(i * 1000);
  run.commands[0].latency = run.latency;
  run.samples = {{1, 5000, 10, 20, 30}, {2, 5000, 10, 20, 30}};
  count(&run.errors, "ERR \n x");
  return report;
}

TEST(Reports, TextHasTheFigures) {
  const std::string text = text_report(Options(), sample_report());
  EXPECT_NE(text.find("10,000 requests in 2.00 s, 5,000 per second"), std::string::npos) << text;
  EXPECT_NE(text.find("10.00 ms"), std::string::npos) << text;
}

TEST(Reports, JsonIsQuoted) {
  const std::string json = json_report(Options(), sample_report());
  EXPECT_NE(json.find(R"("server":"redis \"7\" <&>")"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("ERR \u000a x":1)"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("max_ns":10000000)"), std::string::npos) << json;
}

TEST(Reports, SvgIsEscapedAndHasBothCurves) {
  const std::string svg = svg_report(Options(), sample_report());
  EXPECT_NE(svg.find("redis \"7\" &lt;&amp;>"), std::string::npos);
  size_t curves = 0;
  for (size_t at = 0; (at = svg.find("<polyline", at)) != std::string::npos; ++at) ++curves;
  EXPECT_EQ(curves, 2u);
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  EXPECT_EQ(svg.find("inf"), std::string::npos);
}

TEST(Reports, EmptyRunsDoNotBreakThem) {
  Report report;
  report.runs.emplace_back().name = "nothing";
  EXPECT_EQ(svg_report(Options(), report).find("nan"), std::string::npos);
  EXPECT_NE(text_report(Options(), report).find("nothing: 0 requests"), std::string::npos);
}

TEST(Format, TimesAndCounts) {
  EXPECT_EQ(format_time(999), "999 ns");
  EXPECT_EQ(format_time(1'500), "1.5 us");
  EXPECT_EQ(format_time(2'500'000), "2.50 ms");
  EXPECT_EQ(format_time(61'000'000'000), "61.00 s");
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1000), "1,000");
  EXPECT_EQ(format_count(12'345'678), "12,345,678");
}

TEST(Tally, TellsOnlySoManyTextsApart) {
  Tally tally;
  for (size_t i = 0; i < kMaxTexts + 10; ++i) count(&tally, std::to_string(i));
  EXPECT_EQ(tally.size(), kMaxTexts + 1);
  EXPECT_EQ(tally["(other texts)"], 10u);
}

}  // namespace
}  // namespace gyre::bench
