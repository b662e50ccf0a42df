#include <gtest/gtest.h>

#include <optional>
#include <random>

#include "gyre/base/out_buffer.h"
#include "gyre/resp/reply_writer.h"
#include "read_replies.h"

namespace gyre::resp::testing {
namespace {

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

TEST(ReplyRoundTrip, ReadsWhatTheWriterWrites) {
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
}  // namespace gyre::resp::testing
