#include "gyre/base/out_buffer.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <thread>

#include "gyre/base/memory.h"
#include "gyre/base/random.h"
#include "out_buffer_util.h"

namespace gyre::base {
namespace {

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

}  // namespace
}  // namespace gyre::base
