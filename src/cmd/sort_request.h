// What SORT and SORT_RO are asked to do, and the patterns behind BY and GET. Private to this module.
//
// Patterns are read as Redis reads them, as C strings: what stands behind a NUL byte is not searched.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gyre/exec/dispatcher.h"
#include "hash_value.h"

namespace gyre::cmd {

/// The name of a key, or of a key and a field of the hash there, with a place for an element.
class SortPattern {
 public:
  /// Refers to the text.
  explicit SortPattern(std::string_view text);

  /// "#": the element itself.
  bool is_element() const { return element_; }
  /// Whether it looks at keys at all: one without a place for the element finds nothing.
  bool has_keys() const { return has_place_; }
  /// What it finds for an element. Valid until it finds the next, or the keyspace changes.
  std::optional<std::string_view> find(Db& db, std::string_view element);
  /// Where the text that was found last is a string's value: its entry.
  const Entry* string_entry() const { return entry_; }

 private:
  bool element_, has_place_ = false, has_field_ = false;
  std::string_view before_, behind_, field_;  // the place of the element; the field
  std::string key_;
  const Entry* entry_ = nullptr;
  ds::PackedElement::Scratch digits_{};
};

struct SortRequest {
  enum class Problem : uint8_t { kNone, kSyntax, kNumber };

  bool descending = false;
  bool alpha = false;
  bool unsorted = false;  // BY a pattern that is the same for all elements
  int64_t offset = 0, count = -1;
  std::optional<SortPattern> by;
  std::vector<SortPattern> gets;
  size_t store_at = 0;  // the argument that names the destination; 0: none

  /// The words from argument 2 on. Refers to the arguments.
  Problem parse(exec::CommandArgs args, bool read_only);
  bool stores() const { return store_at != 0; }
  /// Whether it looks at keys that follow from the elements.
  bool looks_up() const;
};

/// What SORT and SORT_RO need: their keys, or everything, where patterns lead to other keys.
bool plan_sort(exec::CommandArgs args, exec::KeyList& keys);
bool plan_sort_ro(exec::CommandArgs args, exec::KeyList& keys);

}  // namespace gyre::cmd
