#include "gyre/resp/reply_parser.h"

#include <gtest/gtest.h>

#include <cmath>

#include "read_replies.h"

namespace gyre::resp::testing {
namespace {

using namespace std::string_literals;

TEST(ReplyParser, Replies) {
  struct Case {
    std::string input;
    Texts expected;
  };
  const Case cases[] = {
      {"+OK\r\n", {"+OK"}},
      {"+\r\n", {"+"}},
      {"+a\nb\r\n", {"+a\nb"}},
      {"-ERR no\r\n", {"-ERR no"}},
      {":0\r\n:-12\r\n:9223372036854775807\r\n", {":0", ":-12", ":9223372036854775807"}},
      {"$0\r\n\r\n$3\r\na\r\n\r\n", {"\"\"", "\"a\\x0d\\x0a\""}},
      {"$-1\r\n*-1\r\n_\r\n", {"(nil)", "(nil)", "(nil)"}},
      {"*0\r\n", {"[]"}},
      {"*2\r\n:1\r\n*2\r\n$1\r\na\r\n*0\r\n+x\r\n", {"[:1, [\"a\", []]]", "+x"}},
      {"%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n:2\r\n", {"{+a: :1, +b: [:2]}"}},
      {"%0\r\n~0\r\n>0\r\n", {"{}", "~[]", ">[]"}},
      {"~2\r\n:1\r\n:2\r\n", {"~[:1, :2]"}},
      {">2\r\n+message\r\n$1\r\nx\r\n+OK\r\n", {">[+message, \"x\"]", "+OK"}},
      {",1.5\r\n,inf\r\n,-inf\r\n,nan\r\n,1e3\r\n", {",1.5", ",inf", ",-inf", ",nan", ",1e3"}},
      {"#t\r\n#f\r\n", {"#t", "#f"}},
      {"!5\r\nERR x\r\n", {"!\"ERR x\""}},
      {"=7\r\ntxt:abc\r\n=4\r\ntxt:\r\n", {"=txt:\"abc\"", "=txt:\"\""}},
      {"(3492890328409238509324850943850943825024385\r\n(-1\r\n",
       {"(3492890328409238509324850943850943825024385", "(-1"}},
      {"|1\r\n+ttl\r\n:7\r\n$1\r\na\r\n+OK\r\n", {"|{+ttl: :7} \"a\"", "+OK"}},
      {"|0\r\n+OK\r\n", {"+OK"}},
      {"|1\r\n+a\r\n:1\r\n|1\r\n+b\r\n:2\r\n+OK\r\n", {"|{+a: :1, +b: :2} +OK"}},
      {"*2\r\n|1\r\n+a\r\n*1\r\n:1\r\n:2\r\n:3\r\n", {"[|{+a: [:1]} :2, :3]"}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.input);
    EXPECT_EQ(read_all(c.input), c.expected);
    for (size_t piece = 1; piece < c.input.size(); piece++)
      EXPECT_EQ(read_pieces(c.input, piece), c.expected);
    for (size_t cut = 0; cut < c.input.size(); cut++) {
      EXPECT_LT(read_all(c.input.substr(0, cut)).size(), c.expected.size());
    }
  }
}

TEST(ReplyParser, Malformed) {
  const char* const cases[] = {
      "OK\r\n",
      "x",
      "\r\n",
      "?1\r\n",
      "+OK\rx",
      "$3\r\nabcde\r\n",
      "$3\r\nabc\rx",
      "$-2\r\n",
      "$a\r\n",
      "$\r\n",
      "$+1\r\n",
      "$01\r\na\r\n",
      "$?\r\n",
      "*?\r\n",
      "*-2\r\n",
      "*a\r\n",
      "%-1\r\n",
      "~-1\r\n",
      ">-1\r\n",
      "|-1\r\n",
      "!-1\r\n",
      "=-1\r\n",
      ":\r\n",
      ":a\r\n",
      ":1.5\r\n",
      ":9223372036854775808\r\n",
      ",\r\n",
      ",abc\r\n",
      "#\r\n",
      "#x\r\n",
      "#tt\r\n",
      "_x\r\n",
      "(\r\n",
      "(-\r\n",
      "(1a\r\n",
      "=3\r\ntxt\r\n",
      "=4\r\ntxtx\r\n",
      "$99999999999999999999\r\n",
      "*99999999999999999999\r\n",
      "%9223372036854775807\r\n",
      "*9223372036854775807\r\n",
      "$9223372036854775807\r\n",
      "*1\r\n*1\r\nx",
      ":00000000000000000000000000000000000000000000000",
  };
  for (const char* input : cases) {
    SCOPED_TRACE(input);
    Texts whole = read_all(input);
    ASSERT_EQ(whole.size(), 1u);
    EXPECT_EQ(whole[0][0], '!');
    EXPECT_EQ(read_pieces(input, 1), whole);
    Texts after = read_all("+OK\r\n"s + input);
    ASSERT_EQ(after.size(), 2u);
    EXPECT_EQ(after[1], whole[0]);
  }
}

TEST(ReplyParser, Limits) {
  ReplyLimits limits;
  limits.max_depth = 3;
  limits.max_bulk = 10;
  limits.max_elements = 4;
  limits.max_line = 100;
  EXPECT_EQ(read_all("*1\r\n*1\r\n*1\r\n:1\r\n", limits), (Texts{"[[[:1]]]"}));
  EXPECT_EQ(read_all("*1\r\n*1\r\n*1\r\n*0\r\n", limits), (Texts{"[[[[]]]]"}));
  EXPECT_EQ(read_all("*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", limits), (Texts{"!nested too deep"}));
  EXPECT_EQ(read_all("$10\r\n0123456789\r\n", limits), (Texts{"\"0123456789\""}));
  EXPECT_EQ(read_all("$11\r\n01234567890\r\n", limits), (Texts{"!bulk too long"}));
  EXPECT_EQ(read_all("*5\r\n", limits), (Texts{"!too many elements"}));
  EXPECT_EQ(read_all("+" + std::string(99, 'x') + "\r\n", limits), (Texts{"+" + std::string(99, 'x')}));
  EXPECT_EQ(read_all("+" + std::string(200, 'x'), limits), (Texts{"!line too long"}));
  std::string deep;
  for (uint32_t i = 0; i < 100'000; i++) deep += "*1\r\n";
  EXPECT_EQ(read_all(deep), (Texts{"!nested too deep"}));
  std::string attributes;
  for (uint32_t i = 0; i < 100'000; i++) attributes += "|0\r\n";
  EXPECT_EQ(read_all(attributes), (Texts{"!nested too deep"}));
}

TEST(ReplySkipper, NeedsNoMemoryForLongReplies) {
  ReplySkipper skipper;
  EXPECT_EQ(skipper.skip("*2\r\n$1000000\r\nab").consumed, 16u);
  const std::string piece(1000, 'x');
  size_t left = 1000000 - 2;
  while (left > 0) {
    size_t size = std::min(left, piece.size());
    ReplySkipper::Result r = skipper.skip(std::string_view(piece).substr(0, size));
    ASSERT_EQ(r.status, ReplyStatus::kIncomplete);
    ASSERT_EQ(r.consumed, size);
    ASSERT_EQ(r.type, '*');
    left -= size;
  }
  EXPECT_EQ(skipper.skip("\r").consumed, 0u);
  EXPECT_EQ(skipper.skip("\r\n:").consumed, 2u);
  ReplySkipper::Result r = skipper.skip(":1\r\n+OK\r\n");
  EXPECT_EQ(r.status, ReplyStatus::kComplete);
  EXPECT_EQ(r.consumed, 4u);
  EXPECT_EQ(r.type, '*');
}

TEST(ReplySkipper, TypeAndNull) {
  struct Case {
    const char* input;
    char type;
    bool null;
  };
  const Case cases[] = {{"+OK\r\n", '+', false},
                        {"-ERR\r\n", '-', false},
                        {"$-1\r\n", '$', true},
                        {"*-1\r\n", '*', true},
                        {"_\r\n", '_', true},
                        {"*1\r\n$-1\r\n", '*', false},
                        {">1\r\n_\r\n", '>', false},
                        {"|1\r\n+a\r\n_\r\n:1\r\n", ':', false},
                        {"|1\r\n+a\r\n:1\r\n_\r\n", '_', true},
                        {"|1\r\n+a\r\n*1\r\n:1\r\n|0\r\n*1\r\n+x\r\n", '*', false},
                        {"$2\r\nab\r\n", '$', false}};
  for (const Case& c : cases) {
    ReplySkipper skipper;
    ReplySkipper::Result r = skipper.skip(c.input);
    EXPECT_EQ(r.status, ReplyStatus::kComplete) << c.input;
    EXPECT_EQ(r.type, c.type) << c.input;
    EXPECT_EQ(r.is_null, c.null) << c.input;
    EXPECT_EQ(r.consumed, std::string_view(c.input).size()) << c.input;
  }
}

TEST(ReplySkipper, ErrorsAreSticky) {
  ReplySkipper skipper;
  EXPECT_EQ(skipper.skip("x").status, ReplyStatus::kError);
  EXPECT_EQ(skipper.skip("+OK\r\n").status, ReplyStatus::kError);
  skipper.reset();
  EXPECT_EQ(skipper.skip("+OK\r\n").status, ReplyStatus::kComplete);
}

TEST(ReplyParser, Tree) {
  Reply reply;
  size_t consumed = 0;
  ASSERT_EQ(parse_reply("%1\r\n$1\r\na\r\n,2.5\r\n+x\r\n", &reply, &consumed), ReplyStatus::kComplete);
  EXPECT_EQ(consumed, 4 + 7 + 6u);
  ASSERT_EQ(reply.elements.size(), 2u);
  EXPECT_EQ(reply.elements[0].text, "a");
  EXPECT_EQ(reply.elements[1].number, 2.5);
  ASSERT_EQ(parse_reply(",nan\r\n", &reply, &consumed), ReplyStatus::kComplete);
  EXPECT_TRUE(std::isnan(reply.number));
  std::string_view error;
  EXPECT_EQ(parse_reply("*", &reply, &consumed, {}, &error), ReplyStatus::kIncomplete);
  EXPECT_EQ(parse_reply("*x\r\n", &reply, &consumed, {}, &error), ReplyStatus::kError);
  EXPECT_EQ(error, "invalid length");
}

}  // namespace
}  // namespace gyre::resp::testing
