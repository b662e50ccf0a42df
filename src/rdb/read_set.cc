// Sets: an intset or a listpack for as long as Redis's loader keeps them one, then a table.
#include <algorithm>
#include <limits>
#include <utility>

#include "gyre/base/numbers.h"
#include "gyre/ds/intset.h"
#include "gyre/ds/listpack_edit.h"
#include "gyre/store/trie_object.h"
#include "value_reader.h"

namespace gyre::rdb {

namespace {

using ds::IntsetEdit;
using ds::IntsetView;
using ds::ListpackView;
using store::kSetIntset;
using store::kSetListpack;
using store::SetObject;

/// Where Redis stops intsets whatever the configuration says.
constexpr uint64_t kMostIntsetEntries = uint64_t{1} << 30;

class SetReader final : public ValueReader {
 public:
  explicit SetReader(const ValueLimits& limits) : limits_(limits) {}

  Read step(Input& input, Value* out) override {
    const bool begins = count_ == Count::kUnread;
    if (const Read read = read_count(input, &count_, &left_, out); read != Read::kDone || left_ == 0)
      return read;
    if (begins && left_ > std::min(limits_.set_intset_entries, kMostIntsetEntries))
      object_ = std::make_unique<SetObject>();
    for (; left_ > 0; --left_) {
      std::string_view member;
      if (const Read read = input.string(&member); read != Read::kDone) return read;
      if (!add(member)) return input.fail("Duplicate set members detected");
    }
    *out = object_ ? Value::object(std::move(object_)) : Value::packed(form_, std::move(bytes_));
    return Read::kDone;
  }

 private:
  bool add(std::string_view member) {
    longest_ = std::max(longest_, member.size());
    total_ += member.size();
    if (!object_ && form_ == kSetIntset) {
      if (const auto number = base::parse_int64(member)) {
        const auto edit = IntsetEdit::add(IntsetView(bytes_), *number);
        if (edit.changes()) edit.apply_to(bytes_);
        return edit.changes();
      }
      leave_intset();
    }
    if (!object_) {
      const ListpackView list(bytes_);
      if (list.find(list.first(), member) != list.end()) return false;
      if (list.count() < limits_.set_listpack_entries && member.size() <= limits_.set_listpack_value &&
          ds::listpack_safe_to_add(list.size(), member.size())) {
        const ds::PackedElement element(member);
        ds::ListpackEdit::append(list, {&element, 1}).apply_to(bytes_);
        return true;
      }
      make_table();
    }
    return object_->trie().insert(member);
  }

  /// A member came that is no number: the others become a listpack, if Redis finds them small enough.
  void leave_intset() {
    const IntsetView numbers(bytes_);
    if (numbers.count() >= limits_.set_listpack_entries || longest_ > limits_.set_listpack_value ||
        !ds::listpack_safe_to_add(0, total_))
      return make_table();
    ds::ListpackBuilder list;
    for (uint32_t i = 0; i < numbers.count(); ++i) list.add(numbers.get(i));
    bytes_ = list.finish();
    form_ = kSetListpack;
  }

  void make_table() { object_ = SetObject::from_packed(form_, bytes_); }

  const ValueLimits& limits_;
  Count count_ = Count::kUnread;
  uint64_t left_ = 0;
  size_t longest_ = 0, total_ = 0;
  store::ValueForm form_ = kSetIntset;
  std::string bytes_{ds::kEmptyIntset};
  std::unique_ptr<SetObject> object_;
};

}  // namespace

std::unique_ptr<ValueReader> set_reader(const DecodeOptions& options) {
  return std::make_unique<SetReader>(options.limits);
}

}  // namespace gyre::rdb
