// Commands that add entries to streams and take them away.
#include <algorithm>
#include <vector>

#include "gyre/ds/listpack.h"
#include "stream_commands.h"
#include "stream_value.h"

namespace gyre::cmd {

namespace {

using store::StreamTrim;

constexpr size_t kNone = 0;

struct AddOptions {
  StreamTrim trim;
  size_t bound_at = kNone;  // the argument that says how far to trim
  size_t id_at = kNone;     // XADD: where the ID is
  ParsedId id;
  bool id_given = false, only_existing = false;
  bool limit_given = false;
  int64_t limit = 0;
};

/// MAXLEN or MINID at argument *i, which moves to its value.
bool parse_bound(CommandContext& c, size_t* i, AddOptions* o) {
  StreamTrim& trim = o->trim;
  if (trim.by != StreamTrim::By::kNothing) {
    c.reply.error("ERR syntax error, MAXLEN and MINID options at the same time are not compatible");
    return false;
  }
  const bool by_length = is_word(c, *i, "maxlen");
  if (c.argc() - *i > 2 && (c.arg(*i + 1) == "~" || c.arg(*i + 1) == "=")) {
    trim.whole_nodes = c.arg(*i + 1) == "~";
    ++*i;
  }
  o->bound_at = ++*i;
  if (by_length) {
    int64_t length;
    if (!c.get_int64(*i, &length)) return false;
    if (length < 0) {
      c.reply.error("ERR The MAXLEN argument must be >= 0.");
      return false;
    }
    trim.max_length = static_cast<uint64_t>(length);
  } else if (!get_stream_id(c, *i, 0, IdForm::kStrict, &trim.min_id)) {
    return false;
  }
  trim.by = by_length ? StreamTrim::By::kLength : StreamTrim::By::kId;
  return true;
}

bool parse_limit(CommandContext& c, size_t i, AddOptions* o) {
  if (!c.get_int64(i, &o->limit)) return false;
  o->limit_given = true;
  if (o->limit >= 0) return true;
  c.reply.error("ERR The LIMIT argument must be >= 0.");
  return false;
}

/// The words from argument 2 on, for XADD up to the ID.
bool parse_words(CommandContext& c, bool adds, AddOptions* o) {
  for (size_t i = 2; i < c.argc(); ++i) {
    const bool more = i + 1 < c.argc();
    if (adds && c.arg(i) == "*") {
      o->id_at = i;
      return true;
    }
    if (more && (is_word(c, i, "maxlen") || is_word(c, i, "minid"))) {
      if (!parse_bound(c, &i, o)) return false;
    } else if (more && is_word(c, i, "limit")) {
      if (!parse_limit(c, ++i, o)) return false;
    } else if (adds && is_word(c, i, "nomkstream")) {
      o->only_existing = true;
    } else if (adds) {
      const std::optional<ParsedId> id = parse_stream_id(c.arg(i), 0, IdForm::kAdded);
      if (!id) return get_stream_id(c, i, 0, IdForm::kStrict, &o->id.id);
      o->id = *id;
      o->id_given = true;
      o->id_at = i;
      return true;
    } else {
      c.syntax_error();
      return false;
    }
  }
  o->id_at = c.argc();
  return true;
}

/// How many entries one trim takes away when nothing is said: those of about a hundred nodes.
uint64_t usual_limit(const Environment& environment) {
  constexpr uint64_t kNodes = 100, kLeast = 10'000, kMost = 1'000'000;
  const uint64_t entries = environment.stream_node_limits().entries;
  if (entries == 0) return kLeast;
  return entries > kMost / kNodes ? kMost : entries * kNodes;
}

bool parse_options(CommandContext& c, bool adds, AddOptions* o) {
  if (!parse_words(c, adds, o)) return false;
  StreamTrim& trim = o->trim;
  if (o->limit != 0 && trim.by == StreamTrim::By::kNothing) {
    c.reply.error("ERR syntax error, LIMIT cannot be used without specifying a trimming strategy");
    return false;
  }
  if (!adds && trim.by == StreamTrim::By::kNothing) {
    c.reply.error("ERR syntax error, XTRIM must be called with a trimming strategy");
    return false;
  }
  if (o->limit_given && !trim.whole_nodes) {
    c.reply.error("ERR syntax error, LIMIT cannot be used without the special ~ option");
    return false;
  }
  if (o->limit_given) {
    trim.limit = static_cast<uint64_t>(o->limit);
  } else if (trim.whole_nodes) {
    trim.limit = usual_limit(environment(c));
  }
  return true;
}

/// What the trim came to, said so that replicas do the same: the length that is left, or the first ID.
class TrimBound {
 public:
  TrimBound(const StreamObject& stream, const StreamTrim& trim)
      : length_(static_cast<int64_t>(stream.size())),
        first_(trim.by == StreamTrim::By::kId ? stream.edge_id(/*first=*/true, /*deleted=*/true)
                                              : StreamId()),
        by_length_(trim.by == StreamTrim::By::kLength) {}
  std::string_view text() const { return by_length_ ? std::string_view(length_) : std::string_view(first_); }

