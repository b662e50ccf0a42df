#include "gyre/base/out_buffer.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "gyre/base/memory.h"
#include "gyre/base/random.h"

namespace gyre::base {
namespace {

std::string content(const OutBuffer& buffer) {
  std::string scratch;
  return std::string(buffer.flatten(scratch));
}

std::string pattern(size_t size, unsigned salt = 0) {
  std::string text(size, '\0');
  for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i * 7 + i / 251 + salt) % 26);
  return text;
}

// What a sender sees.
std::string sent(OutBuffer& buffer) {
  std::string text;
  for (OutBuffer::Piece* piece = buffer.front(); piece; piece = piece->next) {
    EXPECT_GT(piece->size, 0u);
    text.append(piece->data, piece->size);
  }
  return text;
}

size_t pieces(OutBuffer& buffer) {
  size_t count = 0;
  for (OutBuffer::Piece* piece = buffer.front(); piece; piece = piece->next) ++count;
  return count;
}

TEST(OutBuffer, StartsEmptyAndHoldsNothing) {
  OutBuffer buffer;
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.footprint(), 0u);
  EXPECT_EQ(buffer.front(), nullptr);
  EXPECT_EQ(content(buffer), "");
  buffer.append("");
  buffer.append(std::string_view());
  buffer.append_ref(Blob(), 0, 0);
  buffer.consume(0);
  buffer.clear();
  buffer.rewind(buffer.mark());
  EXPECT_EQ(buffer.footprint(), 0u);
}

TEST(OutBuffer, AppendAndConsume) {
  OutBuffer buffer;
  buffer.append("hello ");
  buffer.append("world");
  EXPECT_EQ(buffer.size(), 11u);
  EXPECT_EQ(content(buffer), "hello world");
  EXPECT_EQ(buffer.footprint(), OutBuffer::kChunkBytes);
  buffer.consume(6);
  EXPECT_EQ(content(buffer), "world");
  buffer.append("!");
  EXPECT_EQ(sent(buffer), "world!");
  buffer.consume(6);
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.footprint(), 0u);
}

TEST(OutBuffer, ReserveNeverSplits) {
  OutBuffer buffer;
  std::string expected;
  Random random(3);
  for (int i = 0; i < 300; ++i) {
    const size_t wanted = 1 + random.below(OutBuffer::kMaxReserve);
    const std::string text = pattern(wanted, static_cast<unsigned>(i));
    char* place = buffer.reserve(wanted);
    std::memcpy(place, text.data(), wanted);
    const size_t used = random.below(wanted + 1);
    buffer.commit(used);
    expected.append(text, 0, used);
    ASSERT_EQ(buffer.size(), expected.size());
  }
  EXPECT_EQ(content(buffer), expected);
  EXPECT_EQ(sent(buffer), expected);
}

TEST(OutBuffer, UnusedReserveLeavesNothing) {
  OutBuffer buffer;
  (void)buffer.reserve(100);
  EXPECT_EQ(buffer.front(), nullptr);
  EXPECT_EQ(buffer.footprint(), 0u);
  (void)buffer.reserve(100);
  buffer.append_ref(Blob::copy_of("ref"), 0, 3);
  (void)buffer.reserve(1);
  EXPECT_EQ(sent(buffer), "ref");
  EXPECT_EQ(pieces(buffer), 1u);
}

