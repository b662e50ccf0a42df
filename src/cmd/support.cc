#include "support.h"

#include "gyre/base/numbers.h"

namespace gyre::cmd {

bool get_int32(CommandContext& c, size_t i, int32_t* value, const char* message) {
  const std::optional<int64_t> parsed = base::parse_int64(c.arg(i));
  if (parsed && *parsed >= INT32_MIN && *parsed <= INT32_MAX) {
    *value = static_cast<int32_t>(*parsed);
    return true;
  }
  if (message) {
    c.reply.error(message);
  } else if (parsed) {
    c.reply.errorf("ERR value is out of range, value must between %d and %d", INT32_MIN, INT32_MAX);
  } else {
    c.not_an_integer();
  }
  return false;
}

bool database_argument(CommandContext& c, size_t i, unsigned* index) {
  int32_t value;
  if (!get_int32(c, i, &value)) return false;
  if (value < 0 || static_cast<unsigned>(value) >= c.db().keyspace().database_count()) {
    c.reply.error("ERR DB index is out of range");
    return false;
  }
  *index = static_cast<unsigned>(value);
  return true;
}

}  // namespace gyre::cmd
