// Random commands on lists against std::deque.
#include <cstdlib>
#include <deque>
#include <map>

#include "fixture.h"
#include "gyre/base/random.h"

namespace gyre::cmd {
namespace {

using List = std::deque<std::string>;

class ListRandomTest : public testing::TestWithParam<unsigned> {
 protected:
  ListRandomTest() {
    const char* given = std::getenv("GYRE_TEST_SEED");
    seed_ = given ? std::strtoull(given, nullptr, 10) : base::thread_random().next() % 1000000;
    random_ = base::Random(seed_);
  }
  void SetUp() override { std::printf("seed %llu\n", static_cast<unsigned long long>(seed_)); }

  std::string call(const std::vector<std::string>& words) { return h_.client().call(words); }
  size_t below(size_t bound) { return random_.below(bound); }
  std::string key() { return "k" + std::to_string(below(4)); }
  std::string number(int64_t n) { return std::to_string(n); }
  static std::string count(size_t n) { return ":" + std::to_string(n); }
  std::string element() {
    const size_t kind = below(30);
    if (kind < 12) return number(static_cast<int64_t>(below(40)));
    if (kind == 12) return std::string(below(9500), 'b') + number(static_cast<int64_t>(below(3)));
    if (kind < 16) return std::string(100 + below(900), 'm');
    return "e" + number(static_cast<int64_t>(below(40)));
  }
  /// An index in or about the list, as it is sent.
  int64_t place(const List& list) {
    return static_cast<int64_t>(below(2 * list.size() + 5)) - static_cast<int64_t>(list.size()) - 2;
  }
  static std::string show(const List& list, size_t begin, size_t end) {
    std::string text = "[";
    for (size_t i = begin; i < end; ++i) text += (i > begin ? " " : "") + list[i];
    return text + "]";
  }

  void push();
  void pop();
  void change();
  void remove();
  void move();
  void ask();
  void check_all();

