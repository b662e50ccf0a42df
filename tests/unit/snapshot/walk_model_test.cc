// Random changes between the steps of a walk: whatever they are, the image is what was there at the cut.
#include <cstdlib>
#include <random>

#include "collection_changes.h"
#include "harness.h"

namespace gyre::snapshot {
namespace {

class Mutator {
 public:
  Mutator(Harness& harness, std::mt19937_64& random, size_t keys)
      : harness_(harness), random_(random), keys_(keys) {}

  void fill(size_t count) {
    for (size_t i = 0; i < count; ++i) set();
  }
  void change() {
    switch (random_() % 40) {
      case 0:
        return grow();
      case 1:
        return shrink();
      case 2:
        return random_() % 4 == 0 ? flush() : set();
      case 3:
        return swap();
      case 4:
        harness_.now_ms += 20;
        return;
      case 5:
      case 6:
      case 7:
      case 8:
        return move();
      case 9:
      case 10:
        return copy();
      case 11:
      case 12:
      case 13:
        return expire();
      case 14:
        return persist();
      case 15:
      case 16:
      case 17:
      case 18:
        return append();
      case 19:
      case 20:
      case 21:
      case 22:
      case 23:
      case 24:
        harness_.erase(database(), name());
        return;
      case 25:
        (void)harness_.db(database()).read(store::make_key(name()));
        return;
      case 26:
      case 27:
      case 28:
      case 29:
        return change_collection(harness_, database(), name(), random_);
      default:
        return set();
    }
  }

 private:
  unsigned database() { return static_cast<unsigned>(random_() % harness_.keyspace.database_count()); }
  std::string name() { return "key:" + std::to_string(random_() % keys_); }
  std::string value() {
    switch (random_() % 64) {
      case 0:
        return std::string(1000 + random_() % 3000, static_cast<char>('a' + random_() % 26));
      case 1:
        return random_() % 8 != 0
                   ? "blob"
                   : std::string(65536 + random_() % 9, static_cast<char>('a' + random_() % 26));
      default:
        break;
    }
    if (random_() % 3 == 0) return std::to_string(static_cast<int64_t>(random_()) >> (random_() % 64));
    return std::string(random_() % 80, static_cast<char>('a' + random_() % 26));
  }
  int64_t moment() {
    return random_() % 4 == 0 ? harness_.now_ms + static_cast<int64_t>(random_() % 200) : -1;
  }
  void set() { harness_.set(database(), name(), value(), moment()); }
  void grow() {
    const unsigned db = database();
    for (int i = 0; i < 300; ++i) harness_.set(db, "grown:" + std::to_string(random_() % 5000), "1");
  }
  void shrink() {
    const unsigned db = database();
    for (size_t i = 0; i < keys_; ++i)
      if (random_() % 8 != 0) harness_.erase(db, "key:" + std::to_string(i));
    for (size_t i = 0; i < 5000; i += 1 + random_() % 3) harness_.erase(db, "grown:" + std::to_string(i));
  }
  void flush() {
    const unsigned db = database();
    for (unsigned i = 0; i < harness_.keyspace.shard_count(); ++i)
      harness_.keyspace.shard(i).drop_database(db, random_() % 2 == 0);
  }
  void swap() {
    const unsigned a = database(), b = database();
    for (unsigned i = 0; a != b && i < harness_.keyspace.shard_count(); ++i)
      harness_.keyspace.shard(i).swap_databases(a, b);
  }
  void move() {
    store::Db from = harness_.db(database()), to = harness_.db(database());
    const std::string source = name(), target = name();
    const store::Key source_key = store::make_key(source), target_key = store::make_key(target);
    store::Entry* found = from.write(source_key);
    if (found && !to.write(target_key)) from.move(source_key, from.write(source_key), to, target_key);
  }
  void copy() {
    store::Db from = harness_.db(database()), to = harness_.db(database());
    const std::string source = name(), target = name();
    const store::Key source_key = store::make_key(source), target_key = store::make_key(target);
    if (!from.write(source_key) || to.write(target_key)) return;
    from.copy(*from.write(source_key), to, target_key);
  }
  void expire() {
    store::Db db = harness_.db(database());
    const std::string n = name();
    const store::Key key = store::make_key(n);
    if (store::Entry* found = db.write(key))
      db.set_expiry(key, found, harness_.now_ms + static_cast<int64_t>(random_() % 200));
  }
  void persist() {
    store::Db db = harness_.db(database());
    const std::string n = name();
    const store::Key key = store::make_key(n);
    if (store::Entry* found = db.write(key)) db.remove_expiry(key, found);
  }
  void append() {
    store::Db db = harness_.db(database());
    const std::string n = name();
    const store::Key key = store::make_key(n);
    store::Entry* found = db.write(key);
    if (found && found->type() != store::Type::kString) return;
    char digits[base::kInt64TextMax];
    const size_t size = found ? found->text(digits).size() : 0;
    store::Entry* entry;
    char* data = db.edit_string(key, found, size + 2, &entry);
    data[0] = '#';
    data[size + 1] = '!';
  }

  Harness& harness_;
  std::mt19937_64& random_;
  size_t keys_;
};

void run(uint64_t seed, const store::KeyspaceOptions& options, size_t keys) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  Harness harness(options);
  Mutator mutator(harness, random, keys);
  mutator.fill(keys + random() % keys);
  for (int walk = 0; walk < 2; ++walk) {
    WalkOptions walk_options;
    walk_options.compress = random() % 2 == 0;
    harness.begin(walk_options);
    const uint64_t changes = random() % 8;
    bool done = false;
    for (int turn = 0; !done && turn < 5000; ++turn) {
      for (uint64_t i = 0; i < changes; ++i) mutator.change();
      unsigned through = 0;
      for (unsigned r = 0; r < harness.reactors; ++r) through += harness.step(r) == StepResult::kDone;
      done = through == harness.reactors;
      if (random() % 8 == 0) harness.pull(random() % 4);
      // Given up half way: the next walk begins with what is left, or after it was swept.
      if (walk == 0 && random() % 400 == 0) {
        harness.writer.reset();
        harness.walk.end();
        for (uint64_t i = 0; i < changes; ++i) mutator.change();
        if (random() % 2 == 0) harness.end();
        break;
      }
    }
    if (harness.writer) harness.finish_and_compare();
  }
}

/// Runs `count` seeds; GYRE_TEST_SEED says which is the first.
void run_seeds(uint64_t count, const store::KeyspaceOptions& options, size_t (*keys)(uint64_t seed)) {
  const char* given = std::getenv("GYRE_TEST_SEED");
#ifdef GYRE_SANITIZED
  count /= 4;
#endif
  const uint64_t first = given ? std::strtoull(given, nullptr, 10) : 1;
  for (uint64_t seed = first; seed < first + count && !testing::Test::HasFailure(); ++seed)
    run(seed, options, keys(seed));
}

TEST(WalkModel, OneShard) {
  run_seeds(400, {.reactors = 1, .databases = 2, .shards = 1},
            [](uint64_t seed) -> size_t { return 20 + seed * 7 % 200; });
}

TEST(WalkModel, OneShardThatSplitsAndMerges) {
  run_seeds(60, {.reactors = 1, .databases = 1, .shards = 1}, [](uint64_t) -> size_t { return 3000; });
}

TEST(WalkModel, SeveralReactors) {
  run_seeds(200, {.reactors = 3, .databases = 3, .shards = 4},
            [](uint64_t seed) -> size_t { return 50 + seed % 300; });
}

}  // namespace
}  // namespace gyre::snapshot
