#include "gyre/resp/request_parser.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>

#include "request_driver.h"

namespace gyre::resp::testing {
namespace {

using namespace std::string_literals;

struct Case {
  std::string input;
  std::vector<Command> commands;
  std::string error;
};

// The same answer for the whole input, for every place to cut it, and byte by byte.
void expect_case(const Case& c, const RequestLimits& limits = {}) {
  Outcome expected{c.commands, c.error};
  SCOPED_TRACE(::testing::PrintToString(c.input.substr(0, 200)));
  EXPECT_EQ(parse_whole(c.input, limits).commands, expected.commands);
  EXPECT_EQ(parse_whole(c.input, limits).error, expected.error);
  if (c.input.size() > 1000) return;
  EXPECT_TRUE(parse_bytewise(c.input, limits) == expected);
  for (size_t cut = 0; cut <= c.input.size(); cut++) {
    EXPECT_TRUE(parse_split(c.input, cut, limits) == expected) << "cut at " << cut;
  }
}

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

TEST(RequestParser, Unauthenticated) {
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

TEST(RequestParser, ConfiguredLimits) {
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

TEST(RequestParser, TooBigLines) {
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
TEST(RequestParser, NulHidesLineEnd) {
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

TEST(RequestParser, LargeBulks) {
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

TEST(RequestParser, LargeBulkDefault) {
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

TEST(RequestParser, BlobIsHandedOver) {
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

TEST(RequestParser, MillionArgumentsInPiecesAreLinear) {
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

TEST(RequestParser, LongInlineInPiecesIsLinear) {
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

class RandomPipeline {
 public:
  explicit RandomPipeline(uint64_t seed) : random_(seed) {}
  size_t below(size_t bound) { return bound == 0 ? 0 : random_() % bound; }

  std::string bytes(size_t size) {
    std::string out(size, '\0');
    for (char& c : out) c = "\r\n\0*$0123456789abc \"'\\"[below(22)];
    return out;
  }

  size_t length() {
    switch (below(12)) {
      case 0:
        return 0;
      case 1:
        return 990 + below(20);
      case 2:
        return 95 + below(10);
      case 3:
        return below(5000);
      default:
        return below(20);
    }
  }

  Command command() {
    size_t count = 1 + (below(20) == 0 ? below(200) : below(6));
    Command out;
    for (size_t i = 0; i < count; i++) out.push_back(bytes(length()));
    return out;
  }

  std::string inline_line(Command* out) {
    static const std::pair<const char*, const char*> kWords[] = {{"GET", "GET"},   {"\"a b\"", "a b"},
                                                                 {"'x y'", "x y"}, {"\"\\x41\\n\"", "A\n"},
                                                                 {"k\"v\"", "kv"}, {"\"\"", ""}};
    std::string line;
    for (size_t i = 0; i <= below(5); i++) {
      auto& [text, meaning] = kWords[below(std::size(kWords))];
      line += std::string(1 + below(3), below(2) ? ' ' : '\t') + text;
      out->push_back(meaning);
    }
    return line + (below(2) ? "\r\n" : "\n");
  }

 private:
  std::mt19937_64 random_;
};

TEST(RequestParser, RandomPipelines) {
  const uint64_t first_seed = std::random_device{}();
  for (uint64_t seed = first_seed; seed < first_seed + 100; seed++) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomPipeline random(seed);
    std::string input;
    Outcome expected;
    for (size_t i = 0; i < 30; i++) {
      Command command;
      switch (random.below(10)) {
        case 0:
          input += random.inline_line(&command);
          break;
        case 1:
          input += random.below(2) ? "*0\r\n" : "\r\n";
          continue;
        default:
          command = random.command();
          input += encode(command);
      }
      expected.commands.push_back(command);
    }
    RequestLimits limits;
    limits.large_bulk = random.below(2) ? 1 + static_cast<int64_t>(random.below(2000)) : kLargeBulkBytes;
    ASSERT_TRUE(parse_whole(input, limits) == expected);
    for (size_t piece : {size_t{7}, size_t{100}, size_t{1500}, size_t{16384}}) {
      RequestDriver driver(limits);
      for (size_t at = 0; at < input.size();) {
        size_t size = std::min(input.size() - at, 1 + random.below(std::max(piece, input.size() / 200)));
        driver.feed(std::string_view(input).substr(at, size));
        at += size;
      }
      ASSERT_TRUE(driver.outcome() == expected) << "pieces of up to " << piece;
    }
  }
}

// Noise of protocol bytes: whatever it means, cutting it up must not change the meaning.
TEST(RequestParser, RandomNoise) {
  const uint64_t first_seed = std::random_device{}();
  for (uint64_t seed = first_seed; seed < first_seed + 3000; seed++) {
    RandomPipeline random(seed);
    std::string input;
    for (size_t i = 0; i < 1 + random.below(12); i++) {
      static const char* const kPieces[] = {
          "*1\r\n", "*2\r\n", "$1\r\n", "$3\r\n", "a\r\n", "abc\r\n", "*",    "$", "\r",       "\n",
          "\r\n",   "-1",     "0",      "10",     "\"",    "'",       "\\x4", " ", "$1000\r\n"};
      input +=
          random.below(8) == 0 ? random.bytes(random.below(6)) : kPieces[random.below(std::size(kPieces))];
    }
    RequestLimits limits;
    limits.authenticated = random.below(4) != 0;
    limits.large_bulk = random.below(2) ? 2 : kLargeBulkBytes;
    Outcome expected = parse_whole(input, limits);
    ASSERT_TRUE(parse_bytewise(input, limits) == expected) << "seed " << seed;
    ASSERT_TRUE(parse_split(input, random.below(input.size()), limits) == expected) << "seed " << seed;
  }
}

}  // namespace
}  // namespace gyre::resp::testing
