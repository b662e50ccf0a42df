#include "stream_value.h"

#include <algorithm>
#include <string>

namespace gyre::cmd {

namespace {

constexpr size_t kMaxIdText = 127;

/// What Redis takes for a number here, which is all that strtoull() does.
std::optional<uint64_t> parse_part(std::string_view text) {
  if (const std::optional<int64_t> value = base::parse_int64(text))
    return *value < 0 ? std::nullopt : std::optional(static_cast<uint64_t>(*value));
  text.remove_prefix(std::min(text.find_first_not_of(" \t\n\v\f\r"), text.size()));
  return base::parse_uint64(text);
}

void invalid_id(CommandContext& c) {
  c.reply.error("ERR Invalid stream ID specified as stream command argument");
}

/// `open`: the ID itself is excluded.
bool get_range_id(CommandContext& c, size_t i, uint64_t missing, StreamId* id, bool* open) {
  const std::string_view text = c.arg(i);
  *open = text.size() > 1 && text[0] == '(';
  const std::optional<ParsedId> parsed =
      parse_stream_id(*open ? text.substr(1) : text, missing, *open ? IdForm::kStrict : IdForm::kEnds);
  if (!parsed) {
    invalid_id(c);
    return false;
  }
  *id = parsed->id;
  return true;
}

}  // namespace

std::optional<ParsedId> parse_stream_id(std::string_view text, uint64_t missing, IdForm form) {
  if (text.size() > kMaxIdText) return std::nullopt;
  text = text.substr(0, text.find('\0'));
  if (text == "-" || text == "+") {
    if (form != IdForm::kEnds) return std::nullopt;
    return ParsedId{text == "-" ? StreamId::min() : StreamId::max()};
  }
  const size_t dash = text.find('-');
  const std::optional<uint64_t> ms = parse_part(text.substr(0, dash));
  if (!ms) return std::nullopt;
  if (dash == text.npos) return ParsedId{{*ms, missing}};
  const std::string_view rest = text.substr(dash + 1);
  if (form == IdForm::kAdded && rest == "*") return ParsedId{{*ms, 0}, /*has_sequence=*/false};
  const std::optional<uint64_t> sequence = parse_part(rest);
  if (!sequence) return std::nullopt;
  return ParsedId{{*ms, *sequence}};
}

bool get_stream_id(CommandContext& c, size_t i, uint64_t missing, IdForm form, StreamId* id) {
  const std::optional<ParsedId> parsed = parse_stream_id(c.arg(i), missing, form);
  if (parsed) {
    *id = parsed->id;
  } else {
    invalid_id(c);
  }
  return parsed.has_value();
}

bool get_range_start(CommandContext& c, size_t i, StreamId* id) {
  bool open;
  if (!get_range_id(c, i, 0, id, &open)) return false;
  if (!open || id->increment()) return true;
  c.reply.error("ERR invalid start ID for the interval");
  return false;
}

bool get_range_end(CommandContext& c, size_t i, StreamId* id) {
  bool open;
  if (!get_range_id(c, i, UINT64_MAX, id, &open)) return false;
  if (!open || id->decrement()) return true;
  c.reply.error("ERR invalid end ID for the interval");
  return false;
}

void reply_entry(CommandContext& c, StreamRange& range) {
  c.reply.array(2);
  reply_id(c, range.id());
  c.reply.array(2 * range.fields());
  for (uint64_t i = 0; i < range.fields(); ++i) {
    const StreamRange::Pair pair = range.next_pair();
    reply_element(c, pair.field);
    reply_element(c, pair.value);
  }
}

void reply_entries(CommandContext& c, StreamRange range, uint64_t count) {
  resp::DeferredAggregate entries(c.reply);
  uint64_t n = 0;
  while ((count == 0 || n < count) && range.next()) {
    reply_entry(c, range);
    ++n;
  }
  entries.finish(n);
}

bool reply_entry_at(CommandContext& c, const StreamObject& stream, StreamId id) {
  StreamRange range(stream, id, id);
  if (!range.next()) return false;
  reply_entry(c, range);
  return true;
}

void no_group(CommandContext& c, std::string_view key, std::string_view group) {
  c.reply.error("NOGROUP No such key '" + error_text(key) + "' or consumer group '" + error_text(group) +
                "'");
}

void no_group_of_key(CommandContext& c, std::string_view key, std::string_view group) {
  c.reply.error("NOGROUP No such consumer group '" + error_text(group) + "' for key name '" +
                error_text(key) + "'");
}

void propagate_claim(CommandContext& c, size_t key_at, const StreamGroup& group, std::string_view id,
                     const store::PendingEntry& item) {
  if (!c.propagating()) return;
  const NumberText time(item.delivered_ms), count(static_cast<int64_t>(item.deliveries));
  c.propagate_as({"XCLAIM", c.arg(key_at), group.name(), group.consumer(item.consumer).name, "0", id, "TIME",
                  time, "RETRYCOUNT", count, "FORCE", "JUSTID", "LASTID", StreamIdText(group.last_id)});
}

void propagate_group_id(CommandContext& c, size_t key_at, const StreamGroup& group) {
  if (!c.propagating()) return;
  c.propagate_as({"XGROUP", "SETID", c.arg(key_at), group.name(), StreamIdText(group.last_id), "ENTRIESREAD",
                  NumberText(group.entries_read)});
}

}  // namespace gyre::cmd
