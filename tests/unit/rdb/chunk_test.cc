#include "gyre/rdb/chunk.h"

#include <gtest/gtest.h>

#include <string>

namespace gyre::rdb {
namespace {

std::string joined(const std::vector<Chunk>& pieces) {
  std::string all;
  for (const Chunk& piece : pieces) all += piece.view();
  return all;
}

TEST(ChunkBuilder, OneBufferForWhatFits) {
  ChunkBuilder builder(64);
  EXPECT_TRUE(builder.empty());
  builder.append("abc");
  builder.append('d');
  EXPECT_EQ(builder.bytes(), 4u);
  EXPECT_EQ(builder.footprint(), 64u);
  const std::vector<Chunk> pieces = builder.take();
  ASSERT_EQ(pieces.size(), 1u);
  EXPECT_EQ(pieces[0].view(), "abcd");
  EXPECT_TRUE(builder.empty());
  EXPECT_EQ(builder.footprint(), 0u);
  EXPECT_TRUE(builder.take().empty());
}

TEST(ChunkBuilder, FurtherBuffersAndLargeOnes) {
  ChunkBuilder builder(16);
  std::string all;
  for (int i = 0; i < 20; ++i) {
    const std::string bytes(static_cast<size_t>(i * 3), static_cast<char>('a' + i));
    builder.append(bytes);
    all += bytes;
  }
  EXPECT_EQ(builder.bytes(), all.size());
  EXPECT_EQ(joined(builder.take()), all);
}

TEST(ChunkBuilder, ReferencesAreNotCopiedAndTheBufferGoesOn) {
  ChunkBuilder builder(64);
  base::Blob large = base::Blob::copy_of(std::string(1000, 'L'));
  builder.append("before");
  builder.append_reference(large);
  builder.append("after");
  EXPECT_EQ(builder.bytes(), 6u + 1000 + 5);
  EXPECT_EQ(builder.footprint(), 64u + 1000);
  EXPECT_FALSE(large.unique());
  {
    const std::vector<Chunk> pieces = builder.take();
    ASSERT_EQ(pieces.size(), 3u);
    EXPECT_EQ(pieces[0].view(), "before");
    EXPECT_EQ(pieces[1].blob.data(), large.data());
    EXPECT_EQ(pieces[2].view(), "after");
    EXPECT_EQ(pieces[2].blob.data(), pieces[0].blob.data());
  }
  EXPECT_TRUE(large.unique());
}

TEST(ChunkBuilder, WhatWasTakenIsNotWrittenTo) {
  ChunkBuilder builder(64);
  builder.append("first");
  const std::vector<Chunk> first = builder.take();
  builder.append("other");
  EXPECT_EQ(joined(first), "first");
  EXPECT_EQ(joined(builder.take()), "other");
}

}  // namespace
}  // namespace gyre::rdb
