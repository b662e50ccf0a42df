// Large sets and large hashes: OBJECT ENCODING "hashtable". Both are a HashTrie; see there for what it costs
// and gives.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "gyre/ds/hash_trie.h"
#include "gyre/store/object.h"

namespace gyre::store {

class TrieObject : public Object {
 public:
  uint64_t size() const final { return trie_.size(); }
  size_t footprint() const final;
  bool reclaim(size_t blocks) final;

  ds::HashTrie& trie() { return trie_; }
  const ds::HashTrie& trie() const { return trie_; }

 protected:
  TrieObject(ValueForm form, ds::HashTrie trie) : Object(form), trie_(std::move(trie)) {}

 private:
  ds::HashTrie trie_;
  std::optional<ds::HashTrie::Reclaimer> reclaimer_;
};

class SetObject final : public TrieObject {
 public:
  static constexpr ValueForm kForm = kSetTable;
  SetObject();
  /// All members of a packed set: an intset's (kSetIntset) or a listpack's (kSetListpack).
  static std::unique_ptr<SetObject> from_packed(ValueForm form, std::string_view bytes);
  /// Requires a trie of that form.
  explicit SetObject(ds::HashTrie trie) : TrieObject(kForm, std::move(trie)) {}
  std::unique_ptr<Object> freeze() const override;
};

class HashObject final : public TrieObject {
 public:
  static constexpr ValueForm kForm = kHashTable;
  HashObject();
  /// All fields of a listpack of fields and values.
  static std::unique_ptr<HashObject> from_packed(std::string_view bytes);
  /// Requires a trie of that form.
  explicit HashObject(ds::HashTrie trie) : TrieObject(kForm, std::move(trie)) {}
  std::unique_ptr<Object> freeze() const override;
};

}  // namespace gyre::store
