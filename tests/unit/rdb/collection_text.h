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

inline std::string stream_text(const store::Entry& entry) {
  const auto& stream = static_cast<const store::StreamObject&>(entry.object());
  stream.check();
  const auto id_text = [](store::StreamId id) { return std::string(store::StreamIdText(id)); };
  std::string text = "stream " + std::to_string(stream.size()) + " last " + id_text(stream.last_id()) +
                     " first " + id_text(stream.first_id()) + " deleted " + id_text(stream.max_deleted_id()) +
                     " added " + std::to_string(stream.entries_added());
  store::for_each_streamed(
      entry, [&](store::StreamId id) { text += "|" + id_text(id); },
      [&](std::string_view field, std::string_view value) {
        text.append(" ").append(field).append("=").append(value);
      });
  stream.groups().for_each([&](const store::StreamGroup& group) {
    text += "|group " + group.name() + " " + id_text(group.last_id) + " read " +
            std::to_string(group.entries_read);
    for (auto item = group.pending().first(); item.valid(); item.next()) {
      text += " (" + id_text(item->id) + " " + std::to_string(item->delivered_ms) + " " +
              std::to_string(item->deliveries) + " " + group.consumer(item->consumer).name + ")";
    }
    group.for_each_consumer([&](const store::StreamConsumer& consumer) {
      text += "|consumer " + consumer.name + " " + std::to_string(consumer.seen_ms) + " " +
              std::to_string(consumer.active_ms) + " " + std::to_string(consumer.pending.size());
    });
  });
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
    case store::Type::kStream:
      return stream_text(entry);
    default:
      GYRE_CHECK(false);
      return {};
  }
}

}  // namespace gyre::rdb
