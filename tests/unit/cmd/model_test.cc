// Random commands against a model that is too simple to be wrong: a map from names to values for each
// database. The seed is printed; GYRE_TEST_SEED repeats a run.
#include <cstdlib>
#include <map>
#include <optional>

#include "fixture.h"
#include "gyre/base/numbers.h"
#include "gyre/base/random.h"

namespace gyre::cmd {
namespace {

constexpr unsigned kDatabases = 3;
constexpr unsigned kKeys = 60;

struct ModelValue {
  std::string text;
  int64_t expiry = -1;
};
using ModelDatabase = std::map<std::string, ModelValue>;

uint64_t choose_seed() {
  const char* given = std::getenv("GYRE_TEST_SEED");
  return given ? std::strtoull(given, nullptr, 10) : base::thread_random().next() % 1000000;
}

class ModelTest : public testing::TestWithParam<unsigned> {
 protected:
  ModelTest() : seed_(choose_seed()), random_(seed_) {}
  void SetUp() override { std::printf("seed %llu\n", static_cast<unsigned long long>(seed_)); }

  size_t below(size_t bound) { return random_.below(bound); }
  std::string some_key() { return "key:" + std::to_string(below(kKeys)); }
  /// Sizes around the limits between the ways of keeping a string, and integers.
  std::string some_value() {
    static constexpr size_t kSizes[] = {0,  1,   5,   20,  44,  45,   62,   63,   64,
                                        65, 200, 950, 960, 961, 1000, 5000, 20000};
    if (below(4) == 0) return std::to_string(static_cast<int64_t>(random_.next()) >> below(64));
    return std::string(kSizes[below(std::size(kSizes))], static_cast<char>('a' + below(26)));
  }

  void expect(const std::vector<std::string>& words, const std::string& reply) {
    const std::string got = h_.client().call(words);
    if (got == reply) return;
    std::string line;
    for (const std::string& word : words) line += word.substr(0, 60) + " ";
    ADD_FAILURE() << "seed " << seed_ << " step " << step_ << ": " << line << "\n  " << got.substr(0, 200)
                  << "\n  " << reply.substr(0, 200);
  }

  ModelDatabase& here() { return model_[db_]; }
  ModelValue* find(const std::string& key) {
    auto it = here().find(key);
    return it == here().end() ? nullptr : &it->second;
  }
  void purge() {
    for (ModelDatabase& database : model_)
      std::erase_if(database, [&](const auto& item) {
        return item.second.expiry >= 0 && item.second.expiry < h_.now_ms();
      });
  }

  void step();
  void set_commands(const std::string& key);
  void edit_commands(const std::string& key);
  void expiry_commands(const std::string& key);
  void move_commands(const std::string& key);
  void whole_commands();
  void check_everything();

