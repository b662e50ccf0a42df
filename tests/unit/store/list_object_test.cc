// ListObject against a model, with nodes of all sizes.
#include "gyre/store/list_object.h"

#include <deque>
#include <random>

#include "value_test.h"

namespace gyre::store {
namespace {

using Model = std::deque<std::string>;

void expect_equal(const ListObject& object, const Model& model) {
  object.check();
  ASSERT_EQ(object.size(), model.size());
  ds::PackedElement::Scratch digits;
  ListCursor forward = object.first();
  for (const std::string& text : model) {
    ASSERT_TRUE(forward.valid());
    ASSERT_EQ(forward.get().text(digits), text);
    ASSERT_TRUE(forward.equals(text));
    forward.next();
  }
  EXPECT_FALSE(forward.valid());
  ListCursor backward = object.last();
  for (auto at = model.rbegin(); at != model.rend(); ++at) {
    ASSERT_TRUE(backward.valid());
    ASSERT_EQ(backward.get().text(digits), *at);
    backward.previous();
  }
  EXPECT_FALSE(backward.valid());
}

TEST(ListLimits, OfTheConfiguration) {
  EXPECT_EQ(ListLimits::of(-1, 0).bytes + ListLimits::kNodeHead, 4096u);
  EXPECT_EQ(ListLimits::of(-2, 0).bytes + ListLimits::kNodeHead, 8192u);
  EXPECT_EQ(ListLimits::of(-5, 0).bytes + ListLimits::kNodeHead, 65536u);
  EXPECT_EQ(ListLimits::of(-100, 0).bytes, ListLimits::of(-5, 0).bytes);
  EXPECT_EQ(ListLimits::of(0, 0).count, 1u);
  EXPECT_EQ(ListLimits::of(128, 0).count, 128u);
  EXPECT_EQ(ListLimits::of(128, 0).bytes, ListLimits::of(-2, 0).bytes);
}

TEST(ListObject, QueuesLeaveFullNodes) {
  ListObject object(ListLimits::of(-2, 0));
  for (int i = 0; i < 100'000; ++i) object.push_back(std::string_view("0123456789abcdef"));
  EXPECT_LE(object.nodes(), 100'000u * 18 / 8000);
  EXPECT_LT(object.footprint(), 100'000u * 19);
  while (object.size() > 3) object.erase(0);
  object.check();
  EXPECT_LT(object.footprint(), 2000u);
}

TEST(ListObject, LargeElementsStandAlone) {
  ListObject object(ListLimits::of(-1, 0));
  const std::string large(5000, 'L');
  Model model{"a", large, "b", large, large};
  for (const std::string& text : model) object.push_back(std::string_view(text));
  EXPECT_EQ(object.nodes(), 5u);
  expect_equal(object, model);
  EXPECT_GT(object.footprint(), 15'000u);
  object.replace(1, std::string_view("small"));
  object.replace(2, std::string_view(large));
  object.erase(3, 2);
  expect_equal(object, {"a", "small", large});
  object.erase(2);
  EXPECT_LT(object.footprint(), 1000u);
}

TEST(ListLimits, CompressionDepth) {
  EXPECT_EQ(ListLimits::of(-2, 0).depth, 0u);
  EXPECT_EQ(ListLimits::of(-2, 3).depth, 3u);
  EXPECT_EQ(ListLimits::of(-2, 1'000'000).depth, 65535u);
}

TEST(ListObject, InnerNodesAreCompressed) {
  ListObject object(ListLimits::of(-1, 2)), loose(ListLimits::of(-1, 0));
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = "a value that compresses well " + std::to_string(i);
    object.push_back(std::string_view(text));
    loose.push_back(std::string_view(text));
  }
  object.check();
  EXPECT_EQ(object.compressed_nodes(), object.nodes() - 4);
  EXPECT_LT(object.footprint(), loose.footprint() / 2);
  EXPECT_EQ(object.expanded_bytes(), loose.expanded_bytes());
  EXPECT_EQ(object.nodes(), loose.nodes());
  EXPECT_EQ(loose.compressed_nodes(), 0u);
  ListCursor cursor = object.at(9999);
  ds::PackedElement::Scratch digits;
  EXPECT_EQ(cursor.get().text(digits), "a value that compresses well 9999");
  ListCursor moved = std::move(cursor);
  EXPECT_EQ(moved.get().text(digits), "a value that compresses well 9999");
  // What stays lies within the depth: nothing of it is compressed.
  object.erase(50, object.size() - 200);
  object.check();
  EXPECT_EQ(object.compressed_nodes(), 0u);
}

TEST(ListObject, LargeElementsAreCompressedToo) {
  ListObject object(ListLimits::of(-1, 1));
  const std::string large(500'000, 'L');
  Model model{"first", large, large, "last"};
  for (const std::string& text : model) object.push_back(std::string_view(text));
  EXPECT_EQ(object.compressed_nodes(), 2u);
  EXPECT_LT(object.footprint(), 50'000u);
  expect_equal(object, model);
  const std::unique_ptr<Object> frozen = object.freeze();
  object.erase(0);
  EXPECT_EQ(object.compressed_nodes(), 1u);
  EXPECT_GT(object.footprint(), 500'000u);
  expect_equal(static_cast<const ListObject&>(*frozen), model);
  model.pop_front();
  expect_equal(object, model);
  object.erase(0, 3);
  EXPECT_EQ(object.footprint(), sizeof(ListObject));
}

TEST(ListObject, WhatSavesTooLittleIsNotCompressed) {
  ListObject object(ListLimits::of(1, 1));
  for (int i = 0; i < 10; ++i) object.push_back(std::string_view("0000000000000000000000000000000000"));
  object.check();
  EXPECT_EQ(object.compressed_nodes(), 0u);
  for (int i = 0; i < 10; ++i) object.push_front(std::string_view("000000000000000000000000000000000000000000000"));
  object.check();
  EXPECT_EQ(object.compressed_nodes(), 9u);
}

struct RandomCase {
  int size;
  int depth;
  uint64_t seed;
};

class RandomList : public testing::TestWithParam<RandomCase> {
 protected:
  std::string noise() {
    std::string bytes(random_() % 300, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random_());
    return bytes;
  }
  std::string text() {
    if (random_() % 8 == 0) return noise();
    if (random_() % 40 == 0) return std::string(3000 + random_() % 9000, 'x');
    if (random_() % 3 == 0) return std::to_string(static_cast<int64_t>(random_()) >> (random_() % 64));
    return std::string(random_() % 100, static_cast<char>('a' + random_() % 26));
  }
  uint64_t index() { return object_->size() == 0 ? 0 : random_() % object_->size(); }
  void change() {
    const std::string element = text();
    const uint64_t at = index();
    switch (random_() % (model_.size() > 1500 ? 10 : 7)) {
      case 0:
      case 1:
        object_->push_back(std::string_view(element));
        return model_.push_back(element);
      case 2:
      case 3:
        object_->push_front(std::string_view(element));
        return model_.push_front(element);
      case 4:
      case 5:
        object_->insert(at, std::string_view(element));
        model_.insert(model_.begin() + static_cast<ptrdiff_t>(at), element);
        return;
      case 6:
        if (model_.empty()) return;
        object_->replace(at, std::string_view(element));
        model_[at] = element;
        return;
      default: {
        const uint64_t count =
            std::min<uint64_t>(model_.size() - at, random_() % 4 == 0 ? random_() % 400 : 1);
        object_->erase(at, count);
        const auto first = model_.begin() + static_cast<ptrdiff_t>(at);
        model_.erase(first, first + static_cast<ptrdiff_t>(count));
      }
    }
  }

  std::mt19937_64 random_{GetParam().seed};
  std::unique_ptr<ListObject> object_ = 
      std::make_unique<ListObject>(ListLimits::of(GetParam().size, GetParam().depth));
  Model model_;
};

TEST_P(RandomList, AsTheModelAndFrozenOnesStay) {
  SCOPED_TRACE("seed " + std::to_string(GetParam().seed));
  for (int round = 0; round < 5; ++round) {
    const std::unique_ptr<Object> frozen = object_->freeze();
    const Model then = model_;
    for (int i = 0; i < 1500; ++i) {
      change();
      if (i % 25 == 0) object_->check();
    }
    expect_equal(*object_, model_);
    expect_equal(static_cast<const ListObject&>(*frozen), then);
    while (frozen->reclaim(2)) {
    }
  }
  object_->erase(0, object_->size());
  EXPECT_EQ(object_->footprint(), sizeof(ListObject));
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomList,
                         testing::Values(RandomCase{-1, 0, 1}, RandomCase{-2, 0, 2}, RandomCase{-5, 0, 3},
                                         RandomCase{0, 0, 4}, RandomCase{3, 0, 5}, RandomCase{100, 0, 6},
                                         RandomCase{-1, 1, 7}, RandomCase{-1, 2, 8}, RandomCase{-1, 3, 9},
                                         RandomCase{-2, 1, 10}, RandomCase{3, 1, 11}, RandomCase{3, 2, 12},
                                         RandomCase{20, 1, 13}, RandomCase{20, 3, 14}));

}  // namespace
}  // namespace gyre::store
