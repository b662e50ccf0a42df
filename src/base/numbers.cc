#include "gyre/base/numbers.h"

#include <errno.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>

namespace gyre::base {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// strtod and friends need a terminator that views do not have.
class Terminated {
 public:
  explicit Terminated(std::string_view text) {
    char* place = inline_;
    if (text.size() >= sizeof(inline_)) {
      heap_.assign(text);
      place = heap_.data();
    } else {
      if (!text.empty()) std::memcpy(inline_, text.data(), text.size());
      inline_[text.size()] = '\0';
    }
    begin_ = place;
  }
  const char* begin() const { return begin_; }

 private:
  const char* begin_;
  char inline_[128];
  std::string heap_;
};

// Overflow and underflow to zero are errors; a denormal result, which also sets ERANGE, is not.
template <typename Float>
bool out_of_range(Float value) {
  return errno == ERANGE && (std::isinf(value) || value == Float{0});
}

constexpr std::array<char, 200> make_digit_pairs() {
  std::array<char, 200> pairs{};
  for (size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}

constexpr std::array<char, 200> kDigitPairs = make_digit_pairs();

size_t digit_count(uint64_t value) {
  size_t count = 1;
  while (true) {
    if (value < 10) return count;
    if (value < 100) return count + 1;
    if (value < 1000) return count + 2;
    if (value < 10000) return count + 3;
    value /= 10000;
    count += 4;
  }
}

}  // namespace

std::optional<int64_t> parse_int64(std::string_view text) {
  const size_t length = text.size();
  if (length == 0 || length > kInt64TextMax) return std::nullopt;
  const char* at = text.data();
  const char* const end = at + length;
  const bool negative = *at == '-';
  if (negative && ++at == end) return std::nullopt;
  if (*at == '0') {
    if (length == 1) return 0;
    return std::nullopt;  // "-0", "01": would not print back the same
  }
  uint64_t value = 0;
  // 19 digits cannot overflow 64 bits unsigned, 20 can; only an unsigned text has room for 20.
  if (end - at > 19) return std::nullopt;
  for (; at != end; ++at) {
    const auto digit = static_cast<unsigned char>(*at - '0');
    if (digit > 9) return std::nullopt;
    value = value * 10 + digit;
  }
  constexpr auto kMax = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  if (value > kMax + (negative ? 1 : 0)) return std::nullopt;
  return static_cast<int64_t>(negative ? 0 - value : value);
}

std::optional<uint64_t> parse_uint64(std::string_view text) {
  if (text.empty() || is_space(text.front())) return std::nullopt;
  bool plain = text.size() <= 19;
  uint64_t value = 0;
  for (size_t i = 0; plain && i < text.size(); ++i) {
    plain = is_digit(text[i]);
    value = value * 10 + static_cast<unsigned char>(text[i] - '0');
  }
  if (plain) return value;
  const Terminated copy(text);
  char* end;
  errno = 0;
  value = std::strtoull(copy.begin(), &end, 10);
  if (errno != 0 || end != copy.begin() + text.size()) return std::nullopt;
  return value;
}

std::optional<long double> parse_long_double(std::string_view text) {
  constexpr size_t kMaxText = 5 * 1024;  // as in Redis, including a terminator
  if (text.empty() || text.size() >= kMaxText || is_space(text.front())) return std::nullopt;
  const Terminated copy(text);
  char* end;
  errno = 0;
  const long double value = std::strtold(copy.begin(), &end);
  if (end != copy.begin() + text.size() || out_of_range(value) || std::isnan(value)) return std::nullopt;
  return value;
}

std::optional<double> parse_double(std::string_view text) {
  if (text.empty() || is_space(text.front())) return std::nullopt;
  // Plain decimals: the same correctly rounded value as strtod's, several times faster. What it does not take
  // (hexadecimal, range errors, signs) is strtod's to judge.
  const char* const text_end = text.data() + text.size();
  if (is_digit(text[0]) || (text[0] == '-' && text.size() > 1 && is_digit(text[1]))) {
    double value;
    const auto [end, error] = std::from_chars(text.data(), text_end, value);
    if (error == std::errc() && end == text_end) return value;
  }
  const Terminated copy(text);
  char* end;
  errno = 0;
  const double value = std::strtod(copy.begin(), &end);
  if (end != copy.begin() + text.size() || out_of_range(value) || std::isnan(value)) return std::nullopt;
  return value;
}

size_t format_uint64(uint64_t value, char* out) {
  const size_t length = digit_count(value);
  char* at = out + length;
  while (value >= 100) {
    const uint64_t rest = value / 100;
    at -= 2;
    std::memcpy(at, &kDigitPairs[2 * (value - rest * 100)], 2);
    value = rest;
  }
  if (value >= 10) {
    std::memcpy(out, &kDigitPairs[2 * value], 2);
  } else {
    *out = static_cast<char>('0' + value);
  }
  return length;
}

size_t format_int64(int64_t value, char* out) {
  if (value >= 0) return format_uint64(static_cast<uint64_t>(value), out);
  *out = '-';
  return 1 + format_uint64(0 - static_cast<uint64_t>(value), out + 1);
}

std::string to_string(int64_t value) {
  char text[kInt64TextMax];
  return std::string(text, format_int64(value, text));
}

std::string format_long_double(long double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  // 17 places: what people type comes back as they typed it.
  char text[5 * 1024];
  const int written = std::snprintf(text, sizeof(text), "%.17Lf", value);
  std::string_view kept(text, static_cast<size_t>(written));
  if (kept.find('.') != std::string_view::npos) {
    while (kept.back() == '0') kept.remove_suffix(1);
    if (kept.back() == '.') kept.remove_suffix(1);
  }
  if (kept == "-0") kept = "0";
  return std::string(kept);
}

std::optional<uint64_t> parse_memory(std::string_view text) {
  struct Unit {
    std::string_view name;
    uint64_t bytes;
  };
  static constexpr Unit kUnits[] = {
      {"", 1},
      {"b", 1},
      {"k", 1000},
      {"kb", 1024},
      {"m", 1000 * 1000},
      {"mb", 1024 * 1024},
      {"g", 1000ULL * 1000 * 1000},
      {"gb", 1024ULL * 1024 * 1024},
  };
  constexpr size_t kMaxDigits = 128;
  size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) ++digits;
  if (digits >= kMaxDigits) return std::nullopt;
  char unit[2];
  const size_t unit_length = text.size() - digits;
  if (unit_length > sizeof(unit)) return std::nullopt;
  for (size_t i = 0; i < unit_length; ++i) {
    const char c = text[digits + i];
    unit[i] = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  for (const Unit& candidate : kUnits) {
    if (candidate.name != std::string_view(unit, unit_length)) continue;
    // As in Redis: no digits are zero, too many are the largest number, and the product wraps.
    uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + digits, value);
    if (error == std::errc::result_out_of_range) value = std::numeric_limits<uint64_t>::max();
    return value * candidate.bytes;
  }
  return std::nullopt;
}

}  // namespace gyre::base
