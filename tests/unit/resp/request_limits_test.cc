#include <gtest/gtest.h>

#include "request_cases.h"

namespace gyre::resp::testing {
namespace {

TEST(RequestLimits, Unauthenticated) {
  RequestLimits limits;
  limits.authenticated = false;
  Command ten(10, "x");
  Command eleven(11, "x");
  expect_case({encode(ten), {ten}, ""}, limits);
  expect_case({encode(eleven), {}, "Protocol error: unauthenticated multibulk length"}, limits);
  expect_case({"*100\r\n", {}, "Protocol error: unauthenticated multibulk length"}, limits);
  expect_case({"*3000000000\r\n", {}, "Protocol error: invalid multibulk length"}, limits);
  Command most{"AUTH", std::string(16384, 'p')};
  Command over{"AUTH", std::string(16385, 'p')};
  expect_case({encode(most), {most}, ""}, limits);
  expect_case({encode(over), {}, "Protocol error: unauthenticated bulk length"}, limits);
  expect_case({"*2\r\n$1\r\na\r\n$16385\r\n", {}, "Protocol error: unauthenticated bulk length"}, limits);
  expect_case({"*2\r\n$1\r\na\r\n$600000000\r\n", {}, "Protocol error: invalid bulk length"}, limits);
  // Inline requests have no such limit.
  expect_case(
      {"1 2 3 4 5 6 7 8 9 a b c\n", {{"1", "2", "3", "4", "5", "6", "7", "8", "9", "a", "b", "c"}}, ""},
      limits);
}

TEST(RequestLimits, ConfiguredLimits) {
  RequestLimits limits;
  limits.max_bulk = 5;
  limits.max_multibulk = 3;
  expect_case({"*3\r\n$5\r\nabcde\r\n$1\r\na\r\n$1\r\nb\r\n", {{"abcde", "a", "b"}}, ""}, limits);
  expect_case({"*4\r\n", {}, "Protocol error: invalid multibulk length"}, limits);
  expect_case({"*1\r\n$6\r\nabcdef\r\n", {}, "Protocol error: invalid bulk length"}, limits);
  limits = {};
  limits.max_bulk = 2000;
  expect_case({"*1\r\n$2001\r\n", {}, "Protocol error: invalid bulk length"}, limits);
  limits.max_bulk = INT64_MAX;
  limits.large_bulk = kNoLargeBulk;
  RequestDriver driver(limits);
  driver.feed("*1\r\n$9223372036854775807\r\nabc");
  EXPECT_EQ(driver.last().status, ParseStatus::kIncomplete);
  EXPECT_EQ(driver.last().missing, uint64_t{9223372036854775807u} - 1);
}

TEST(RequestLimits, TooBigLines) {
  const std::string digits(kMaxLineBytes, '1');
  const std::string word(kMaxLineBytes, 'w');
  struct Kind {
    std::string prefix;
    char fill;
    std::string too_big;
    std::string in_time;
  };
  const Kind kinds[] = {
      {"*", '1', "Protocol error: too big mbulk count string", "Protocol error: invalid multibulk length"},
      {"*1\r\n$", '1', "Protocol error: too big bulk count string", "Protocol error: invalid bulk length"},
  };
  for (const Kind& kind : kinds) {
    std::string line = kind.prefix + std::string(kMaxLineBytes - 1, kind.fill);
    EXPECT_EQ(parse_whole(line).error, "");
    EXPECT_EQ(parse_whole(line + "1").error, kind.too_big);
    EXPECT_EQ(parse_whole(line + "\r\n").error, kind.in_time);
    EXPECT_EQ(parse_whole(line + "1\r\n").error, kind.too_big);
    RequestDriver driver;
    for (size_t i = 0; i < line.size(); i += 4096) driver.feed(std::string_view(line).substr(i, 4096));
    EXPECT_EQ(driver.outcome().error, "");
    driver.feed("1");
    EXPECT_EQ(driver.outcome().error, kind.too_big);
  }
  EXPECT_EQ(parse_whole(word).error, "");
  EXPECT_EQ(parse_whole(word + "\n").commands, (std::vector<Command>{{word}}));
  EXPECT_EQ(parse_whole(word + "w").error, "Protocol error: too big inline request");
  EXPECT_EQ(parse_whole(word + "w\n").error, "Protocol error: too big inline request");
}

// A NUL hides the end of the line from Redis (strchr); the request hangs until it is too big.
TEST(RequestLimits, NulHidesLineEnd) {
  const std::string nul(1, '\0');
  const std::string flood(kMaxLineBytes, 'A');
  expect_case({"PI" + nul + "NG\r\nPING\r\n", {}, ""});
  expect_case({"*1" + nul + "\r\n$4\r\nPING\r\n", {}, ""});
  expect_case({"*1\r\n$4" + nul + "\r\nPING\r\n", {}, ""});
  EXPECT_EQ(parse_whole(nul + "\r\n" + flood).error, "Protocol error: too big inline request");
  EXPECT_EQ(parse_whole("*" + nul + "\r\n" + flood).error, "Protocol error: too big mbulk count string");
  EXPECT_EQ(parse_whole("$" + nul + "\r\n" + flood).error, "Protocol error: too big inline request");
  EXPECT_EQ(parse_whole("*1\r\n$" + nul + "\r\n" + flood).error, "Protocol error: too big bulk count string");
  expect_case({"PING\r\n" + nul, {{"PING"}}, ""});
}

}  // namespace
}  // namespace gyre::resp::testing
