// Packed values of all times: today's, which are taken as they are, and those of old servers, which become
// today's.
#include <algorithm>
#include <utility>

#include "gyre/ds/intset.h"
#include "gyre/ds/listpack_edit.h"
#include "gyre/ds/ziplist.h"
#include "gyre/ds/zipmap.h"
#include "gyre/store/list_object.h"
#include "gyre/store/trie_object.h"
#include "gyre/store/zset_object.h"
#include "value_reader.h"

namespace gyre::rdb {

namespace {

using ds::ListpackView;
using ds::PackedElement;

Value packed_hash(std::string bytes, const ValueLimits& limits, size_t longest) {
  const size_t fields = ListpackView(bytes).count() / 2;
  if (fields > limits.hash_entries || longest > limits.hash_value)
    return Value::object(store::HashObject::from_packed(bytes));
  return Value::packed(store::kHashListpack, std::move(bytes));
}

/// A listpack of what a ziplist has.
std::string from_ziplist(std::string_view bytes) {
  const ds::ZiplistView list(bytes);
  ds::ListpackBuilder builder(bytes.size());
  for (uint32_t at = list.first(); at != list.end(); at = list.next(at))
    builder.add(list.get(at).canonical());
  return builder.finish();
}

Read read_zipmap(Input& input, std::string_view bytes, const DecodeOptions& options, Value* out) {
  if (!ds::zipmap_valid(bytes, true)) return input.fail("Zipmap integrity check failed.");
  const ds::ZipmapView map(bytes);
  ds::ListpackBuilder builder(bytes.size());
  size_t longest = 0;
  for (size_t at = map.begin(); at != map.end(); at = map.next(at)) {
    const ds::ZipmapPair pair = map.get(at);
    longest = std::max({longest, pair.field.size(), pair.value.size()});
    if (!ds::listpack_safe_to_add(builder.size(), pair.field.size() + pair.value.size()))
      return input.fail("Hash zipmap with dup elements, or big length (" + std::to_string(pair.field.size()) +
                        ")");
    builder.add(pair.field);
    builder.add(pair.value);
  }
  std::string list = builder.finish();
  if (!no_repetition(ListpackView(list), true))
    return input.fail("Hash zipmap with dup elements, or big length (" + std::to_string(longest) + ")");
  *out = packed_hash(std::move(list), options.limits, longest);
  return Read::kDone;
}

Read read_list_ziplist(Input& input, std::string_view bytes, const DecodeOptions& options, Value* out) {
  if (!ds::ziplist_valid(bytes, true)) return input.fail("List ziplist integrity check failed.");
  const ds::ZiplistView list(bytes);
  if (list.empty()) {
    *out = Value::empty_collection();
    return Read::kDone;
  }
  auto object =
      std::make_unique<store::ListObject>(store::ListLimits::of(options.limits.list_max_listpack_size));
  for (uint32_t at = list.first(); at != list.end(); at = list.next(at))
    object->push_back(list.get(at).canonical());
  *out = Value::object(std::move(object));
  return Read::kDone;
}

/// A ziplist of pairs: a hash or a sorted set.
Read read_pairs_ziplist(Input& input, ValueType type, std::string_view bytes, const DecodeOptions& options,
                        Value* out) {
  const bool hash = type == ValueType::kHashZiplist;
  const char* const complaint =
      hash ? "Hash ziplist integrity check failed." : "Zset ziplist integrity check failed.";
  if (!ds::ziplist_valid(bytes, true) || !ds::listpack_safe_to_add(0, bytes.size()))
    return input.fail(complaint);
  std::string list = from_ziplist(bytes);
  const ListpackView view(list);
  if (view.count() % 2 != 0 || !no_repetition(view, true)) return input.fail(complaint);
  if (view.empty()) {
    *out = Value::empty_collection();
  } else if (hash) {
    *out = packed_hash(std::move(list), options.limits, 0);
  } else if (view.count() / 2 > options.limits.zset_entries) {
    *out = Value::object(store::ZsetObject::from_packed(list));
  } else {
    *out = Value::packed(store::kZsetListpack, std::move(list));
  }
  return Read::kDone;
}

Read read_intset(Input& input, std::string_view bytes, const DecodeOptions& options, Value* out) {
  if (!ds::intset_valid(bytes, true)) return input.fail("Intset integrity check failed.");
  *out = ds::IntsetView(bytes).count() > options.limits.set_intset_entries
             ? Value::object(store::SetObject::from_packed(store::kSetIntset, bytes))
             : Value::packed(store::kSetIntset, bytes);
  return Read::kDone;
}

struct PackedKind {
  store::ValueForm form;
  bool pairs;
  uint64_t entries;
  const char* complaint;
};

PackedKind kind_of(ValueType type, const ValueLimits& limits) {
  if (type == ValueType::kSetListpack)
    return {store::kSetListpack, false, limits.set_listpack_entries, "Set listpack integrity check failed."};
  if (type == ValueType::kZsetListpack)
    return {store::kZsetListpack, true, limits.zset_entries, "Zset listpack integrity check failed."};
  return {store::kHashListpack, true, limits.hash_entries, "Hash listpack integrity check failed."};
}

Read read_listpack(Input& input, ValueType type, std::string_view bytes, const DecodeOptions& options,
                   Value* out) {
  const PackedKind kind = kind_of(type, options.limits);
  if (!ds::listpack_valid(bytes, true)) return input.fail(kind.complaint);
  const ListpackView list(bytes);
  const size_t count = list.count();
  if (kind.pairs && count % 2 != 0) return input.fail(kind.complaint);
  const bool converts = (kind.pairs ? count / 2 : count) > kind.entries;
  // An object has no place for repetitions.
  if ((options.deep || converts) && !no_repetition(list, kind.pairs)) return input.fail(kind.complaint);
  if (count == 0) {
    *out = Value::empty_collection();
  } else if (!converts) {
    *out = Value::packed(kind.form, bytes);
  } else if (kind.form == store::kSetListpack) {
    *out = Value::object(store::SetObject::from_packed(kind.form, bytes));
  } else if (kind.form == store::kZsetListpack) {
    *out = Value::object(store::ZsetObject::from_packed(bytes));
  } else {
    *out = Value::object(store::HashObject::from_packed(bytes));
  }
  return Read::kDone;
}

}  // namespace

bool no_repetition(const ListpackView& list, bool pairs) {
  store::SetObject seen;
  PackedElement::Scratch digits;
  for (uint32_t at = list.first(); at != list.end(); at = list.next(at)) {
    if (!seen.trie().insert(list.get(at).text(digits))) return false;
    if (pairs) at = list.next(at);
  }
  return true;
}

Read packed_value(Input& input, ValueType type, std::string_view bytes, const DecodeOptions& options,
                  Value* out) {
  switch (type) {
    case ValueType::kHashZipmap:
      return read_zipmap(input, bytes, options, out);
    case ValueType::kListZiplist:
      return read_list_ziplist(input, bytes, options, out);
    case ValueType::kZsetZiplist:
    case ValueType::kHashZiplist:
      return read_pairs_ziplist(input, type, bytes, options, out);
    case ValueType::kSetIntset:
      return read_intset(input, bytes, options, out);
    default:
      return read_listpack(input, type, bytes, options, out);
  }
}

}  // namespace gyre::rdb
