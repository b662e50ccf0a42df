// Values as text that is the same however they are kept, for tests to compare.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gyre/base/check.h"
#include "gyre/ds/intset.h"
#include "gyre/ds/listpack.h"
#include "gyre/store/entry.h"
#include "gyre/store/trie_object.h"

namespace gyre::rdb {

using Texts = std::vector<std::string>;

/// Elements of a set, or fields and values in turn.
inline std::string collection_text(std::string_view type, const Texts& texts, bool pairs) {
  std::multimap<std::string, std::string> sorted;
  for (size_t i = 0; i < texts.size(); i += pairs ? 2 : 1)
    sorted.emplace(texts[i], pairs ? texts[i + 1] : "");
  std::string text(type);
  for (const auto& [field, value] : sorted) text += "|" + field + "=" + value;
  return text;
}

inline Texts texts_of_listpack(std::string_view bytes) {
  Texts texts;
  const ds::ListpackView list(bytes);
  ds::PackedElement::Scratch digits;
  for (uint32_t at = list.first(); at != list.end(); at = list.next(at))
    texts.emplace_back(list.get(at).text(digits));
  return texts;
}

inline Texts texts_of_intset(std::string_view bytes) {
  Texts texts;
  const ds::IntsetView set(bytes);
  for (uint32_t i = 0; i < set.count(); ++i) texts.push_back(std::to_string(set.get(i)));
  return texts;
}

/// Of a string, a set or a hash.
inline std::string value_text(const store::Entry& entry) {
  if (entry.type() == store::Type::kString) {
    char digits[base::kInt64TextMax];
    return std::string(entry.text(digits));
  }
  const bool pairs = entry.type() == store::Type::kHash;
  GYRE_CHECK(pairs || entry.type() == store::Type::kSet);
  const std::string_view type = pairs ? "hash" : "set";
  if (!entry.is_object()) {
    const bool intset = entry.form() == store::kSetIntset;
    return collection_text(
        type, intset ? texts_of_intset(entry.raw_value()) : texts_of_listpack(entry.raw_value()), pairs);
  }
  Texts texts;
  ds::HashTrie::Cursor cursor(static_cast<const store::TrieObject&>(entry.object()).trie());
  for (ds::HashTrie::Element element; cursor.next(element);) {
    texts.emplace_back(element.field);
    if (pairs) texts.emplace_back(element.value);
  }
  return collection_text(type, texts, pairs);
}

}  // namespace gyre::rdb
