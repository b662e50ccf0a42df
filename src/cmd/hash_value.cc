#include "hash_value.h"

#include <cstring>
#include <memory>

namespace gyre::cmd {

using ds::HashTrie;
using ds::ListpackEdit;
using ds::ListpackView;
using ds::PackedElement;
using store::HashObject;

namespace {

/// No encoding adds more than this to the bytes of a text.
constexpr size_t kElementExtra = 10;

struct MakeEdit {
  Db& db;
  const Key& key;
  Entry* entry;
  operator store::ObjectEdit() const { return db.edit_object(key, entry); }  // NOLINT: builds in place
};

/// A packed hash before it becomes a key's value, in memory of its own.
class FreshList {
 public:
  /// To get `elements` fields and values of so many bytes together.
  FreshList(size_t elements, size_t text_bytes) {
    const size_t room = size_ + text_bytes + elements * kElementExtra;
    if (room > sizeof(small_)) {
      large_ = std::make_unique_for_overwrite<char[]>(room);
      bytes_ = large_.get();
    }
    std::memcpy(bytes_, ds::kEmptyListpack.data(), size_);
  }
  /// True when the field is new.
  bool set(std::string_view field, const PackedElement& value) {
    const ListpackView list({bytes_, size_});
    const uint32_t at = list.find(list.first(), field, 1);
    const bool is_new = at == list.end();
    const PackedElement pair[] = {field, value};
    const ListpackEdit edit =
        is_new ? ListpackEdit::append(list, pair) : ListpackEdit::replace(list, list.next(at), {pair + 1, 1});
    edit.apply(bytes_);
    size_ = edit.new_size();
    return is_new;
  }
  std::string_view bytes() const { return {bytes_, size_}; }

 private:
  char small_[512];
  std::unique_ptr<char[]> large_;
  char* bytes_ = small_;
  size_t size_ = ds::kEmptyListpack.size();
};

}  // namespace

uint64_t HashEdit::set_all(const CommandContext& c, size_t first) {
  if (packed()) {
    size_t total = 0;
    bool fits = (c.argc() - first) / 2 <= limits_.entries;
    for (size_t i = first; fits && i < c.argc(); ++i) {
      fits = c.arg(i).size() <= limits_.value_bytes;
      total += c.arg(i).size();
    }
    fits = fits && ds::listpack_safe_to_add(entry_ ? entry_->raw_value().size() : 0, total);
    if (!entry_) return fits ? make_packed(c, first, total) : make_table(c, first);
    if (!fits) convert();
  }
  uint64_t added = 0;
  size_t i = first;
  for (; packed() && i < c.argc(); i += 2) {
    added += !find(c.arg(i));
    put_packed(c.arg(i), c.arg(i + 1));
  }
  if (i == c.argc()) return added;
  HashTrie& table = this->table();
  edit_->changed((c.argc() - i) / 2);
  for (; i < c.argc(); i += 2) added += table.insert_or_assign(c.arg(i), c.arg(i + 1));
  return added;
}

uint64_t HashEdit::make_packed(const CommandContext& c, size_t first, size_t text_bytes) {
  FreshList fresh(c.argc() - first, text_bytes);
  uint64_t added = 0;
  for (size_t i = first; i < c.argc(); i += 2) added += fresh.set(c.arg(i), c.arg(i + 1));
  entry_ = db_.put_packed(key_, nullptr, store::kHashListpack, fresh.bytes());
  return added;
}

uint64_t HashEdit::make_table(const CommandContext& c, size_t first) {
  auto fresh = std::make_unique<HashObject>();
  uint64_t added = 0;
  for (size_t i = first; i < c.argc(); i += 2)
    added += fresh->trie().insert_or_assign(c.arg(i), c.arg(i + 1));
  entry_ = db_.put_object(key_, nullptr, std::move(fresh));
  return added;
}

std::optional<PackedElement> HashEdit::find(std::string_view field) {
  found_at_ = 0;
  if (!entry_) return std::nullopt;
  if (packed()) {
    const ListpackView list(entry_->raw_value());
    const uint32_t at = list.find(list.first(), field, 1);
    if (at == list.end()) return std::nullopt;
    found_at_ = list.next(at);
    return list.get(found_at_);
  }
  // Whoever only looks leaves the image of a snapshot alone.
  const HashTrie& table = HashView(*entry_).table();
  found_hash_ = table.hash_of(field);
  const std::optional<std::string_view> value = table.find(field, found_hash_);
  if (!value) return std::nullopt;
  return PackedElement::raw(*value);
}

bool HashEdit::fits(std::string_view field, const PackedElement& value) const {
  PackedElement::Scratch digits;
  const size_t value_size = value.text(digits).size();
  return field.size() <= limits_.value_bytes && value_size <= limits_.value_bytes &&
         (!entry_ || ds::listpack_safe_to_add(entry_->raw_value().size(), field.size() + value_size));
}

void HashEdit::put(std::string_view field, const PackedElement& value) {
  if (packed()) {
    if (fits(field, value)) [[likely]]
      return put_packed(field, value);
    convert();
    found_hash_ = HashView(*entry_).table().hash_of(field);
  }
  PackedElement::Scratch digits;
  table().insert_or_assign(field, value.text(digits), found_hash_);
  edit_->changed();
}

void HashEdit::put_packed(std::string_view field, const PackedElement& value) {
  const ListpackView list(entry_ ? entry_->raw_value() : ds::kEmptyListpack);
  if (found_at_ != 0) {
    entry_ = db_.change_packed(key_, entry_, ListpackEdit::replace(list, found_at_, {&value, 1}));
  } else if (entry_) {
    const PackedElement pair[] = {field, value};
    entry_ = db_.change_packed(key_, entry_, ListpackEdit::append(list, pair));
  } else {
    FreshList fresh(2, field.size() + (value.is_integer() ? 0 : value.bytes().size()));
    fresh.set(field, value);
    entry_ = db_.put_packed(key_, nullptr, store::kHashListpack, fresh.bytes());
  }
  // Redis looks at the number of fields afterwards, also where a value was replaced.
  if (HashView(*entry_).size() > limits_.entries) [[unlikely]]
    convert();
}

bool HashEdit::erase(std::string_view field) {
  if (!entry_) return false;
  if (packed()) {
    const ListpackView list(entry_->raw_value());
    const uint32_t at = list.find(list.first(), field, 1);
    if (at == list.end()) return false;
    if (list.count() == 2) {
      db_.erase(key_, entry_);
      entry_ = nullptr;
    } else {
      entry_ = db_.change_packed(key_, entry_, ListpackEdit::erase(list, at, 2));
    }
    return true;
  }
  const HashTrie& before = HashView(*entry_).table();
  const uint64_t hash = before.hash_of(field);
  if (!edit_ && !before.find(field, hash)) return false;
  if (!table().erase(field, hash)) return false;
  edit_->changed();
  if (before.empty()) {
    edit_.reset();
    db_.erase(key_, entry_);
    entry_ = nullptr;
  }
  return true;
}

void HashEdit::convert() {
  auto object = entry_ ? HashObject::from_packed(entry_->raw_value()) : std::make_unique<HashObject>();
  entry_ = db_.put_object(key_, entry_, std::move(object), {Expiry::kKeep});
}

HashTrie& HashEdit::table() {
  if (!edit_) edit_.emplace(MakeEdit{db_, key_, entry_});
  return edit_->as<HashObject>().trie();
}

}  // namespace gyre::cmd
