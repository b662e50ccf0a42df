// A keyspace with one database open, and what values of each kind are made of.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "gyre/ds/intset.h"
#include "gyre/ds/listpack_edit.h"
#include "gyre/store/change_observer.h"
#include "gyre/store/db.h"
#include "gyre/store/trie_object.h"

namespace gyre::store {

constexpr int64_t kNow = 1'700'000'000'000;

class ValueTest : public testing::Test {
 protected:
  ValueTest() : keyspace_({.reactors = 1, .databases = 2, .shards = 1}) {}

  Db db(unsigned index = 0) { return Db(Held::assume(), keyspace_, index, now_ms_, nullptr); }
  Database& data(unsigned index = 0) { return keyspace_.shard(0).make_database(index); }

  static std::string listpack(std::initializer_list<std::string_view> elements) {
    ds::ListpackBuilder builder;
    for (std::string_view element : elements) builder.add(element);
    return builder.finish();
  }
  static std::unique_ptr<HashObject> hash_of(size_t fields, size_t value_bytes = 10) {
    auto hash = std::make_unique<HashObject>();
    for (size_t i = 0; i < fields; ++i)
      hash->trie().insert_or_assign("field:" + std::to_string(i), std::string(value_bytes, 'v'));
    return hash;
  }
  static std::map<std::string, std::string> content_of(const TrieObject& object) {
    std::map<std::string, std::string> content;
    ds::HashTrie::Cursor cursor(object.trie());
    for (ds::HashTrie::Element element; cursor.next(element);)
      content[std::string(element.field)] = element.value;
    return content;
  }
  static const HashObject& hash_in(const Entry* entry) {
    EXPECT_EQ(entry->form(), kHashTable);
    return static_cast<const HashObject&>(entry->object());
  }

  Keyspace keyspace_;
  int64_t now_ms_ = kNow;
};

/// Counts what it is told of.
class Recorder final : public ChangeObserver {
 public:
  void before_change(Shard&, unsigned, const Entry& entry) override {
    ++told;
    last = entry.is_object() ? std::to_string(entry.object().size()) : std::string(entry.raw_value());
  }
  int told = 0;
  std::string last;  // the value before
};

}  // namespace gyre::store
