#include <gtest/gtest.h>

#include <random>

#include "request_driver.h"

namespace gyre::resp::testing {
namespace {

using namespace std::string_literals;

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

TEST(RequestRandom, RandomPipelines) {
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
TEST(RequestRandom, RandomNoise) {
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
