// Random members, walks by cursor, and random commands against a model of sets.
#include <cstdlib>
#include <map>
#include <set>

#include "effect_journal.h"
#include "fixture.h"
#include "gyre/base/random.h"

namespace gyre::cmd {
namespace {

using Model = std::map<std::string, std::set<std::string>>;

class SetRandomTest : public testing::TestWithParam<unsigned> {
 protected:
  SetRandomTest() {
    const char* given = std::getenv("GYRE_TEST_SEED");
    seed_ = given ? std::strtoull(given, nullptr, 10) : base::thread_random().next() % 1000000;
    random_ = base::Random(seed_);
  }
  void SetUp() override { std::printf("seed %llu\n", static_cast<unsigned long long>(seed_)); }

  std::string call(const std::vector<std::string>& words) { return h_.client().call(words); }
  /// The elements of a reply that is an array of texts without spaces.
  std::vector<std::string> list(const std::vector<std::string>& words) {
    const std::string reply = call(words);
    EXPECT_EQ(reply.substr(0, 1), "[") << reply.substr(0, 100);
    return split_words(std::string_view(reply).substr(1, reply.size() - 2));
  }
  std::set<std::string> distinct(const std::vector<std::string>& words) {
    const std::vector<std::string> all = list(words);
    std::set<std::string> members(all.begin(), all.end());
    EXPECT_EQ(members.size(), all.size());
    return members;
  }
  void fill(const std::string& key, const std::string& prefix, size_t count) {
    std::vector<std::string> words{"SADD", key};
    for (size_t i = 0; i < count; ++i) {
      words.push_back(prefix + std::to_string(i));
      model_[key].insert(words.back());
    }
    EXPECT_EQ(call(words), ":" + std::to_string(count));
  }
  size_t below(size_t bound) { return random_.below(bound); }
  std::string key() { return "k" + std::to_string(below(6)); }
  std::string member() {
    const size_t kind = below(20);
    if (kind < 10) return std::to_string(below(300));
    if (kind == 10) return std::string(60 + below(8), 'x') + std::to_string(below(30));
    return "m" + std::to_string(below(300));
  }
  void change();
  void combine();
  void pop();
  std::set<std::string> combination(const std::string& name, const std::vector<std::string>& keys);
  void check_all();

