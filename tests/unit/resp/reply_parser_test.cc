#include "gyre/resp/reply_parser.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <random>

#include "gyre/base/out_buffer.h"
#include "gyre/resp/reply_writer.h"

namespace gyre::resp {
namespace {

using namespace std::string_literals;

// The text of each reply in `input`, then "!" + error if it ends with one; fed in pieces of `piece` bytes.
std::vector<std::string> read_pieces(std::string_view input, size_t piece, const ReplyLimits& limits = {}) {
  std::vector<std::string> out;
  ReplyReader reader(limits);
  for (size_t at = 0; at < input.size(); at += piece) {
    reader.feed(input.substr(at, piece));
    while (true) {
      Reply reply;
      ReplyStatus status = reader.next(&reply);
      if (status == ReplyStatus::kIncomplete) break;
      if (status == ReplyStatus::kError) {
        out.push_back("!" + std::string(reader.error()));
        return out;
      }
      out.push_back(to_string(reply));
    }
  }
  return out;
}

std::vector<std::string> read_all(std::string_view input, const ReplyLimits& limits = {}) {
  return read_pieces(input, input.size() + 1, limits);
}

using Texts = std::vector<std::string>;

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

// Whatever the writer writes the parser reads, in both versions.
class RandomReplies {
 public:
  RandomReplies(uint64_t seed, ReplyWriter& writer) : random_(seed), writer_(writer) {}
  size_t below(size_t bound) { return random_() % bound; }

  void write(int depth) {
    std::string text(below(4) == 0 ? below(2000) : below(12), '\0');
    for (char& c : text) c = static_cast<char>(below(256));
    switch (below(depth > 0 ? 16 : 11)) {
      case 0:
        return writer_.ok();
      case 1:
        return writer_.simple("status");
      case 2:
        return writer_.error("ERR " + text);
      case 3:
        return writer_.integer(static_cast<int64_t>(random_()));
      case 4:
        return writer_.bulk(text);
      case 5:
        return writer_.null();
      case 6:
        return writer_.double_(static_cast<double>(below(1000)) / 8);
      case 7:
        return writer_.boolean(below(2) == 0);
      case 8:
        return writer_.big_number("12345678901234567890");
      case 9:
        return writer_.verbatim("txt", text);
      case 10:
        return writer_.null_array();
      default:
        aggregate(depth);
    }
  }

 private:
  void aggregate(int depth) {
    size_t n = below(5);
    size_t kind = below(5);
    std::optional<DeferredAggregate> deferred;
    if (kind == 0) writer_.array(n);
    if (kind == 1) writer_.map(n);
    if (kind == 2) writer_.set(n);
    if (kind == 3) deferred.emplace(writer_, DeferredAggregate::Kind::kMap);
    if (kind == 4) deferred.emplace(writer_);
    for (size_t i = 0; i < (kind == 1 || kind == 3 ? n * 2 : n); i++) write(depth - 1);
    if (deferred) deferred->finish(n);
  }

  std::mt19937_64 random_;
  ReplyWriter& writer_;
};

TEST(ReplyParser, ReadsWhatTheWriterWrites) {
  const uint64_t first_seed = std::random_device{}();
  for (uint64_t seed = first_seed; seed < first_seed + 300; seed++) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    base::OutBuffer out;
    ReplyWriter writer(out, seed % 2 == 0 ? 2 : 3);
    RandomReplies random(seed, writer);
    for (int i = 0; i < 10; i++) random.write(4);
    std::string scratch;
    std::string input(out.flatten(scratch));
    Texts whole = read_all(input);
    ASSERT_EQ(whole.size(), 10u);
    ASSERT_EQ(read_pieces(input, 1 + random.below(100)), whole);
    size_t pos = 0;
    ReplySkipper skipper;
    for (int i = 0; i < 10; i++) {
      ReplySkipper::Result r = skipper.skip(std::string_view(input).substr(pos));
      ASSERT_EQ(r.status, ReplyStatus::kComplete);
      pos += r.consumed;
    }
    ASSERT_EQ(pos, input.size());
  }
}

}  // namespace
}  // namespace gyre::resp
