// Glob patterns against a reference that tries everything, on inputs small enough for that. Input: a flag
// byte (bit 0: ignore case), the length of the pattern, the pattern, the text.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "gyre/base/glob.h"

namespace {

using gyre::base::glob_match;

// The length of the pattern's first element, which is not a star.
size_t element_length(std::string_view pattern) {
  if (pattern[0] == '\\') return pattern.size() >= 2 ? 2 : 1;
  if (pattern[0] != '[') return 1;
  size_t at = 1;
  if (at < pattern.size() && pattern[at] == '^') ++at;
  while (at < pattern.size() && pattern[at] != ']') {
    const size_t left = pattern.size() - at;
    if (pattern[at] == '\\' && left >= 2) {
      at += 2;
    } else {
      at += left >= 3 && pattern[at + 1] == '-' ? 3 : 1;
    }
  }
  return at < pattern.size() ? at + 1 : at;
}

// Dynamic programming over all pairs of rests; single elements are asked of glob_match itself.
bool reference(std::string_view pattern, std::string_view text, bool ignore_case) {
  if (text.empty()) return pattern.empty();
  std::vector<size_t> starts;
  for (size_t at = 0; at < pattern.size();) {
    starts.push_back(at);
    at += pattern[at] == '*' ? 1 : element_length(pattern.substr(at));
  }
  starts.push_back(pattern.size());
  const size_t elements = starts.size() - 1;
  std::vector<std::vector<bool>> matches(elements + 1, std::vector<bool>(text.size() + 1));
  matches[elements][text.size()] = true;
  for (size_t e = elements; e-- > 0;) {
    const std::string_view element = pattern.substr(starts[e], starts[e + 1] - starts[e]);
    for (size_t t = text.size() + 1; t-- > 0;) {
      if (element == "*") {
        matches[e][t] = matches[e + 1][t] || (t < text.size() && matches[e][t + 1]);
      } else {
        matches[e][t] =
            t < text.size() && matches[e + 1][t + 1] && glob_match(element, text.substr(t, 1), ignore_case);
      }
    }
  }
  return matches[0][0];
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const bool ignore_case = data[0] & 1;
  const std::string_view rest(reinterpret_cast<const char*>(data + 2), size - 2);
  const size_t split = data[1] < rest.size() ? data[1] : rest.size();
  const std::string_view pattern = rest.substr(0, split);
  const std::string_view text = rest.substr(split);
  const bool result = glob_match(pattern, text, ignore_case);
  if (text.size() <= 200 && result != reference(pattern, text, ignore_case)) std::abort();
  return 0;
}
