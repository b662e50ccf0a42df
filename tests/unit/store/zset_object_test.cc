// ZsetObject against a model: tree and index agree.
#include "gyre/store/zset_object.h"

#include <cmath>
#include <limits>
#include <random>
#include <set>

#include "value_test.h"

namespace gyre::store {
namespace {

using Model = std::map<std::string, double>;

void expect_equal(const ZsetObject& object, const Model& model) {
  ASSERT_EQ(object.size(), model.size());
  std::set<std::pair<double, std::string>> ordered;
  for (const auto& [member, score] : model) ordered.emplace(score, member);
  ds::ScoreCursor cursor = object.elements().first();
  for (const auto& [score, member] : ordered) {
    ASSERT_TRUE(cursor.valid());
    EXPECT_EQ(cursor.score(), score);
    EXPECT_EQ(cursor.member(), member);
    EXPECT_EQ(object.score(member), score);
    cursor.next();
  }
  EXPECT_FALSE(cursor.valid());
  EXPECT_EQ(object.score("not there"), std::nullopt);
}

TEST(ZsetObject, FromPacked) {
  ds::ListpackBuilder builder;
  for (std::string_view text : {"f", "-inf", "b", "-2", "g", "0", "1", "3e-10", "a", "1.5", "d", "inf"})
    builder.add(text);
  const auto object = ZsetObject::from_packed(builder.finish());
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  expect_equal(*object, {{"f", -kInfinity}, {"b", -2}, {"g", 0}, {"1", 3e-10}, {"a", 1.5}, {"d", kInfinity}});
  EXPECT_EQ(object->form(), kZsetSkiplist);
}

TEST(ZsetObject, ZeroesOfBothSigns) {
  ZsetObject object;
  object.insert("a", -0.0);
  EXPECT_TRUE(std::signbit(*object.score("a")));
  object.update("a", *object.score("a"), 1);
  object.update("a", 1, 0.0);
  EXPECT_FALSE(std::signbit(*object.score("a")));
  EXPECT_TRUE(object.erase("a"));
  EXPECT_FALSE(object.erase("a"));
}

class RandomZset : public testing::TestWithParam<uint64_t> {
 protected:
  std::string member() { return std::to_string(random_() % 2000); }
  double score() { return static_cast<double>(random_() % 100) / 4; }
  void change() {
    const std::string name = member();
    const std::optional<double> there = object_->score(name);
    ASSERT_EQ(there.has_value(), model_.contains(name));
    switch (random_() % 40) {
      case 0:
        return pop();
      case 1:
        return erase_ranks();
      default:
        break;
    }
    if (random_() % 4 == 0) {
      EXPECT_EQ(object_->erase(name), model_.erase(name) == 1);
      return;
    }
    const double to = score();
    there ? object_->update(name, *there, to) : object_->insert(name, to);
    model_[name] = to;
  }
  void pop() {
    auto forget = [this](double score, std::string_view name) {
      auto at = model_.find(std::string(name));
      ASSERT_NE(at, model_.end());
      EXPECT_EQ(at->second, score);
      model_.erase(at);
    };
    const uint64_t count = random_() % 20;
    random_() % 2 == 0 ? object_->pop_min(count, forget) : object_->pop_max(count, forget);
  }
  void erase_ranks() {
    const uint64_t begin = random_() % (object_->size() + 1);
    const uint64_t end = std::min(object_->size(), begin + random_() % 50);
    auto forget = [this](double, std::string_view name) { EXPECT_EQ(model_.erase(std::string(name)), 1u); };
    EXPECT_EQ(object_->erase_ranks({begin, end}, forget), end - begin);
  }

  std::mt19937_64 random_{GetParam()};
  std::unique_ptr<ZsetObject> object_ = std::make_unique<ZsetObject>();
  Model model_;
};

TEST_P(RandomZset, AsTheModelAndFrozenOnesStay) {
  SCOPED_TRACE("seed " + std::to_string(GetParam()));
  for (int round = 0; round < 4; ++round) {
    const std::unique_ptr<Object> frozen = object_->freeze();
    const Model then = model_;
    for (int i = 0; i < 3000; ++i) change();
    expect_equal(*object_, model_);
    expect_equal(static_cast<const ZsetObject&>(*frozen), then);
    while (frozen->reclaim(3)) {
    }
  }
  expect_equal(*object_, model_);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomZset, testing::Range<uint64_t>(1, 6));

class ZsetsFreed : public ValueTest {};

TEST_F(ZsetsFreed, InSteps) {
  auto object = std::make_unique<ZsetObject>();
  for (int i = 0; i < 50'000; ++i) object->insert("member:" + std::to_string(i), i % 77);
  Db d = db();
  const Key key = make_key("z");
  d.put_object(key, nullptr, std::move(object));
  d.erase(key);
  EXPECT_EQ(data().blob_bytes.get(), 0u);
  drain_lazyfree();
  EXPECT_EQ(lazyfree_pending_bytes(), 0u);
}

}  // namespace
}  // namespace gyre::store
