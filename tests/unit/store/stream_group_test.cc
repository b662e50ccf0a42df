// Consumer groups against a model; what is frozen stays; memory is accounted and goes in steps.
#include "gyre/store/stream_group.h"

#include <map>
#include <random>

#include "gyre/base/memory.h"
#include "gyre/store/stream_object.h"
#include "value_test.h"

namespace gyre::store {
namespace {

TEST(IdTree, AgainstAMap) {
  const unsigned seed = std::random_device()();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  std::map<StreamId, uint64_t> model, frozen_model;
  IdTree<PendingEntry> tree;
  IdTree<PendingEntry> frozen = tree.freeze();
  const auto expect_equal = [](const IdTree<PendingEntry>& tree, const std::map<StreamId, uint64_t>& model) {
    tree.check();
    ASSERT_EQ(tree.size(), model.size());
    auto at = tree.first();
    for (const auto& [id, deliveries] : model) {
      ASSERT_TRUE(at.valid());
      ASSERT_EQ(at->id, id);
      ASSERT_EQ(at->deliveries, deliveries);
      at.next();
    }
    ASSERT_FALSE(at.valid());
    ASSERT_EQ(tree.last().valid(), !model.empty());
    if (!model.empty()) ASSERT_EQ(tree.last()->id, model.rbegin()->first);
  };
  uint64_t shrinking = 0;
  for (int round = 0; round < 30'000; ++round) {
    if (random() % 5000 == 0) shrinking = random() % 2;
    const StreamId id{random() % 40, random() % 40};
    switch (random() % 4 + shrinking) {
      case 0:
      case 1:
        ASSERT_EQ(tree.insert({id, 1, 2, 3}), model.emplace(id, 2).second);
        break;
      case 2: {
        PendingEntry* item = tree.edit(id);
        ASSERT_EQ(item != nullptr, model.contains(id));
        if (item) model[id] = item->deliveries = random() % 100;
        break;
      }
      default:
        ASSERT_EQ(tree.erase(id), model.erase(id) != 0);
    }
    auto at = tree.at_or_after(id);
    auto wanted = model.lower_bound(id);
    ASSERT_EQ(at.valid(), wanted != model.end());
    if (at.valid()) ASSERT_EQ(at->id, wanted->first);
    if (random() % 1000 == 0) {
      expect_equal(frozen, frozen_model);
      expect_equal(tree, model);
      frozen = tree.freeze();
      frozen_model = model;
    }
  }
  expect_equal(frozen, frozen_model);
  expect_equal(tree, model);
}

TEST(IdTree, QueuesTakeLittleMemory) {
  IdTree<PendingEntry> tree;
  for (uint64_t i = 1; i <= 100'000; ++i) tree.insert({{i, 0}, 1, 1, 1});
  EXPECT_LT(tree.footprint(), 100'000u * 44);
  for (uint64_t i = 1; i < 100'000; ++i) tree.erase({i, 0});
  tree.check();
  EXPECT_LT(tree.footprint(), 2000u);
}

/// A group as a model sees it.
struct GroupModel {
  std::map<std::string, std::map<StreamId, uint64_t>> consumers;
  bool operator==(const GroupModel&) const = default;
};
using Model = std::map<std::string, GroupModel>;

Model model_of(const StreamGroups& groups) {
  groups.check();
  Model model;
  std::string last_group;
  groups.for_each([&](const StreamGroup& group) {
    EXPECT_TRUE(model.empty() || last_group < group.name());
    last_group = group.name();
    GroupModel& m = model[group.name()];
    std::string last;
    group.for_each_consumer([&](const StreamConsumer& consumer) {
      EXPECT_TRUE(m.consumers.empty() || last < consumer.name);
      last = consumer.name;
      auto& pending = m.consumers[consumer.name];
      for (auto at = consumer.pending.first(); at.valid(); at.next())
        pending[at->id] = group.pending().find(at->id)->deliveries;
    });
  });
  return model;
}

TEST(StreamGroups, AgainstAModel) {
  const unsigned seed = std::random_device()();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  StreamGroups groups;
  Model model, frozen_model;
  StreamGroups frozen = groups.freeze();
  const auto name = [&random] {
    static const char* const kNames[] = {"",
                                         "a",
                                         "b",
                                         "a name longer than any key of a tree, 1",
                                         "a name longer than any key of a tree, 2",
                                         "a name longer t"};
    return std::string(kNames[random() % std::size(kNames)]);
  };
  for (int round = 0; round < 20'000; ++round) {
    const std::string group_name = name(), consumer_name = name();
    if (random() % 50 == 0) {
      if (model.contains(group_name) && random() % 4 == 0) {
        StreamObject taken(groups.extract(group_name));
        EXPECT_EQ(model_of(taken.groups()).at(group_name), model[group_name]);
        while (taken.reclaim(3)) {
        }
        model.erase(group_name);
      } else {
        EXPECT_EQ(groups.create(group_name, {1, 1}, 5), model.try_emplace(group_name).second);
      }
    }
    if (random() % 500 == 0) {
      ASSERT_EQ(model_of(frozen), frozen_model);
      ASSERT_EQ(model_of(groups), model);
      frozen = groups.freeze();
      frozen_model = model;
    }
    ASSERT_EQ(groups.find(group_name) != nullptr, model.contains(group_name));
    if (!model.contains(group_name)) continue;
    GroupEdit group(groups, group_name);
    auto& consumers = model[group_name].consumers;
    const StreamConsumer* consumer = group->find_consumer(consumer_name);
    ASSERT_EQ(consumer != nullptr, consumers.contains(consumer_name));
    if (!consumer) {
      group->create_consumer(consumer_name, 7);
      consumers[consumer_name];
      continue;
    }
    ASSERT_EQ(consumer->name, consumer_name);
    const StreamId id{random() % 50, random() % 10};
    const uint64_t what = random() % 100;
    if (what == 0) {
      group->erase_consumer(consumer->number);
      consumers.erase(consumer_name);
    } else if (what < 40) {
      bool known = false;
      for (auto& [other, pending] : consumers) known |= pending.erase(id) != 0;
      ASSERT_EQ(group->release(id), known);
    } else {
      for (auto& [other, pending] : consumers) pending.erase(id);
      consumers[consumer_name][id] = what;
      group->assign({id, 9, what, consumer->number});
    }
  }
  EXPECT_EQ(model_of(groups), model);
  EXPECT_EQ(model_of(frozen), frozen_model);
}

TEST(StreamGroups, MemoryIsAccountedAndGoesInSteps) {
  const int64_t before = base::thread_bytes();
  {
    StreamObject stream;
    for (const char* name : {"g", "h"}) {
      stream.groups().create(name, {}, 0);
      GroupEdit group(stream.groups(), name);
      for (int i = 0; i < 10; ++i) group->create_consumer("consumer" + std::to_string(i), 1);
      for (uint64_t i = 1; i <= 20'000; ++i) group->assign({{i, 0}, 1, 1, 1 + i % 10});
    }
    EXPECT_NEAR(static_cast<double>(stream.footprint()), static_cast<double>(base::thread_bytes() - before),
                0.05 * static_cast<double>(stream.footprint()));
    const std::unique_ptr<Object> copy = stream.freeze();
    size_t steps = 0;
    int64_t bytes = base::thread_bytes();
    while (stream.reclaim(10)) ++steps;
    while (copy->reclaim(10)) {
      ++steps;
      EXPECT_LT(bytes - base::thread_bytes(), 50'000);
      bytes = base::thread_bytes();
    }
    EXPECT_GT(steps, 60u);
  }
  EXPECT_EQ(base::thread_bytes(), before);
}

}  // namespace
}  // namespace gyre::store
