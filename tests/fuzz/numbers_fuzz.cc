// Number parsing and printing. Properties: an accepted integer prints back as the same text; a double prints
// to a text that reads back as the same value, as does a long double within its 17 places; strtod agrees.
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "gyre/base/numbers.h"

namespace {

using namespace gyre::base;

void require(bool condition) {
  if (!condition) std::abort();
}

void check_text(std::string_view text) {
  char printed[kInt64TextMax];
  if (const auto value = parse_int64(text)) {
    require(std::string_view(printed, format_int64(*value, printed)) == text);
  }
  if (const auto value = parse_uint64(text)) {
    const std::string_view again(printed, format_uint64(*value, printed));
    require(parse_uint64(again) == value);
  }
  const std::string terminated(text);
  char* end;
  const double reference = std::strtod(terminated.c_str(), &end);
  if (const auto value = parse_double(text)) {
    require(end == terminated.c_str() + text.size());
    require(std::bit_cast<uint64_t>(*value) == std::bit_cast<uint64_t>(reference));
    const auto again = parse_double(format_double(*value));
    require(again && std::bit_cast<uint64_t>(*again) == std::bit_cast<uint64_t>(*value));
  }
  if (const auto value = parse_long_double(text)) {
    const auto again = parse_long_double(format_long_double(*value));
    require(again.has_value());
    require(std::isinf(*value) ? *again == *value
                               : std::fabs(*again - *value) <= 1e-17L + std::fabs(*value) * 1e-18L);
  }
  (void)parse_memory(text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  check_text({reinterpret_cast<const char*>(data), size});
  if (size >= sizeof(double)) {
    double value;
    std::memcpy(&value, data, sizeof(value));
    const std::string text = format_double(value);
    require(text.size() <= 25);  // the longest: a sign, 17 digits, 7 zeros
    const auto again = parse_double(text);
    require(std::isnan(value) ? !again : again && *again == value);
  }
  return 0;
}
