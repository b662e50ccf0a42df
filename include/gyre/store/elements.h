// Going through the elements of a list, a set, a hash, a sorted set or a stream, however it is kept. Under
// I1; `visit` must not change the value.
#pragma once

#include <string_view>

#include "gyre/ds/intset.h"
#include "gyre/ds/listpack.h"
#include "gyre/store/entry.h"
#include "gyre/store/list_object.h"
#include "gyre/store/stream_object.h"
#include "gyre/store/trie_object.h"
#include "gyre/store/zset_object.h"

namespace gyre::store {

/// Calls visit(text) for each element of a list, from the first on. The text is valid during the call.
template <class Visit>
void for_each_listed(const Entry& list, Visit&& visit) {
  ds::PackedElement::Scratch digits;
  if (list.form() == kListQuicklist) {
    for (ListCursor cursor = static_cast<const ListObject&>(list.object()).first(); cursor.valid();
         cursor.next())
      visit(cursor.get().text(digits));
    return;
  }
  const ds::ListpackView elements(list.raw_value());
  for (uint32_t at = elements.first(); at != elements.end(); at = elements.next(at))
    visit(elements.get(at).text(digits));
}

/// Calls visit(member) for each member of a set. The text is valid during the call.
template <class Visit>
void for_each_member(const Entry& set, Visit&& visit) {
  ds::PackedElement::Scratch digits;
  if (set.form() == kSetTable) {
    ds::HashTrie::Cursor cursor(static_cast<const SetObject&>(set.object()).trie());
    for (ds::HashTrie::Element element; cursor.next(element);) visit(element.field);
  } else if (set.form() == kSetIntset) {
    const ds::IntsetView members(set.raw_value());
    for (uint32_t i = 0; i < members.count(); ++i) visit(ds::PackedElement(members.get(i)).text(digits));
  } else {
    const ds::ListpackView members(set.raw_value());
    for (uint32_t at = members.first(); at != members.end(); at = members.next(at))
      visit(members.get(at).text(digits));
  }
}

/// Calls visit(field, value) for each field of a hash. The texts are valid during the call.
template <class Visit>
void for_each_field(const Entry& hash, Visit&& visit) {
  if (hash.form() == kHashTable) {
    ds::HashTrie::Cursor cursor(static_cast<const HashObject&>(hash.object()).trie());
    for (ds::HashTrie::Element element; cursor.next(element);) visit(element.field, element.value);
    return;
  }
  ds::PackedElement::Scratch field_digits, value_digits;
  const ds::ListpackView fields(hash.raw_value());
  for (uint32_t at = fields.first(); at != fields.end();) {
    const uint32_t value = fields.next(at);
    visit(fields.get(at).text(field_digits), fields.get(value).text(value_digits));
    at = fields.next(value);
  }
}

/// Calls visit(member, score) for each element of a sorted set, ascending. The text is valid during the call.
template <class Visit>
void for_each_scored(const Entry& zset, Visit&& visit) {
  if (zset.form() == kZsetSkiplist) {
    const ds::ScoreTree& elements = static_cast<const ZsetObject&>(zset.object()).elements();
    for (ds::ScoreCursor cursor = elements.first(); cursor.valid(); cursor.next())
      visit(cursor.member(), cursor.score());
    return;
  }
  ds::PackedElement::Scratch digits;
  const ds::ListpackView list(zset.raw_value());
  for (uint32_t at = list.first(); at != list.end();) {
    const uint32_t score = list.next(at);
    visit(list.get(at).text(digits), packed_score(list.get(score)));
    at = list.next(score);
  }
}

/// Calls entry(id) for each entry of a stream, and pair(field, value) for each of its fields. The texts are
/// valid during the call.
template <class VisitEntry, class VisitPair>
void for_each_streamed(const Entry& stream, VisitEntry&& entry, VisitPair&& pair) {
  ds::PackedElement::Scratch field_digits, value_digits;
  StreamRange range(static_cast<const StreamObject&>(stream.object()), StreamId::min(), StreamId::max());
  while (range.next()) {
    entry(range.id());
    for (uint64_t i = 0; i < range.fields(); ++i) {
      const StreamRange::Pair next = range.next_pair();
      pair(next.field.text(field_digits), next.value.text(value_digits));
    }
  }
}

}  // namespace gyre::store
