// StreamObject against a model: entries in nodes of all sizes, deleted and trimmed, frozen and reclaimed.
#include "gyre/store/stream_object.h"

#include <map>
#include <random>

#include "gyre/base/memory.h"
#include "value_test.h"

namespace gyre::store {
namespace {

using Fields = std::vector<std::string>;
using Model = std::map<StreamId, Fields>;

Fields fields_of(StreamRange& range) {
  Fields fields;
  ds::PackedElement::Scratch digits;
  for (uint64_t i = 0; i < range.fields(); ++i) {
    const StreamRange::Pair pair = range.next_pair();
    fields.emplace_back(pair.field.text(digits));
    fields.emplace_back(pair.value.text(digits));
  }
  return fields;
}

void append(StreamObject& stream, StreamId id, const Fields& fields, StreamLimits limits = {}) {
  stream.append(id, std::vector<std::string_view>(fields.begin(), fields.end()), limits);
}

void expect_equal(const StreamObject& stream, const Model& model) {
  stream.check();
  ASSERT_EQ(stream.size(), model.size());
  StreamRange forward(stream, StreamId::min(), StreamId::max());
  for (const auto& [id, fields] : model) {
    ASSERT_TRUE(forward.next());
    ASSERT_EQ(forward.id(), id);
    ASSERT_EQ(fields_of(forward), fields);
  }
  EXPECT_FALSE(forward.next());
  StreamRange backward(stream, StreamId::min(), StreamId::max(), StreamRange::Direction::kBackward);
  for (auto at = model.rbegin(); at != model.rend(); ++at) {
    ASSERT_TRUE(backward.next());
    ASSERT_EQ(backward.id(), at->first);
    // Not all are looked at: the next one is found all the same.
    if (at->first.sequence % 3 != 0) ASSERT_EQ(fields_of(backward), at->second);
  }
  EXPECT_FALSE(backward.next());
}

std::string node_text(const StreamObject& stream) {
  std::string text;
  for (ds::BlockCursor node = stream.first_node(); node.valid(); node.next()) {
    text += std::to_string(node.key().high) + "-" + std::to_string(node.key().low) + ":";
    const ds::ListpackView list(StreamObject::node_bytes(node));
    ds::PackedElement::Scratch digits;
    for (uint32_t at = list.first(); at != list.end(); at = list.next(at))
      text.append(" ").append(list.get(at).text(digits));
    text += ";";
  }
  return text;
}

TEST(StreamObject, NodesAreAsInRedis) {
  StreamObject stream;
  append(stream, {5, 7}, {"f", "1", "g", "x"});
  append(stream, {5, 9}, {"f", "2", "g", "y"});
  append(stream, {9, 1}, {"g", "3"});
  EXPECT_EQ(node_text(stream), "5-7: 3 0 2 f g 0 2 0 0 1 x 5 2 0 2 2 y 5 0 4 -6 1 g 3 6;");
  EXPECT_TRUE(stream.erase({5, 9}));
  EXPECT_FALSE(stream.erase({5, 9}));
  EXPECT_EQ(node_text(stream), "5-7: 2 1 2 f g 0 2 0 0 1 x 5 3 0 2 2 y 5 0 4 -6 1 g 3 6;");
  append(stream, {9, 2}, {"f", "1"}, {.node_entries = 3});
  EXPECT_EQ(node_text(stream).substr(node_text(stream).find(';')), ";9-2: 1 0 1 f 0 2 0 0 1 4;");
  EXPECT_EQ(stream.first_id(), (StreamId{5, 7}));
  EXPECT_TRUE(stream.erase({5, 7}));
  EXPECT_EQ(stream.first_id(), (StreamId{9, 1}));
  EXPECT_EQ(stream.max_deleted_id(), (StreamId{5, 9}));
  EXPECT_TRUE(stream.erase({9, 1}));
  EXPECT_EQ(node_text(stream), "9-2: 1 0 1 f 0 2 0 0 1 4;");
  EXPECT_EQ(stream.entries_added(), 4u);
}

TEST(StreamObject, RadixNodes) {
  const auto nodes_of = [](const std::vector<StreamId>& ids) {
    StreamObject stream;
    for (StreamId id : ids) append(stream, id, {"f", "v"}, {.node_entries = 1});
    return stream.radix_nodes();
  };
  EXPECT_EQ(nodes_of({}), 1u);
  EXPECT_EQ(nodes_of({{1, 1}}), 2u);
  EXPECT_EQ(nodes_of({{1, 1}, {1, 2}}), 4u);  // chain, branch, two leaves
  EXPECT_EQ(nodes_of({{1, 1}, {2, 1}}), 6u);  // chain, branch, two chains with their leaves
  EXPECT_EQ(nodes_of({{1, 1}, {1, 2}, {1, 3}}), 5u);
  EXPECT_EQ(nodes_of({{1, 1}, {1, 2}, {2, 1}}), 8u);
}

TEST(StreamObject, TrimsAsRedis) {
  StreamObject stream;
  for (uint64_t i = 1; i <= 100; ++i) append(stream, {i, 0}, {"f", std::to_string(i)}, {.node_entries = 10});
  StreamTrim trim{.by = StreamTrim::By::kLength, .max_length = 95, .whole_nodes = true};
  EXPECT_EQ(stream.trim(trim), 0u);
  trim.max_length = 75;
  EXPECT_EQ(stream.trim(trim), 20u);
  trim.max_length = 0;
  trim.limit = 25;
  EXPECT_EQ(stream.trim(trim), 20u);
  trim = {.by = StreamTrim::By::kLength, .max_length = 55};
  EXPECT_EQ(stream.trim(trim), 5u);
  EXPECT_EQ(stream.first_id(), (StreamId{46, 0}));
  trim = {.by = StreamTrim::By::kId, .min_id = {63, 0}};
  EXPECT_EQ(stream.trim(trim), 17u);
  EXPECT_EQ(stream.size(), 38u);
  EXPECT_EQ(stream.edge_id(true, true), (StreamId{61, 0}));
  EXPECT_EQ(stream.max_deleted_id(), StreamId());
  // Entries that are left in a node are deleted, and a node without any stays until it can go as a whole.
  EXPECT_TRUE(stream.erase({70, 0}));
  trim.min_id = {70, 0};
  EXPECT_EQ(stream.trim(trim), 7u);
  EXPECT_EQ(stream.nodes(), 4u);
  stream.check();
  trim = {.by = StreamTrim::By::kLength, .max_length = 0};
  EXPECT_EQ(stream.trim(trim), 30u);
  EXPECT_EQ(stream.nodes(), 0u);
  EXPECT_EQ(stream.first_id(), StreamId());
  EXPECT_EQ(stream.last_id(), (StreamId{100, 0}));
}

// XSETID may go below deleted entries.
TEST(StreamObject, EntriesBehindHigherDeletedOnes) {
  StreamObject stream;
  append(stream, {1, 0}, {"f", "1"});
  append(stream, {9, 0}, {"f", "9"});
  EXPECT_TRUE(stream.erase({9, 0}));
  stream.set_last_id({1, 0});
  append(stream, {5, 0}, {"f", "5"});
  stream.check();
  EXPECT_TRUE(stream.contains({5, 0}));
  EXPECT_EQ(stream.edge_id(/*first=*/false, /*deleted=*/false), (StreamId{5, 0}));
  StreamRange back(stream, {5, 0}, {8, 0}, StreamRange::Direction::kBackward);
  EXPECT_TRUE(back.next());
  EXPECT_EQ(back.id(), (StreamId{5, 0}));
  EXPECT_FALSE(back.next());
  EXPECT_TRUE(stream.erase({5, 0}));

  // A node of deleted entries only is gone when entries below it are to come.
  append(stream, {20, 0}, {"f", "20"}, {.node_entries = 3});
  append(stream, {21, 0}, {"f", "21"}, {.node_entries = 3});
  EXPECT_TRUE(stream.erase({21, 0}));
  EXPECT_EQ(stream.trim({.by = StreamTrim::By::kId, .min_id = {21, 0}}), 2u);
  EXPECT_EQ(stream.nodes(), 1u);
  stream.set_last_id({22, 0});
  EXPECT_EQ(stream.nodes(), 1u);
  stream.set_last_id({19, 0});
  EXPECT_EQ(stream.nodes(), 0u);
  append(stream, {19, 1}, {"f", "1"});
  stream.check();
}

class StreamModelTest : public testing::TestWithParam<StreamLimits> {};
INSTANTIATE_TEST_SUITE_P(Limits, StreamModelTest,
                         testing::Values(StreamLimits{}, StreamLimits{.node_bytes = 0, .node_entries = 0},
                                         StreamLimits{.node_bytes = 200, .node_entries = 7},
                                         StreamLimits{.node_bytes = 1, .node_entries = 1}));

TEST_P(StreamModelTest, RandomChanges) {
  const unsigned seed = std::random_device()();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  const auto below = [&random](uint64_t n) { return random() % n; };
  StreamObject stream;
  Model model;
  std::unique_ptr<Object> frozen;
  Model frozen_model;
  StreamId last{below(1000), below(5)};
  for (int round = 0; round < 3000; ++round) {
    const auto random_id = [&] { return StreamId{below(last.ms + 2), below(5)}; };
    if (const uint64_t what = below(20); what < 13) {
      last = below(3) == 0 ? StreamId{last.ms, last.sequence + 1 + below(3)}
                           : StreamId{last.ms + 1 + below(9), below(4)};
      Fields fields;
      for (uint64_t i = 0, n = 1 + below(below(4) == 0 ? 5 : 2); i < n; ++i) {
        fields.push_back("field" + std::to_string(i + (below(9) == 0)));
        fields.push_back(below(2) == 0 ? std::to_string(below(100000))
                                       : std::string(below(below(50) + 1), 'v'));
      }
      append(stream, last, fields, GetParam());
      model[last] = fields;
    } else if (what < 17) {
      auto at = model.lower_bound(random_id());
      const StreamId id = at != model.end() && below(8) != 0 ? at->first : random_id();
      ASSERT_EQ(stream.contains(id), model.contains(id));
      ASSERT_EQ(stream.erase(id), model.erase(id) != 0);
    } else if (what == 17) {
      const uint64_t length = model.size() - std::min<uint64_t>(model.size(), below(30));
      const uint64_t gone = stream.trim({.by = StreamTrim::By::kLength, .max_length = length});
      ASSERT_EQ(gone, model.size() - length);
      for (uint64_t i = 0; i < gone; ++i) model.erase(model.begin());
    } else if (what == 18 && below(3) == 0) {
      const StreamId id = random_id();
      uint64_t gone = 0;
      while (!model.empty() && model.begin()->first < id) gone += (model.erase(model.begin()), 1);
      ASSERT_EQ(stream.trim({.by = StreamTrim::By::kId, .min_id = id}), gone);
    } else if (below(10) == 0) {
      if (frozen) expect_equal(static_cast<StreamObject&>(*frozen), frozen_model);
      frozen = stream.freeze();
      frozen_model = model;
    }
    ASSERT_EQ(stream.first_id(), model.empty() ? StreamId() : model.begin()->first);
    if (below(100) == 0) expect_equal(stream, model);
    StreamId from = random_id(), to = random_id();
    StreamRange range(stream, from, to);
    for (auto at = model.lower_bound(from); at != model.end() && at->first <= to; ++at) {
      ASSERT_TRUE(range.next());
      ASSERT_EQ(range.id(), at->first);
    }
    ASSERT_FALSE(range.next());
  }
  expect_equal(stream, model);
  if (frozen) expect_equal(static_cast<StreamObject&>(*frozen), frozen_model);
}

// A node that was given room up to the limit and its own head beside took the allocator's next size, a quarter more. Now only one does
// whose listpack is within a few bytes of the limit.
TEST(StreamObject, FullNodesWasteLittle) {
  constexpr uint64_t kLimit = 4096;
  uint64_t nodes = 0, bytes = 0;
  for (size_t size = 64; size < 256; ++size) {
    StreamObject stream;
    for (uint64_t n = 1; n <= 1000; ++n) append(stream, {n, 0}, {"field", std::string(size, 'x')});
    nodes += stream.nodes();
    bytes += stream.footprint();
  }
  EXPECT_LE(bytes, nodes * kLimit * 106 / 100);
}

TEST(StreamObject, TakesLittleMemory) {
  const int64_t before = base::thread_bytes();
  StreamObject stream;
  for (uint64_t i = 1; i <= 100'000; ++i)
    append(stream, {1'700'000'000'000 + i, 0}, {"sensor", "12", "value", "3456"});
  EXPECT_LT(stream.footprint(), 100'000u * 22);
  EXPECT_NEAR(static_cast<double>(stream.footprint()), static_cast<double>(base::thread_bytes() - before),
              0.05 * static_cast<double>(stream.footprint()));
}

}  // namespace
}  // namespace gyre::store