TEST(OutBuffer, AppendSpansChunks) {
  OutBuffer buffer;
  const std::string text = pattern(60'000);
  buffer.append("x");
  buffer.append(text);
  EXPECT_EQ(content(buffer), "x" + text);
  EXPECT_EQ(buffer.footprint(), 4 * OutBuffer::kChunkBytes);
  EXPECT_EQ(buffer.referenced(), 0u);
}

TEST(OutBuffer, ExactlyFullChunk) {
  OutBuffer buffer;
  buffer.append("x");
  OutBuffer::Piece* piece = buffer.front();
  buffer.clear();
  buffer.append("x");
  piece = buffer.front();
  ASSERT_NE(piece, nullptr);
  buffer.clear();
  char* place = buffer.reserve(1);
  size_t room = OutBuffer::kChunkBytes;
  while (room > 0 && buffer.reserve(1) == place + (OutBuffer::kChunkBytes - room)) {
    *buffer.reserve(1) = 'f';
    buffer.commit(1);
    --room;
  }
  const size_t full = buffer.size();
  EXPECT_EQ(buffer.footprint(), 2 * OutBuffer::kChunkBytes);  // the reserve after the last byte took another
  buffer.append("tail");
  EXPECT_EQ(content(buffer), std::string(full, 'f') + "tail");
}

TEST(OutBuffer, LargeAppendIsOneBlob) {
  OutBuffer buffer;
  const std::string text = pattern(100'000);
  buffer.append("before");
  buffer.append(text);
  buffer.append("after");
  EXPECT_EQ(content(buffer), "before" + text + "after");
  EXPECT_EQ(buffer.referenced(), 0u);  // copied, so it pins nobody's value
  EXPECT_EQ(buffer.footprint(), OutBuffer::kChunkBytes + text.size());
  EXPECT_EQ(pieces(buffer), 3u);
  buffer.consume(6 + 50'000);
  EXPECT_EQ(content(buffer), text.substr(50'000) + "after");
  EXPECT_EQ(buffer.footprint(), OutBuffer::kChunkBytes + 50'000);
}

TEST(OutBuffer, ReferencesAreNotCopied) {
  Blob blob = Blob::copy_of(pattern(5000));
  OutBuffer buffer;
  buffer.append("$");
  buffer.append_ref(blob, 1000, 2000);
  buffer.append("\r\n");
  EXPECT_EQ(buffer.referenced(), 2000u);
  EXPECT_EQ(buffer.footprint(), OutBuffer::kChunkBytes + 2000);  // head, reference and tail share one chunk
  EXPECT_FALSE(blob.unique());
  OutBuffer::Piece* piece = buffer.front()->next;
  EXPECT_EQ(piece->data, std::as_const(blob).data() + 1000);
  EXPECT_EQ(piece->room, 0u);
  EXPECT_EQ(sent(buffer), "$" + pattern(5000).substr(1000, 2000) + "\r\n");
  buffer.consume(501);
  EXPECT_EQ(buffer.referenced(), 1500u);
  EXPECT_EQ(content(buffer), pattern(5000).substr(1500, 1500) + "\r\n");
  buffer.consume(1500);
  EXPECT_EQ(buffer.referenced(), 0u);
  EXPECT_TRUE(blob.unique());
  EXPECT_EQ(buffer.footprint(), OutBuffer::kChunkBytes);
  EXPECT_EQ(content(buffer), "\r\n");
  buffer.clear();
  EXPECT_EQ(buffer.footprint(), 0u);
}

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

TEST(OutBuffer, PoolIsBoundedAndFreedWithItsThread) {
  const int64_t before = allocated_bytes();
  std::thread([] {
    const int64_t at_start = allocated_bytes();
    OutBuffer buffer;
    const std::string chunk = pattern(16'000);
    for (int i = 0; i < 600; ++i) buffer.append(chunk);
    buffer.clear();
    const int64_t pooled = allocated_bytes() - at_start;
    EXPECT_LE(pooled, static_cast<int64_t>(257 * OutBuffer::kChunkBytes * 5 / 4 + 64'000));
    EXPECT_GT(pooled, static_cast<int64_t>(200 * OutBuffer::kChunkBytes));
  }).join();
  EXPECT_EQ(allocated_bytes(), before);
}

TEST(OutBuffer, ChunksMayBeFreedOnAnotherThread) {
  OutBuffer buffer;
  const std::string text = pattern(50'000);
  buffer.append(text);
  std::thread([moved = std::move(buffer), &text]() mutable {
    EXPECT_EQ(content(moved), text);
    moved.append("more");
    moved.clear();
    moved.append("again");
  }).join();
}

struct HoldsBuffer {
  OutBuffer buffer;
};

TEST(OutBuffer, BufferThatOutlivesThePoolOfItsThread) {
  std::thread([] {
    thread_local HoldsBuffer holder;  // made before the pool's cleaner, so destroyed after it
    holder.buffer.append("x");
    OutBuffer other;
    other.append("y");
    other.clear();
  }).join();
}

// Against a plain string, over all operations.
TEST(OutBuffer, RandomOperations) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    OutBuffer buffer;
    std::string model;
    Blob blob = Blob::copy_of(pattern(90'000));
    for (int step = 0; step < 400; ++step) {
      switch (random.below(9)) {
        case 0:
        case 1:
        case 2: {
          const std::string text = pattern(random.below(random.below(4) ? 200 : 90'000), static_cast<unsigned>(step));
          buffer.append(text);
          model += text;
          break;
        }
        case 3: {
          const size_t offset = random.below(blob.size());
          const size_t bytes = random.below(blob.size() - offset + 1);
          buffer.append_ref(blob, offset, bytes);
          model += blob.view().substr(offset, bytes);
          break;
        }
        case 4: {
          const size_t wanted = random.below(OutBuffer::kMaxReserve + 1);
          char* place = buffer.reserve(wanted);
          const size_t used = random.below(wanted + 1);
          if (used) std::memset(place, 'r', used);
          buffer.commit(used);
          model.append(used, 'r');
          break;
        }
        case 5:
          ASSERT_EQ(sent(buffer), model);
          break;
        case 6: {
          const size_t bytes = random.below(model.size() + 1);
          buffer.consume(bytes);
          model.erase(0, bytes);
          break;
        }
        case 7: {
          const OutBuffer::Mark mark = buffer.mark();
          for (uint64_t i = random.below(4); i > 0; --i) {
            buffer.append(pattern(random.below(30'000)));
            if (random.below(2)) buffer.append_ref(blob, 0, 1 + random.below(100));
            if (random.below(3) == 0) (void)buffer.reserve(3000);
          }
          buffer.rewind(mark);
          break;
        }
        default: {
          OutBuffer other;
          other.append("other");
          if (random.below(2)) other.append_ref(blob, 3, 7);
          model += content(other);
          buffer.splice(std::move(other));
        }
      }
      ASSERT_EQ(buffer.size(), model.size());
    }
    ASSERT_EQ(content(buffer), model);
    ASSERT_EQ(sent(buffer), model);
    buffer.consume(model.size());
    ASSERT_EQ(buffer.footprint(), 0u);
    ASSERT_EQ(buffer.referenced(), 0u);
    ASSERT_TRUE(blob.unique());
  }
}

}  // namespace
}  // namespace gyre::base
