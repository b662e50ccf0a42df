// One database as a command sees it, for the length of that command: the only place where keys are read and changed.
// Constructing one requires proof of I1. Every mutation here goes through one private path that tells the observer first (I3),
// keeps the expiry index and counters, and raises the flags of watchers afterwards.
//
// Entry pointers are valid until the next call that changes the same key or inserts into the same shard.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>

#include "gyre/base/blob.h"
#include "gyre/base/check.h"
#include "gyre/store/deletion_sink.h"
#include "gyre/store/keyspace.h"
#include "gyre/store/object.h"

namespace gyre::store {

/// Expiry argument of set operations: none, keep what is there, or an absolute time.
struct Expiry {
  static constexpr int64_t kNone = -1, kKeep = -2;
  int64_t ms = kNone;
};

class ObjectEdit;

class Db {
 public:
  /// `deletions` hears of the keys that this object deletes by itself (null: nobody does).
  Db(Held, Keyspace& keyspace, unsigned index, int64_t now_ms, DeletionSink* deletions)
      : keyspace_(keyspace), deletions_(deletions), index_(index), now_ms_(now_ms) {}

  unsigned index() const { return index_; }
  int64_t now_ms() const { return now_ms_; }
  Keyspace& keyspace() { return keyspace_; }
  /// The same moment and proof in another database.
  Db other(unsigned index) const { return Db(Held::assume(), keyspace_, index, now_ms_, deletions_, flags_); }

  // ---- lookup. An expired key is gone (and deleted on the way, unless expiry is suspended). ----
  /// For commands that read: counts a hit or a miss, notes the access.
  Entry* read(const Key& key);
  /// For commands that will write: notes the access, no statistics.
  Entry* write(const Key& key);
  /// Without any trace (OBJECT, TTL, WATCH, TYPE): no access time, no statistics.
  Entry* peek(const Key& key);
  /// CLIENT NO-TOUCH: read() and write() leave access times alone.
  void set_no_touch(bool on) { flags_.no_touch = on; }
  /// While writes are paused: read() and peek() show an expired key as gone and leave it where it is. Only for commands
  /// that insert nothing, as what peek() does not find may then exist; write() deletes all the same.
  void set_keep_expired(bool on) { flags_.keep_expired = on; }

  // ---- strings ----
  /// Sets a string (integers are recognised); replaces whatever was there, whatever its type.
  /// `found`: what write()/peek() just returned for this key (null: absent), so that it is not looked up again.
  Entry* set(const Key& key, Entry* found, std::string_view value, Expiry expiry = {});
  /// The same, adopting a buffer of its own (large arguments).
  Entry* set(const Key& key, Entry* found, base::Blob value, Expiry expiry = {});
  /// The same, kept as text even when it is an integer's.
  Entry* set_text(const Key& key, Entry* found, std::string_view value, Expiry expiry = {});
  Entry* set_int(const Key& key, Entry* found, int64_t value, Expiry expiry = {});
  /// Makes the value of an existing or new string `size` bytes long, raw, growth zero-filled (`found` may be null), and
  /// returns its bytes to be changed. Capacity grows by doubling (at most 1 MiB ahead), as Redis's strings do.
  /// *entry receives the entry's new place.
  char* edit_string(const Key& key, Entry* found, size_t size, Entry** entry);

  // ---- packed values: listpacks and intsets ----
  /// Sets a packed value; replaces whatever was there (`found` as for set()).
  Entry* put_packed(const Key& key, Entry* found, ValueForm form, std::string_view bytes, Expiry expiry = {});
  /// Applies a planned edit (ds::ListpackEdit, ds::IntsetEdit) to the packed value of an existing entry; returns the entry's
  /// new place. What the edit was planned with is the entry as it is.
  template <class Edit>
  Entry* change_packed(const Key& key, Entry* found, const Edit& edit) {
    Entry* entry;
    const bool shrinks = edit.new_size() < edit.old_size();
    edit.apply(edit_packed(key, found, shrinks ? edit.old_size() : edit.new_size(), &entry));
    return shrinks ? resize_packed(*shard_of(key).find_database(index_), key, entry, edit.new_size()) : entry;
  }
  /// Makes a packed value `size` bytes long and returns them to be changed: the first bytes are kept, growth is uninitialised.
  /// *entry receives the entry's new place.
  char* edit_packed(const Key& key, Entry* found, size_t size, Entry** entry);

  // ---- objects ----
  /// Sets a value that is an object; replaces whatever was there (`found` as for set()). With Expiry::kKeep: the conversion of
  /// what was packed.
  Entry* put_object(const Key& key, Entry* found, std::unique_ptr<Object> object, Expiry expiry = {});
  /// To change the object of an existing entry.
  ObjectEdit edit_object(const Key& key, Entry* found);

