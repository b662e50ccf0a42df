#include "keys.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <numeric>

namespace gyre::bench {
namespace {

// log1p(x)/x and expm1(x)/x, with their limits where the quotient is lost to rounding.
double log1p_over(double x) { return std::abs(x) > 1e-8 ? std::log1p(x) / x : 1 - x * (0.5 - x / 3); }
double expm1_over(double x) { return std::abs(x) > 1e-8 ? std::expm1(x) / x : 1 + x * (0.5 + x / 6); }

}  // namespace

ZipfSampler::ZipfSampler(uint64_t n, double theta) : n_(std::max<uint64_t>(n, 1)), theta_(theta) {
  from_ = integral(1.5) - 1;
  to_ = integral(static_cast<double>(n_) + 0.5);
  shortcut_ = 2 - integral_inverse(integral(2.5) - density(2));
}

double ZipfSampler::density(double x) const { return std::exp(-theta_ * std::log(x)); }

double ZipfSampler::integral(double x) const {
  const double log_x = std::log(x);
  return expm1_over((1 - theta_) * log_x) * log_x;
}

double ZipfSampler::integral_inverse(double x) const {
  const double t = std::max(-1.0, x * (1 - theta_));
  return std::exp(log1p_over(t) * x);
}

uint64_t ZipfSampler::sample(base::Random& random) const {
  while (true) {
    const double u = to_ + unit_interval(random) * (from_ - to_);
    const double x = integral_inverse(u);
    const auto rank = static_cast<uint64_t>(std::clamp(x + 0.5, 1.0, static_cast<double>(n_)));
    const auto k = static_cast<double>(rank);
    // Most draws end at the first comparison, which needs no further exponential.
    if (k - x <= shortcut_ || u >= integral(k + 0.5) - density(k)) return rank;
  }
}

Permutation::Permutation(uint64_t n) : n_(std::max<uint64_t>(n, 1)) {
  // Near the golden section of n, so that consecutive ranks land far apart; coprime to n, so that it is a
  // bijection.
  multiplier_ = std::max<uint64_t>(1, static_cast<uint64_t>(static_cast<double>(n_) * 0.6180339887498949));
  while (std::gcd(multiplier_, n_) != 1) ++multiplier_;
}

KeySource::KeySource(const KeySpec& spec, unsigned part, unsigned parts)
    : spec_(spec), zipf_(spec.space, spec.theta), scatter_(spec.space) {
  const auto bound = [&](unsigned i) {
    return static_cast<uint64_t>(static_cast<unsigned __int128>(spec.space) * i / parts);
  };
  begin_ = bound(part);
  end_ = bound(part + 1);
  position_ = begin_;
}

bool KeyFormat::parse(std::string_view text, std::string* error) {
  const size_t percent = text.find('%');
  if (percent == std::string_view::npos) {
    if (text.empty() || text.back() != 'N') {
      *error = "a key format needs %d, %012d or a final N";
      return false;
    }
    before_ = text.substr(0, text.size() - 1);
    after_.clear();
    width_ = 1;
    return true;
  }
  size_t at = percent + 1;
  unsigned width = 1;
  if (at < text.size() && text[at] == '0') {
    const auto parsed = std::from_chars(text.data() + at, text.data() + text.size(), width);
    at = static_cast<size_t>(parsed.ptr - text.data());
    if (parsed.ec != std::errc() || width == 0 || width > kMaxWidth) at = text.size();
  }
  if (at >= text.size() || text[at] != 'd' || text.find('%', at) != std::string_view::npos) {
    *error = "a key format has one number: %d, or %0WIDTHd with a width up to 20";
    return false;
  }
  before_ = text.substr(0, percent);
  after_ = text.substr(at + 1);
  width_ = width;
  return true;
}

size_t KeyFormat::length(uint64_t number) const {
  return before_.size() + std::max(width_, decimal_digits(number)) + after_.size();
}

char* KeyFormat::write(char* out, uint64_t number) const {
  std::memcpy(out, before_.data(), before_.size());
  out = write_decimal(out + before_.size(), number, width_);
  std::memcpy(out, after_.data(), after_.size());
  return out + after_.size();
}

unsigned decimal_digits(uint64_t number) {
  unsigned digits = 1;
  for (; number >= 10'000; number /= 10'000) digits += 4;
  return digits + (number >= 10) + (number >= 100) + (number >= 1'000);
}

char* write_decimal(char* out, uint64_t number, unsigned width) {
  static constexpr char kPairs[] =
      "000102030405060708091011121314151617181920212223242526272829303132333435363738394041424344454647484950"
      "51525354555657"
      "585960616263646566676869707172737475767778798081828384858687888990919293949596979899";
  const unsigned digits = std::max(width, decimal_digits(number));
  char* at = out + digits;
  while (at - out >= 2) {
    at -= 2;
    std::memcpy(at, kPairs + number % 100 * 2, 2);
    number /= 100;
  }
  if (at > out) *--at = static_cast<char>('0' + number % 10);
  return out + digits;
}

}  // namespace gyre::bench
