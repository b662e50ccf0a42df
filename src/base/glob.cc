#include "gyre/base/glob.h"

#include <cstddef>
#include <utility>

namespace gyre::base {
namespace {

// ASCII only, whatever the process's locale: keys are bytes. Negative bytes become positive, save for -1, as
// in glibc's tolower(), which Redis calls with signed bytes: seen in ranges that ignore case.
constexpr int lower(int c) {
  if (c >= 'A' && c <= 'Z') return c - 'A' + 'a';
  return c < -1 ? c + 256 : c;
}

// Bytes compare as signed values in ranges, as they do in Redis on the platforms it is built for.
constexpr int byte_at(std::string_view s, size_t i) { return static_cast<signed char>(s[i]); }

// Matches `c` against the class whose first byte after '[' is pattern[at]; moves `at` behind the class. A
// class that is never closed extends to the end of the pattern. An escaped byte compares exactly even when
// case is ignored; a range's ends are put in order before they are lowered: both are Redis's behaviour.
bool match_class(std::string_view pattern, size_t& at, int c, bool ignore_case) {
  const bool negated = at < pattern.size() && pattern[at] == '^';
  if (negated) ++at;
  bool match = false;
  while (at < pattern.size()) {
    const size_t left = pattern.size() - at;
    if (pattern[at] == '\\' && left >= 2) {
      ++at;
      if (byte_at(pattern, at) == c) match = true;
    } else if (pattern[at] == ']') {
      ++at;
      return match != negated;
    } else if (left >= 3 && pattern[at + 1] == '-') {
      int low = byte_at(pattern, at);
      int high = byte_at(pattern, at + 2);
      int folded = c;
      if (low > high) std::swap(low, high);
      if (ignore_case) {
        low = lower(low);
        high = lower(high);
        folded = lower(c);
      }
      at += 2;
      if (folded >= low && folded <= high) match = true;
    } else {
      const int member = byte_at(pattern, at);
      if (member == c || (ignore_case && lower(member) == lower(c))) match = true;
    }
    ++at;
  }
  return match != negated;
}

// Matches one byte against the pattern element at pattern[at] (not a star); moves `at` behind the element.
bool match_one(std::string_view pattern, size_t& at, int c, bool ignore_case) {
  switch (pattern[at]) {
    case '?':
      ++at;
      return true;
    case '[':
      ++at;
      return match_class(pattern, at, c, ignore_case);
    case '\\':
      if (pattern.size() - at >= 2) ++at;  // a lone backslash at the end stands for itself
      [[fallthrough]];
    default: {
      const int literal = byte_at(pattern, at++);
      return literal == c || (ignore_case && lower(literal) == lower(c));
    }
  }
}

}  // namespace

// Only the last star seen is ever tried again. That is enough: every element but the star takes exactly one
// byte, so if what follows the last star matches nowhere behind its first try, moving an earlier star
// only shortens the text it is tried on. It bounds the work by pattern x text.
bool glob_match(std::string_view pattern, std::string_view text, bool ignore_case) {
  constexpr size_t kNoStar = static_cast<size_t>(-1);
  size_t p = 0;
  size_t t = 0;
  size_t star_p = kNoStar;  // behind the last star
  size_t star_t = 0;        // where what follows the star is being tried
  // Redis looks at the pattern only while there is text: the empty text matches nothing but the empty
  // pattern, not even "*".
  if (text.empty()) return pattern.empty();
  while (true) {
    bool failed = false;
    if (p < pattern.size() && pattern[p] == '*') {
      while (p < pattern.size() && pattern[p] == '*') ++p;
      if (p == pattern.size()) return true;
      star_p = p;
      star_t = t;
    } else if (p == pattern.size()) {
      failed = true;  // text is left over
    } else if (match_one(pattern, p, byte_at(text, t), ignore_case)) {
      if (++t == text.size()) {
        while (p < pattern.size() && pattern[p] == '*') ++p;
        if (p == pattern.size()) return true;
        failed = true;
      }
    } else {
      failed = true;
    }
    if (failed) {
      if (star_p == kNoStar || ++star_t >= text.size()) return false;
      t = star_t;
      p = star_p;
    }
  }
}

}  // namespace gyre::base
