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
  EXPECT_EQ(ListLimits::of(-1).bytes + ListLimits::kNodeHead, 4096u);
  EXPECT_EQ(ListLimits::of(-2).bytes + ListLimits::kNodeHead, 8192u);
  EXPECT_EQ(ListLimits::of(-5).bytes + ListLimits::kNodeHead, 65536u);
  EXPECT_EQ(ListLimits::of(-100).bytes, ListLimits::of(-5).bytes);
  EXPECT_EQ(ListLimits::of(0).count, 1u);
  EXPECT_EQ(ListLimits::of(128).count, 128u);
  EXPECT_EQ(ListLimits::of(128).bytes, ListLimits::of(-2).bytes);
}

TEST(ListObject, QueuesLeaveFullNodes) {
  ListObject object(ListLimits::of(-2));
  for (int i = 0; i < 100'000; ++i) object.push_back(std::string_view("0123456789abcdef"));
  EXPECT_LE(object.nodes(), 100'000u * 18 / 8000);
  EXPECT_LT(object.footprint(), 100'000u * 19);
  while (object.size() > 3) object.erase(0);
  object.check();
  EXPECT_LT(object.footprint(), 2000u);
}

TEST(ListObject, LargeElementsStandAlone) {
  ListObject object(ListLimits::of(-1));
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

class RandomList : public testing::TestWithParam<std::pair<int, uint64_t>> {
 protected:
  std::string text() {
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

  std::mt19937_64 random_{GetParam().second};
  std::unique_ptr<ListObject> object_ = std::make_unique<ListObject>(ListLimits::of(GetParam().first));
  Model model_;
};

TEST_P(RandomList, AsTheModelAndFrozenOnesStay) {
  SCOPED_TRACE("seed " + std::to_string(GetParam().second));
  for (int round = 0; round < 5; ++round) {
    const std::unique_ptr<Object> frozen = object_->freeze();
    const Model then = model_;
    for (int i = 0; i < 1500; ++i) change();
    expect_equal(*object_, model_);
    expect_equal(static_cast<const ListObject&>(*frozen), then);
    while (frozen->reclaim(2)) {
    }
  }
  object_->erase(0, object_->size());
  EXPECT_EQ(object_->footprint(), sizeof(ListObject));
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomList,
                         testing::Values(std::pair(-1, 1), std::pair(-2, 2), std::pair(-5, 3),
                                         std::pair(0, 4), std::pair(3, 5), std::pair(100, 6)));

}  // namespace
}  // namespace gyre::store
