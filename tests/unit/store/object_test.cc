// Values that are objects: their life in the keyspace, changes, accounts, freeing.
#include "gyre/base/memory.h"
#include "gyre/store/eviction.h"
#include "gyre/store/watch.h"
#include "value_test.h"

namespace gyre::store {
namespace {

using ObjectTest = ValueTest;
constexpr int64_t kLater = kNow + 100'000;

TEST_F(ObjectTest, ConvertsFromPackedKeepingExpiryAndAccess) {
  Db d = db();
  const Key key = make_key("h");
  const std::string packed = listpack({"a", "1", "17", "text", "", std::string(300, 'x')});
  Entry* entry = d.put_packed(key, nullptr, kHashListpack, packed, {kLater});
  d.set_access(*entry, 4711);
  entry = d.put_object(key, entry, HashObject::from_packed(entry->raw_value()), {Expiry::kKeep});
  EXPECT_TRUE(entry->is_object());
  EXPECT_EQ(entry->type(), Type::kHash);
  EXPECT_EQ(encoding_name(*entry), "hashtable");
  EXPECT_EQ(entry->expiry(), kLater);
  EXPECT_EQ(entry->access(), 4711u);
  EXPECT_FALSE(entry->blob());
  const std::map<std::string, std::string> expected{{"a", "1"}, {"17", "text"}, {"", std::string(300, 'x')}};
  EXPECT_EQ(content_of(hash_in(entry)), expected);
  EXPECT_EQ(data().blob_bytes.get(), hash_in(entry).footprint());
  EXPECT_EQ(data().blobs, 1u);
}

TEST_F(ObjectTest, SetsFromBothPackedForms) {
  std::string intset(ds::kEmptyIntset);
  for (int64_t value : {5, -70000, 1}) ds::IntsetEdit::add(ds::IntsetView(intset), value).apply_to(intset);
  const auto numbers = SetObject::from_packed(kSetIntset, intset);
  EXPECT_EQ(content_of(*numbers), (std::map<std::string, std::string>{{"-70000", ""}, {"1", ""}, {"5", ""}}));
  const auto texts = SetObject::from_packed(kSetListpack, listpack({"x", "12", ""}));
  EXPECT_EQ(content_of(*texts), (std::map<std::string, std::string>{{"", ""}, {"12", ""}, {"x", ""}}));
  EXPECT_EQ(texts->form(), kSetTable);
}

TEST_F(ObjectTest, EditsAreObservedCountedAndAccounted) {
  Recorder recorder;
  Watcher watcher;
  Db d = db();
  const Key key = make_key("h");
  Entry* entry = d.put_object(key, nullptr, hash_of(3));
  Shard& shard = keyspace_.shard(0);
  shard.observer = &recorder;
  shard.watches = std::make_unique<WatchTable>();
  shard.has_listeners = true;
  shard.watches->add(0, "h", &watcher, false);
  const uint64_t before = d.changes();
  {
    ObjectEdit edit = d.edit_object(key, entry);
    EXPECT_EQ(recorder.told, 1);
    EXPECT_FALSE(edit.as<HashObject>().trie().erase("not there"));
  }
  EXPECT_EQ(d.changes(), before);
  EXPECT_FALSE(watcher.dirty);
  {
    ObjectEdit edit = d.edit_object(key, entry);
    for (int i = 0; i < 1000; ++i) edit.as<HashObject>().trie().insert("more:" + std::to_string(i), "x");
    edit.changed(1000);
  }
  EXPECT_EQ(recorder.told, 2);
  EXPECT_EQ(recorder.last, "3");
  EXPECT_EQ(d.changes(), before + 1000);
  EXPECT_TRUE(watcher.dirty);
  EXPECT_EQ(data().blob_bytes.get(), hash_in(entry).footprint());
  {
    ObjectEdit edit = d.edit_object(key, entry);
    edit.as<HashObject>().trie().clear();
    edit.changed();
  }
  EXPECT_EQ(data().blob_bytes.get(), hash_in(entry).footprint());
  shard.observer = nullptr;
  d.erase(key, entry);
  EXPECT_EQ(data().blob_bytes.get(), 0u);
  EXPECT_EQ(data().blobs, 0u);
}

TEST_F(ObjectTest, CopiesGoTheirOwnWays) {
  Db d = db(), other = db(1);
  const Key a = make_key("a"), b = make_key("b");
  Entry* entry = d.put_object(a, nullptr, hash_of(500), {kLater});
  d.copy(*entry, other, b);
  {
    ObjectEdit edit = d.edit_object(a, d.peek(a));
    edit.as<HashObject>().trie().erase("field:7");
    edit.changed();
  }
  {
    ObjectEdit edit = other.edit_object(b, other.peek(b));
    edit.as<HashObject>().trie().insert_or_assign("field:8", "other");
    edit.changed();
  }
  EXPECT_EQ(other.peek(b)->expiry(), kLater);
  EXPECT_EQ(hash_in(d.peek(a)).size(), 499u);
  EXPECT_EQ(hash_in(other.peek(b)).size(), 500u);
  EXPECT_EQ(hash_in(d.peek(a)).trie().find("field:8"), std::string(10, 'v'));
  EXPECT_EQ(data(0).blob_bytes.get(), hash_in(d.peek(a)).footprint());
  EXPECT_EQ(data(1).blob_bytes.get(), hash_in(other.peek(b)).footprint());
}

TEST_F(ObjectTest, MovesAndExpiryChangesKeepTheObject) {
  Db d = db(), other = db(1);
  const Key a = make_key("a"), b = make_key("b");
  Entry* entry = d.put_object(a, nullptr, hash_of(100));
  const Object* object = &entry->object();
  entry = d.set_expiry(a, entry, kLater);
  entry = d.remove_expiry(a, entry);
  entry = d.set_expiry(a, entry, kLater);
  EXPECT_EQ(&entry->object(), object);
  d.move(a, entry, other, b);
  EXPECT_EQ(&other.peek(b)->object(), object);
  EXPECT_EQ(other.peek(b)->expiry(), kLater);
  EXPECT_EQ(data(0).blobs, 0u);
  EXPECT_EQ(data(0).blob_bytes.get(), 0u);
  EXPECT_EQ(data(1).blob_bytes.get(), object->footprint());
  // Gone by time.
  now_ms_ = kLater + 1;
  EXPECT_EQ(db(1).peek(b), nullptr);
  EXPECT_EQ(data(1).blobs, 0u);
}

TEST_F(ObjectTest, StringsReplaceObjectsAndBack) {
  Db d = db();
  const Key key = make_key("k");
  Entry* entry = d.put_object(key, nullptr, hash_of(10));
  entry = d.set(key, entry, "text");
  EXPECT_EQ(entry->raw_value(), "text");
  entry = d.put_object(key, entry, std::make_unique<SetObject>());
  EXPECT_EQ(entry->form(), kSetTable);
  entry = d.set(key, entry, base::Blob::copy_of(std::string(5000, 's')));
  entry = d.put_object(key, entry, hash_of(10));
  EXPECT_EQ(hash_in(entry).size(), 10u);
  EXPECT_EQ(data().blobs, 1u);
  EXPECT_EQ(data().blob_bytes.get(), hash_in(entry).footprint());
}

TEST_F(ObjectTest, LargeOnesAreFreedByTheHelperInSteps) {
  drain_lazyfree();
  const uint64_t freed = lazyfreed_objects();
  const int64_t memory = base::allocated_bytes();
  {
    Db d = db();
    const Key large = make_key("large"), small = make_key("small"), wide = make_key("wide");
    d.put_object(large, nullptr, hash_of(100'000));
    d.put_object(small, nullptr, hash_of(64));
    d.put_object(wide, nullptr, hash_of(2, 100'000));
    for (const Key& key : {large, small, wide}) EXPECT_TRUE(d.erase(key));
    EXPECT_EQ(data().blob_bytes.get(), 0u);
  }
  drain_lazyfree();
  EXPECT_EQ(lazyfreed_objects(), freed + 2);
  EXPECT_EQ(lazyfree_pending(), 0u);
  EXPECT_EQ(lazyfree_pending_bytes(), 0u);
  EXPECT_LT(base::allocated_bytes(), memory + 2'000'000);
}

TEST_F(ObjectTest, FlushedDatabasesTakeTheirObjectsAlong) {
  drain_lazyfree();
  const int64_t memory = base::allocated_bytes();
  for (bool later : {false, true}) {
    Db d = db();
    for (int i = 0; i < 5; ++i)
      d.put_object(make_key("h" + std::to_string(i)), nullptr, hash_of(10 + 5000 * static_cast<size_t>(i)));
    EXPECT_EQ(keyspace_.shard(0).drop_database(0, later), 5u);
    drain_lazyfree();
    EXPECT_EQ(lazyfree_pending_bytes(), 0u);
    EXPECT_LT(base::allocated_bytes(), memory + 1'000'000);
  }
}

TEST_F(ObjectTest, FrozenImagesOutliveTheObjectAndCountWhatTheyCost) {
  std::atomic<uint64_t> sum{0};
  Db d = db();
  const Key key = make_key("h");
  Entry* entry = d.put_object(key, nullptr, hash_of(20'000));
  std::unique_ptr<Object> image = entry->object().freeze();
  auto cost = std::make_shared<ImageCost>(sum);
  entry->object().set_image_cost(cost);
  for (int i = 0; i < 100; ++i) {
    ObjectEdit edit = d.edit_object(key, entry);
    edit.as<HashObject>().trie().insert_or_assign("field:" + std::to_string(i * 100), "new");
    edit.changed();
  }
  // About a hundred leaves and the nodes above them.
  EXPECT_GT(sum, 40'000u);
  EXPECT_LT(sum, 2 * image->footprint());
  d.erase(key, entry);
  EXPECT_EQ(content_of(static_cast<const HashObject&>(*image)).size(), 20'000u);
  cost.reset();
  EXPECT_EQ(sum, 0u);
  while (image->reclaim(100)) {
  }
}

TEST_F(ObjectTest, EvictionSeesWhatTheyTake) {
  Db d = db();
  d.put_object(make_key("h"), nullptr, hash_of(1000));
  Evictor evictor(keyspace_);
  EvictionRules rules;
  const auto outcome = evictor.run(Held::assume(), kNow, rules, 10'000, INT64_MAX, true, nullptr);
  EXPECT_EQ(outcome, Evictor::Outcome::kEnough);
  EXPECT_EQ(keyspace_.keys(0), 0u);
  EXPECT_EQ(data().blob_bytes.get(), 0u);
}

}  // namespace
}  // namespace gyre::store
