#include "gyre/server/latency_monitor.h"

#include <gtest/gtest.h>

namespace gyre::server {
namespace {

TEST(LatencyMonitor, KeepsTheWorstOfEachSecond) {
  LatencyMonitor monitor;
  monitor.add("command", 100, 5);
  monitor.add("command", 100, 9);
  monitor.add("command", 100, 7);
  monitor.add("command", 101, 3);
  const auto event = monitor.find("command");
  ASSERT_TRUE(event);
  ASSERT_EQ(event->samples.size(), 2u);
  EXPECT_EQ(event->samples[0].time_s, 100);
  EXPECT_EQ(event->samples[0].latency_ms, 9);
  EXPECT_EQ(event->samples[1].latency_ms, 3);
  EXPECT_EQ(event->worst_ms, 9);
  EXPECT_FALSE(monitor.find("fast-command"));
}

TEST(LatencyMonitor, RingForgetsTheOldest) {
  LatencyMonitor monitor;
  const int64_t count = static_cast<int64_t>(LatencyMonitor::kSamples) + 40;
  for (int64_t i = 0; i < count; ++i) monitor.add("command", 1000 + i, i == 0 ? 500 : 1 + i % 7);
  const auto event = monitor.find("command");
  ASSERT_TRUE(event);
  ASSERT_EQ(event->samples.size(), LatencyMonitor::kSamples);
  EXPECT_EQ(event->samples.front().time_s, 1040);
  EXPECT_EQ(event->samples.back().time_s, 1000 + count - 1);
  EXPECT_EQ(event->worst_ms, 500) << "the worst of all time outlives its sample";
}

TEST(LatencyMonitor, ResetByNameInAnyCaseAndAll) {
  LatencyMonitor monitor;
  monitor.add("command", 1, 1);
  monitor.add("fast-command", 1, 1);
  EXPECT_FALSE(monitor.reset("nothing"));
  EXPECT_TRUE(monitor.reset("FAST-command"));
  EXPECT_FALSE(monitor.reset("fast-command"));
  EXPECT_EQ(monitor.events().size(), 1u);
  EXPECT_EQ(monitor.reset_all(), 1u);
  EXPECT_TRUE(monitor.events().empty());
}

TEST(LatencyMonitor, Summary) {
  const LatencyMonitor::Event event{"command", {{100, 10}, {110, 20}, {120, 60}}, 90};
  const LatencyMonitor::Summary summary = LatencyMonitor::summarize(event, 130);
  EXPECT_EQ(summary.average_ms, 30);
  EXPECT_EQ(summary.mean_deviation_ms, 20);
  EXPECT_EQ(summary.min_ms, 10);
  EXPECT_EQ(summary.max_ms, 60);
  EXPECT_EQ(summary.period_s, 30);
}

TEST(LatencyGraph, RowsRulerAndLabels) {
  const LatencyMonitor::Event event{"command", {{0, 10}, {3540, 10}, {3598, 70}}, 70};
  EXPECT_EQ(latency_graph(event, 3600), "command - high 70 ms, low 10 ms (all time high 70 ms)\n" +
                                            std::string(80, '-') +
                                            "\n"
                                            "  #\n"
                                            "  |\n"
                                            "  |\n"
                                            "__|\n"
                                            "   \n"
                                            "112\n"
                                            "hms\n");
}

TEST(LatencyGraph, EqualSamplesStayFlat) {
  const LatencyMonitor::Event event{"command", {{0, 10}, {1, 10}}, 10};
  EXPECT_NE(latency_graph(event, 2).find("\n__\n"), std::string::npos);
}

TEST(LatencyReport, SaysWhatTheMatterIs) {
  const LatencyReportSettings off{0, 10000, 10}, on{100, -1, 10};
  EXPECT_NE(latency_report({}, off, 0).find("disabled"), std::string::npos);
  EXPECT_NE(latency_report({}, on, 0).find("No latency spike"), std::string::npos);
  const std::string report = latency_report({{"command", {{100, 200}}, 200}}, on, 110);
  EXPECT_NE(report.find("1. command: 1 latency spikes (average 200ms, mean deviation 0ms, period 10.00 sec). "
                        "Worst all time "
                        "event 200ms."),
            std::string::npos)
      << report;
  EXPECT_NE(report.find("slowlog-log-slower-than 100000"), std::string::npos) << report;
}

}  // namespace
}  // namespace gyre::server
