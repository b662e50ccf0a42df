// Doubles as Redis prints them. Redis takes its digits from a Grisu2 implementation (Florian Loitsch,
// "Printing Floating-Point Numbers Quickly and Accurately with Integers", PLDI 2010), which in about one case
// of a thousand is not the shortest text. The same algorithm with the same choices (which cached power, how
// the last digit is rounded) is here, so that scores read the same from both servers; std::to_chars would
// differ in those cases.

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "gyre/base/double_digits.h"
#include "gyre/base/numbers.h"

namespace gyre::base {
namespace {

constexpr int kFractionBits = 52;
constexpr uint64_t kHiddenBit = uint64_t{1} << kFractionBits;
constexpr int kExponentBias = 1023 + kFractionBits;

// A value of mantissa x 2^exponent.
struct Scaled {
  uint64_t mantissa;
  int exponent;
};

constexpr int kFirstPower = -348;
constexpr int kPowerStep = 8;
constexpr int kPowers = 87;

// The upper 64 bits, rounded to nearest, of 10^-348, 10^-340, ... 10^340.
constexpr uint64_t kPowerMantissas[kPowers] = {
    0xfa8fd5a0081c0288, 0xbaaee17fa23ebf76, 0x8b16fb203055ac76, 0xcf42894a5dce35ea, 0x9a6bb0aa55653b2d,
    0xe61acf033d1a45df, 0xab70fe17c79ac6ca, 0xff77b1fcbebcdc4f, 0xbe5691ef416bd60c, 0x8dd01fad907ffc3c,
    0xd3515c2831559a83, 0x9d71ac8fada6c9b5, 0xea9c227723ee8bcb, 0xaecc49914078536d, 0x823c12795db6ce57,
    0xc21094364dfb5637, 0x9096ea6f3848984f, 0xd77485cb25823ac7, 0xa086cfcd97bf97f4, 0xef340a98172aace5,
    0xb23867fb2a35b28e, 0x84c8d4dfd2c63f3b, 0xc5dd44271ad3cdba, 0x936b9fcebb25c996, 0xdbac6c247d62a584,
    0xa3ab66580d5fdaf6, 0xf3e2f893dec3f126, 0xb5b5ada8aaff80b8, 0x87625f056c7c4a8b, 0xc9bcff6034c13053,
    0x964e858c91ba2655, 0xdff9772470297ebd, 0xa6dfbd9fb8e5b88f, 0xf8a95fcf88747d94, 0xb94470938fa89bcf,
    0x8a08f0f8bf0f156b, 0xcdb02555653131b6, 0x993fe2c6d07b7fac, 0xe45c10c42a2b3b06, 0xaa242499697392d3,
    0xfd87b5f28300ca0e, 0xbce5086492111aeb, 0x8cbccc096f5088cc, 0xd1b71758e219652c, 0x9c40000000000000,
    0xe8d4a51000000000, 0xad78ebc5ac620000, 0x813f3978f8940984, 0xc097ce7bc90715b3, 0x8f7e32ce7bea5c70,
    0xd5d238a4abe98068, 0x9f4f2726179a2245, 0xed63a231d4c4fb27, 0xb0de65388cc8ada8, 0x83c7088e1aab65db,
    0xc45d1df942711d9a, 0x924d692ca61be758, 0xda01ee641a708dea, 0xa26da3999aef774a, 0xf209787bb47d6b85,
    0xb454e4a179dd1877, 0x865b86925b9bc5c2, 0xc83553c5c8965d3d, 0x952ab45cfa97a0b3, 0xde469fbd99a05fe3,
    0xa59bc234db398c25, 0xf6c69a72a3989f5c, 0xb7dcbf5354e9bece, 0x88fcf317f22241e2, 0xcc20ce9bd35c78a5,
    0x98165af37b2153df, 0xe2a0b5dc971f303a, 0xa8d9d1535ce3b396, 0xfb9b7cd9a4a7443c, 0xbb764c4ca7a44410,
    0x8bab8eefb6409c1a, 0xd01fef10a657842c, 0x9b10a4e5e9913129, 0xe7109bfba19c0c9d, 0xac2820d9623bf429,
    0x80444b5e7aa7cf85, 0xbf21e44003acdd2d, 0x8e679c2f5e44ff8f, 0xd433179d9c8cb841, 0x9e19db92b4e31ba9,
    0xeb96bf6ebadf77d9, 0xaf87023b9bf0ee6b,
};

// With the mantissa above: floor(power x log2(10)) - 63. The factor is log2(10) in 16.16 bits, exact enough
// here.
constexpr int power_exponent(int power) { return ((power * 217706) >> 16) - 63; }

constexpr uint64_t kTens[] = {1,       10,        100,        1'000,       10'000,
                              100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};

Scaled decompose(double value) {
  const auto bits = std::bit_cast<uint64_t>(value);
  const uint64_t fraction = bits & (kHiddenBit - 1);
  const int biased = static_cast<int>(bits >> kFractionBits) & 0x7ff;
  if (biased == 0) return {fraction, 1 - kExponentBias};
  return {fraction | kHiddenBit, biased - kExponentBias};
}

Scaled normalized(Scaled v) {
  const int shift = std::countl_zero(v.mantissa);
  return {v.mantissa << shift, v.exponent - shift};
}

Scaled multiply(Scaled a, Scaled b) {
  const unsigned __int128 product = static_cast<unsigned __int128>(a.mantissa) * b.mantissa;
  return {static_cast<uint64_t>((product + (uint64_t{1} << 63)) >> 64), a.exponent + b.exponent + 64};
}

// A cached power that brings a value with this binary exponent into 2^-60 .. 2^-32, where its integer part
// fits 32 bits. Often two qualify; the estimate to start from decides, and is Redis's.
Scaled cached_power(int exponent, int& power) {
  constexpr int kLowest = -60;
  constexpr int kHighest = -32;
  const int estimate = static_cast<int>(-(exponent + kPowers) * 0.30102999566398114);
  int index = (estimate - kFirstPower) / kPowerStep;
  while (true) {
    power = kFirstPower + index * kPowerStep;
    const int result = exponent + power_exponent(power) + 64;
    if (result < kLowest) {
      ++index;
    } else if (result > kHighest) {
      --index;
    } else {
      return {kPowerMantissas[index], power_exponent(power)};
    }
  }
}

// Moves the last digit down while that brings the text closer to the value and stays inside the interval.
void round_last(char& digit, uint64_t interval, uint64_t rest, uint64_t unit, uint64_t distance) {
  while (rest < distance && interval - rest >= unit &&
         (rest + unit < distance || distance - rest > rest + unit - distance)) {
    --digit;
    rest += unit;
  }
}

// Digits of the shortest text between `low` and `high`, as close to `value` as the precision allows. Returns
// the count and adds to decimal_exponent what the last digit's place is worth.
int generate_digits(Scaled value, Scaled low, Scaled high, char* digits, int& decimal_exponent) {
  const int point = -high.exponent;  // bits behind the binary point
  const uint64_t one = uint64_t{1} << point;
  uint64_t distance = high.mantissa - value.mantissa;
  uint64_t interval = high.mantissa - low.mantissa;
  uint64_t whole = high.mantissa >> point;
  uint64_t fraction = high.mantissa & (one - 1);
  int count = 0;
  for (int place = 9; place >= 0; --place) {
    const uint64_t digit = whole / kTens[place];
    whole -= digit * kTens[place];
    if (digit != 0 || count != 0) digits[count++] = static_cast<char>('0' + digit);
    const uint64_t rest = (whole << point) + fraction;
    if (rest <= interval) {
      decimal_exponent += place;
      round_last(digits[count - 1], interval, rest, kTens[place] << point, distance);
      return count;
    }
  }
  for (int place = -1;; --place) {
    fraction *= 10;
    interval *= 10;
    distance *= 10;
    const uint64_t digit = fraction >> point;
    if (digit != 0 || count != 0) digits[count++] = static_cast<char>('0' + digit);
    fraction &= one - 1;
    if (fraction < interval) {
      decimal_exponent += place;
      round_last(digits[count - 1], interval, fraction, one, distance);
      return count;
    }
  }
}

constexpr int kMaxDigits = 20;

int grisu2(double value, char* digits, int& decimal_exponent) {
  const Scaled exact = decompose(value);
  // Half way to the neighbours; the lower one is nearer when the mantissa is a power of two.
  const Scaled high = normalized({(exact.mantissa << 1) + 1, exact.exponent - 1});
  const int low_shift = exact.mantissa == kHiddenBit ? 2 : 1;
  const int align = exact.exponent - low_shift - high.exponent;
  const Scaled low = {((exact.mantissa << low_shift) - 1) << align, high.exponent};
  int power;
  const Scaled factor = cached_power(high.exponent, power);
  const Scaled scaled = multiply(normalized(exact), factor);
  Scaled scaled_low = multiply(low, factor);
  Scaled scaled_high = multiply(high, factor);
  // One unit inside, because the products are only that exact.
  ++scaled_low.mantissa;
  --scaled_high.mantissa;
  decimal_exponent = -power;
  return generate_digits(scaled, scaled_low, scaled_high, digits, decimal_exponent);
}

void append_exponent(int exponent, std::string& out) {
  out += 'e';
  out += exponent < 0 ? '-' : '+';
  out += to_string(std::abs(exponent));
}

void append_digits(const char* digits, int count, int decimal_exponent, bool negative, std::string& out) {
  const int leading = decimal_exponent + count - 1;  // the first digit's power of ten
  const int magnitude = std::abs(leading);
  const auto length = static_cast<size_t>(count);
  if (decimal_exponent >= 0 && magnitude < count + 7) {
    out.append(digits, length).append(static_cast<size_t>(decimal_exponent), '0');
  } else if (decimal_exponent < 0 && (decimal_exponent > -7 || magnitude < 4)) {
    const int before_point = count + decimal_exponent;
    if (before_point > 0) {
      const auto split = static_cast<size_t>(before_point);
      out.append(digits, split).append(1, '.').append(digits + split, length - split);
    } else {
      out.append("0.").append(static_cast<size_t>(-before_point), '0').append(digits, length);
    }
  } else {
    // Redis's text is bounded to 24 bytes: it drops digits beyond that, and computes the exponent from the
    // rest.
    const int kept = std::min(count, 18 - (negative ? 1 : 0));
    out.append(digits, 1);
    if (kept > 1) out.append(1, '.').append(digits + 1, static_cast<size_t>(kept - 1));
    append_exponent(decimal_exponent + kept - 1 < 0 ? -magnitude : magnitude, out);
  }
}

}  // namespace

std::string format_double(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  if (value == 0) return std::signbit(value) ? "-0" : "0";
  constexpr double kExactLimit = 4611686018427387904.0;  // 2^62: below, a double converts to int64 safely
  if (value >= -kExactLimit && value <= kExactLimit) {
    const auto integer = static_cast<int64_t>(value);
    if (static_cast<double>(integer) == value) return to_string(integer);
  }
  return format_double_digits(value);
}

std::string format_double_digits(double value) {
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  if (value == 0) return std::signbit(value) ? "-0" : "0";
  std::string out;
  const bool negative = value < 0;
  if (negative) out += '-';
  char digits[kMaxDigits];
  int decimal_exponent = 0;
  const int count = grisu2(std::fabs(value), digits, decimal_exponent);
  append_digits(digits, count, decimal_exponent, negative, out);
  return out;
}

}  // namespace gyre::base
