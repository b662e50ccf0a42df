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
#include "gyre/store/elements.h"
#include "gyre/store/entry.h"

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

inline std::string scores_text(const std::map<std::string, double>& scores) {
  std::string text("zset");
  for (const auto& [member, score] : scores) text += "|" + member + "=" + base::format_double(score);
  return text;
}

inline std::string list_text(const Texts& texts) {
  std::string text("list");
  for (const std::string& element : texts) text += "|" + element;
  return text;
}

inline std::string value_text(const store::Entry& entry) {
  Texts texts;
  switch (entry.type()) {
    case store::Type::kString: {
      char digits[base::kInt64TextMax];
      return std::string(entry.text(digits));
    }
    case store::Type::kList:
      store::for_each_listed(entry, [&texts](std::string_view element) { texts.emplace_back(element); });
      return list_text(texts);
    case store::Type::kSet:
      store::for_each_member(entry, [&texts](std::string_view member) { texts.emplace_back(member); });
      return collection_text("set", texts, false);
    case store::Type::kZset: {
      std::map<std::string, double> scores;
      store::for_each_scored(entry, [&scores](std::string_view member, double score) {
        GYRE_CHECK(scores.emplace(member, score).second);
      });
      return scores_text(scores);
    }
    case store::Type::kHash:
      store::for_each_field(entry, [&texts](std::string_view field, std::string_view value) {
        texts.emplace_back(field);
        texts.emplace_back(value);
      });
      return collection_text("hash", texts, true);
    default:
      GYRE_CHECK(false);
      return {};
  }
}

}  // namespace gyre::rdb
