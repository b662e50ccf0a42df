// Counting and searching bits in a range of bytes or bits.
#include "bitmap_commands.h"
#include "gyre/ds/bit_string.h"
#include "gyre/exec/ignore_case.h"

namespace gyre::cmd {

namespace {

/// Bits, both included; empty when first > last.
struct BitRange {
  int64_t first = 0, last = -1;
  bool empty() const { return first > last; }
};

/// From indexes that may count from the end.
BitRange resolve(int64_t start, int64_t end, bool in_bits, std::string_view bytes) {
  const auto size = static_cast<int64_t>(bytes.size()) * (in_bits ? 8 : 1);
  if (start < 0) start = std::max<int64_t>(start + size, 0);
  if (end < 0) end = std::max<int64_t>(end + size, 0);
  end = std::min(end, size - 1);
  if (start > end) return {};
  return in_bits ? BitRange{start, end} : BitRange{start * 8, end * 8 + 7};
}

/// False and the error replied when argument `i` is neither BIT nor BYTE.
bool unit_argument(CommandContext& c, size_t i, bool* in_bits) {
  *in_bits = exec::equal_ignoring_case(c.arg(i), "bit");
  if (*in_bits || exec::equal_ignoring_case(c.arg(i), "byte")) return true;
  c.syntax_error();
  return false;
}

}  // namespace

// The arguments of both commands are looked at in the order of Redis, which replies for a missing key before
// it finds mistakes.

void bitcount(CommandContext& c) {
  const Entry* entry = c.db().read(c.key(1));
  if (!entry) return c.reply.integer(0);
  if (!check_string(c, entry)) return;
  const StringText text(entry);
  if (c.argc() == 2) return c.reply.integer(static_cast<int64_t>(ds::count_bits(*text)));
  if (c.argc() != 4 && c.argc() != 5) return c.syntax_error();

  int64_t start, end;
  bool in_bits = false;
  if (!c.get_int64(2, &start) || !c.get_int64(3, &end)) return;
  if (start < 0 && end < 0 && start > end) return c.reply.integer(0);
  if (c.argc() == 5 && !unit_argument(c, 4, &in_bits)) return;
  const BitRange range = resolve(start, end, in_bits, *text);
  if (range.empty()) return c.reply.integer(0);
  c.reply.integer(static_cast<int64_t>(
      ds::count_bits(*text, static_cast<uint64_t>(range.first), static_cast<uint64_t>(range.last))));
}

void bitpos(CommandContext& c) {
  int64_t bit;
  if (!c.get_int64(2, &bit)) return;
  if (bit != 0 && bit != 1) return c.reply.error("ERR The bit argument must be 1 or 0.");
  const Entry* entry = c.db().read(c.key(1));
  // A missing key is zeros without end.
  if (!entry) return c.reply.integer(bit != 0 ? -1 : 0);
  if (!check_string(c, entry)) return;
  const StringText text(entry);
  if (c.argc() > 6) return c.syntax_error();

  int64_t start = 0, end = -1;
  bool in_bits = false;
  if (c.argc() > 3 && !c.get_int64(3, &start)) return;
  if (c.argc() == 6 && !unit_argument(c, 5, &in_bits)) return;
  if (c.argc() > 4 && !c.get_int64(4, &end)) return;
  const BitRange range = resolve(start, end, in_bits, *text);
  if (range.empty()) return c.reply.integer(-1);
  const std::optional<uint64_t> found =
      ds::find_bit(*text, bit != 0, static_cast<uint64_t>(range.first), static_cast<uint64_t>(range.last));
  if (found) return c.reply.integer(static_cast<int64_t>(*found));
  // Who gives no end means a string that goes on with zeros.
  const bool open_end = bit == 0 && c.argc() <= 4;
  c.reply.integer(open_end ? static_cast<int64_t>((*text).size()) * 8 : -1);
}

}  // namespace gyre::cmd
