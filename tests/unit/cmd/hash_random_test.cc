// Random fields, walks by cursor, and random commands against a model of hashes.
#include <cstdlib>
#include <map>
#include <set>

#include "fixture.h"
#include "gyre/base/random.h"

namespace gyre::cmd {
namespace {

using Fields = std::map<std::string, std::string>;

class HashRandomTest : public testing::TestWithParam<unsigned> {
 protected:
  HashRandomTest() {
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
  Fields pairs(const std::vector<std::string>& words) {
    const std::vector<std::string> all = list(words);
    Fields fields;
    EXPECT_EQ(all.size() % 2, 0u);
    for (size_t i = 0; i + 1 < all.size(); i += 2) fields[all[i]] = all[i + 1];
    EXPECT_EQ(fields.size(), all.size() / 2);
    return fields;
  }
  void fill(const std::string& key, size_t count) {
    std::vector<std::string> words{"HSET", key};
    for (size_t i = 0; i < count; ++i) {
      words.push_back(i % 2 == 0 ? "f" + std::to_string(i) : std::to_string(i));
      words.push_back("v" + std::to_string(i));
      model_[key][words[words.size() - 2]] = words.back();
    }
    EXPECT_EQ(call(words), ":" + std::to_string(count));
  }
  size_t below(size_t bound) { return random_.below(bound); }
  std::string key() { return "k" + std::to_string(below(5)); }
  std::string word(size_t kinds) {
    const size_t kind = below(25);
    if (kind < 10) return std::to_string(below(kinds));
    if (kind == 10) return std::string(60 + below(8), 'x') + std::to_string(below(10));
    if (kind == 11) return std::to_string(static_cast<int64_t>(random_.next()));
    if (kind == 12) return std::string(below(400) + 1, 'y');
    return "w" + std::to_string(below(kinds));
  }
  void set();
  void count();
  void erase();
  void ask();
  void check_all();

  uint64_t seed_;
  base::Random random_{0};
  Harness h_{GetParam()};
  std::map<std::string, Fields> model_;
};
INSTANTIATE_TEST_SUITE_P(Reactors, HashRandomTest, testing::Values(1u, 3u));

TEST_P(HashRandomTest, RandomFieldsOfBothEncodings) {
  fill("listpack", 60);
  fill("table", 700);
  for (const auto& [key, fields] : model_) {
    const size_t size = fields.size();
    for (const size_t count : {size_t{1}, size_t{2}, size / 10, size / 2, size - 1, size, size + 5}) {
      const Fields some = pairs({"HRANDFIELD", key, std::to_string(count), "WITHVALUES"});
      EXPECT_EQ(some.size(), std::min(count, size));
      for (const auto& [field, value] : some) EXPECT_EQ(fields.at(field), value);
      const std::vector<std::string> names = list({"HRANDFIELD", key, std::to_string(count)});
      EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), std::min(count, size));
    }
    std::map<std::string, size_t> seen;
    for (const std::string& field : list({"HRANDFIELD", key, "-30000"})) ++seen[field];
    EXPECT_EQ(seen.size(), size);
    for (const auto& [field, times] : seen) EXPECT_TRUE(fields.contains(field) && times < 90000 / size);
    EXPECT_TRUE(fields.contains(call({"HRANDFIELD", key})));
    EXPECT_EQ(call({"HRANDFIELD", key, "0"}), "[]");
    EXPECT_EQ(list({"HRANDFIELD", key, "-7", "WITHVALUES"}).size(), 14u);
  }
  EXPECT_EQ(call({"HRANDFIELD", "none"}), "nil");
  EXPECT_EQ(call({"HRANDFIELD", "none", "-3"}), "[]");
  EXPECT_EQ(call({"HRANDFIELD", "table", "1", "1"}), "-ERR syntax error");
  EXPECT_EQ(call({"HRANDFIELD", "table", "1", "WITHVALUES", "1"}), "-ERR syntax error");
  EXPECT_EQ(call({"HRANDFIELD", "table", "-9223372036854775808"}),
            "-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807");
  EXPECT_EQ(call({"HRANDFIELD", "table", "-9223372036854775807", "WITHVALUES"}),
            "-ERR value is out of range");
}

TEST_P(HashRandomTest, AWalkSeesAllThatStays) {
  fill("listpack", 100);
  EXPECT_EQ(call({"HSCAN", "listpack", "5", "MATCH", "f8"}), "[0 [f8 v8]]");
  EXPECT_EQ(call({"HSCAN", "listpack", "5", "MATCH", "v*"}), "[0 []]");
  EXPECT_EQ(call({"HSCAN", "listpack", "0", "COUNT", "0"}), "-ERR syntax error");
  EXPECT_EQ(call({"HSCAN", "listpack", "0", "NOVALUES"}), "-ERR syntax error");
  EXPECT_EQ(call({"HSCAN", "none", "0", "COUNT", "0"}), "[0 []]");
  fill("table", 5000);
  Fields seen;
  std::string cursor = "0";
  size_t calls = 0;
  do {
    const std::string reply = call({"HSCAN", "table", cursor, "COUNT", "50"});
    const size_t space = reply.find(' ');
    cursor = reply.substr(1, space - 1);
    const std::vector<std::string> some =
        split_words(std::string_view(reply).substr(space + 2, reply.size() - space - 4));
    for (size_t i = 0; i + 1 < some.size(); i += 2) EXPECT_TRUE(seen.emplace(some[i], some[i + 1]).second);
    // Others come and go meanwhile.
    call({"HSET", "table", "new" + std::to_string(++calls), "x"});
    call({"HDEL", "table", "new" + std::to_string(calls - 1)});
  } while (cursor != "0");
  EXPECT_GT(calls, 20u);
  std::erase_if(seen, [](const auto& pair) { return pair.first.starts_with("new"); });
  EXPECT_EQ(seen, model_["table"]);
}

void HashRandomTest::set() {
  const std::string name = key();
  std::vector<std::string> words{below(3) == 0 ? "HMSET" : "HSET", name};
  Fields& fields = model_[name];
  size_t added = 0;
  for (size_t i = 0, n = below(4) == 0 ? below(60) + 1 : 1; i < n; ++i) {
    words.push_back(word(300));
    words.push_back(word(1000));
    added += fields.insert_or_assign(words[words.size() - 2], words.back()).second;
  }
  EXPECT_EQ(call(words), words[0] == "HSET" ? ":" + std::to_string(added) : "OK");
  if (below(4) != 0) return;
  const std::string field = word(300), value = word(1000);
  EXPECT_EQ(call({"HSETNX", name, field, value}), model_[name].emplace(field, value).second ? ":1" : ":0");
}

void HashRandomTest::count() {
  const std::string name = key(), field = word(300);
  Fields& fields = model_[name];
  const int64_t increment = static_cast<int64_t>(below(1000)) - 500;
  const auto found = fields.find(field);
  const std::optional<int64_t> before = found == fields.end() ? 0 : base::parse_int64(found->second);
  const std::string reply = call({"HINCRBY", name, field, std::to_string(increment)});
  int64_t sum;
  if (!before) {
    EXPECT_EQ(reply, "-ERR hash value is not an integer");
  } else if (__builtin_add_overflow(*before, increment, &sum)) {
    EXPECT_EQ(reply, "-ERR increment or decrement would overflow");
  } else {
    EXPECT_EQ(reply, ":" + std::to_string(sum));
    fields[field] = std::to_string(sum);
    if (below(3) != 0) return;
    fields[field] = base::format_long_double(static_cast<long double>(sum) + 0.5L);
    EXPECT_EQ(call({"HINCRBYFLOAT", name, field, "0.5"}), fields[field]);
  }
}

void HashRandomTest::erase() {
  const std::string name = key();
  std::vector<std::string> words{"HDEL", name};
  Fields& fields = model_[name];
  size_t removed = 0;
  for (size_t i = 0, n = below(4) == 0 ? below(100) + 1 : 1; i < n; ++i) {
    words.push_back(word(300));
    removed += fields.erase(words.back());
  }
  EXPECT_EQ(call(words), ":" + std::to_string(removed));
}

void HashRandomTest::ask() {
  const std::string name = key(), field = word(300);
  const Fields& fields = model_[name];
  const auto found = fields.find(field);
  const bool is_there = found != fields.end();
  EXPECT_EQ(call({"HGET", name, field}), is_there ? found->second : "nil");
  EXPECT_EQ(call({"HEXISTS", name, field}), is_there ? ":1" : ":0");
  EXPECT_EQ(call({"HSTRLEN", name, field}), ":" + std::to_string(is_there ? found->second.size() : 0));
  EXPECT_EQ(call({"HLEN", name}), ":" + std::to_string(fields.size()));
}

void HashRandomTest::check_all() {
  for (const auto& [name, fields] : model_) {
    EXPECT_EQ(pairs({"HGETALL", name}), fields);
    EXPECT_EQ(call({"EXISTS", name}), fields.empty() ? ":0" : ":1");
    std::multiset<std::string> names, values;
    for (const auto& [field, value] : fields) {
      names.insert(field);
      values.insert(value);
    }
    const std::vector<std::string> all_names = list({"HKEYS", name}), all_values = list({"HVALS", name});
    EXPECT_EQ(std::multiset<std::string>(all_names.begin(), all_names.end()), names);
    EXPECT_EQ(std::multiset<std::string>(all_values.begin(), all_values.end()), values);
  }
}

TEST_P(HashRandomTest, AsTheModel) {
  for (int step = 0; step < 6000 && !HasFailure(); ++step) {
    const size_t kind = below(10);
    if (kind < 3) {
      set();
    } else if (kind < 5) {
      count();
    } else if (kind < 8) {
      erase();
    } else {
      ask();
    }
    if (step % 500 == 0) {
      if (below(3) == 0) call({"DEL", "k0", "k1", "k2"}), model_["k0"] = model_["k1"] = model_["k2"] = {};
      h_.environment.hash = below(2) == 0 ? PackedLimits{512, 64} : PackedLimits{below(60), below(70)};
      check_all();
    }
  }
  check_all();
}

}  // namespace
}  // namespace gyre::cmd
