// OutBuffer: what the sender holds, marks, splicing, and random operations.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "gyre/base/out_buffer.h"
#include "gyre/base/random.h"
#include "out_buffer_util.h"

namespace gyre::base {
namespace {

TEST(OutBuffer, HandedOutPiecesAreNotTouched) {
  OutBuffer buffer;
  buffer.append("first");
  OutBuffer::Piece* piece = buffer.front();
  const char* data = piece->data;
  buffer.append("second");
  EXPECT_EQ(piece->data, data);
  EXPECT_EQ(piece->size, 5u);
  EXPECT_EQ(buffer.footprint(), OutBuffer::kChunkBytes);  // a new piece, the same chunk
  const OutBuffer::Mark mark = buffer.mark();
  buffer.append("third");
  buffer.rewind(mark);
  buffer.consume(5);
  EXPECT_EQ(sent(buffer), "second");
}

TEST(OutBuffer, RewindNeverExtendsAHandedOutPiece) {
  OutBuffer buffer;
  buffer.append("flying");
  OutBuffer::Piece* piece = buffer.front();
  const OutBuffer::Mark mark = buffer.mark();
  buffer.append("failed");
  buffer.rewind(mark);
  EXPECT_EQ(buffer.size(), 6u);
  buffer.append("good");
  EXPECT_EQ(piece->size, 6u);
  ASSERT_NE(piece->next, nullptr);
  EXPECT_EQ(content(buffer), "flyinggood");
  buffer.consume(6);
  EXPECT_EQ(sent(buffer), "good");
}

TEST(OutBuffer, RewindAcrossPieces) {
  Blob blob = Blob::copy_of(pattern(3000));
  OutBuffer buffer;
  for (size_t prefix : {size_t{0}, size_t{1}, size_t{9}, size_t{16'000}, size_t{40'000}, size_t{70'000}}) {
    buffer.clear();
    const std::string kept = pattern(prefix, 1);
    buffer.append(kept);
    if (prefix == 9) (void)buffer.reserve(4000);
    const OutBuffer::Mark mark = buffer.mark();
    const size_t footprint = buffer.footprint();
    for (int round = 0; round < 3; ++round) {
      buffer.append("x");
      buffer.append_ref(blob, 0, 3000);
      buffer.append(pattern(30'000));
      buffer.append_ref(blob, 5, 10);
      buffer.append(pattern(80'000));
      buffer.append("y");
      buffer.rewind(mark);
      EXPECT_EQ(content(buffer), kept);
      EXPECT_EQ(buffer.footprint(), footprint);
      EXPECT_EQ(buffer.referenced(), 0u);
      EXPECT_TRUE(blob.unique());
    }
    buffer.append("-end");
    EXPECT_EQ(content(buffer), kept + "-end");
    EXPECT_EQ(sent(buffer), kept + "-end");
  }
}

TEST(OutBuffer, MarkBehindAnUnusedReserve) {
  OutBuffer buffer;
  (void)buffer.reserve(10);
  const OutBuffer::Mark at_start = buffer.mark();
  buffer.append_ref(Blob::copy_of("abc"), 0, 3);
  buffer.rewind(at_start);
  EXPECT_TRUE(buffer.empty());
  buffer.append_ref(Blob::copy_of("abc"), 0, 3);
  (void)buffer.reserve(10);
  const OutBuffer::Mark behind_reference = buffer.mark();
  buffer.append_ref(Blob::copy_of("def"), 0, 3);
  buffer.append("ghi");
  buffer.rewind(behind_reference);
  EXPECT_EQ(content(buffer), "abc");
  buffer.append("!");
  EXPECT_EQ(content(buffer), "abc!");
}

TEST(OutBuffer, NestedMarks) {
  OutBuffer buffer;
  buffer.append("a");
  const auto outer = buffer.mark();
  buffer.append_ref(Blob::copy_of("bc"), 0, 2);
  const auto inner = buffer.mark();
  buffer.append(pattern(20'000));
  buffer.rewind(inner);
  EXPECT_EQ(content(buffer), "abc");
  buffer.append("d");
  EXPECT_EQ(content(buffer), "abcd");
  buffer.rewind(outer);
  EXPECT_EQ(content(buffer), "a");
}

TEST(OutBuffer, SpliceMovesEverything) {
  OutBuffer a;
  OutBuffer b;
  b.append("b1");
  b.append_ref(Blob::copy_of("b2"), 0, 2);
  b.append("b3");
  a.splice(std::move(b));
  EXPECT_EQ(content(a), "b1b2b3");
  EXPECT_TRUE(b.empty());
  EXPECT_EQ(b.footprint(), 0u);
  a.append("a1");
  b.append("b4");
  (void)b.reserve(10);
  a.splice(std::move(b));
  a.append("a2");
  a.splice(OutBuffer());
  OutBuffer reserved;
  (void)reserved.reserve(5);
  a.splice(std::move(reserved));
  EXPECT_EQ(content(a), "b1b2b3a1b4a2");
  EXPECT_EQ(sent(a), "b1b2b3a1b4a2");
  EXPECT_EQ(a.referenced(), 2u);
  a.consume(a.size());
  EXPECT_EQ(a.footprint(), 0u);
}

TEST(OutBuffer, MoveAndSwap) {
  OutBuffer a;
  a.append("one");
  OutBuffer b = std::move(a);
  EXPECT_TRUE(a.empty());
  EXPECT_EQ(content(b), "one");
  a.append("two");
  a.swap(b);
  EXPECT_EQ(content(a), "one");
  EXPECT_EQ(content(b), "two");
  b = std::move(a);
  EXPECT_EQ(content(b), "one");
}

// All operations against a plain string.
class Model {
 public:
  explicit Model(uint64_t seed) : random_(seed), blob_(Blob::copy_of(pattern(90'000))) {}

  void step() {
    switch (random_.below(9)) {
      case 0:
      case 1:
      case 2:
        return append();
      case 3:
        return append_reference();
      case 4:
        return reserve();
      case 5:
        EXPECT_EQ(sent(buffer_), expected_);
        return;
      case 6:
        return consume();
      case 7:
        return mark_and_rewind();
      default:
        return splice();
    }
  }

  void check_size() const { ASSERT_EQ(buffer_.size(), expected_.size()); }

  void finish() {
    ASSERT_EQ(content(buffer_), expected_);
    ASSERT_EQ(sent(buffer_), expected_);
    buffer_.consume(expected_.size());
    ASSERT_EQ(buffer_.footprint(), 0u);
    ASSERT_EQ(buffer_.referenced(), 0u);
    ASSERT_TRUE(blob_.unique());
  }

 private:
  void append() {
    const size_t limit = random_.below(12) ? 300 : 90'000;
    const std::string text = pattern(random_.below(limit), static_cast<unsigned>(random_.below(26)));
    buffer_.append(text);
    expected_ += text;
  }

  void append_reference() {
    const size_t offset = random_.below(blob_.size());
    const size_t bytes = random_.below(std::min(blob_.size() - offset, size_t{3000}) + 1);
    buffer_.append_ref(blob_, offset, bytes);
    expected_ += blob_.view().substr(offset, bytes);
  }

  void reserve() {
    const size_t wanted = random_.below(OutBuffer::kMaxReserve + 1);
    char* place = buffer_.reserve(wanted);
    const size_t used = random_.below(wanted + 1);
    if (used) std::memset(place, 'r', used);
    buffer_.commit(used);
    expected_.append(used, 'r');
  }

  void consume() {
    const size_t bytes = std::min(random_.below(expected_.size() * 5 / 4 + 1), expected_.size());
    buffer_.consume(bytes);
    expected_.erase(0, bytes);
  }

  void mark_and_rewind() {
    const OutBuffer::Mark mark = buffer_.mark();
    for (uint64_t i = random_.below(4); i > 0; --i) {
      buffer_.append(pattern(random_.below(30'000)));
      if (random_.below(2)) buffer_.append_ref(blob_, 0, 1 + random_.below(100));
      if (random_.below(3) == 0) (void)buffer_.reserve(3000);
    }
    buffer_.rewind(mark);
  }

  void splice() {
    OutBuffer other;
    other.append("other");
    if (random_.below(2)) other.append_ref(blob_, 3, 7);
    expected_ += content(other);
    buffer_.splice(std::move(other));
  }

  Random random_;
  Blob blob_;
  OutBuffer buffer_;
  std::string expected_;
};

TEST(OutBuffer, RandomOperations) {
  for (uint64_t seed = 1; seed <= 25; ++seed) {
    SCOPED_TRACE(seed);
    Model model(seed);
    for (int step = 0; step < 400; ++step) {
      model.step();
      model.check_size();
    }
    model.finish();
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace gyre::base