 private:
  NumberText length_;
  StreamIdText first_;
  bool by_length_;
};

/// The ID of the entry to be added; nothing when the stream is beyond it.
std::optional<StreamId> next_id(CommandContext& c, const AddOptions& o, StreamId last) {
  StreamId id = o.id.id;
  if (!o.id_given) {
    id = {static_cast<uint64_t>(c.now_ms()), 0};
    if (id.ms <= last.ms) {
      id = last;
      id.increment();
    }
  } else if (!o.id.has_sequence && last.ms == id.ms) {
    if (last.sequence == UINT64_MAX) return std::nullopt;
    id.sequence = last.sequence + 1;
  }
  if (id <= last) return std::nullopt;
  return id;
}

bool too_large(std::span<const std::string_view> pairs) {
  size_t bytes = 0;
  for (const std::string_view text : pairs) bytes += text.size();
  return bytes > ds::kListpackSafeBytes;
}

void add_to(CommandContext& c, StreamObject& stream, const AddOptions& o, StreamId id,
            std::span<const std::string_view> pairs) {
  const StreamNodeLimits limits = environment(c).stream_node_limits();
  stream.append(id, pairs, {.node_bytes = limits.bytes, .node_entries = limits.entries});
  reply_id(c, id);
  stream.trim(o.trim);
  if (!c.propagating()) return;
  const StreamIdText made(id);
  const std::string_view shown = o.id_given && o.id.has_sequence ? c.arg(o.id_at) : std::string_view(made);
  if (o.trim.whole_nodes) {
    const TrimBound bound(stream, o.trim);
    c.propagate_with({{o.bound_at - 1, "="}, {o.bound_at, bound.text()}, {o.id_at, shown}});
  } else if (!o.id_given || !o.id.has_sequence) {
    c.propagate_with({{o.id_at, shown}});
  }
}

}  // namespace

void xadd(CommandContext& c) {
  AddOptions o;
  if (!parse_options(c, /*adds=*/true, &o)) return;
  const size_t first = o.id_at + 1;
  if (c.argc() < first + 2 || (c.argc() - first) % 2 == 1) return c.wrong_arity();
  if (o.id_given && o.id.has_sequence && o.id.id.is_zero())
    return c.reply.error("ERR The ID specified in XADD must be greater than 0-0");

  const Key key = c.key(1);
  Entry* found = c.db().write(key);
  if (!check_stream(c, found)) return;
  if (!found && o.only_existing) return c.reply.null();
  const StreamId last = found ? stream_of(*found).last_id() : StreamId();
  if (last == StreamId::max())
    return c.reply.error("ERR The stream has exhausted the last possible ID, unable to add more items");
  const std::optional<StreamId> id = next_id(c, o, last);
  if (!id)
    return c.reply.error("ERR The ID specified in XADD is equal or smaller than the target stream top item");
  const std::span<const std::string_view> pairs = c.args.subspan(first);
  if (too_large(pairs)) return c.reply.error("ERR Elements are too large to be stored");
  if (!found) {
    auto fresh = std::make_unique<StreamObject>();
    add_to(c, *fresh, o, *id, pairs);
    c.db().put_object(key, nullptr, std::move(fresh));
    return;
  }
  store::ObjectEdit edit = c.db().edit_object(key, found);
  add_to(c, edit.as<StreamObject>(), o, *id, pairs);
  edit.changed();
}

void xtrim(CommandContext& c) {
  AddOptions o;
  if (!parse_options(c, /*adds=*/false, &o)) return;
  const Key key = c.key(1);
  Entry* found = c.db().write(key);
  if (!check_stream(c, found)) return;
  // Whoever finds nothing to do leaves the image of a snapshot alone.
  const bool by_length = o.trim.by == StreamTrim::By::kLength;
  if (!found || (by_length ? stream_of(*found).size() <= o.trim.max_length
                           : stream_of(*found).edge_id(true, true) >= o.trim.min_id))
    return c.reply.integer(0);
  store::ObjectEdit edit = c.db().edit_object(key, found);
  auto& stream = edit.as<StreamObject>();
  const uint64_t gone = stream.trim(o.trim);
  if (gone != 0) {
    edit.changed(gone);
    if (o.trim.whole_nodes) {
      const TrimBound bound(stream, o.trim);
      c.propagate_with({{o.bound_at - 1, "="}, {o.bound_at, bound.text()}});
    }
  }
  c.reply.integer(static_cast<int64_t>(gone));
}

void xdel(CommandContext& c) {
  const Key key = c.key(1);
  Entry* found = c.db().write(key);
  if (!found) return c.reply.integer(0);
  if (!check_stream(c, found)) return;
  std::vector<StreamId> ids(c.argc() - 2);
  for (size_t i = 0; i < ids.size(); ++i) {
    if (!get_stream_id(c, i + 2, 0, IdForm::kStrict, &ids[i])) return;
  }
  const StreamObject& seen = stream_of(*found);
  const auto there = std::find_if(ids.begin(), ids.end(), [&](StreamId id) { return seen.contains(id); });
  if (there == ids.end()) return c.reply.integer(0);
  store::ObjectEdit edit = c.db().edit_object(key, found);
  auto& stream = edit.as<StreamObject>();
  const auto gone = std::count_if(there, ids.end(), [&](StreamId id) { return stream.erase(id); });
  edit.changed(static_cast<uint64_t>(gone));
  c.reply.integer(gone);
}

void xsetid(CommandContext& c) {
  StreamId id, max_deleted;
  int64_t added = -1;
  if (!get_stream_id(c, 2, 0, IdForm::kStrict, &id)) return;
  for (size_t i = 3; i < c.argc(); i += 2) {
    const bool more = i + 1 < c.argc();
    if (more && is_word(c, i, "entriesadded")) {
      if (!c.get_int64(i + 1, &added)) return;
      if (added < 0) return c.reply.error("ERR entries_added must be positive");
    } else if (more && is_word(c, i, "maxdeletedid")) {
      if (!get_stream_id(c, i + 1, 0, IdForm::kStrict, &max_deleted)) return;
      if (id < max_deleted)
        return c.reply.error(
            "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id");
    } else {
      return c.syntax_error();
    }
  }
  const Key key = c.key(1);
  Entry* found = c.db().write(key);
  if (!found) return c.reply.error("ERR no such key");
  if (!check_stream(c, found)) return;
  const StreamObject& seen = stream_of(*found);
  if (id < seen.max_deleted_id())
    return c.reply.error("ERR The ID specified in XSETID is smaller than current max_deleted_entry_id");
  if (seen.size() > 0) {
    if (id < seen.edge_id(/*first=*/false, /*deleted=*/false))
      return c.reply.error("ERR The ID specified in XSETID is smaller than the target stream top item");
    if (added != -1 && seen.size() > static_cast<uint64_t>(added))
      return c.reply.error(
          "ERR The entries_added specified in XSETID is smaller than the target stream length");
  }
  store::ObjectEdit edit = c.db().edit_object(key, found);
  auto& stream = edit.as<StreamObject>();
  stream.set_last_id(id);
  if (added != -1) stream.set_entries_added(static_cast<uint64_t>(added));
  if (!max_deleted.is_zero()) stream.set_max_deleted_id(max_deleted);
  // Those who watch the key hear nothing of it, as in Redis.
  c.add_dirty();
  c.reply.ok();
}

}  // namespace gyre::cmd
