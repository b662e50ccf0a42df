// Random commands on streams and their groups against a model.
#include <cstdlib>
#include <map>
#include <set>

#include "fixture.h"
#include "gyre/base/random.h"

namespace gyre::cmd {
namespace {

struct GroupModel {
  uint64_t last = 0;
  std::map<uint64_t, std::string> pending;  // who has it
};
struct StreamModel {
  std::map<uint64_t, std::string> entries;  // by milliseconds, as shown
  uint64_t last = 0;
  std::map<std::string, GroupModel> groups;
};

class StreamRandomTest : public testing::TestWithParam<unsigned> {
 protected:
  StreamRandomTest() {
    const char* given = std::getenv("GYRE_TEST_SEED");
    seed_ = given ? std::strtoull(given, nullptr, 10) : base::thread_random().next() % 1000000;
    random_ = base::Random(seed_);
    h_.environment.stream = {.bytes = 300, .entries = 9};
  }
  void SetUp() override { std::printf("seed %llu\n", static_cast<unsigned long long>(seed_)); }

  std::string call(const std::vector<std::string>& words) { return h_.client().call(words); }
  uint64_t below(uint64_t bound) { return random_.below(bound); }
  static std::string id(uint64_t ms) { return std::to_string(ms) + "-0"; }
  static std::string shown(uint64_t ms, const std::string& fields) {
    return "[" + id(ms) + " " + fields + "]";
  }
  uint64_t some_id(const StreamModel& s) { return s.last - std::min(s.last, below(60)); }

  void add(const std::string& key, StreamModel& s);
  void remove(const std::string& key, StreamModel& s);
  void look(const std::string& key, StreamModel& s);
  void read_group(const std::string& key, StreamModel& s, const std::string& name);
  void acknowledge(const std::string& key, StreamModel& s, const std::string& name);
  void check_group(const std::string& key, const std::string& name, const GroupModel& g);