  uint64_t seed_;
  base::Random random_{0};
  Harness h_{GetParam()};
  Model model_;
};
INSTANTIATE_TEST_SUITE_P(Reactors, SetRandomTest, testing::Values(1u, 3u));

TEST_P(SetRandomTest, RandomMembersOfEveryEncoding) {
  fill("intset", "", 50);
  fill("listpack", "m", 50);
  fill("table", "m", 300);
  for (const auto& [key, members] : model_) {
    const size_t size = members.size();
    for (const size_t count : {size_t{1}, size_t{2}, size / 10, size / 2, size - 1, size, size + 5}) {
      const auto some = distinct({"SRANDMEMBER", key, std::to_string(count)});
      EXPECT_EQ(some.size(), std::min(count, size));
      for (const std::string& member : some) EXPECT_TRUE(members.contains(member));
    }
    std::map<std::string, int> seen;
    for (const std::string& member : list({"SRANDMEMBER", key, "-20000"})) ++seen[member];
    EXPECT_EQ(seen.size(), size);
    for (const auto& [member, times] : seen)
      EXPECT_TRUE(members.contains(member) && times < 40000 / int(size) * 2);
    EXPECT_TRUE(members.contains(call({"SRANDMEMBER", key})));
    EXPECT_EQ(call({"SCARD", key}), ":" + std::to_string(size));
  }
  EXPECT_EQ(call({"SRANDMEMBER", "none"}), "nil");
  EXPECT_EQ(call({"SRANDMEMBER", "none", "-3"}), "[]");
  EXPECT_EQ(call({"SRANDMEMBER", "table", "0"}), "[]");
  EXPECT_EQ(call({"SRANDMEMBER", "table", "x"}), "-ERR value is not an integer or out of range");
  EXPECT_EQ(call({"SRANDMEMBER", "table", "1", "1"}), "-ERR syntax error");
  EXPECT_EQ(call({"SRANDMEMBER", "table", "-9223372036854775808"}),
            "-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807");
}

TEST_P(SetRandomTest, PopsFromEveryEncoding) {
  for (const size_t count : {size_t{1}, size_t{7}, size_t{140}, size_t{149}, size_t{150}, size_t{200}}) {
    fill("intset", "", 150);
    fill("listpack", "m", 128);
    fill("table", "m", 150);
    for (auto& [key, members] : model_) {
      const auto gone = distinct({"SPOP", key, std::to_string(count)});
      EXPECT_EQ(gone.size(), std::min(count, members.size()));
      for (const std::string& member : gone) EXPECT_EQ(members.erase(member), 1u);
      EXPECT_EQ(distinct({"SMEMBERS", key}), members);
      while (!members.empty()) EXPECT_EQ(members.erase(call({"SPOP", key})), 1u);
      EXPECT_EQ(call({"EXISTS", key}), ":0");
    }
    model_.clear();
  }
  EXPECT_EQ(call({"SPOP", "none"}), "nil");
  EXPECT_EQ(call({"SPOP", "none", "2"}), "[]");
  EXPECT_EQ(call({"SPOP", "none", "-2"}), "-ERR value is out of range, must be positive");
  EXPECT_EQ(call({"SPOP", "none", "x"}), "-ERR value is out of range, must be positive");
  EXPECT_EQ(call({"SPOP", "none", "2", "2"}), "-ERR syntax error");
}

TEST_P(SetRandomTest, PoppedMembersAreNamed) {
  std::vector<std::string> words{"SADD", "s"};
  for (int i = 0; i < 3000; ++i) words.push_back("m" + std::to_string(i));
  EffectJournal journal;
  call(words);
  h_.dispatcher->propagation = &journal;
  h_.dispatcher->propagating = true;
  for (const int count : {2, 1500, 1400}) {
    const std::vector<std::string> gone = list({"SPOP", "s", std::to_string(count)});
    ASSERT_EQ(gone.size(), static_cast<size_t>(count));
    std::string expected;
    for (size_t at = 0; at < gone.size(); at += 1024) {
      std::vector<std::string> removal{"SREM", "s"};
      for (size_t i = at; i < gone.size() && i < at + 1024; ++i) removal.push_back(gone[i]);
      expected += wire(removal);
    }
    if (count > 1024) expected = wire({"MULTI"}) + expected + wire({"EXEC"});
    EXPECT_EQ(journal.take(), expected);
  }
  h_.dispatcher->propagating = false;
}

TEST_P(SetRandomTest, AWalkSeesAllThatStays) {
  fill("listpack", "m", 100);
  EXPECT_EQ(call({"SSCAN", "listpack", "5", "MATCH", "m7"}), "[0 [m7]]");
  EXPECT_EQ(call({"SSCAN", "listpack", "0", "COUNT", "0"}), "-ERR syntax error");
  EXPECT_EQ(call({"SSCAN", "listpack", "0", "TYPE", "set"}), "-ERR syntax error");
  EXPECT_EQ(call({"SSCAN", "listpack", "0", "COUNT", "x"}), "-ERR value is not an integer or out of range");
  EXPECT_EQ(call({"SSCAN", "listpack", "x"}), "-ERR invalid cursor");
  EXPECT_EQ(call({"SSCAN", "none", "0", "COUNT", "0"}), "[0 []]");
  fill("table", "m", 5000);
  std::set<std::string> seen;
  std::string cursor = "0";
  size_t calls = 0;
  do {
    const std::string reply = call({"SSCAN", "table", cursor, "COUNT", "50", "MATCH", "m*"});
    const size_t space = reply.find(' ');
    cursor = reply.substr(1, space - 1);
    for (const std::string& member :
         split_words(std::string_view(reply).substr(space + 2, reply.size() - space - 4)))
      EXPECT_TRUE(seen.insert(member).second);
    // Others come and go meanwhile.
    call({"SADD", "table", "new" + std::to_string(++calls)});
    call({"SREM", "table", "new" + std::to_string(calls - 1)});
  } while (cursor != "0");
  EXPECT_GT(calls, 20u);
  EXPECT_EQ(seen, model_["table"]);
}

void SetRandomTest::change() {
  const std::string name = key();
  const bool add = below(5) < 3;
  std::vector<std::string> words{add ? "SADD" : "SREM", name};
  std::set<std::string>& members = model_[name];
  size_t changed = 0;
  for (size_t i = 0, n = below(4) == 0 ? below(60) + 1 : 1; i < n; ++i) {
    words.push_back(member());
    changed += add ? members.insert(words.back()).second : members.erase(words.back());
  }
  EXPECT_EQ(call(words), ":" + std::to_string(changed));
  const std::string other = member(), to = key();
  EXPECT_EQ(call({"SISMEMBER", name, other}), members.contains(other) ? ":1" : ":0");
  if (below(4) != 0) return;
  const bool moves = members.contains(other);
  EXPECT_EQ(call({"SMOVE", name, to, other}), moves ? ":1" : ":0");
  if (!moves || to == name) return;
  members.erase(other);
  model_[to].insert(other);
}

std::set<std::string> SetRandomTest::combination(const std::string& name,
                                                 const std::vector<std::string>& keys) {
  std::set<std::string> result = model_[keys[0]];
  for (size_t i = 1; i < keys.size(); ++i) {
    const std::set<std::string>& other = model_[keys[i]];
    if (name == "SUNION") {
      result.insert(other.begin(), other.end());
    } else {
      std::erase_if(result, [&](const std::string& m) { return other.contains(m) == (name == "SDIFF"); });
    }
  }
  return result;
}

void SetRandomTest::combine() {
  const std::string name = std::vector<std::string>{"SINTER", "SUNION", "SDIFF"}[below(3)];
  std::vector<std::string> keys;
  for (size_t i = 0, n = below(4) + 1; i < n; ++i) keys.push_back(key());
  const std::set<std::string> result = combination(name, keys);
  std::vector<std::string> words{name};
  words.insert(words.end(), keys.begin(), keys.end());
  EXPECT_EQ(distinct(words), result);
  if (below(6) == 0) {
    const std::string to = key();
    words[0] += "STORE";
    words.insert(words.begin() + 1, to);
    EXPECT_EQ(call(words), ":" + std::to_string(result.size()));
    model_[to] = result;
  } else if (name == "SINTER") {
    words[0] = "SINTERCARD";
    words.insert(words.begin() + 1, std::to_string(keys.size()));
    EXPECT_EQ(call(words), ":" + std::to_string(result.size()));
    words.insert(words.end(), {"LIMIT", "3"});
    EXPECT_EQ(call(words), ":" + std::to_string(std::min<size_t>(result.size(), 3)));
  }
}

void SetRandomTest::pop() {
  const std::string name = key();
  std::set<std::string>& members = model_[name];
  const size_t count = below(3) == 0 ? below(members.size() + 2) : below(5);
  const auto gone = distinct({"SPOP", name, std::to_string(count)});
  EXPECT_EQ(gone.size(), std::min(count, members.size()));
  for (const std::string& member : gone) EXPECT_EQ(members.erase(member), 1u);
}

void SetRandomTest::check_all() {
  for (const auto& [name, members] : model_) {
    EXPECT_EQ(distinct({"SMEMBERS", name}), members);
    EXPECT_EQ(call({"SCARD", name}), ":" + std::to_string(members.size()));
    EXPECT_EQ(call({"EXISTS", name}), members.empty() ? ":0" : ":1");
  }
}

TEST_P(SetRandomTest, AsTheModel) {
  for (int step = 0; step < 6000 && !HasFailure(); ++step) {
    const size_t kind = below(10);
    if (kind < 7) {
      change();
    } else if (kind < 9) {
      combine();
    } else {
      pop();
    }
    if (step % 500 == 0) {
      h_.environment.set = below(2) == 0 ? SetLimits{} : SetLimits{below(60), below(60), below(70)};
      check_all();
    }
  }
  check_all();
}

}  // namespace
}  // namespace gyre::cmd
