// Random changes of sets and hashes in all their forms.
#pragma once

#include <random>
#include <string>
#include <utility>

#include "gyre/ds/listpack_edit.h"
#include "gyre/store/trie_object.h"
#include "harness.h"

namespace gyre::snapshot {

inline store::Entry* new_collection(store::Db& db, const store::Key& key, store::Entry* found,
                                    std::mt19937_64& random) {
  const auto number = [&random](size_t below) { return static_cast<int64_t>(random() % below); };
  switch (random() % 3) {
    case 0:
      return db.put_packed(key, found, store::kHashListpack, ds::kEmptyListpack);
    case 1: {
      std::string members(ds::kEmptyIntset);
      for (int64_t n = number(600); n >= 0; --n)
        ds::IntsetEdit::add(ds::IntsetView(members), number(100'000)).apply_to(members);
      return db.put_packed(key, found, store::kSetIntset, members);
    }
    default: {
      auto hash = std::make_unique<store::HashObject>();
      // Below and above what is encoded under the lock.
      for (int64_t n = number(number(4) == 0 ? 3000 : 100); n >= 0; --n)
        hash->trie().insert_or_assign(std::to_string(n), std::string(random() % 40, 'v'));
      return db.put_object(key, found, std::move(hash));
    }
  }
}

inline void change_hash(store::Db& db, const store::Key& key, store::Entry* entry, std::mt19937_64& random) {
  store::ObjectEdit edit = db.edit_object(key, entry);
  ds::HashTrie& trie = edit.as<store::HashObject>().trie();
  for (uint64_t n = random() % 8; n > 0; --n) {
    const std::string field = std::to_string(random() % 3000);
    if (random() % 3 == 0) {
      edit.changed(trie.erase(field));
    } else {
      trie.insert_or_assign(field, "changed");
      edit.changed();
    }
  }
}

/// Makes a collection of what is there, or changes the one that is.
inline void change_collection(Harness& harness, unsigned index, const std::string& name,
                              std::mt19937_64& random) {
  store::Db db = harness.db(index);
  const store::Key key = store::make_key(name);
  store::Entry* entry = db.write(key);
  if (!entry || entry->type() == store::Type::kString || random() % 8 == 0) {
    new_collection(db, key, entry, random);
  } else if (entry->form() == store::kHashTable) {
    change_hash(db, key, entry, random);
  } else if (entry->form() == store::kSetIntset) {
    const ds::IntsetView set(entry->raw_value());
    if (random() % 16 == 0) {
      db.put_object(key, entry, store::SetObject::from_packed(store::kSetIntset, set.bytes()),
                    {store::Expiry::kKeep});
    } else {
      db.change_packed(key, entry, ds::IntsetEdit::add(set, static_cast<int64_t>(random())));
    }
  } else if (entry->form() == store::kHashListpack) {
    const ds::ListpackView list(entry->raw_value());
    const ds::PackedElement pair[] = {static_cast<int64_t>(random() >> 1), std::string_view("value")};
    if (random() % 16 == 0) {
      db.put_object(key, entry, store::HashObject::from_packed(list.bytes()), {store::Expiry::kKeep});
    } else if (list.count() > 200) {
      db.change_packed(key, entry, ds::ListpackEdit::erase(list, list.begin(), 190));
    } else {
      db.change_packed(key, entry, ds::ListpackEdit::append(list, pair));
    }
  } else {
    db.erase(key, entry);
  }
}

}  // namespace gyre::snapshot