  uint64_t seed_;
  base::Random random_{0};
  Harness h_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Reactors, StreamRandomTest, testing::Values(1u, 3u));

void StreamRandomTest::add(const std::string& key, StreamModel& s) {
  s.last += 1 + below(3);
  std::vector<std::string> words{"XADD", key, id(s.last)};
  std::string fields = "[";
  for (uint64_t i = 0, n = 1 + below(3); i < n; ++i) {
    const std::string field = "f" + std::to_string(i + below(2)), value = std::to_string(below(100000));
    words.insert(words.end(), {field, value});
    fields += (i ? " " : "") + field + " " + value;
  }
  EXPECT_EQ(call(words), id(s.last));
  s.entries[s.last] = fields + "]";
}

void StreamRandomTest::remove(const std::string& key, StreamModel& s) {
  if (below(8) == 0) {
    const uint64_t length = s.entries.size() - std::min<uint64_t>(s.entries.size(), below(20));
    EXPECT_EQ(call({"XTRIM", key, "MAXLEN", std::to_string(length)}),
              ":" + std::to_string(s.entries.size() - length));
    while (s.entries.size() > length) s.entries.erase(s.entries.begin());
    return;
  }
  std::vector<std::string> words{"XDEL", key};
  size_t gone = 0;
  for (uint64_t i = 0, n = 1 + below(3); i < n; ++i) {
    const uint64_t ms = some_id(s);
    words.push_back(id(ms));
    gone += s.entries.erase(ms);
  }
  EXPECT_EQ(call(words), ":" + std::to_string(gone));
}

void StreamRandomTest::look(const std::string& key, StreamModel& s) {
  const uint64_t from = some_id(s), to = some_id(s), count = 1 + below(20);
  std::vector<std::string> wanted;
  for (auto at = s.entries.lower_bound(from); at != s.entries.end() && at->first <= to; ++at)
    wanted.push_back(shown(at->first, at->second));
  const auto joined = [count](const auto& all) {
    std::string text = "[";
    for (size_t i = 0; i < all.size() && i < count; ++i) text += (i ? " " : "") + all[i];
    return text + "]";
  };
  EXPECT_EQ(call({"XRANGE", key, id(from), id(to), "COUNT", std::to_string(count)}), joined(wanted));
  std::reverse(wanted.begin(), wanted.end());
  EXPECT_EQ(call({"XREVRANGE", key, id(to), id(from), "COUNT", std::to_string(count)}), joined(wanted));
  EXPECT_EQ(call({"XLEN", key}), ":" + std::to_string(s.entries.size()));
}

void StreamRandomTest::read_group(const std::string& key, StreamModel& s, const std::string& name) {
  const std::string consumer = "c" + std::to_string(below(3));
  const bool made = s.groups.try_emplace(name).second;
  if (made) EXPECT_EQ(call({"XGROUP", "CREATE", key, name, "0", "MKSTREAM"}), "OK");
  GroupModel& g = s.groups[name];
  const uint64_t count = 1 + below(5);
  std::string wanted;
  uint64_t n = 0;
  for (auto at = s.entries.upper_bound(g.last); at != s.entries.end() && n < count; ++at, ++n) {
    wanted += (n ? " " : "") + shown(at->first, at->second);
    g.pending[at->first] = consumer;
    g.last = at->first;
  }
  EXPECT_EQ(
      call({"XREADGROUP", "GROUP", name, consumer, "COUNT", std::to_string(count), "STREAMS", key, ">"}),
      n ? "[[" + key + " [" + wanted + "]]]" : "nil");
}

void StreamRandomTest::acknowledge(const std::string& key, StreamModel& s, const std::string& name) {
  if (!s.groups.contains(name)) return;
  GroupModel& g = s.groups[name];
  auto at = g.pending.lower_bound(some_id(s));
  if (at == g.pending.end()) return;
  const uint64_t ms = at->first;
  if (below(2) == 0) {
    EXPECT_EQ(call({"XACK", key, name, id(ms), id(ms + 1) + "1"}), ":1");
    g.pending.erase(ms);
    return;
  }
  const std::string consumer = "c" + std::to_string(below(3));
  const bool there = s.entries.contains(ms);
  EXPECT_EQ(call({"XCLAIM", key, name, consumer, "0", id(ms), "JUSTID"}), there ? "[" + id(ms) + "]" : "[]");
  there ? (void)(g.pending[ms] = consumer) : (void)g.pending.erase(ms);
}

void StreamRandomTest::check_group(const std::string& key, const std::string& name, const GroupModel& g) {
  std::map<std::string, size_t> by_consumer;
  for (const auto& [ms, consumer] : g.pending) ++by_consumer[consumer];
  std::string wanted = "[:0 nil nil nil]";
  if (!g.pending.empty()) {
    wanted = "[:" + std::to_string(g.pending.size()) + " " + id(g.pending.begin()->first) + " " +
             id(g.pending.rbegin()->first) + " [";
    for (const auto& [consumer, n] : by_consumer)
      wanted += (wanted.back() == '[' ? "[" : " [") + consumer + " " + std::to_string(n) + "]";
    wanted += "]]";
  }
  EXPECT_EQ(call({"XPENDING", key, name}), wanted);
}

TEST_P(StreamRandomTest, AgainstAModel) {
  std::map<std::string, StreamModel> model;
  for (int round = 0; round < 20'000 && !HasFailure(); ++round) {
    const std::string key = "s" + std::to_string(below(4)), group = "g" + std::to_string(below(3));
    StreamModel& s = model[key];
    const uint64_t what = below(20);
    if (what < 8) {
      add(key, s);
    } else if (what < 11) {
      remove(key, s);
    } else if (what < 13) {
      look(key, s);
    } else if (what < 16) {
      read_group(key, s, group);
    } else if (what < 19) {
      acknowledge(key, s, group);
    } else if (below(20) == 0) {
      const std::string to = "s" + std::to_string(below(4));
      if (to == key || s.last == 0) continue;
      EXPECT_EQ(call({"COPY", key, to, "REPLACE"}), ":1");
      model[to] = s;
    } else if (below(100) == 0) {
      call({"DEL", key});
      s = {};
    }
    for (const auto& [name, g] : s.groups) check_group(key, name, g);
  }
}

}  // namespace
}  // namespace gyre::cmd