  uint64_t seed_;
  base::Random random_{0};
  Harness h_{GetParam()};
  std::map<std::string, List> model_;
};
INSTANTIATE_TEST_SUITE_P(Reactors, ListRandomTest, testing::Values(1u, 3u));

void ListRandomTest::push() {
  const std::string name = key();
  List& list = model_[name];
  const bool left = below(2), only = below(8) == 0;
  std::vector<std::string> words{std::string(left ? "LPUSH" : "RPUSH") + (only ? "X" : ""), name};
  for (size_t i = 0, n = below(3) == 0 ? below(40) + 1 : 1; i < n; ++i) words.push_back(element());
  if (!only || !list.empty())
    for (size_t i = 2; i < words.size(); ++i) left ? list.push_front(words[i]) : list.push_back(words[i]);
  EXPECT_EQ(call(words), count(only && list.empty() ? 0 : list.size()));
}

void ListRandomTest::pop() {
  const std::string name = key();
  List& list = model_[name];
  const bool left = below(2);
  const std::string command = left ? "LPOP" : "RPOP";
  if (below(2)) {
    EXPECT_EQ(call({command, name}), list.empty() ? "nil" : left ? list.front() : list.back());
    if (!list.empty()) left ? list.pop_front() : list.pop_back();
    return;
  }
  const size_t n = below(4) == 0 ? below(list.size() + 3) : below(5), taken = std::min(n, list.size());
  List gone;
  for (size_t i = 0; i < taken; ++i) gone.push_back(left ? list[i] : list[list.size() - 1 - i]);
  EXPECT_EQ(call({command, name, std::to_string(n)}), list.empty() ? "nil" : show(gone, 0, taken));
  for (size_t i = 0; i < taken; ++i) left ? list.pop_front() : list.pop_back();
}

void ListRandomTest::change() {
  const std::string name = key(), value = element();
  List& list = model_[name];
  const auto size = static_cast<int64_t>(list.size());
  if (below(2)) {
    int64_t index = place(list);
    const std::string reply = call({"LSET", name, number(index), value});
    if (index < 0) index += size;
    if (index < 0 || index >= size) {
      EXPECT_EQ(reply, size == 0 ? "-ERR no such key" : "-ERR index out of range");
    } else {
      EXPECT_EQ(reply, "OK");
      list[static_cast<size_t>(index)] = value;
    }
    return;
  }
  const std::string pivot = list.empty() || below(4) == 0 ? element() : list[below(list.size())];
  const bool after = below(2);
  const std::string reply = call({"LINSERT", name, after ? "AFTER" : "BEFORE", pivot, value});
  const auto at = std::find(list.begin(), list.end(), pivot);
  if (at == list.end()) {
    EXPECT_EQ(reply, list.empty() ? ":0" : ":-1");
  } else {
    list.insert(at + after, value);
    EXPECT_EQ(reply, count(list.size()));
  }
}

void ListRandomTest::remove() {
  const std::string name = key();
  List& list = model_[name];
  if (below(3) == 0) {
    // Mostly a little from both ends.
    const auto size = static_cast<int64_t>(list.size());
    const int64_t first = below(10) == 0 ? place(list) : static_cast<int64_t>(below(6));
    const int64_t last = below(10) == 0 ? place(list) : size - 1 - static_cast<int64_t>(below(6));
    EXPECT_EQ(call({"LTRIM", name, number(first), number(last)}), "OK");
    const int64_t begin = std::max<int64_t>(first < 0 ? first + size : first, 0);
    const int64_t end = std::min<int64_t>(last < 0 ? last + size : last, size - 1);
    List kept;
    for (int64_t i = begin; i <= end; ++i) kept.push_back(list[static_cast<size_t>(i)]);
    list = kept;
    return;
  }
  const std::string text = list.empty() || below(4) == 0 ? element() : list[below(list.size())];
  const int64_t most = static_cast<int64_t>(below(7)) - 3;
  int64_t removed = 0;
  for (size_t i = 0; i < list.size();) {
    const size_t at = most < 0 ? list.size() - 1 - i : i;
    if (list[at] == text && (most == 0 || removed < std::abs(most))) {
      list.erase(list.begin() + static_cast<ptrdiff_t>(at));
      ++removed;
    } else {
      ++i;
    }
  }
  EXPECT_EQ(call({"LREM", name, number(most), text}), ":" + number(removed));
}

void ListRandomTest::move() {
  const std::string from = key(), to = key();
  const bool from_left = below(2), to_left = below(2);
  List& source = model_[from];
  const std::string expected = source.empty() ? "nil" : from_left ? source.front() : source.back();
  EXPECT_EQ(call({"LMOVE", from, to, from_left ? "LEFT" : "RIGHT", to_left ? "LEFT" : "RIGHT"}), expected);
  if (source.empty()) return;
  from_left ? source.pop_front() : source.pop_back();
  to_left ? model_[to].push_front(expected) : model_[to].push_back(expected);
}

void ListRandomTest::ask() {
  const std::string name = key();
  const List& list = model_[name];
  const auto size = static_cast<int64_t>(list.size());
  int64_t index = place(list);
  const std::string reply = call({"LINDEX", name, number(index)});
  if (index < 0) index += size;
  EXPECT_EQ(reply, index < 0 || index >= size ? "nil" : list[static_cast<size_t>(index)]);
  const std::string text = list.empty() ? "x" : list[below(list.size())];
  size_t matches = 0;
  std::string places, reversed;
  for (size_t i = 0; i < list.size(); ++i) {
    if (list[i] != text) continue;
    places += (matches++ ? " " : "") + count(i);
    reversed = count(i) + (reversed.empty() ? "" : " ") + reversed;
  }
  EXPECT_EQ(call({"LPOS", name, text, "COUNT", "0"}), "[" + places + "]");
  EXPECT_EQ(call({"LPOS", name, text, "RANK", "-1", "COUNT", "0"}), "[" + reversed + "]");
  if (below(10) == 0) {
    const std::string to = key();
    if (to != name) {
      EXPECT_EQ(call({"COPY", name, to, "REPLACE"}), list.empty() ? ":0" : ":1");
      if (!list.empty()) model_[to] = list;
    }
  }
}

void ListRandomTest::check_all() {
  for (const auto& [name, list] : model_) {
    EXPECT_EQ(call({"LRANGE", name, "0", "-1"}), show(list, 0, list.size()));
    EXPECT_EQ(call({"LLEN", name}), count(list.size()));
    EXPECT_EQ(call({"EXISTS", name}), list.empty() ? ":0" : ":1");
  }
}

TEST_P(ListRandomTest, AsTheModel) {
  const int sizes[] = {-2, -1, -5, 1, 3, 16, 200};
  for (int step = 0; step < 8000 && !HasFailure(); ++step) {
    if (step % 500 == 0) h_.environment.list_size = sizes[below(std::size(sizes))];
    switch (below(12)) {
      case 0:
      case 1:
      case 2:
      case 3:
        push();
        break;
      case 4:
        pop();
        break;
      case 5:
      case 6:
        change();
        break;
      case 7:
      case 8:
        remove();
        break;
      case 9:
        move();
        break;
      default:
        ask();
        break;
    }
    if (step % 50 == 0) check_all();
  }
  check_all();
}

}  // namespace
}  // namespace gyre::cmd
