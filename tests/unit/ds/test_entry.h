// Entries for tests of the keyspace table: a number as key, allocated from the table's arena.
#pragma once

#include <xxhash.h>

#include <cstdlib>
#include <cstring>
#include <random>
#include <string_view>

#include "gyre/ds/segment_table.h"

namespace gyre::ds {

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

/// GYRE_TEST_SEED, or a fresh one. Print it.
inline uint64_t test_seed() {
  const char* text = std::getenv("GYRE_TEST_SEED");
  return text != nullptr ? std::strtoull(text, nullptr, 10) : std::random_device{}();
}

struct TestEntry {
  uint64_t key;
  uint64_t value;
};

inline std::string_view key_view(const uint64_t& key) {
  return {reinterpret_cast<const char*>(&key), sizeof(key)};
}

struct TestTraits {
  using Entry = TestEntry;
  static uint64_t hash_of(uint64_t key) { return XXH3_64bits_withSeed(&key, sizeof(key), 99); }
  static bool equals(const Entry* e, std::string_view key) { return key == key_view(e->key); }
  static uint64_t hash(const Entry* e) { return hash_of(e->key); }
};

/// A table with numbers as keys, and its arena.
template <class Traits = TestTraits>
struct TestTable {
  Arena arena;
  SegmentTable<Traits> table{arena};

  static uint64_t hash(uint64_t key) { return Traits::hash_of(key); }
  TestEntry* find(uint64_t key) { return table.find(hash(key), key_view(key)); }
  void insert(uint64_t key, uint64_t value = 0) {
    auto* e = static_cast<TestEntry*>(arena.allocate(sizeof(TestEntry)));
    *e = {key, value};
    table.insert(hash(key), e);
  }
  bool erase(uint64_t key) {
    TestEntry* e = table.erase(hash(key), key_view(key));
    if (e == nullptr) return false;
    arena.free(e, sizeof(TestEntry));
    return true;
  }
  ~TestTable() {
    table.clear([this](TestEntry* e) { arena.free(e, sizeof(TestEntry)); });
  }
};

}  // namespace gyre::ds
