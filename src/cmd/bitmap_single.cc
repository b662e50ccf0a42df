// One bit of a string.
#include "bitmap_commands.h"

namespace gyre::cmd {

namespace {

bool bit_of(std::string_view bytes, uint64_t offset) {
  const uint64_t at = offset >> 3;
  return at < bytes.size() && (static_cast<uint8_t>(bytes[at]) >> (7 - (offset & 7)) & 1) != 0;
}

}  // namespace

void getbit(CommandContext& c) {
  const std::optional<uint64_t> offset = bit_offset(c, 2);
  if (!offset) return;
  const Entry* entry = c.db().read(c.key(1));
  if (!check_string(c, entry)) return;
  c.reply.integer(bit_of(*StringText(entry), *offset));
}

void setbit(CommandContext& c) {
  const std::optional<uint64_t> offset = bit_offset(c, 2);
  if (!offset) return;
  const std::optional<int64_t> value = base::parse_int64(c.arg(3));
  if (!value || (*value & ~int64_t{1}) != 0)
    return c.reply.error("ERR bit is not an integer or out of range");
  const bool bit = *value != 0;

  const Key key = c.key(1);
  Entry* entry = c.db().write(key);
  if (!check_string(c, entry)) return;
  const StringText text(entry);
  const size_t at = *offset >> 3, size = (*text).size();
  const bool before = bit_of(*text, *offset);
  if (at < size && before == bit) {
    make_raw(c, key, entry);
  } else {
    char* const data = c.db().edit_string(key, entry, std::max(size, at + 1), &entry);
    const auto mask = static_cast<uint8_t>(0x80 >> (*offset & 7));
    data[at] = static_cast<char>((static_cast<uint8_t>(data[at]) & ~mask) | (bit ? mask : 0));
  }
  c.reply.integer(before);
}

}  // namespace gyre::cmd
