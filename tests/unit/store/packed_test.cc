// Packed values in entries: in line, in blobs, from one to the other.
#include "gyre/store/entry_build.h"
#include "value_test.h"

namespace gyre::store {
namespace {

using PackedTest = ValueTest;
constexpr int64_t kLater = kNow + 100'000;

TEST_F(PackedTest, PutsAndReplaces) {
  Db d = db();
  const Key key = make_key("h");
  const std::string small = listpack({"f", "v"});
  Entry* entry = d.put_packed(key, nullptr, kHashListpack, small);
  EXPECT_EQ(entry->type(), Type::kHash);
  EXPECT_EQ(entry->form(), kHashListpack);
  EXPECT_TRUE(entry->value_in_line());
  EXPECT_FALSE(entry->is_object());
  EXPECT_EQ(entry->raw_value(), small);
  EXPECT_EQ(encoding_name(*entry), "listpack");
  EXPECT_EQ(d.peek(key), entry);

  const std::string large = listpack({"f", std::string(2000, 'x')});
  entry = d.put_packed(key, entry, kHashListpack, large, {kLater});
  EXPECT_FALSE(entry->value_in_line());
  EXPECT_EQ(entry->raw_value(), large);
  EXPECT_EQ(entry->expiry(), kLater);
  EXPECT_EQ(data().blobs, 1u);
  EXPECT_EQ(data().blob_bytes.get(), outside_bytes(*entry));
  EXPECT_EQ(keyspace_.keys_with_expiry(0), 1u);

  entry = d.put_packed(key, entry, kSetIntset, ds::kEmptyIntset, {Expiry::kKeep});
  EXPECT_EQ(entry->expiry(), kLater);
  EXPECT_EQ(encoding_name(*entry), "intset");
  EXPECT_EQ(data().blobs, 0u);
  EXPECT_EQ(data().blob_bytes.get(), 0u);

  entry = d.set(key, entry, "a string");
  EXPECT_EQ(entry->type(), Type::kString);
  EXPECT_EQ(entry->raw_value(), "a string");
  entry = d.put_packed(key, entry, kSetListpack, small);
  EXPECT_EQ(entry->raw_value(), small);
  entry = d.set(key, entry, std::string(30, 's'));
  EXPECT_EQ(entry->raw_value(), std::string(30, 's'));
  EXPECT_EQ(keyspace_.keys(0), 1u);
  EXPECT_EQ(d.changes(), 6u);
}

TEST_F(PackedTest, EditsKeepTheFirstBytes) {
  Db d = db();
  const Key key = make_key("packed");
  for (int64_t expiry : {Expiry::kNone, kLater}) {
    std::string model = "0123456789";
    Entry* entry = d.put_packed(key, d.peek(key), kHashListpack, model, {expiry});
    d.set_access(*entry, 4711);
    // In line, to a blob, larger, much smaller, back in line; and where one form ends.
    for (size_t size : {11, 40, 960, 961, 5000, 5001, 60'000, 2'000'000, 20'000, 961, 960, 100, 101, 3}) {
      const size_t kept = std::min(size, model.size());
      char* bytes = d.edit_packed(key, entry, size, &entry);
      EXPECT_EQ(std::string_view(bytes, kept), std::string_view(model).substr(0, kept));
      model.resize(kept);
      for (size_t i = kept; i < size; ++i) {
        bytes[i] = static_cast<char>('a' + i % 26);
        model += bytes[i];
      }
      EXPECT_EQ(d.peek(key), entry);
      EXPECT_EQ(entry->key(), "packed");
      EXPECT_EQ(entry->raw_value(), model);
      EXPECT_EQ(entry->value_in_line(), size <= kInlineMax);
      EXPECT_EQ(entry->form(), kHashListpack);
      EXPECT_EQ(entry->expiry(), expiry);
      EXPECT_EQ(entry->access(), 4711u);
      EXPECT_EQ(data().blob_bytes.get(), outside_bytes(*entry));
      EXPECT_LE(outside_bytes(*entry), 2 * size + 100);
    }
  }
}

TEST_F(PackedTest, AppliesPlannedEdits) {
  Db d = db();
  const Key key = make_key("set");
  Entry* entry = d.put_packed(key, nullptr, kSetIntset, ds::kEmptyIntset);
  for (int64_t i = 0; i < 1000; ++i)
    entry = d.change_packed(key, entry, ds::IntsetEdit::add(ds::IntsetView(entry->raw_value()), i * 1000));
  EXPECT_EQ(ds::IntsetView(entry->raw_value()).count(), 1000u);
  for (int64_t i = 0; i < 999; ++i)
    entry = d.change_packed(key, entry, ds::IntsetEdit::remove(ds::IntsetView(entry->raw_value()), i * 1000));
  EXPECT_TRUE(ds::intset_valid(entry->raw_value(), true));
  EXPECT_EQ(ds::IntsetView(entry->raw_value()).get(0), 999'000);

  const Key hash = make_key("hash");
  std::string model(ds::kEmptyListpack);
  entry = d.put_packed(hash, nullptr, kHashListpack, model);
  for (int i = 0; i < 300; ++i) {
    const ds::PackedElement pair[] = {i, std::string_view("value")};
    ds::ListpackEdit::append(ds::ListpackView(model), pair).apply_to(model);
    entry =
        d.change_packed(hash, entry, ds::ListpackEdit::append(ds::ListpackView(entry->raw_value()), pair));
    ASSERT_EQ(entry->raw_value(), model);
  }
  while (!ds::ListpackView(model).empty()) {
    ds::ListpackEdit::erase(ds::ListpackView(model), 6, 2).apply_to(model);
    entry = d.change_packed(hash, entry, ds::ListpackEdit::erase(ds::ListpackView(entry->raw_value()), 6, 2));
    ASSERT_EQ(entry->raw_value(), model);
  }
}

TEST_F(PackedTest, TheObserverHearsFirstAndOnce) {
  Recorder recorder;
  Db d = db();
  const Key key = make_key("h");
  const std::string one = listpack({"f", "v"});
  Entry* entry = d.put_packed(key, nullptr, kHashListpack, one);
  keyspace_.shard(0).observer = &recorder;
  const uint64_t changes = d.changes();
  d.change_packed(key, entry, ds::ListpackEdit::erase(ds::ListpackView(one), 6, 1));
  EXPECT_EQ(recorder.told, 1);
  EXPECT_EQ(recorder.last, one);
  EXPECT_EQ(d.changes(), changes + 1);
  keyspace_.shard(0).observer = nullptr;
}

TEST_F(PackedTest, SharedBlobsAreCopiedOnWrite) {
  Db d = db();
  const Key a = make_key("a"), b = make_key("b");
  const std::string large = listpack({"f", std::string(3000, 'x')});
  Entry* entry = d.put_packed(a, nullptr, kHashListpack, large, {kLater});
  d.copy(*entry, d, b);
  const base::Blob held = d.peek(a)->blob();
  EXPECT_EQ(held.view(), large);
  entry = d.peek(a);
  d.edit_packed(a, entry, large.size(), &entry)[10] = '!';
  entry = d.peek(b);
  EXPECT_EQ(entry->raw_value(), large);
  EXPECT_EQ(entry->form(), kHashListpack);
  EXPECT_EQ(entry->expiry(), kLater);
  EXPECT_EQ(held.view(), large);
  EXPECT_EQ(d.peek(a)->raw_value()[10], '!');
}

TEST_F(PackedTest, MovesCopiesAndChangesOfExpiry) {
  Db d = db(), other = db(1);
  const Key a = make_key("a"), b = make_key("another name");
  for (size_t size : {10, 700, 3000}) {
    const std::string value = listpack({"f", std::string(size, 'x')});
    Entry* entry = d.put_packed(a, nullptr, kZsetListpack, value);
    entry = d.set_expiry(a, entry, kLater);
    EXPECT_EQ(entry->form(), kZsetListpack);
    EXPECT_EQ(entry->raw_value(), value);
    d.copy(*entry, other, a);
    d.move(a, entry, other, b);
    EXPECT_EQ(d.peek(a), nullptr);
    for (const Key& key : {a, b}) {
      entry = other.remove_expiry(key, other.peek(key));
      EXPECT_EQ(entry->form(), kZsetListpack);
      EXPECT_EQ(entry->raw_value(), value);
      EXPECT_EQ(entry->expiry(), -1);
      other.erase(key, entry);
    }
    for (unsigned index : {0u, 1u}) {
      EXPECT_EQ(data(index).blob_bytes.get(), 0u);
      EXPECT_EQ(data(index).blobs, 0u);
    }
  }
}

}  // namespace
}  // namespace gyre::store
