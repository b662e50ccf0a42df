// What a walk promises, case by case. Random changes are in walk_model_test.cc.
#include "gyre/base/memory.h"
#include "harness.h"

namespace gyre::snapshot {
namespace {

constexpr store::KeyspaceOptions kOneShard{.reactors = 1, .databases = 4, .shards = 1};

void fill(Harness& harness, unsigned db, int keys, size_t value_bytes = 20) {
  for (int i = 0; i < keys; ++i) harness.set(db, "key:" + std::to_string(i), std::string(value_bytes, 'v'));
}

TEST(Walk, NothingToSave) {
  Harness harness(kOneShard);
  harness.begin();
  EXPECT_TRUE(harness.walk.finished());
  EXPECT_EQ(harness.step(), StepResult::kDone);
  harness.finish_and_compare();
}

TEST(Walk, ValuesOfAllKinds) {
  Harness harness(kOneShard);
  harness.set(0, "empty", "");
  harness.set(0, "int", "12345678901234567");
  harness.set(1, "text", "text", kNow + 1000);
  harness.set(1, "inline", std::string(900, 'i'));
  harness.set(2, "blob", std::string(5000, 'b'), kNow + 1);
  harness.set(3, "large", std::string(1'000'000, 'l'));
  harness.set(3, std::string(100'000, 'k'), "long key");
  harness.begin();
  EXPECT_EQ(harness.walk.sizes()[1].keys, 2u);
  EXPECT_EQ(harness.walk.sizes()[1].with_expiry, 1u);
  harness.finish_and_compare();
}

TEST(Walk, KeysThatHadExpiredAtTheCutAreSaved) {
  Harness harness(kOneShard);
  harness.set(0, "gone", "v", kNow - 1);
  harness.set(0, "alive", "v", kNow + 1);
  harness.begin();
  // Found to be expired during the walk, it is deleted, and saved all the same.
  EXPECT_EQ(harness.db(0).read(store::make_key("gone")), nullptr);
  EXPECT_EQ(harness.at_cut.size(), 2u);
  harness.finish_and_compare();
}

TEST(Walk, AccessTimesAreNoChange) {
  Harness harness(kOneShard);
  fill(harness, 0, 100);
  harness.begin();
  harness.now_ms += 5000;
  for (int i = 0; i < 100; ++i) harness.db(0).read(store::make_key("key:" + std::to_string(i)));
  EXPECT_EQ(harness.walk.pre_image_bytes(), 0u);
  harness.finish_and_compare();
}

TEST(Walk, EachEntryIsPreservedOnce) {
  Harness harness(kOneShard);
  fill(harness, 0, 2000);
  harness.begin();
  harness.set(0, "key:7", "x");
  EXPECT_EQ(harness.walk.keys_done(), 1u);
  harness.set(0, "key:7", std::string(20, 'y'));
  harness.erase(0, "key:7");
  harness.set(0, "key:7", "again");
  harness.set(0, "new", "new");
  harness.erase(0, "new");
  EXPECT_EQ(harness.walk.keys_done(), 1u);
  harness.finish_and_compare();
}

TEST(Walk, LargeValuesAreReferredToAndNotChangedUnderTheConsumer) {
  Harness harness(kOneShard);
  harness.set(0, "large", std::string(200'000, 'l'));
  const void* data = harness.db(0).peek(store::make_key("large"))->raw_value().data();
  harness.begin();
  const store::Key key = store::make_key("large");
  store::Db db = harness.db(0);
  store::Entry* entry;
  char* bytes = db.edit_string(key, db.write(key), 200'001, &entry);
  EXPECT_NE(bytes, data);
  std::memset(bytes, 'X', 200'001);
  EXPECT_GE(harness.walk.pre_image_bytes(), 200'000u);
  harness.finish_and_compare();
}

TEST(Walk, FlushHandsTheDataOver) {
  Harness harness(kOneShard);
  fill(harness, 0, 3000);
  fill(harness, 2, 3000);
  harness.begin();
  for (int i = 0; i < 20; ++i) harness.step();
  for (unsigned db = 0; db < 4; ++db) harness.keyspace.shard(0).drop_database(db, true);
  EXPECT_EQ(harness.keyspace.keys(0), 0u);
  // Nothing of the keyspace is left to be observed.
  EXPECT_EQ(harness.keyspace.shard(0).observer, nullptr);
  fill(harness, 0, 50);
  harness.finish_and_compare();
  store::drain_lazyfree();
}

TEST(Walk, DatabasesAreNumberedAsTheyWereAtTheCut) {
  Harness harness(kOneShard);
  fill(harness, 0, 1000);
  harness.set(1, "other", "v");
  harness.begin();
  harness.step();
  harness.keyspace.shard(0).swap_databases(0, 3);
  harness.set(3, "key:1", "changed");
  harness.keyspace.shard(0).swap_databases(1, 0);
  harness.erase(0, "other");
  harness.finish_and_compare();
}

TEST(Walk, GivenUpItLeavesNothingBehind) {
  Harness harness(kOneShard);
  fill(harness, 0, 20'000);
  fill(harness, 1, 20'000);
  const auto memory = [&] {
    return harness.keyspace.shard(0).find_database(0)->table.memory_bytes() +
           harness.keyspace.shard(0).find_database(1)->table.memory_bytes();
  };
  const size_t before = memory();
  const int64_t allocated = base::allocated_bytes();
  harness.begin();
  for (int i = 0; i < 100; ++i) harness.step();
  for (int i = 0; i < 20'000; i += 100) harness.set(0, "key:" + std::to_string(i), std::string(20, 'w'));
  EXPECT_GT(memory(), before);
  harness.end();
  EXPECT_EQ(memory(), before);
  harness.at_cut.clear();
  // The walk keeps its lists of parts, and the arena its pages.
  EXPECT_LT(base::allocated_bytes() - allocated, 64 * 1024);
}

TEST(Walk, MetadataOfFewSegmentsAtATime) {
  Harness harness(kOneShard);
  fill(harness, 0, 50'000);
  store::Database& database = *harness.keyspace.shard(0).find_database(0);
  const size_t before = database.table.memory_bytes();
  harness.begin();
  size_t most = 0;
  while (harness.step() != StepResult::kDone) {
    most = std::max(most, database.table.memory_bytes());
    harness.pull();
  }
  EXPECT_LT(most - before, 2048u);
  harness.finish_and_compare();
}

TEST(Walk, IdleTimesAndFrequencies) {
  using Kind = rdb::Access::Kind;
  for (Kind kind : {Kind::kIdleSeconds, Kind::kFrequency}) {
    Harness harness(kOneShard);
    if (kind == Kind::kFrequency) harness.keyspace.access_policy = store::AccessPolicy::kLfu;
    harness.set(0, "old", "v");
    harness.now_ms += 90'000;
    harness.set(0, "fresh", "v");
    WalkOptions options;
    options.access = kind;
    harness.begin(options);
    harness.now_ms += 120'000;
    harness.db(0).read(store::make_key("fresh"));  // its clock is ahead of the cut's now
    while (harness.pull() != StreamWriter::Result::kEnd) harness.step();
    harness.end();
    rdb::RdbReader reader(harness.stream);
    rdb::ReadImage image = reader.read_image();
    const rdb::ReadPair old = image.pairs[{0, "old"}], fresh = image.pairs[{0, "fresh"}];
    EXPECT_EQ(old.idle, kind == Kind::kIdleSeconds ? 90 : -1);
    EXPECT_EQ(fresh.idle, kind == Kind::kIdleSeconds ? 0 : -1);
    EXPECT_EQ(old.frequency, kind == Kind::kFrequency ? 4 : -1);
    if (kind == Kind::kFrequency)
      EXPECT_GE(fresh.frequency, 2);  // as it is now, not decayed by a turn of the clock
  }
}

struct Recorder final : store::ChangeObserver {
  int changes = 0, drops = 0;
  void before_change(store::Shard&, unsigned, const store::Entry&) override { ++changes; }
  void dropped(store::Shard& shard, std::unique_ptr<store::Database> database, bool later) override {
    ++drops;
    ChangeObserver::dropped(shard, std::move(database), later);
  }
};

TEST(Walk, WhoObservedBeforeGoesOnHearing) {
  Harness harness(kOneShard);
  Recorder recorder;
  harness.set(0, "a", "v", kNow + 10);
  harness.set(0, "b", "v");
  store::Shard& shard = harness.keyspace.shard(0);
  shard.observer = &recorder;
  harness.begin();
  harness.now_ms += 100;
  harness.set(0, "b", "w");
  harness.db(0).read(store::make_key("a"));
  store::Db db = harness.db(0);
  const store::Key b = store::make_key("b");
  db.evict(b, db.peek(b));
  harness.set(1, "later", "v");
  shard.drop_database(1, false);
  EXPECT_EQ(recorder.changes, 3);
  EXPECT_EQ(recorder.drops, 1);
  while (harness.pull() != StreamWriter::Result::kEnd) harness.step();
  harness.compare();
  EXPECT_EQ(shard.observer, &recorder);
  shard.observer = nullptr;
  harness.end();
}

TEST(Walk, TellsTheConsumerThatThereIsOutputAndThatItIsComplete) {
  Harness harness(kOneShard);
  fill(harness, 0, 10'000);
  WalkOptions options;
  int signals = 0;
  options.on_output = [](void* context) { ++*static_cast<int*>(context); };
  options.on_output_context = &signals;
  harness.begin(options);
  while (harness.step(0, 1000) != StepResult::kDone) {
  }
  EXPECT_EQ(signals, 2);
  harness.finish_and_compare();
}

}  // namespace
}  // namespace gyre::snapshot
