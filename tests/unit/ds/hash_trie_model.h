// A HashTrie beside a std::map with the same content, driven at random.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

#include "gyre/ds/hash_trie.h"
#include "hash_trie_check.h"
#include "test_entry.h"

namespace gyre::ds {

using Model = std::map<std::string, std::string, std::less<>>;

/// Hash functions from good to hopeless.
inline uint64_t coarse_hash(std::string_view bytes, uint64_t seed) {
  return trie::xxh3(bytes, seed) & 0xf000'0000'0000'0003;
}
inline uint64_t deep_hash(std::string_view bytes, uint64_t seed) { return trie::xxh3(bytes, seed) >> 44; }
inline uint64_t constant_hash(std::string_view, uint64_t) { return 0x0123'4567'89ab'cdef; }

struct Pair {
  HashTrie trie;
  Model model;

  Pair(trie::Form form, uint64_t seed, trie::HashFunction function = trie::xxh3)
      : trie(form, seed, function) {}
  Pair(HashTrie&& t, Model m) : trie(std::move(t)), model(std::move(m)) {}
  Pair freeze() const { return {trie.freeze(), model}; }
  bool is_map() const { return trie.form() == trie::Form::kMap; }

  /// Bytes with `n` in them, as long as `n` says: mostly short ones, some of no, of the largest inline and of
  /// any size.
  static std::string field(uint64_t n) {
    std::string text = std::to_string(n);
    if (n % 16 == 3) text.resize(240 + n % 23, 'f');
    if (n % 101 == 7) text.resize(n % 700, 'F');
    return n == 0 ? "" : text;
  }
  std::string value(std::mt19937_64& random) const {
    if (!is_map()) return "";
    const uint64_t kind = random() % 16;
    const size_t size = kind == 0 ? random() % 1000 : kind < 4 ? 230 + random() % 30 : random() % 20;
    return std::string(size, static_cast<char>('a' + random() % 26));
  }

  void put(const std::string& field, const std::string& value) {
    const bool fresh = model.insert_or_assign(field, value).second;
    ASSERT_EQ(trie.insert_or_assign(field, value), fresh);
  }
  void add(const std::string& field, const std::string& value) {
    const bool fresh = model.emplace(field, value).second;
    ASSERT_EQ(trie.insert(field, value), fresh);
  }
  void erase(const std::string& field) { ASSERT_EQ(trie.erase(field), model.erase(field) == 1); }
  void find(const std::string& field) const {
    const auto it = model.find(field);
    const auto found = trie.find(field);
    ASSERT_EQ(found.has_value(), it != model.end());
    if (found) ASSERT_EQ(*found, it->second);
  }
  void pop(base::Random& random) {
    if (trie.empty()) return;
    std::string popped;
    std::string value;
    trie.pop_random(random, [&](const HashTrie::Element& element) {
      popped = element.field;
      value = element.value;
    });
    const auto it = model.find(popped);
    ASSERT_TRUE(it != model.end());
    ASSERT_EQ(value, it->second);
    model.erase(it);
  }
  /// One operation on one of `range` fields; of 16 that write, `grow` add.
  void step(std::mt19937_64& random, uint64_t range, unsigned grow) {
    const std::string f = field(random() % range);
    if (random() % 4 == 0) return find(f);
    if (random() % 16 >= grow) return erase(f);
    if (random() % 4 == 0) return add(f, value(random));
    put(f, value(random));
  }
  /// Every element, by all ways to read.
  void compare() const {
    ASSERT_EQ(trie.size(), model.size());
    HashTriePeer::check(trie);
    Model seen;
    HashTrie::Element element;
    for (HashTrie::Cursor cursor(trie); cursor.next(element);)
      ASSERT_TRUE(seen.emplace(element.field, element.value).second);
    ASSERT_EQ(seen, model);
    for (const auto& [field, value] : model) find(field);
  }
};

}  // namespace gyre::ds
