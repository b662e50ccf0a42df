// Streams as commands see them: looking one up, reading IDs, replying entries. Private to this module.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gyre/store/stream_object.h"
#include "support.h"

namespace gyre::cmd {

using store::StreamConsumer;
using store::StreamGroup;
using store::StreamId;
using store::StreamIdText;
using store::StreamObject;
using store::StreamRange;

/// False and WRONGTYPE replied when the entry is there and no stream.
inline bool check_stream(CommandContext& c, const Entry* entry) {
  if (!entry || entry->type() == store::Type::kStream) [[likely]]
    return true;
  c.wrong_type();
  return false;
}
/// Requires that the entry is a stream.
inline const StreamObject& stream_of(const Entry& entry) {
  return static_cast<const StreamObject&>(entry.object());
}

/// What an ID's text may say besides "ms-sequence" and "ms".
enum class IdForm : uint8_t {
  kStrict,  // nothing
  kEnds,    // "-" and "+"
  kAdded,   // "ms-*"
};
struct ParsedId {
  StreamId id;
  bool has_sequence = true;  // not "ms-*"
};
/// `missing`: the sequence of an ID without one. Nothing when it is no ID.
std::optional<ParsedId> parse_stream_id(std::string_view text, uint64_t missing, IdForm form);
/// Argument `i` as an ID; false and the error replied when it is none.
bool get_stream_id(CommandContext& c, size_t i, uint64_t missing, IdForm form, StreamId* id);
/// The same for the ends of ranges, where "(" excludes the ID itself.
bool get_range_start(CommandContext& c, size_t i, StreamId* id);
bool get_range_end(CommandContext& c, size_t i, StreamId* id);

inline void reply_id(CommandContext& c, StreamId id) { c.reply.bulk(StreamIdText(id)); }
/// The entry that the range is at: its ID and its fields.
void reply_entry(CommandContext& c, StreamRange& range);
/// Up to `count` entries, 0: all, as an array.
void reply_entries(CommandContext& c, StreamRange range, uint64_t count);
/// The entry with this ID; false, and nothing replied, when it is not there.
bool reply_entry_at(CommandContext& c, const StreamObject& stream, StreamId id);

/// An argument as errors show it, which ends at a NUL, as in Redis.
inline std::string error_text(std::string_view text) { return std::string(text.substr(0, text.find('\0'))); }
/// NOGROUP, as most commands say it.
void no_group(CommandContext& c, std::string_view key, std::string_view group);
/// The same for a key that is known to be there.
void no_group_of_key(CommandContext& c, std::string_view key, std::string_view group);

/// Leave to change a group of a stream, without a word to those who watch the key, as in Redis.
class StreamGroupEdit {
 public:
  /// Requires a stream with that group.
  StreamGroupEdit(CommandContext& c, const Key& key, Entry* found, std::string_view group)
      : edit_(c.db().edit_object(key, found)), group_(edit_.as<StreamObject>().groups(), group) {}

  const StreamObject& stream() { return edit_.as<StreamObject>(); }
  StreamGroup& operator*() { return *group_; }
  StreamGroup* operator->() { return &*group_; }

 private:
  store::ObjectEdit edit_;
  store::GroupEdit group_;
};

/// Replicas are told whom an entry is pending for (XCLAIM), or where the group stands (XGROUP SETID). `id`:
/// as to be sent.
void propagate_claim(CommandContext& c, size_t key_at, const StreamGroup& group, std::string_view id,
                     const store::PendingEntry& item);
void propagate_group_id(CommandContext& c, size_t key_at, const StreamGroup& group);

}  // namespace gyre::cmd
