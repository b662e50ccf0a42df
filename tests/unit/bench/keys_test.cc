#include "keys.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>
#include <vector>

namespace gyre::bench {
namespace {

constexpr uint64_t kSeed = 20260101;

std::string written(const KeyFormat& format, uint64_t number) {
  char buffer[128];
  const char* end = format.write(buffer, number);
  EXPECT_EQ(static_cast<size_t>(end - buffer), format.length(number));
  return {buffer, static_cast<size_t>(end - buffer)};
}

TEST(KeyFormat, WritesWhatPrintfWould) {
  KeyFormat format;
  std::string error;
  ASSERT_TRUE(format.parse("key:%012d", &error));
  EXPECT_EQ(written(format, 0), "key:000000000000");
  EXPECT_EQ(written(format, 1234567), "key:000001234567");
  EXPECT_EQ(written(format, 1234567890123), "key:1234567890123");
  ASSERT_TRUE(format.parse("{a}%d:x", &error));
  EXPECT_EQ(written(format, 90), "{a}90:x");
  ASSERT_TRUE(format.parse("key:N", &error));
  EXPECT_EQ(written(format, 7), "key:7");
  EXPECT_EQ(written(format, UINT64_MAX), "key:18446744073709551615");
  ASSERT_TRUE(format.parse("%05d", &error));
  EXPECT_EQ(written(format, 42), "00042");
}

TEST(KeyFormat, RefusesWhatHasNoNumber) {
  KeyFormat format;
  for (const char* text : {"", "key", "%", "%s", "%0d", "%021d", "%d%d", "%12"}) {
    std::string error;
    EXPECT_FALSE(format.parse(text, &error)) << text;
    EXPECT_FALSE(error.empty()) << text;
  }
}

TEST(Decimal, EveryLength) {
  uint64_t number = 1;
  for (unsigned digits = 1; digits <= 20; ++digits) {
    EXPECT_EQ(decimal_digits(number), digits);
    char buffer[32];
    EXPECT_EQ(std::string(buffer, write_decimal(buffer, number, 1)), std::to_string(number));
    EXPECT_EQ(decimal_digits(number - 1), digits == 1 ? 1 : digits - 1);
    if (digits < 20) number *= 10;
  }
}

TEST(KeySource, SequentialPartsCoverTheSpaceOnce) {
  const KeySpec spec{Distribution::kSequential, 1003, 0.99};
  base::Random random(kSeed);
  std::set<uint64_t> seen;
  uint64_t drawn = 0;
  for (unsigned part = 0; part < 7; ++part) {
    KeySource source(spec, part, 7);
    for (uint64_t i = 0; i < source.part_size(); ++i, ++drawn) seen.insert(source.next(random));
  }
  EXPECT_EQ(drawn, spec.space);
  EXPECT_EQ(seen.size(), spec.space);
}

TEST(KeySource, SequentialWrapsAround) {
  KeySource source({Distribution::kSequential, 3, 0.99}, 0, 1);
  base::Random random(kSeed);
  std::string order;
  for (int i = 0; i < 7; ++i) order += std::to_string(source.next(random));
  EXPECT_EQ(order, "0120120");
}

TEST(KeySource, UniformIsFlat) {
  KeySource source({Distribution::kUniform, 100, 0.99}, 0, 1);
  base::Random random(kSeed);
  std::vector<double> counts(100);
  constexpr int kDraws = 200'000;
  for (int i = 0; i < kDraws; ++i) counts.at(source.next(random))++;
  double chi_square = 0;
  for (const double n : counts) chi_square += (n - kDraws / 100.0) * (n - kDraws / 100.0) / (kDraws / 100.0);
  // 99 degrees of freedom: above 160 once in ten thousand.
  EXPECT_LT(chi_square, 160) << "seed " << kSeed;
}

class Zipf : public testing::TestWithParam<double> {};

TEST_P(Zipf, FollowsItsLaw) {
  const double theta = GetParam();
  constexpr uint64_t kRanks = 1000;
  constexpr int kDraws = 300'000;
  const ZipfSampler sampler(kRanks, theta);
  base::Random random(kSeed);
  std::vector<double> counts(kRanks + 1);
  for (int i = 0; i < kDraws; ++i) {
    const uint64_t rank = sampler.sample(random);
    ASSERT_GE(rank, 1u);
    ASSERT_LE(rank, kRanks);
    counts[rank]++;
  }
  double zeta = 0;
  for (uint64_t rank = 1; rank <= kRanks; ++rank) zeta += std::pow(static_cast<double>(rank), -theta);
  for (const uint64_t rank : {1u, 2u, 3u, 10u, 50u}) {
    const double expected = kDraws * std::pow(static_cast<double>(rank), -theta) / zeta;
    EXPECT_NEAR(counts[rank], expected, 5 * std::sqrt(expected)) << rank << ", seed " << kSeed;
  }
  double tail = 0, expected_tail = 0;
  for (uint64_t rank = 500; rank <= kRanks; ++rank) {
    tail += counts[rank];
    expected_tail += kDraws * std::pow(static_cast<double>(rank), -theta) / zeta;
  }
  EXPECT_NEAR(tail, expected_tail, 5 * std::sqrt(expected_tail) + 5) << "seed " << kSeed;
}

INSTANTIATE_TEST_SUITE_P(Thetas, Zipf, testing::Values(0.5, 0.99, 1.0, 1.2, 2.0));

TEST(ZipfSampler, OneKey) {
  const ZipfSampler sampler(1, 0.99);
  base::Random random(kSeed);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(sampler.sample(random), 1u);
}

TEST(Permutation, IsABijectionThatScatters) {
  for (const uint64_t n : {1u, 2u, 3u, 10u, 1000u, 4096u, 9973u}) {
    const Permutation permutation(n);
    std::set<uint64_t> seen;
    for (uint64_t i = 0; i < n; ++i) seen.insert(permutation(i));
    EXPECT_EQ(seen.size(), n);
    EXPECT_LT(*seen.rbegin(), n);
  }
  const Permutation permutation(1'000'000);
  EXPECT_GT(
      permutation(2) > permutation(1) ? permutation(2) - permutation(1) : permutation(1) - permutation(2),
      1000u);
}

}  // namespace
}  // namespace gyre::bench