  const uint64_t seed_;
  base::Random random_;
  Harness h_{GetParam()};
  ModelDatabase model_[kDatabases];
  unsigned db_ = 0;
  int step_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Reactors, ModelTest, testing::Values(1u, 2u));

void ModelTest::set_commands(const std::string& key) {
  ModelValue* found = find(key);
  const std::string value = some_value();
  const std::string old = found ? found->text : "nil";
  switch (below(8)) {
    case 0:
      expect({"SET", key, value}, "OK");
      here()[key] = {value, -1};
      break;
    case 1:
      expect({"SET", key, value, "PX", "50", "GET"}, old);
      here()[key] = {value, h_.now_ms() + 50};
      break;
    case 2:
      expect({"SET", key, value, "KEEPTTL"}, "OK");
      here()[key].text = value;
      break;
    case 3:
      expect({"SET", key, value, "NX"}, found ? "nil" : "OK");
      if (!found) here()[key] = {value, -1};
      break;
    case 4:
      expect({"SET", key, value, "XX", "EX", "1"}, found ? "OK" : "nil");
      if (found) *found = {value, h_.now_ms() + 1000};
      break;
    case 5:
      expect({"GETSET", key, value}, old);
      here()[key] = {value, -1};
      break;
    case 6: {
      const std::string other = some_key();
      expect({"MSET", key, value, other, "other"}, "OK");
      here()[key] = {value, -1};
      here()[other] = {"other", -1};
      break;
    }
    case 7: {
      const std::string other = some_key();
      const bool fresh = !found && !find(other);
      expect({"MSETNX", key, value, other, "other"}, fresh ? ":1" : ":0");
      if (fresh) here()[key] = {value, -1};
      if (fresh) here()[other] = {"other", -1};
      break;
    }
  }
}

void ModelTest::edit_commands(const std::string& key) {
  ModelValue* found = find(key);
  std::string text = found ? found->text : "";
  switch (below(4)) {
    case 0: {
      const std::string more = some_value();
      if (text.size() + more.size() > 100000) return;
      text += more;
      expect({"APPEND", key, more}, ":" + std::to_string(text.size()));
      break;
    }
    case 1: {
      const size_t at = below(text.size() + 20);
      const std::string part = some_value();
      if (!part.empty()) {
        if (text.size() < at + part.size()) text.resize(at + part.size(), '\0');
        text.replace(at, part.size(), part);
      }
      expect({"SETRANGE", key, std::to_string(at), part}, ":" + std::to_string(text.size()));
      if (part.empty()) return;
      break;
    }
    case 2: {
      const auto number = base::parse_int64(found ? text : "0");
      const int64_t increment = static_cast<int64_t>(random_.next()) >> below(64);
      int64_t sum;
      if (!number)
        return expect({"INCRBY", key, std::to_string(increment)},
                      "-ERR value is not an integer or out of range");
      if (__builtin_add_overflow(*number, increment, &sum))
        return expect({"INCRBY", key, std::to_string(increment)},
                      "-ERR increment or decrement would overflow");
      text = std::to_string(sum);
      expect({"INCRBY", key, std::to_string(increment)}, ":" + text);
      break;
    }
    default: {
      const size_t start = below(text.size() + 5), end = below(text.size() + 5);
      const std::string part = start < text.size() && start <= end ? text.substr(start, end - start + 1) : "";
      return expect({"GETRANGE", key, std::to_string(start), std::to_string(end)}, part);
    }
  }
  here()[key].text = text;
}

void ModelTest::expiry_commands(const std::string& key) {
  ModelValue* found = find(key);
  const int64_t ms = static_cast<int64_t>(below(200)) - 10;
  switch (below(4)) {
    case 0:
      expect({"PEXPIRE", key, std::to_string(ms)}, found ? ":1" : ":0");
      if (found && ms <= 0) here().erase(key);
      if (found && ms > 0) found->expiry = h_.now_ms() + ms;
      break;
    case 1:
      expect({"PERSIST", key}, found && found->expiry >= 0 ? ":1" : ":0");
      if (found) found->expiry = -1;
      break;
    case 2:
      expect({"GETEX", key, "PX", "70"}, found ? found->text : "nil");
      if (found) found->expiry = h_.now_ms() + 70;
      break;
    case 3: {
      const std::string left = !found              ? "-2"
                               : found->expiry < 0 ? "-1"
                                                   : std::to_string(found->expiry - h_.now_ms());
      expect({"PTTL", key}, ":" + left);
      break;
    }
  }
}

void ModelTest::move_commands(const std::string& key) {
  ModelValue* found = find(key);
  const std::string other = some_key();
  const unsigned target = static_cast<unsigned>(below(kDatabases));
  switch (below(5)) {
    case 0:
      expect({"RENAME", key, other}, found ? "OK" : "-ERR no such key");
      if (!found || key == other) return;
      here()[other] = *found;
      here().erase(key);
      break;
    case 1:
      expect({"RENAMENX", key, other}, !found ? "-ERR no such key" : find(other) ? ":0" : ":1");
      if (!found || find(other)) return;
      here()[other] = *found;
      here().erase(key);
      break;
    case 2: {
      if (target == db_) return;
      const bool moves = found && !model_[target].contains(key);
      expect({"MOVE", key, std::to_string(target)}, moves ? ":1" : ":0");
      if (!moves) return;
      model_[target][key] = *found;
      here().erase(key);
      break;
    }
    case 3: {
      if (target == db_ && key == other) return;
      expect({"COPY", key, other, "DB", std::to_string(target), "REPLACE"}, found ? ":1" : ":0");
      if (found) model_[target][other] = ModelValue(*found);
      break;
    }
    case 4:
      expect({below(2) ? "DEL" : "UNLINK", key, other, key},
             ":" + std::to_string((found != nullptr) + (other != key && find(other))));
      here().erase(key);
      here().erase(other);
      break;
  }
}

void ModelTest::whole_commands() {
  switch (below(12)) {
    case 0:
      expect({"FLUSHDB", below(2) ? "ASYNC" : "SYNC"}, "OK");
      here().clear();
      break;
    case 1: {
      const unsigned a = static_cast<unsigned>(below(kDatabases)),
                     b = static_cast<unsigned>(below(kDatabases));
      expect({"SWAPDB", std::to_string(a), std::to_string(b)}, "OK");
      std::swap(model_[a], model_[b]);
      break;
    }
    case 2:
      check_everything();
      break;
    default:
      db_ = static_cast<unsigned>(below(kDatabases));
      expect({"SELECT", std::to_string(db_)}, "OK");
      break;
  }
}

/// Reads all keys, so that expired ones are gone, then compares the books.
void ModelTest::check_everything() {
  const unsigned before = db_;
  for (db_ = 0; db_ < kDatabases; ++db_) {
    expect({"SELECT", std::to_string(db_)}, "OK");
    size_t with_expiry = 0, large = 0, blobs = 0;
    for (unsigned i = 0; i < kKeys; ++i) {
      const std::string key = "key:" + std::to_string(i);
      const ModelValue* found = find(key);
      expect({"GET", key}, found ? found->text : "nil");
      with_expiry += found && found->expiry >= 0;
      large += found && found->text.size() > store::kInlineMax;
    }
    expect({"DBSIZE"}, ":" + std::to_string(here().size()));
    EXPECT_EQ(h_.keyspace.keys_with_expiry(db_), with_expiry);
    for (unsigned i = 0; i < h_.keyspace.shard_count(); ++i) {
      store::Database* d = h_.keyspace.shard(i).find_database(db_);
      if (!d) continue;
      blobs += d->blobs;
      EXPECT_EQ(d->blobs == 0, d->blob_bytes.get() == 0);
    }
    EXPECT_EQ(blobs, large);
  }
  db_ = before;
  expect({"SELECT", std::to_string(db_)}, "OK");
}

void ModelTest::step() {
  ++step_;
  if (below(10) == 0) h_.advance_ms(static_cast<int64_t>(below(30)));
  purge();
  const std::string key = some_key();
  const ModelValue* found = find(key);
  switch (below(10)) {
    case 0:
    case 1:
      return set_commands(key);
    case 2:
    case 3:
      return edit_commands(key);
    case 4:
      return expiry_commands(key);
    case 5:
      return move_commands(key);
    case 6:
      return expect({"STRLEN", key}, ":" + std::to_string(found ? found->text.size() : 0));
    case 7:
      return expect({"EXISTS", key, key}, found ? ":2" : ":0");
    case 8: {
      const std::string other = some_key();
      const ModelValue* second = find(other);
      return expect({"MGET", key, other},
                    "[" + (found ? found->text : "nil") + " " + (second ? second->text : "nil") + "]");
    }
    default:
      return whole_commands();
  }
}

TEST_P(ModelTest, RandomCommands) {
  for (int i = 0; i < 20000 && !HasFailure(); ++i) step();
  check_everything();
  store::drain_lazyfree();
}

}  // namespace
}  // namespace gyre::cmd
