// Random sorted set commands against a std::map of scores: packed sets, objects, and sets on the way from one
// to the other. The seed is printed; GYRE_TEST_SEED repeats a run.
#include <algorithm>
#include <cstdlib>
#include <map>

#include "fixture.h"
#include "gyre/base/numbers.h"
#include "gyre/base/random.h"

namespace gyre::cmd {
namespace {

uint64_t choose_seed() {
  const char* given = std::getenv("GYRE_TEST_SEED");
  return given ? std::strtoull(given, nullptr, 10) : base::thread_random().next() % 1000000;
}

using Item = std::pair<double, std::string>;  // in the order of sorted sets

class ZsetModelTest : public testing::TestWithParam<unsigned> {
 protected:
  ZsetModelTest() : seed_(choose_seed()), random_(seed_) { h_.environment.zset.entries = GetParam(); }
  void SetUp() override { std::printf("seed %llu\n", static_cast<unsigned long long>(seed_)); }

  size_t below(size_t bound) { return random_.below(bound); }
  std::string some_member() {
    const size_t number = below(60);
    return number % 3 == 0 ? std::to_string(number) : "m" + std::to_string(number);
  }
  double some_score() {
    return below(2) ? static_cast<double>(below(20)) : static_cast<double>(below(100)) / 8 - 5;
  }
  std::string run(std::vector<std::string> words) { return h_.client().call(words); }
  void expect(const std::vector<std::string>& words, const std::string& reply) {
    std::string line;
    for (const std::string& word : words) line += word + " ";
    ASSERT_EQ(run(words), reply) << "seed " << seed_ << ": " << line;
  }

  std::vector<Item> items() const {
    std::vector<Item> list;
    for (const auto& [member, score] : model_) list.emplace_back(score, member);
    std::sort(list.begin(), list.end());
    return list;
  }
  static std::string shown(const std::vector<Item>& list, size_t begin, size_t end, bool reverse = false) {
    std::string text = "[";
    for (size_t i = begin; i < end; ++i) {
      const Item& item = list[reverse ? begin + end - 1 - i : i];
      text += (i > begin ? " " : "") + item.second + " " + base::format_double(item.first);
    }
    return text + "]";
  }

  void change();
  void remove();
  void look();

  const uint64_t seed_;
  base::Random random_;
  Harness h_{2};
  std::map<std::string, double> model_;
};
INSTANTIATE_TEST_SUITE_P(ListpackEntries, ZsetModelTest, testing::Values(0u, 30u, 1000u));

void ZsetModelTest::change() {
  const std::string member = some_member();
  const double score = some_score();
  const std::string text = base::format_double(score);
  const auto found = model_.find(member);
  switch (below(4)) {
    case 0: {
      const bool higher = found != model_.end() && score > found->second;
      expect({"ZADD", "z", "GT", "CH", text, member}, found == model_.end() || higher ? ":1" : ":0");
      if (found == model_.end() || higher) model_[member] = score;
      break;
    }
    case 1:
      model_[member] += score;
      expect({"ZINCRBY", "z", text, member}, base::format_double(model_[member]));
      break;
    default:
      expect({"ZADD", "z", text, member}, found == model_.end() ? ":1" : ":0");
      model_[member] = score;
  }
}

void ZsetModelTest::remove() {
  std::vector<Item> list = items();
  const size_t size = list.size();
  size_t begin = below(size + 1), end = begin + below(std::min<size_t>(size - begin, 4) + 1);
  switch (below(6)) {
    case 0:
      expect({"ZREMRANGEBYRANK", "z", std::to_string(begin), std::to_string(static_cast<long>(end) - 1)},
             begin < end || end == 0 ? ":" + std::to_string(end == 0 ? size : end - begin) : ":0");
      if (end == 0) end = size;
      break;
    case 1:
      begin = 0;
      end = std::min<size_t>(end - begin, size);
      expect({"ZPOPMIN", "z", std::to_string(end)}, shown(list, begin, end));
      break;
    case 2:
      begin = size - std::min<size_t>(3, size);
      end = size;
      expect({"ZPOPMAX", "z", "3"}, shown(list, begin, end, true));
      break;
    default: {
      const std::string member = some_member();
      expect({"ZREM", "z", member}, model_.erase(member) ? ":1" : ":0");
      return;
    }
  }
  for (size_t i = begin; i < end; ++i) model_.erase(list[i].second);
}

void ZsetModelTest::look() {
  const std::vector<Item> list = items();
  const std::string member = some_member();
  const auto found = model_.find(member);
  const auto at =
      std::find_if(list.begin(), list.end(), [&](const Item& item) { return item.second == member; });
  expect({"ZSCORE", "z", member}, found == model_.end() ? "nil" : base::format_double(found->second));
  expect({"ZRANK", "z", member}, at == list.end() ? "nil" : ":" + std::to_string(at - list.begin()));
  expect({"ZREVRANK", "z", member}, at == list.end() ? "nil" : ":" + std::to_string(list.end() - at - 1));
  expect({"ZCARD", "z"}, ":" + std::to_string(list.size()));
  expect({"ZRANGE", "z", "0", "-1", "WITHSCORES"}, shown(list, 0, list.size()));
  const double low = some_score(), high = low + static_cast<double>(below(8));
  const auto begin = std::lower_bound(list.begin(), list.end(), Item(low, ""));
  const auto end = std::find_if(begin, list.end(), [&](const Item& item) { return item.first >= high; });
  const std::string min = base::format_double(low), max = "(" + base::format_double(high);
  const size_t first = static_cast<size_t>(begin - list.begin());
  const size_t count = begin < end ? static_cast<size_t>(end - begin) : 0;
  expect({"ZCOUNT", "z", min, max}, ":" + std::to_string(count));
  expect({"ZREVRANGEBYSCORE", "z", max, min, "WITHSCORES"}, shown(list, first, first + count, true));
  const size_t skip = std::min<size_t>(count, below(3)), limit = std::min<size_t>(count - skip, 2);
  expect({"ZRANGEBYSCORE", "z", min, max, "WITHSCORES", "LIMIT", std::to_string(skip), "2"},
         shown(list, first + skip, first + skip + limit));
}

TEST_P(ZsetModelTest, EveryReply) {
  for (int step = 0; step < 6000 && !HasFatalFailure(); ++step) {
    below(3) ? change() : remove();
    if (step % 4 == 0) look();
  }
}

}  // namespace
}  // namespace gyre::cmd
