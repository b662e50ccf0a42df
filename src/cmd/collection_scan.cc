#include "collection_scan.h"

#include "gyre/exec/ignore_case.h"

namespace gyre::cmd {

bool scan_cursor(CommandContext& c, size_t i, uint64_t* cursor) {
  // An empty word is a zero to Redis.
  const std::optional<uint64_t> parsed = c.arg(i).empty() ? 0 : base::parse_uint64(c.arg(i));
  if (!parsed) {
    c.reply.error("ERR invalid cursor");
    return false;
  }
  *cursor = *parsed;
  return true;
}

bool scan_options(CommandContext& c, CollectionScan* options) {
  for (size_t i = 3; i < c.argc(); i += 2) {
    const bool has_value = i + 1 < c.argc();
    if (has_value && exec::equal_ignoring_case(c.arg(i), "count")) {
      if (!c.get_int64(i + 1, &options->count)) return false;
      if (options->count < 1) {
        c.syntax_error();
        return false;
      }
    } else if (has_value && exec::equal_ignoring_case(c.arg(i), "match")) {
      options->pattern = c.arg(i + 1);
      options->has_pattern = options->pattern != "*";
    } else {
      c.syntax_error();
      return false;
    }
  }
  return true;
}

void reply_scan_cursor(CommandContext& c, uint64_t cursor) {
  char digits[base::kInt64TextMax];
  c.reply.array(2);
  c.reply.bulk({digits, base::format_uint64(cursor, digits)});
}

}  // namespace gyre::cmd
