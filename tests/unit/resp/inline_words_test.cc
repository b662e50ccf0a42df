#include <gtest/gtest.h>

#include "request_driver.h"

namespace gyre::resp::testing {
namespace {

using namespace std::string_literals;

TEST(InlineWords, Table) {
  struct Case {
    std::string line;
    Command words;
  };
  const Case cases[] = {
      {"PING", {"PING"}},
      {"set a b", {"set", "a", "b"}},
      {"  set\t a \v b  ", {"set", "a", "b"}},
      {"a\rb", {"a", "b"}},
      // Vertical tab and form feed are white space between words, but do not end one.
      {"a\vb\fc", {"a\vb\fc"}},
      {"a \v\fb", {"a", "b"}},
      {"\"a\"\vb", {"a", "b"}},
      {"\"hello world\"", {"hello world"}},
      {"'hello world'", {"hello world"}},
      {"\"\" ''", {"", ""}},
      {"foo\"bar baz\" x", {"foobar baz", "x"}},
      {"foo'bar'", {"foobar"}},
      {"\"a\\n\\r\\t\\b\\a\\q\\\\\\\"\"", {"a\n\r\t\b\aq\\\""}},
      {"\"\\x41\\x00\\xfF\"", {"A\0\xff"s}},
      // Not two hexadecimal digits: a backslash takes the x literally.
      {"\"\\x4g\\xg4\\x\"", {"x4gxg4x"}},
      {"'\\n\\'\\x41'", {"\\n'\\x41"}},
      {"'a\\\\b'", {"a\\\\b"}},
      {"a\\b \\x41", {"a\\b", "\\x41"}},
      {"\xc3\xa9\x85 \xa0", {"\xc3\xa9\x85", "\xa0"}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.line);
    for (const char* end : {"\n", "\r\n"}) {
      Outcome expected{{c.words}, ""};
      EXPECT_EQ(parse_whole(c.line + end).commands, expected.commands);
      EXPECT_TRUE(parse_bytewise(c.line + end) == expected);
    }
  }
}

TEST(InlineWords, Unbalanced) {
  for (const char* line : {"\"", "'", "\"abc", "'abc", "abc\"", "\"abc\"d", "'abc'd", "\"a\"\"b\"", "'a''b'",
                           "\"a'", "'a\"", "\"abc\\\"", "'abc\\'", "'\\\\'", "\"abc\\", "a b \"c",
                           "set \"\"\"test-key\"\"\" test-value", "\"\\x4", "\"\\x41"}) {
    SCOPED_TRACE(line);
    for (const char* end : {"\n", "\r\n"}) {
      Outcome outcome = parse_whole("PING\r\n"s + line + end + "PING\r\n");
      EXPECT_EQ(outcome.commands, (std::vector<Command>{{"PING"}}));
      EXPECT_EQ(outcome.error, "Protocol error: unbalanced quotes in request");
    }
  }
}

// Many quoted words of a long line share one piece of storage.
TEST(InlineWords, StorageIsLinear) {
  std::string line;
  while (line.size() < kMaxLineBytes - 8) line += "\"\" ";
  line += '\n';
  RequestParser parser;
  ArgArena args;
  ASSERT_EQ(parser.parse(line, {}, args).status, ParseStatus::kCommand);
  EXPECT_LT(args.footprint(), 1024u * 1024);
  args.clear();
  EXPECT_LE(args.footprint(), ArgArena::kKeepArgs * sizeof(Arg));
}

}  // namespace
}  // namespace gyre::resp::testing
