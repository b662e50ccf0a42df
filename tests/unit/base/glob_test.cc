#include "gyre/base/glob.h"

#include <gtest/gtest.h>

#include <chrono>
#include <span>
#include <string>

namespace gyre::base {
namespace {

struct Case {
  std::string_view pattern;
  std::string_view text;
  bool match;
};

void check(std::span<const Case> cases, bool ignore_case = false) {
  for (const Case& c : cases) {
    EXPECT_EQ(glob_match(c.pattern, c.text, ignore_case), c.match) << c.pattern << " on " << c.text;
  }
}

TEST(Glob, StarsAndQuestionMarks) {
  const Case kCases[] = {
      // The empty text matches only the empty pattern: Redis looks at the pattern only while there is text.
      {"", "", true},           {"", "a", false},        {"*", "", false},      {"?", "", false},
      {"a", "", false},         {"*", "a", true},        {"**", "abc", true},   {"***", "a", true},
      {"a", "a", true},         {"a", "b", false},       {"a", "ab", false},    {"ab", "a", false},
      {"a*", "a", true},        {"a**", "a", true},      {"a*", "abc", true},   {"*a", "bca", true},
      {"*a", "bcab", false},    {"a*b", "ab", true},     {"a*b", "axxb", true}, {"a**b", "axxb", true},
      {"a*b*c", "aXbXc", true}, {"a*b*c", "acb", false}, {"*ab", "aab", true},  {"*aab*", "aaab", true},
      {"*?", "a", true},        {"?*", "a", true},       {"*??", "a", false},   {"h?llo", "hello", true},
      {"h?llo", "hllo", false},
  };
  check(kCases);
}

TEST(Glob, ClassesAndEscapes) {
  const Case kCases[] = {
      {"h[ae]llo", "hallo", true},
      {"h[ae]llo", "hillo", false},
      {"h[^e]llo", "hallo", true},
      {"h[^e]llo", "hello", false},
      {"h[a-b]llo", "hbllo", true},
      {"h[b-a]llo", "hallo", true},  // the ends of a range are put in order
      {"h[a-b]llo", "hcllo", false},
      {"[a-]", "-", false},  // ']' is the end of the range here, and the class is not closed
      {"[a-]", "_", true},
      {"[a-]]", "_", true},
      {"[-a]", "-", true},
      {"[a", "a", true},  // never closed: ends with the pattern
      {"[abc", "c", true},
      {"[abc", "d", false},
      {"[", "a", false},
      {"[", "[", false},
      {"[]", "a", false},
      {"[]", "]", false},
      {"[]a]", "a]", false},
      {"[^]", "a", true},
      {"[^", "a", true},
      {"[^]x", "ax", true},
      {"[\\]]", "]", true},
      {"[\\", "\\", true},
      {"[\\^a]", "^", true},
      {"[a^]", "^", true},
      {"[*]", "*", true},
      {"[*]", "a", false},
      {"[?]", "a", false},
      {"[^a-c]", "d", true},
      {"[^a-c]", "b", false},
      {"[a-c-e]", "-", true},
      {"\\a", "a", true},
      {"\\*", "*", true},
      {"\\*", "a", false},
      {"\\?", "?", true},
      {"\\\\", "\\", true},
      {"\\", "\\", true},  // a lone backslash stands for itself
      {"a\\", "a\\", true},
      {"a\\", "a", false},
      {"*\\", "x\\", true},
      {"\\[a]", "[a]", true},
      {"A", "a", false},
      {"news.*", "news.art", true},
      {"*[0-9]", "key7", true},
      {"*[0-9]x*", "key7x", true},
  };
  check(kCases);
}

TEST(Glob, IgnoringCase) {
  const Case kCases[] = {
      {"HeLLo", "hEllO", true},
      {"h[A-C]", "hb", true},
      {"h[a-c]", "HB", true},
      {"h[^a-c]", "HB", false},
      {"[ABC]", "b", true},
      {"[\\A]", "a", false},  // an escaped byte of a class keeps its case
      {"[\\A]", "A", true},
      {"\\A", "a", true},
      {"[Z-a]", "z", false},  // ordered before it is lowered: becomes z-a, which is empty
      {"\xc0", "\xe0", false},
      {"[\x80-a]", "b", false},  // glibc's tolower() makes 128 of the byte -128: 128-97 is empty
      {"[\x80-\x90]", "\x88", true},
  };
  check(kCases, true);
}

TEST(Glob, BytesAreSignedInRanges) {
  EXPECT_TRUE(glob_match("[\x80-\xff]", "\xc3"));
  EXPECT_TRUE(glob_match("[a-\xff]", "A"));
  EXPECT_FALSE(glob_match("[a-\xff]", "\x80"));
  EXPECT_TRUE(glob_match(std::string_view("[\0-a]", 5), "A"));
  EXPECT_TRUE(glob_match(std::string_view("a\0b", 3), std::string_view("a\0b", 3)));
  EXPECT_FALSE(glob_match(std::string_view("a\0b", 3), std::string_view("a\0c", 3)));
}

TEST(Glob, WorkIsBounded) {
  // With naive backtracking this takes longer than the age of the universe.
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "a*";
  pattern += "b";
  const std::string text(20'000, 'a');
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(glob_match(pattern, text));
  EXPECT_FALSE(glob_match("*" + std::string(200, '?') + "b*", text));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

TEST(Glob, DeepPatternsDoNotRecurse) {
  std::string pattern;
  std::string text;
  for (int i = 0; i < 500'000; ++i) {
    pattern += "*a";
    text += "ba";
  }
  EXPECT_TRUE(glob_match(pattern, text));
}

}  // namespace
}  // namespace gyre::base
