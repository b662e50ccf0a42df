// Random changes of collections in all their forms.
#pragma once

#include <random>
#include <string>
#include <utility>

#include "gyre/ds/listpack_edit.h"
#include "gyre/store/elements.h"
#include "harness.h"

namespace gyre::snapshot {

inline store::Entry* new_collection(store::Db& db, const store::Key& key, store::Entry* found,
                                    std::mt19937_64& random) {
  const auto number = [&random](size_t below) { return static_cast<int64_t>(random() % below); };
  switch (random() % 5) {
    case 3: {
      auto zset = std::make_unique<store::ZsetObject>();
      for (int64_t n = number(600); n >= 0; --n) zset->insert(std::to_string(n), static_cast<double>(n % 17));
      return db.put_object(key, found, std::move(zset));
    }
    case 4: {
      auto list = std::make_unique<store::ListObject>(store::ListLimits::of(-1, static_cast<int>(random() % 3)));
      for (int64_t n = number(600); n >= 0; --n) {
        const std::string element(random() % 50 == 0 ? 9000 : 20, static_cast<char>('a' + n % 26));
        list->push_back(std::string_view(element));
      }
      return db.put_object(key, found, std::move(list));
    }
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

inline void change_zset(store::Db& db, const store::Key& key, store::Entry* entry, std::mt19937_64& random) {
  store::ObjectEdit edit = db.edit_object(key, entry);
  auto& zset = edit.as<store::ZsetObject>();
  for (uint64_t n = random() % 8; n > 0; --n) {
    const std::string member = std::to_string(random() % 600);
    const std::optional<double> score = zset.score(member);
    if (!score) {
      zset.insert(member, -1);
    } else if (random() % 3 == 0) {
      zset.erase(member);
    } else {
      zset.update(member, *score, *score + 5);
    }
    edit.changed();
  }
}

inline void change_list(store::Db& db, const store::Key& key, store::Entry* entry, std::mt19937_64& random) {
  store::ObjectEdit edit = db.edit_object(key, entry);
  auto& list = edit.as<store::ListObject>();
  list.push_front(std::string_view("pushed"));
  for (uint64_t n = random() % 8; n > 0; --n)
    list.insert(random() % list.size(), std::string_view("changed"));
  if (list.size() > 300) list.erase(random() % list.size(), random() % 20);
  edit.changed();
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
  } else if (entry->form() == store::kZsetSkiplist) {
    change_zset(db, key, entry, random);
  } else if (entry->form() == store::kListQuicklist) {
    change_list(db, key, entry, random);
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
