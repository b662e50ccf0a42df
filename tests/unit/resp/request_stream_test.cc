#include <gtest/gtest.h>

#include <chrono>

#include "request_driver.h"

namespace gyre::resp::testing {
namespace {

TEST(RequestStream, LargeBulks) {
  RequestLimits limits;
  limits.large_bulk = 4;
  const Command set{"SET", "k", "0123456789", "NX"};
  const std::string input = encode(set) + encode({"PING", "abcdefgh", "ijklmnop"}) + "PING\r\n";
  const Outcome expected{{set, {"PING", "abcdefgh", "ijklmnop"}, {"PING"}}, ""};
  EXPECT_TRUE(parse_whole(input, limits) == expected);
  EXPECT_TRUE(parse_bytewise(input, limits) == expected);
  for (size_t a = 0; a < input.size(); a++) {
    for (size_t b = a; b < input.size(); b++) {
      RequestDriver driver(limits);
      driver.feed(std::string_view(input).substr(0, a));
      driver.feed(std::string_view(input).substr(a, b - a));
      driver.feed(std::string_view(input).substr(b));
      ASSERT_TRUE(driver.outcome() == expected) << a << " " << b;
    }
  }
}

TEST(RequestStream, LargeBulkDefault) {
  const std::string body(kLargeBulkBytes, 'x');
  const std::string input = encode({"SET", "k", body});
  EXPECT_EQ(parse_whole(input).commands, (std::vector<Command>{{"SET", "k", body}}));
  RequestDriver driver;
  driver.feed(std::string_view(input).substr(0, 40));
  EXPECT_EQ(driver.large_bulks(), 1);
  EXPECT_EQ(driver.last().bulk_size, body.size());
  driver.feed(std::string_view(input).substr(40));
  EXPECT_EQ(driver.outcome().commands, (std::vector<Command>{{"SET", "k", body}}));
  // Complete but for its CR LF, it stays in the input.
  RequestDriver late;
  late.feed(std::string_view(input).substr(0, input.size() - 2));
  EXPECT_EQ(late.last().status, ParseStatus::kIncomplete);
  EXPECT_EQ(late.last().missing, 2u);
  // One byte smaller is not large.
  RequestDriver small;
  small.feed("*1\r\n$65535\r\nx");
  EXPECT_EQ(small.last().status, ParseStatus::kIncomplete);
}

TEST(RequestStream, BlobIsHandedOver) {
  RequestLimits limits;
  limits.large_bulk = 4;
  RequestParser parser;
  ArgArena args;
  EXPECT_EQ(parser.parse("*1\r\n$4\r\nPING\r\n", limits, args).status, ParseStatus::kCommand);
  ParseResult r = parser.parse("*2\r\n$3\r\nSET\r\n$5\r\nab", limits, args);
  ASSERT_EQ(r.status, ParseStatus::kLargeBulk);
  EXPECT_EQ(r.bulk_size, 5u);
  EXPECT_EQ(r.bulk_have, 2u);
  EXPECT_TRUE(parser.mid_command());
  base::Blob body = base::Blob::copy_of("abcde");
  const char* address = body.data();
  parser.supply_bulk(std::move(body));
  EXPECT_GE(parser.pending_footprint(), 5u);
  std::string rest = std::string("*2\r\n$3\r\nSET\r\n$5\r\nab").substr(0, r.consumed) + "\r\n";
  r = parser.parse(rest, limits, args);
  ASSERT_EQ(r.status, ParseStatus::kCommand);
  EXPECT_EQ(r.first_arg, 1u);
  EXPECT_EQ(args[2], "abcde");
  EXPECT_EQ(args[2].data(), address);
  EXPECT_FALSE(args.blob_of(0));
  EXPECT_FALSE(args.blob_of(1));
  base::Blob adopted = args.blob_of(2);
  EXPECT_EQ(adopted.data(), address);
  EXPECT_FALSE(adopted.unique());
  args.clear();
  EXPECT_TRUE(adopted.unique());
  EXPECT_FALSE(parser.mid_command());
}

TEST(RequestStream, MillionArgumentsInPiecesAreLinear) {
  constexpr uint32_t kArgs = 1'000'000;
  std::string input = "*" + std::to_string(kArgs) + "\r\n";
  for (uint32_t i = 0; i < kArgs; i++) input += "$1\r\nx\r\n";
  // 64-byte pieces: a parser that started anew each time would take 3.5 * 10^11 steps.
  RequestParser parser;
  ArgArena args;
  auto begin = std::chrono::steady_clock::now();
  ParseResult result;
  for (size_t have = 64; have < input.size() + 64; have += 64) {
    result = parser.parse(std::string_view(input).substr(0, std::min(have, input.size())), {}, args);
    if (result.status != ParseStatus::kIncomplete) break;
  }
  auto took = std::chrono::steady_clock::now() - begin;
  ASSERT_EQ(result.status, ParseStatus::kCommand);
  EXPECT_EQ(result.arg_count, kArgs);
  EXPECT_EQ(result.consumed, input.size());
  EXPECT_LT(took, std::chrono::seconds(5));
  EXPECT_LT(parser.pending_footprint(), 64u * 1024);
  args.clear();
  EXPECT_LE(args.footprint(), ArgArena::kKeepArgs * sizeof(Arg));
}

TEST(RequestStream, LongInlineInPiecesIsLinear) {
  const std::string line = std::string(kMaxLineBytes - 1, 'x') + "\n";
  RequestParser parser;
  ArgArena args;
  auto begin = std::chrono::steady_clock::now();
  for (int round = 0; round < 20; round++) {
    for (size_t have = 1; have < line.size(); have++) {
      ASSERT_EQ(parser.parse(std::string_view(line).substr(0, have), {}, args).status,
                ParseStatus::kIncomplete);
    }
    ASSERT_EQ(parser.parse(line, {}, args).status, ParseStatus::kCommand);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

}  // namespace
}  // namespace gyre::resp::testing
