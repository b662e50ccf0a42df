// Random SORTs against a model, and sequences that sorting likes least.
#include <algorithm>
#include <cstdlib>
#include <map>

#include "fixture.h"
#include "gyre/base/random.h"

namespace gyre::cmd {
namespace {

class SortRandomTest : public testing::TestWithParam<unsigned> {
 protected:
  SortRandomTest() {
    const char* given = std::getenv("GYRE_TEST_SEED");
    seed_ = given ? std::strtoull(given, nullptr, 10) : base::thread_random().next() % 1000000;
    random_ = base::Random(seed_);
  }
  void SetUp() override { std::printf("seed %llu\n", static_cast<unsigned long long>(seed_)); }
  std::string call(const std::vector<std::string>& words) { return h_.client().call(words); }
  size_t below(size_t bound) { return random_.below(bound); }
  std::string number(size_t n) { return std::to_string(n); }
  void fill();
  void sort();

  uint64_t seed_;
  base::Random random_{0};
  Harness h_{GetParam()};
  std::vector<std::string> list_;
  std::map<std::string, std::string> weights_;
};
INSTANTIATE_TEST_SUITE_P(Reactors, SortRandomTest, testing::Values(1u, 3u));

void SortRandomTest::fill() {
  call({"FLUSHALL"});
  list_.clear();
  weights_.clear();
  std::vector<std::string> push{"RPUSH", "l"};
  const size_t size = 1 + below(below(8) == 0 ? 1500 : 60), range = 1 + below(2 * size);
  for (size_t i = 0; i < size; ++i) list_.push_back(number(below(range)));
  push.insert(push.end(), list_.begin(), list_.end());
  call(push);
  for (size_t i = 0; i < range; ++i) {
    if (below(5) == 0) continue;
    const std::string weight = number(below(range / 2 + 1));
    weights_[number(i)] = weight;
    call({"SET", "w" + number(i), weight});
    call({"HSET", "h" + number(i), "f", weight});
  }
}

/// One SORT of the list. Equal weights as texts are left to the comparison with a stock server.
void SortRandomTest::sort() {
  const bool by = below(2), alpha = !by && below(2), descending = below(2), limit = below(2), get = below(2);
  const auto weight = [&](const std::string& element) {
    if (!by) return std::strtod(element.c_str(), nullptr);
    const auto found = weights_.find(element);
    return found == weights_.end() ? 0.0 : std::strtod(found->second.c_str(), nullptr);
  };
  std::vector<std::string> expected = list_;
  std::sort(expected.begin(), expected.end(), [&](const std::string& x, const std::string& y) {
    const std::string &a = descending ? y : x, &b = descending ? x : y;
    if (alpha || weight(a) == weight(b)) return a < b;
    return weight(a) < weight(b);
  });
  std::vector<std::string> words{"SORT", "l"};
  if (by) words.insert(words.end(), {"BY", below(2) ? "w*" : "h*->f"});
  if (alpha) words.push_back("ALPHA");
  if (descending) words.push_back("DESC");
  if (limit) {
    const size_t offset = below(expected.size() + 2), count = below(expected.size() + 2);
    words.insert(words.end(), {"LIMIT", number(offset), number(count)});
    expected.erase(expected.begin(), expected.begin() + std::ptrdiff_t(std::min(offset, expected.size())));
    expected.resize(std::min(count, expected.size()));
  }
  if (get) words.insert(words.end(), {"GET", "#", "GET", "w*"});
  const bool store = below(3) == 0;
  std::string shown;
  for (const std::string& element : expected) {
    shown += " " + element;
    if (!get) continue;
    const auto found = weights_.find(element);
    shown += " " + (found != weights_.end() ? found->second : store ? "" : "nil");
  }
  shown = "[" + (shown.empty() ? shown : shown.substr(1)) + "]";
  if (store) {
    words.insert(words.end(), {"STORE", "d"});
    EXPECT_EQ(call(words), ":" + number(expected.size() * (get ? 2 : 1)));
    words = {"LRANGE", "d", "0", "-1"};
  }
  EXPECT_EQ(call(words), shown);
}

TEST_P(SortRandomTest, AgainstAModel) {
  for (int round = 0; round < 60; ++round) {
    fill();
    for (int i = 0; i < 20; ++i) sort();
    if (HasFailure()) break;
  }
}

/// Everything equal, few different ones, ascending, descending and organ pipes: what quicksorts like least.
TEST_P(SortRandomTest, OddSequences) {
  const size_t n = 3000;
  for (int shape = 0; shape < 5; ++shape) {
    call({"FLUSHALL"});
    std::vector<std::string> push{"RPUSH", "l"};
    for (size_t i = 0; i < n; ++i) {
      const size_t values[] = {0, i % 3, i, n - i, std::min(i, n - i)};
      const std::string element = number(i);
      push.push_back(element);
      std::string weight = number(values[shape]);
      call({"SET", "w" + element, std::string(5 - weight.size(), '0') + weight});
    }
    call(push);
    const std::vector<std::string> all = split_words(call({"SORT", "l", "BY", "w*", "ALPHA", "GET", "w*"}));
    const std::vector<std::string> part =
        split_words(call({"SORT", "l", "BY", "w*", "ALPHA", "GET", "w*", "LIMIT", "0", number(n - 1)}));
    ASSERT_EQ(all.size(), n);
    ASSERT_EQ(part.size(), n - 1);
    for (size_t i = 1; i < n - 2; ++i) {
      ASSERT_LE(all[i], all[i + 1]);
      ASSERT_EQ(part[i], all[i]);
    }
  }
}

}  // namespace
}  // namespace gyre::cmd
