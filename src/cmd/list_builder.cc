#include "list_builder.h"

#include "list_limits.h"

namespace gyre::cmd {

bool ListBuilder::fits(std::string_view element) const {
  constexpr size_t kEstimatedOverhead = 8;  // of an element, as Redis has it
  const PackedListLimits limits(max_size_);
  if (packed_.count() == 0) {
    if (limits.by_count) return element.size() < ds::kListpackSafeBytes;
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
