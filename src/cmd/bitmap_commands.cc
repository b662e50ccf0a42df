#include "bitmap_commands.h"

#include "gyre/cmd/commands.h"
#include "gyre/exec/command_table.h"

namespace gyre::cmd {

std::optional<uint64_t> bit_offset(CommandContext& c, size_t i, unsigned field_bits) {
  std::string_view text = c.arg(i);
  const bool in_fields = field_bits != 0 && !text.empty() && text[0] == '#';
  if (in_fields) text.remove_prefix(1);
  const std::optional<int64_t> number = base::parse_int64(text);
  // A product beyond 64 bits wraps, as in Redis.
  const uint64_t offset = number ? static_cast<uint64_t>(*number) * (in_fields ? field_bits : 1) : 0;
  const auto limit_bytes = static_cast<uint64_t>(environment(c).max_string_bytes());
  if (number && static_cast<int64_t>(offset) >= 0 && offset >> 3 < limit_bytes) return offset;
  c.reply.error("ERR bit offset is not an integer or out of range");
  return std::nullopt;
}

void make_raw(CommandContext& c, const Key& key, Entry* entry) {
  switch (entry->string_encoding()) {
    case store::StringEncoding::kRaw:
      return;
    case store::StringEncoding::kEmbstr:
      return entry->set_string_encoding(store::StringEncoding::kRaw);
    case store::StringEncoding::kInt: {
      const StringText text(entry);
      c.db().edit_string(key, entry, (*text).size(), &entry);
      return c.set_changes(0);
    }
  }
}

void bind_bitmap_commands(exec::CommandTable& table) {
  table.bind("bitcount", bitcount);
  table.bind("bitfield", bitfield);
  table.bind("bitfield_ro", bitfield_ro);
  table.bind("bitop", bitop);
  table.bind("bitpos", bitpos);
  table.bind("getbit", getbit);
  table.bind("setbit", setbit);
}

}  // namespace gyre::cmd
