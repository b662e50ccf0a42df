#include "gyre/resp/arg_arena.h"

#include <gtest/gtest.h>

#include <string>

namespace gyre::resp {
namespace {

TEST(ArgArena, KeepsIndicesWhileItGrows) {
  ArgArena args;
  std::vector<std::string> texts;
  for (int i = 0; i < 1000; i++) texts.push_back(std::to_string(i));
  for (const std::string& text : texts) args.push(text);
  ASSERT_EQ(args.size(), 1000u);
  for (uint32_t i = 0; i < 1000; i++) EXPECT_EQ(args[i], texts[i]);
  EXPECT_EQ(args.command(10, 3)[2], "12");
  args.mutable_command(10, 3)[2] = "twelve";
  EXPECT_EQ(args[12], "twelve");
}

TEST(ArgArena, SteadyStateKeepsItsArray) {
  ArgArena args;
  for (int i = 0; i < 300; i++) args.push("x");
  size_t footprint = args.footprint();
  for (int batch = 0; batch < 10; batch++) {
    args.clear();
    for (int i = 0; i < 300; i++) args.push("x");
    EXPECT_EQ(args.footprint(), footprint);
  }
}

TEST(ArgArena, StorageIsStable) {
  ArgArena args;
  std::vector<char*> places;
  for (int i = 0; i < 500; i++) {
    places.push_back(args.store(100));
    std::memset(places.back(), i & 0xff, 100);
  }
  char* big = args.store(100'000);
  std::memset(big, 1, 100'000);
  for (int i = 0; i < 500; i++) {
    EXPECT_EQ(static_cast<unsigned char>(places[static_cast<size_t>(i)][99]), i & 0xff);
  }
  EXPECT_GE(args.footprint(), 150'000u);
}

TEST(ArgArena, Blobs) {
  ArgArena args;
  args.push("a");
  args.push_blob(base::Blob::copy_of("first"));
  args.push("b");
  args.push_blob(base::Blob::copy_of("second"));
  EXPECT_EQ(args[1], "first");
  EXPECT_EQ(args.blob_of(3).view(), "second");
  EXPECT_FALSE(args.blob_of(0));
  EXPECT_FALSE(args.blob_of(2));
  args.truncate(3);
  EXPECT_EQ(args.blob_of(1).view(), "first");
  args.push("c");
  EXPECT_FALSE(args.blob_of(3));
  args.clear();
  args.push("d");
  EXPECT_FALSE(args.blob_of(1));
}

}  // namespace
}  // namespace gyre::resp
