// A list that is being made before it becomes a key's value. Private to this module.
#pragma once

#include <memory>
#include <string_view>

#include "gyre/ds/listpack_edit.h"
#include "gyre/store/db.h"
#include "gyre/store/list_object.h"

namespace gyre::cmd {

/// Encoded as what Redis pushes one by one to a large list, which it makes small at the end if it can.
class ListBuilder {
 public:
  /// By list-max-listpack-size and list-compress-depth.
  ListBuilder(int max_size, int compress_depth) : max_size_(max_size), compress_depth_(compress_depth) {}
  /// A large list that became nobody's value is freed as all large values are: not here.
  ~ListBuilder() {
    if (object_) store::free_later(std::move(object_));
  }
  ListBuilder(const ListBuilder&) = delete;
  ListBuilder& operator=(const ListBuilder&) = delete;

  void add(std::string_view element);
  uint64_t size() const { return object_ ? object_->size() : packed_.count(); }
  /// Becomes the value of the key, one change. Empty afterwards. Requires: not empty.
  void put(store::Db& db, const store::Key& key, store::Entry* found);

 private:
  bool fits(std::string_view element) const;

  const int max_size_;
  const int compress_depth_;
  ds::ListpackBuilder packed_;
  std::unique_ptr<store::ListObject> object_;
};

}  // namespace gyre::cmd
