// Large objects in a walk: frozen under the lock, encoded when the consumer comes to them.
#include <random>
#include <thread>

#include "collection_changes.h"
#include "harness.h"

namespace gyre::snapshot {
namespace {

constexpr store::KeyspaceOptions kOneShard{.reactors = 1, .databases = 2, .shards = 1};

std::unique_ptr<store::HashObject> hash_of(size_t fields) {
  auto hash = std::make_unique<store::HashObject>();
  for (size_t i = 0; i < fields; ++i)
    hash->trie().insert_or_assign("field:" + std::to_string(i), "value:" + std::to_string(i * 7));
  return hash;
}

store::Entry* put_hash(Harness& harness, const std::string& name, size_t fields, int64_t expiry = -1) {
  store::Db db = harness.db(0);
  const store::Key key = store::make_key(name);
  return db.put_object(key, db.peek(key), hash_of(fields), {expiry});
}

void assign(Harness& harness, const std::string& name, const std::string& field, const std::string& value) {
  store::Db db = harness.db(0);
  const store::Key key = store::make_key(name);
  store::ObjectEdit edit = db.edit_object(key, db.peek(key));
  edit.as<store::HashObject>().trie().insert_or_assign(field, value);
  edit.changed();
}

TEST(WalkObjects, UnchangedOnes) {
  Harness harness(kOneShard);
  for (size_t fields : {1, 50, 500, 5000, 60'000})
    put_hash(harness, "h" + std::to_string(fields), fields, kNow + 1000);
  for (int i = 0; i < 300; ++i) harness.set(1, "key:" + std::to_string(i), "value");
  harness.begin();
  harness.finish_and_compare();
}

TEST(WalkObjects, ChangedBeforeTheWalkComesToThem) {
  Harness harness(kOneShard);
  for (size_t fields : {1, 50, 5000, 60'000}) put_hash(harness, "h" + std::to_string(fields), fields);
  harness.begin();
  for (size_t fields : {1, 50, 5000, 60'000}) {
    const std::string name = "h" + std::to_string(fields);
    for (int i = 0; i < 100; ++i) assign(harness, name, "field:" + std::to_string(i), "new");
  }
  // A hundred fields changed in each of four hashes: some leaves and nodes of each.
  EXPECT_GT(harness.walk.pre_image_bytes(), 100'000u);
  EXPECT_LT(harness.walk.pre_image_bytes(), 2'000'000u);
  harness.finish_and_compare();
}

TEST(WalkObjects, ChangedWhileTheConsumerHasThem) {
  Harness harness(kOneShard);
  put_hash(harness, "h", 60'000);
  harness.begin();
  while (harness.step() != StepResult::kDone) {
  }
  std::mt19937_64 random(1);
  while (harness.pull(1) == StreamWriter::Result::kPiece) {
    for (int i = 0; i < 20; ++i) assign(harness, "h", "field:" + std::to_string(random() % 60'000), "new");
  }
  harness.finish_and_compare();
}

TEST(WalkObjects, DroppedAndReplacedOnes) {
  Harness harness(kOneShard);
  for (const char* name : {"erased", "overwritten", "moved", "flushed"}) put_hash(harness, name, 20'000);
  harness.begin();
  harness.erase(0, "erased");
  harness.set(0, "overwritten", "string");
  store::Db from = harness.db(0), to = harness.db(1);
  const store::Key key = store::make_key("moved");
  from.move(key, from.peek(key), to, key);
  harness.keyspace.shard(0).drop_database(0, true);
  // They were alive before: no cost.
  EXPECT_LT(harness.walk.pre_image_bytes(), 10'000u);
  harness.finish_and_compare();
  store::drain_lazyfree();
}

TEST(WalkObjects, OneAtATimeBeyondTheBoundOfOutput) {
  Harness harness(kOneShard);
  for (int i = 0; i < 5; ++i) put_hash(harness, "h" + std::to_string(i), 20'000);
  WalkOptions options;
  options.max_pending_bytes = 100'000;
  harness.begin(options);
  int blocked = 0;
  while (harness.pull() != StreamWriter::Result::kEnd) {
    StepResult result = StepResult::kMore;
    while (result == StepResult::kMore) result = harness.step();
    blocked += result == StepResult::kBlocked;
    EXPECT_LT(harness.walk.pending_bytes(), 2'000'000u);
  }
  EXPECT_GE(blocked, 4);
  harness.end();
  harness.compare();
}

TEST(WalkObjects, CopiesBeyondTheBoundEndTheWalk) {
  Harness harness(kOneShard);
  put_hash(harness, "h", 50'000);
  WalkOptions options;
  options.max_pre_image_bytes = 500'000;
  harness.begin(options);
  for (int i = 0; i < 10'000; ++i) assign(harness, "h", "field:" + std::to_string(i * 5), "new");
  EXPECT_TRUE(harness.walk.overloaded());
  EXPECT_EQ(harness.pull(), StreamWriter::Result::kFailed);
  harness.end();
  EXPECT_EQ(harness.walk.pre_image_bytes(), 0u);
}

TEST(WalkObjects, EncodedByAThreadOfItsOwnBesideWriters) {
  Harness harness(kOneShard);
  for (int i = 0; i < 4; ++i) put_hash(harness, "h" + std::to_string(i), 30'000);
  harness.begin();
  while (harness.step() != StepResult::kDone) {
  }
  std::thread consumer([&harness] { harness.pull(); });
  std::mt19937_64 random(2);
  for (int i = 0; i < 20'000; ++i) {
    assign(harness, "h" + std::to_string(random() % 4), "field:" + std::to_string(random() % 40'000), "new");
    if (i % 6000 == 5999) harness.erase(0, "h" + std::to_string(i / 6000));
    if (i % 6000 == 5999) put_hash(harness, "h" + std::to_string(i / 6000), 10);
  }
  consumer.join();
  harness.finish_and_compare();
}

}  // namespace
}  // namespace gyre::snapshot
