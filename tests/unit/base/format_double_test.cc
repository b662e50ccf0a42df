#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <string>

#include "gyre/base/numbers.h"
#include "gyre/base/random.h"

namespace gyre::base {
namespace {

TEST(FormatDouble, RedisText) {
  // What Redis 7.2.4 prints, digit for digit.
  const struct {
    double value;
    std::string_view text;
  } kCases[] = {
      {0.0, "0"},
      {-0.0, "-0"},
      {1.0, "1"},
      {-1.0, "-1"},
      {3.0, "3"},
      {1.5, "1.5"},
      {-2.25, "-2.25"},
      {0.1, "0.1"},
      {0.1 + 0.2, "0.30000000000000004"},
      {3.141592653589793, "3.141592653589793"},
      {1e17, "100000000000000000"},
      {1e18, "1000000000000000000"},
      {4611686018427387904.0, "4611686018427387904"},
      {1e19, "1e+19"},
      {1e20, "1e+20"},
      {1.5e20, "1.5e+20"},
      {1e21, "1e+21"},
      {1e100, "1e+100"},
      {1e-5, "0.00001"},
      {1e-6, "0.000001"},
      {1e-7, "1e-7"},
      {1.5e-7, "1.5e-7"},
      {1e-10, "1e-10"},
      {1e-300, "1e-300"},
      {5e-324, "5e-324"},
      {2.2250738585072014e-308, "2.2250738585072014e-308"},
      {std::numeric_limits<double>::max(), "1.7976931348623157e+308"},
      {-std::numeric_limits<double>::max(), "-1.7976931348623157e+308"},
      {std::numeric_limits<double>::infinity(), "inf"},
      {-std::numeric_limits<double>::infinity(), "-inf"},
      {std::numeric_limits<double>::quiet_NaN(), "nan"},
      {123456789.123456789, "1.2345678912345679e+8"},
      {18446744073709551616.0, "18446744073709552000"},
      {-1.9615414033943245e23, "-196154140339432450000000"},
      {2.5e22, "24999999999999998000000"},  // not the shortest text: Grisu2
      {9007199254740993.0, "9007199254740992"},
  };
  for (const auto& c : kCases) EXPECT_EQ(format_double(c.value), c.text);
}

TEST(FormatDouble, ReadsBackAsTheSameValue) {
  Random random(11);
  for (int i = 0; i < 300'000; ++i) {
    const auto value = std::bit_cast<double>(random.next());
    if (std::isnan(value)) continue;
    const std::string text = format_double(value);
    ASSERT_EQ(parse_double(text), value) << text;
  }
}

}  // namespace
}  // namespace gyre::base
