#include "list_builder.h"

#include <algorithm>

namespace gyre::cmd {

namespace {

/// What list-max-listpack-size says of one listpack.
struct NodeLimits {
  size_t bytes;
  uint64_t count = UINT64_MAX;
  bool of_one = true;  // the size counts for a single element too
};

NodeLimits limits_of(int max_size) {
  constexpr int kClasses = 5;
  constexpr size_t kSmallestClass = 4096, kSafe = 8192;
  if (max_size < 0) return {.bytes = kSmallestClass << (-std::max(max_size, -kClasses) - 1)};
  return {.bytes = kSafe, .count = static_cast<uint64_t>(std::max(1, max_size)), .of_one = false};
}

}  // namespace

bool ListBuilder::fits(std::string_view element) const {
  constexpr size_t kEstimatedOverhead = 8;  // of an element, as Redis has it
  const NodeLimits limits = limits_of(max_size_);
  if (packed_.count() == 0) {
    if (!limits.of_one) return element.size() < ds::kListpackSafeBytes;
    const size_t size = ds::kEmptyListpack.size() + ds::listpack_element_size(element);
    return size <= limits.bytes;
  }
  return packed_.size() + element.size() + kEstimatedOverhead <= limits.bytes &&
         packed_.count() < limits.count;
}

void ListBuilder::add(std::string_view element) {
  if (!object_) {
    if (fits(element)) return packed_.add(element);
    const auto limits = store::ListLimits::of(max_size_, compress_depth_);
    object_ = packed_.count() == 0 ? std::make_unique<store::ListObject>(limits)
                                   : store::ListObject::from_packed(packed_.finish(), limits);
  }
  object_->push_back(element);
}

void ListBuilder::put(store::Db& db, const store::Key& key, store::Entry* found) {
  if (object_) {
    db.put_object(key, found, std::move(object_));
  } else {
    db.put_packed(key, found, store::kListListpack, packed_.finish());
  }
}

}  // namespace gyre::cmd
