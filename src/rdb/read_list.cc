// Lists: their elements one by one (the oldest form), or nodes, each a ziplist, a listpack or one large
// element.
#include <utility>

#include "gyre/ds/listpack_edit.h"
#include "gyre/ds/ziplist.h"
#include "gyre/store/list_object.h"
#include "value_reader.h"

namespace gyre::rdb {

namespace {

using ds::ListpackView;
using ds::PackedElement;
using store::ListLimits;
using store::ListObject;

/// What one node may hold in Redis, which decides whether a list stays packed.
constexpr size_t kSmallestNode = 4096, kLargestClass = 5;
/// Where Redis stops filling a node whose limit is a number of elements.
constexpr size_t kCountedNodeBytes = 8192;

class ListReader final : public ValueReader {
 public:
  ListReader(ValueType type, const DecodeOptions& options, uint64_t* sanitizations)
      : type_(type), options_(options), sanitizations_(sanitizations) {}

  Read step(Input& input, Value* out) override {
    if (const Read read = read_count(input, &count_, &left_, out); read != Read::kDone || left_ == 0)
      return read;
    while (left_ > 0) {
      if (type_ == ValueType::kListQuicklist2 && !kind_known_) {
        if (const Read read = read_kind(input); read != Read::kDone) return read;
      }
      std::string_view bytes;
      if (const Read read = input.string(&bytes); read != Read::kDone) return read;
      --left_;
      kind_known_ = false;
      if (const Read read = add(input, bytes); read != Read::kDone) return read;
    }
    finish(out);
    return Read::kDone;
  }

 private:
  Read read_kind(Input& input) {
    if (const Read read = input.length(&kind_); read != Read::kDone) return read;
    if (kind_ != kPackedNode && kind_ != kPlainNode) return input.fail("Quicklist integrity check failed.");
    kind_known_ = true;
    return Read::kDone;
  }

  Read add(Input& input, std::string_view bytes) {
    if (type_ == ValueType::kList) {
      add_element(bytes);
      return Read::kDone;
    }
    if (bytes.empty()) return input.fail("Quicklist node without bytes");
    if (type_ == ValueType::kListQuicklist2 && kind_ == kPlainNode) {
      object().push_back(PackedElement::raw(bytes));
      return Read::kDone;
    }
    if (type_ == ValueType::kListQuicklist) {
      if (!ds::ziplist_valid(bytes, true)) return input.fail("Ziplist integrity check failed.");
      const ds::ZiplistView node(bytes);
      for (uint32_t at = node.first(); at != node.end(); at = node.next(at))
        add_element(node.get(at).canonical());
      return Read::kDone;
    }
    if (options_.deep) ++*sanitizations_;
    if (!ds::listpack_valid(bytes, true)) return input.fail("Listpack integrity check failed.");
    const ListpackView node(bytes);
    if (left_ == 0 && !object_ && packed_.count() == 0 && !node.empty() && fits(bytes.size(), node.count())) {
      whole_ = bytes;  // the usual small list
      return Read::kDone;
    }
    for (uint32_t at = node.first(); at != node.end(); at = node.next(at)) add_element(node.get(at));
    return Read::kDone;
  }

  /// Packed for as long as that is the list's form.
  void add_element(const PackedElement& element) {
    if (!object_ && fits(packed_.size() + ds::listpack_element_size(element), packed_.count() + 1)) {
      packed_.add(element);
    } else {
      object().push_back(element);
    }
  }

  bool fits(size_t bytes, size_t count) const {
    return list_fits_packed(options_.limits.list_max_listpack_size, bytes, count);
  }

  ListObject& object() {
    if (!object_) {
      const ListLimits limits = ListLimits::of(options_.limits.list_max_listpack_size);
      object_ = ListObject::from_packed(packed_.finish(), limits);
    }
    return *object_;
  }

  void finish(Value* out) {
    if (!whole_.empty()) {
      *out = Value::packed(store::kListListpack, whole_);
    } else if (object_) {
      *out = Value::object(std::move(object_));
    } else if (packed_.count() == 0) {
      *out = Value::empty_collection();
    } else {
      *out = Value::packed(store::kListListpack, packed_.finish());
    }
  }

  const ValueType type_;
  const DecodeOptions& options_;
  uint64_t* const sanitizations_;
  Count count_ = Count::kUnread;
  uint64_t left_ = 0;
  uint64_t kind_ = kPackedNode;  // of the node that comes
  bool kind_known_ = false;
  ds::ListpackBuilder packed_;
  std::string_view whole_;
  std::unique_ptr<ListObject> object_;
};

}  // namespace

bool list_fits_packed(int max_listpack_size, size_t bytes, size_t count) {
  if (max_listpack_size >= 0)
    return count <= std::max<size_t>(1, static_cast<size_t>(max_listpack_size)) && bytes <= kCountedNodeBytes;
  const size_t size_class = std::min<size_t>(-static_cast<int64_t>(max_listpack_size), kLargestClass);
  return bytes <= kSmallestNode << (size_class - 1);
}

std::unique_ptr<ValueReader> list_reader(ValueType type, const DecodeOptions& options,
                                         uint64_t* sanitizations) {
  return std::make_unique<ListReader>(type, options, sanitizations);
}

}  // namespace gyre::rdb
