#include "gyre/base/numbers.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "gyre/base/random.h"

namespace gyre::base {
namespace {

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

TEST(ParseInt64, TakesOnlyCanonicalText) {
  const struct {
    std::string_view text;
    std::optional<int64_t> value;
  } kCases[] = {
      {"0", 0},
      {"1", 1},
      {"-1", -1},
      {"99", 99},
      {"-99", -99},
      {"9223372036854775807", kMax},
      {"-9223372036854775808", kMin},
      {"9223372036854775808", {}},
      {"-9223372036854775809", {}},
      {"18446744073709551615", {}},
      {"18446744073709551616", {}},
      {"99999999999999999999", {}},
      {"-9999999999999999999", {}},
      {"100000000000000000000", {}},
      {"", {}},
      {"-", {}},
      {"+1", {}},
      {"-0", {}},
      {"00", {}},
      {"01", {}},
      {"-01", {}},
      {" 1", {}},
      {"1 ", {}},
      {"1.0", {}},
      {"1e3", {}},
      {"0x1", {}},
      {"--1", {}},
      {"1-", {}},
      {"/", {}},
      {":", {}},
      {std::string_view("1\0", 2), {}},
      {std::string_view("\0", 1), {}},
      {"\xb1", {}},
  };
  for (const auto& c : kCases) EXPECT_EQ(parse_int64(c.text), c.value) << c.text;
}

TEST(ParseUint64, TakesWhatStrtoullTakes) {
  EXPECT_EQ(parse_uint64("0"), 0u);
  EXPECT_EQ(parse_uint64("007"), 7u);
  EXPECT_EQ(parse_uint64("+7"), 7u);
  EXPECT_EQ(parse_uint64("9999999999999999999"), 9999999999999999999u);
  EXPECT_EQ(parse_uint64("18446744073709551615"), std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(parse_uint64("000000000000000000000000000000000012"), 12u);
  EXPECT_EQ(parse_uint64("-1"), std::numeric_limits<uint64_t>::max());
  for (std::string_view bad : {"", " 1", "\t1", "1 ", "18446744073709551616", "x", "1x", "-", "1.5"}) {
    EXPECT_EQ(parse_uint64(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(parse_uint64(std::string_view("1\0", 2)), std::nullopt);
}

TEST(FormatInt64, BordersAndEveryLength) {
  char text[kInt64TextMax];
  const auto format = [&](int64_t v) { return std::string(text, format_int64(v, text)); };
  EXPECT_EQ(format(0), "0");
  EXPECT_EQ(format(-1), "-1");
  EXPECT_EQ(format(99), "99");
  EXPECT_EQ(format(-99), "-99");
  EXPECT_EQ(format(-2147483648), "-2147483648");
  EXPECT_EQ(format(kMin), "-9223372036854775808");
  EXPECT_EQ(format(kMax), "9223372036854775807");
  uint64_t power = 1;
  for (int digits = 1; digits <= 20; ++digits, power *= 10) {
    for (uint64_t value : {power - 1, power, power + 1}) {
      EXPECT_EQ(std::string(text, format_uint64(value, text)), std::to_string(value));
      EXPECT_EQ(to_string(static_cast<int64_t>(value)), std::to_string(static_cast<int64_t>(value)));
    }
  }
  EXPECT_EQ(std::string(text, format_uint64(~uint64_t{0}, text)), "18446744073709551615");
}

TEST(FormatInt64, RoundTripsRandomValues) {
  Random random(7);
  for (int i = 0; i < 200'000; ++i) {
    const auto value = static_cast<int64_t>(random.next() >> random.below(64));
    const int64_t signed_value = i % 2 ? value : static_cast<int64_t>(0 - static_cast<uint64_t>(value));
    EXPECT_EQ(parse_int64(to_string(signed_value)), signed_value);
  }
}

TEST(ParseDouble, FollowsStrtodOnWholeText) {
  EXPECT_EQ(parse_double("1.5"), 1.5);
  EXPECT_EQ(parse_double("-1.5e3"), -1500.0);
  EXPECT_EQ(parse_double("+2"), 2.0);
  EXPECT_EQ(parse_double(".5"), 0.5);
  EXPECT_EQ(parse_double("5."), 5.0);
  EXPECT_EQ(parse_double("0x10"), 16.0);
  EXPECT_EQ(parse_double("-0x1p-2"), -0.25);
  EXPECT_EQ(parse_double("1e-320"), 1e-320);
  EXPECT_EQ(parse_double("inf"), std::numeric_limits<double>::infinity());
  EXPECT_EQ(parse_double("-INF"), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(parse_double("+infinity"), std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::signbit(*parse_double("-0")));
  EXPECT_EQ(parse_double("0." + std::string(300, '0') + "1"), 1e-301);
  for (std::string_view bad :
       {"",   " 1", "1 ", "nan", "-nan", "NAN(1)", "1e400", "-1e400", "1e-400", "abc", "1.2.3",
        "1e", "-",  "+",  ".",   "e5",   "0x",     "1,5",   "--1",    "\v1",    "\n1"}) {
    EXPECT_EQ(parse_double(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(parse_double(std::string_view("1\0", 2)), std::nullopt);
  EXPECT_EQ(parse_double(std::string_view("1\0002", 3)), std::nullopt);
}

TEST(ParseLongDouble, FollowsStrtold) {
  EXPECT_EQ(parse_long_double("10.5"), 10.5L);
  EXPECT_EQ(parse_long_double("0.1"), 0.1L);
  EXPECT_EQ(parse_long_double("1e4000"), 1e4000L);
  EXPECT_EQ(parse_long_double("5.0e3"), 5000.0L);
  EXPECT_TRUE(std::isinf(*parse_long_double("-inf")));
  EXPECT_TRUE(parse_long_double(std::string(5119, '0')).has_value());
  EXPECT_FALSE(parse_long_double(std::string(5120, '0')).has_value());
  for (std::string_view bad : {"", " 1", "1 ", "nan", "1e5000", "1e-5000", "abc", "10 20"}) {
    EXPECT_EQ(parse_long_double(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(parse_long_double(std::string_view("1\0", 2)), std::nullopt);
}

TEST(FormatLongDouble, HumanForm) {
  EXPECT_EQ(format_long_double(0), "0");
  EXPECT_EQ(format_long_double(-0.0L), "0");
  EXPECT_EQ(format_long_double(-1e-20L), "0");
  EXPECT_EQ(format_long_double(10.5L), "10.5");
  EXPECT_EQ(format_long_double(0.1L), "0.1");
  EXPECT_EQ(format_long_double(3.0L), "3");
  EXPECT_EQ(format_long_double(-3.25L), "-3.25");
  EXPECT_EQ(format_long_double(100), "100");
  EXPECT_EQ(format_long_double(5000), "5000");
  EXPECT_EQ(format_long_double(1e17L), "100000000000000000");
  EXPECT_EQ(format_long_double(17179869184), "17179869184");
  EXPECT_EQ(format_long_double(std::numeric_limits<long double>::infinity()), "inf");
  EXPECT_EQ(format_long_double(-std::numeric_limits<long double>::infinity()), "-inf");
  EXPECT_EQ(format_long_double(std::numeric_limits<long double>::quiet_NaN()), "nan");
  EXPECT_EQ(format_long_double(std::numeric_limits<long double>::max()).size(), 4933u);
}

TEST(ParseMemory, UnitsAsInRedis) {
  const struct {
    std::string_view text;
    std::optional<uint64_t> bytes;
  } kCases[] = {
      {"0", 0},
      {"64", 64},
      {"64b", 64},
      {"64B", 64},
      {"1k", 1000},
      {"1kb", 1024},
      {"1Kb", 1024},
      {"2m", 2'000'000},
      {"2MB", 2 * 1024 * 1024},
      {"1g", 1'000'000'000},
      {"1Gb", 1024 * 1024 * 1024},
      {"", 0},  // no digits count as zero
      {"mb", 0},
      {"-1", {}},
      {"-1kb", {}},
      {"+1", {}},
      {" 1", {}},
      {"1 ", {}},
      {"1 kb", {}},
      {"1kbx", {}},
      {"1kk", {}},
      {"1t", {}},
      {"1.5g", {}},
      {"x", {}},
      {"99999999999999999999", std::numeric_limits<uint64_t>::max()},
      {"18446744073709551615", std::numeric_limits<uint64_t>::max()},
      {std::string_view("1\0", 2), {}},
  };
  for (const auto& c : kCases) EXPECT_EQ(parse_memory(c.text), c.bytes) << c.text;
  EXPECT_EQ(parse_memory(std::string(127, '0')), 0u);
  EXPECT_EQ(parse_memory(std::string(128, '0')), std::nullopt);
}

}  // namespace
}  // namespace gyre::base
