// Lengths and parts of strings.
#include <cstring>

#include "string_commands.h"
#include "support.h"

namespace gyre::cmd {

namespace {

/// False and the error replied when `at + more` bytes are more than a string may have.
bool check_length(CommandContext& c, size_t at, size_t more) {
  size_t total;
  if (!__builtin_add_overflow(at, more, &total) &&
      total <= static_cast<size_t>(environment(c).max_string_bytes()))
    return true;
  c.reply.error("ERR string exceeds maximum allowed size (proto-max-bulk-len)");
  return false;
}

size_t length_of(const Entry& entry) {
  char scratch[base::kInt64TextMax];
  return entry.text(scratch).size();
}

}  // namespace

void append(CommandContext& c) {
  const Key key = c.key(1);
  const std::string_view more = c.arg(2);
  Entry* entry = c.db().write(key);
  if (!entry) {
    set_to_argument(c, key, nullptr, 2);
    return c.reply.integer(static_cast<int64_t>(more.size()));
  }
  if (!check_string(c, entry)) return;
  const size_t before = length_of(*entry);
  if (!check_length(c, before, more.size())) return;
  char* data = c.db().edit_string(key, entry, before + more.size(), &entry);
  if (!more.empty()) std::memcpy(data + before, more.data(), more.size());
  c.reply.integer(static_cast<int64_t>(before + more.size()));
}

void setrange(CommandContext& c) {
  int64_t offset;
  if (!c.get_int64(2, &offset)) return;
  if (offset < 0) return c.reply.error("ERR offset is out of range");
  const Key key = c.key(1);
  const std::string_view part = c.arg(3);
  Entry* entry = c.db().write(key);
  if (!check_string(c, entry)) return;
  const size_t before = entry ? length_of(*entry) : 0;
  if (part.empty()) return c.reply.integer(static_cast<int64_t>(before));
  const auto at = static_cast<size_t>(offset);
  if (!check_length(c, at, part.size())) return;
  const size_t after = std::max(before, at + part.size());
  char* data = c.db().edit_string(key, entry, after, &entry);
  std::memcpy(data + at, part.data(), part.size());
  c.reply.integer(static_cast<int64_t>(after));
}

void getrange(CommandContext& c) {
  int64_t start, end;
  if (!c.get_int64(2, &start) || !c.get_int64(3, &end)) return;
  const Entry* entry = c.db().read(c.key(1));
  if (!check_string(c, entry)) return;
  if (!entry) return c.reply.bulk("");
  char scratch[base::kInt64TextMax];
  const std::string_view text = entry->text(scratch);
  const auto size = static_cast<int64_t>(text.size());
  // Both from the end and crossed: nothing, even where clamping to the first byte would make them meet.
  if (start < 0 && end < 0 && start > end) return c.reply.bulk("");
  if (start < 0) start = std::max<int64_t>(start + size, 0);
  if (end < 0) end = std::max<int64_t>(end + size, 0);
  end = std::min(end, size - 1);
  if (start > end) return c.reply.bulk("");
  const auto at = static_cast<size_t>(start), bytes = static_cast<size_t>(end - start + 1);
  if (bytes >= kReferenceBytes) return c.reply.bulk_ref(entry->blob(), at, bytes);
  c.reply.bulk(text.substr(at, bytes));
}

void strlen(CommandContext& c) {
  const Entry* entry = c.db().read(c.key(1));
  if (!check_string(c, entry)) return;
  c.reply.integer(entry ? static_cast<int64_t>(length_of(*entry)) : 0);
}

}  // namespace gyre::cmd
