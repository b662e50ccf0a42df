#include "expire_argument.h"

#include "gyre/exec/ignore_case.h"
#include "support.h"

namespace gyre::cmd {

ExpireOption expire_option(std::string_view word) {
  if (word.size() != 2 && word.size() != 4) return ExpireOption::kNone;
  if (exec::equal_ignoring_case(word, "ex")) return ExpireOption::kEx;
  if (exec::equal_ignoring_case(word, "px")) return ExpireOption::kPx;
  if (exec::equal_ignoring_case(word, "exat")) return ExpireOption::kExAt;
  if (exec::equal_ignoring_case(word, "pxat")) return ExpireOption::kPxAt;
  return ExpireOption::kNone;
}

bool expire_argument(CommandContext& c, size_t i, ExpireOption option, int64_t* at_ms) {
  int64_t value;
  if (!c.get_int64(i, &value)) return false;
  bool fits = value > 0;
  if (fits && in_seconds(option)) fits = !__builtin_mul_overflow(value, int64_t{1000}, &value);
  if (fits && !is_absolute(option)) fits = !__builtin_add_overflow(value, c.now_ms(), &value);
  if (!fits) {
    reply_invalid_expire(c);
    return false;
  }
  *at_ms = value;
  return true;
}

void reply_invalid_expire(CommandContext& c) {
  c.reply.errorf("ERR invalid expire time in '%.*s' command", static_cast<int>(c.row->full_name.size()),
                 c.row->full_name.data());
}

}  // namespace gyre::cmd