  // ---- any type ----
  bool erase(const Key& key);
  void erase(const Key& key, Entry* found);
  /// Sets or changes the expiry; returns the entry's new place.
  Entry* set_expiry(const Key& key, Entry* found, int64_t ms);
  Entry* remove_expiry(const Key& key, Entry* found);
  /// Moves value and expiry to another key (of another database, perhaps another shard, both held); the target
  /// must be absent. The value is not copied when it lives outside the entry.
  void move(const Key& from, Entry* found, Db& to_db, const Key& to);
  /// Copies value and expiry; the target must be absent.
  void copy(const Entry& from, Db& to_db, const Key& to);

  // ---- access information (OBJECT, RESTORE) ----
  int64_t idle_seconds(const Entry& entry) const;
  uint8_t frequency(const Entry& entry) const;
  void set_access(Entry& entry, uint32_t access);
  uint32_t fresh_access() const;
  /// What RESTORE or a file says about the last use (negative: nothing); what the policy does not want is passed over.
  void restore_access(Entry& entry, int64_t idle_seconds, int frequency) const;

  /// Raises the flags of those who watch the key, and notes that it concerns those who wait for it. Called by
  /// every mutation above.
  void touched(const Key& key) {
    Shard& shard = shard_of(key);
    if (shard.has_listeners) [[unlikely]]
      tell_listeners(shard, key, /*gone=*/false);
    ++changes_;
  }
  /// While false mutations leave those who watch alone: for what Redis does not take for a change of the key.
  void tell_watchers(bool tell) { tells_watchers_ = tell; }
  /// Mutations made through this object: zero means nothing to propagate, nothing was modified.
  uint64_t changes() const { return changes_; }

  /// Deletes the key if it has expired; true when it was deleted, which is no change of the command's. For background expiry and for peek of everything.
  bool expire_if_due(const Key& key, Entry* entry);
  /// Removes the key to make room; no change of the command's.
  void evict(const Key& key, Entry* entry);

  Shard& shard_of(const Key& key) { return keyspace_.shard_of(key.hash); }

 private:
  struct Flags { bool no_touch = false, keep_expired = false; };
  Db(Held, Keyspace& keyspace, unsigned index, int64_t now_ms, DeletionSink* deletions, Flags flags)
      : keyspace_(keyspace), deletions_(deletions), index_(index), now_ms_(now_ms), flags_(flags) {}
  Entry* find(const Key& key) { return find(key, flags_.keep_expired); }
  Entry* find(const Key& key, bool keep_expired);
  void note_access(Entry& entry);
  void tell_listeners(Shard& shard, const Key& key, bool gone);
  void about_to_change(Shard& shard, const Entry& entry);
  void remove(Shard& shard, const Key& key, Entry* found);
  Entry* replace(Shard& shard, Database& d, const Key& key, Entry* old, Entry* fresh);
  Entry* put(const Key& key, Entry* found, std::string_view value, StringEncoding encoding, base::Blob* blob, Expiry expiry);
  template <class Build>
  Entry* put_built(const Key& key, Entry* found, Expiry expiry, Build&& build);
  Entry* resize_packed(Database& d, const Key& key, Entry* entry, size_t size);
  Entry* rebuild(Shard& shard, Database& d, const Key& key, Entry* old, bool expiry);
  void note_expiry(Database& d, uint64_t hash, int64_t before, int64_t after);

  Keyspace& keyspace_;
  DeletionSink* deletions_;
  unsigned index_;
  int64_t now_ms_;
  Flags flags_;
  uint64_t changes_ = 0;
  bool tells_watchers_ = true;

  friend class ObjectEdit;
};

/// Leave to change an object, until it goes out of scope. From its making on the object is about to change (I3); whoever may
/// find that there is nothing to change looks first (Entry::object()). When it goes, the object's memory is accounted.
/// Until then nothing else may be asked of the database about this key.
class ObjectEdit {
 public:
  ObjectEdit(const ObjectEdit&) = delete;
  ObjectEdit& operator=(const ObjectEdit&) = delete;
  ~ObjectEdit();

  Object& object() { return object_; }
  template <class T>
  T& as() {
    GYRE_CHECK(object_.form() == T::kForm);
    return static_cast<T&>(object_);
  }
  /// The object has changed, which counts as `n` changes. Not called: it has not.
  void changed(uint64_t n = 1) { changes_ += n; }

 private:
  friend class Db;
  ObjectEdit(Db& db, const Key& key, Database& database, Object& object);

  Db& db_;
  const Key key_;
  Database& database_;
  Object& object_;
  const size_t footprint_;
  uint64_t changes_ = 0;
  const std::shared_ptr<ImageCost> image_cost_;  // null: no image is held
  const int64_t allocated_;
};

}  // namespace gyre::store
