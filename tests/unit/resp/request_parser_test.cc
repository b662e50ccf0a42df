#include <gtest/gtest.h>

#include "request_cases.h"

namespace gyre::resp::testing {
namespace {

using namespace std::string_literals;

TEST(RequestParser, Commands) {
  const std::string kilo(1000, 'k');
  const Case cases[] = {
      {"*1\r\n$4\r\nPING\r\n", {{"PING"}}, ""},
      {"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$0\r\n\r\n", {{"SET", "a", ""}}, ""},
      {"*1\r\n$0\r\n\r\n", {{""}}, ""},
      {"*2\r\n$3\r\nGET\r\n$10\r\n0123456789\r\n", {{"GET", "0123456789"}}, ""},
      {"*2\r\n$3\r\nGET\r\n$100\r\n" + std::string(100, 'x') + "\r\n", {{"GET", std::string(100, 'x')}}, ""},
      {"*2\r\n$3\r\nGET\r\n$999\r\n" + std::string(999, 'x') + "\r\n", {{"GET", std::string(999, 'x')}}, ""},
      {"*2\r\n$3\r\nGET\r\n$1000\r\n" + kilo + "\r\n", {{"GET", kilo}}, ""},
      {"*1\r\n$4\r\n\0\r\n$\r\n"s, {{"\0\r\n$"s}}, ""},
      {"*2\r\n$1\r\na\r\n$1\r\nb\r\n*1\r\n$1\r\nc\r\n", {{"a", "b"}, {"c"}}, ""},
      {"*12\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n$1\r\n4\r\n$1\r\n5\r\n$1\r\n6\r\n$1\r\n7\r\n$1\r\n8\r\n$"
       "1\r\n9\r\n"
       "$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n",
       {{"1", "2", "3", "4", "5", "6", "7", "8", "9", "a", "b", "c"}},
       ""},
      // Incomplete: nothing.
      {"*", {}, ""},
      {"*1", {}, ""},
      {"*1\r", {}, ""},
      {"*1\r\n$4\r\nPING\r", {}, ""},
      {"*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPI", {{"PING"}}, ""},
  };
  for (const Case& c : cases) expect_case(c);
}

TEST(RequestParser, EmptyRequests) {
  const Case cases[] = {
      {"*0\r\n*1\r\n$1\r\na\r\n", {{"a"}}, ""},   {"*-1\r\n*1\r\n$1\r\na\r\n", {{"a"}}, ""},
      {"*-10\r\n*1\r\n$1\r\na\r\n", {{"a"}}, ""}, {"*-9223372036854775808\r\n*1\r\n$1\r\na\r\n", {{"a"}}, ""},
      {"\r\n\n\r\nPING\r\n", {{"PING"}}, ""},     {" \t \r\nPING\n", {{"PING"}}, ""},
  };
  for (const Case& c : cases) expect_case(c);
  RequestDriver driver;
  driver.feed("*0\r\n*-1\r\n\r\n\n  \r\n");
  EXPECT_EQ(driver.empties(), 5);
  EXPECT_EQ(driver.kept(), 0u);
}

TEST(RequestParser, MalformedCounts) {
  const std::string bad = "Protocol error: invalid multibulk length";
  for (const char* count :
       {"", "a", "1a", "+1", "01", "-0", "-", " 1", "1 ", "2147483648", "3000000000", "00",
        "9223372036854775808", "99999999999999999999", "999999999999999999999999", "-01", "1.0"}) {
    expect_case({"*"s + count + "\r\n", {}, bad});
    expect_case({"*1\r\n$1\r\na\r\n*"s + count + "\r\nPING\r\n", {{"a"}}, bad});
  }
  // INT_MAX is accepted, and announces what costs nothing until it arrives.
  RequestDriver driver;
  driver.feed("*2147483647\r\n$1\r\na\r\n");
  EXPECT_EQ(driver.last().status, ParseStatus::kIncomplete);
  EXPECT_LT(driver.parser().pending_footprint(), 4096u);
}

TEST(RequestParser, MalformedBulkLengths) {
  const std::string bad = "Protocol error: invalid bulk length";
  for (const char* length : {"",
                             "a",
                             "1a",
                             "+1",
                             "01",
                             "-0",
                             "-",
                             "-1",
                             "-10",
                             " 1",
                             "1 ",
                             "536870913",
                             "2000000000",
                             "9223372036854775807",
                             "9223372036854775808",
                             "18446744073709551615",
                             "00",
                             "0001",
                             "12345678901",
                             "99999999999999999999999",
                             "blabla",
                             "1.0",
                             "12a",
                             "123a",
                             "1234a"}) {
    expect_case({"*2\r\n$1\r\na\r\n$"s + length + "\r\n", {}, bad});
    expect_case({"*1\r\n$"s + length + "\r\nabcdefgh\r\n", {}, bad});
  }
}

TEST(RequestParser, ExpectedDollar) {
  for (int byte = 1; byte < 256; byte++) {
    char c = static_cast<char>(byte);
    if (c == '$') continue;
    char shown = c == '\r' || c == '\n' ? ' ' : c;
    expect_case({"*1\r\n"s + c + "3\r\nabc\r\n", {}, "Protocol error: expected '$', got '"s + shown + "'"});
  }
  // Redis looks only when the line has ended.
  expect_case({"*1\r\nfoo", {}, ""});
  expect_case({"*1\r\nfoo\r", {}, ""});
  expect_case({"*1\r\nfoo\r\n", {}, "Protocol error: expected '$', got 'f'"});
  expect_case({"*3\r\n$3\r\nSET\r\n$1\r\nx\r\nfooz\r\n", {}, "Protocol error: expected '$', got 'f'"});
}

// Redis does not look at the byte behind the CR of a length line, nor at the two bytes behind a body.
TEST(RequestParser, UnreadBytes) {
  const Case cases[] = {
      {"*1\rX$4\rYPINGZZ*1\r\n$1\r\na\r\n", {{"PING"}, {"a"}}, ""},
      {"*1\r\n$4\r\nPING\n\n*1\r\n$1\r\na\r\n", {{"PING"}, {"a"}}, ""},
      {"*1\r\r$1\r\ra\r\r", {{"a"}}, ""},
      {"*10\rX"s + "$1\rXaXX$1\rXaXX$1\rXaXX$1\rXaXX$1\rXaXX$1\rXaXX$1\rXaXX$1\rXaXX$1\rXaXX$1\rXaXX",
       {{"a", "a", "a", "a", "a", "a", "a", "a", "a", "a"}},
       ""},
      {"*-1\rXPING\r\n", {{"PING"}}, ""},
      // A lone LF does not end a length line.
      {"*1\n$4\r\nPING\r\n", {}, "Protocol error: invalid multibulk length"},
      {"*1\r\n$4\nPING\r\n", {}, "Protocol error: invalid bulk length"},
  };
  for (const Case& c : cases) expect_case(c);
}

TEST(RequestParser, ErrorsAreSticky) {
  RequestParser parser;
  ArgArena args;
  EXPECT_EQ(parser.parse("*a\r\n", {}, args).status, ParseStatus::kError);
  ParseResult again = parser.parse("*1\r\n$4\r\nPING\r\n", {}, args);
  EXPECT_EQ(again.status, ParseStatus::kError);
  EXPECT_EQ(again.error, "Protocol error: invalid multibulk length");
  parser.reset();
  EXPECT_EQ(parser.parse("*1\r\n$4\r\nPING\r\n", {}, args).status, ParseStatus::kCommand);
}

TEST(RequestParser, LogReasons) {
  auto reason = [](std::string_view input) {
    return protocol_error_reason(std::string(parse_whole(input).error));
  };
  EXPECT_EQ(reason("*a\r\n"), "invalid mbulk count");
  EXPECT_EQ(reason("*1\r\n$a\r\n"), "invalid bulk length");
  EXPECT_EQ(reason("*1\r\na\r\n"), "expected $ but got something else");
  EXPECT_EQ(reason("\"\n"), "unbalanced quotes in inline request");
}

TEST(RequestParser, ViewsPointIntoInput) {
  std::string input = "*2\r\n$3\r\nGET\r\n$2\r\nab\r\nGET  key\r\n";
  RequestParser parser;
  ArgArena args;
  ParseResult first = parser.parse(input, {}, args);
  ParseResult second = parser.parse(std::string_view(input).substr(first.consumed), {}, args);
  EXPECT_EQ(second.first_arg, 2u);
  for (uint32_t i = 0; i < args.size(); i++) {
    EXPECT_GE(args[i].data(), input.data());
    EXPECT_LE(args[i].data() + args[i].size(), input.data() + input.size());
  }
  EXPECT_EQ(first.consumed + second.consumed, input.size());
}

TEST(RequestParser, MissingIsALowerBound) {
  const std::string input = "*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$1500\r\n" + std::string(1500, 'v') + "\r\n";
  for (size_t cut = 1; cut < input.size(); cut++) {
    RequestDriver driver;
    driver.feed(std::string_view(input).substr(0, cut));
    ASSERT_EQ(driver.last().status, ParseStatus::kIncomplete);
    ASSERT_GE(driver.last().missing, 1u);
    ASSERT_LE(driver.last().missing, input.size() - cut);
  }
}

}  // namespace
}  // namespace gyre::resp::testing
