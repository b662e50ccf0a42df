#include "blocking.h"

#include <cmath>
#include <limits>

namespace gyre::cmd {

namespace {

/// False and the error replied when it is no time from now on.
bool check_timeout(CommandContext& c, int64_t timeout_ms) {
  if (timeout_ms < 0) {
    c.reply.error("ERR timeout is negative");
    return false;
  }
  if (timeout_ms <= std::numeric_limits<int64_t>::max() - c.now_ms()) return true;
  c.reply.error("ERR timeout is out of range");
  return false;
}

}  // namespace

bool timeout_in_seconds(CommandContext& c, size_t i, int64_t* timeout_ms) {
  constexpr long double kMsPerSecond = 1000;
  const std::optional<long double> seconds = base::parse_long_double(c.arg(i));
  if (!seconds) {
    c.reply.error("ERR timeout is not a float or out of range");
    return false;
  }
  const long double ms = *seconds * kMsPerSecond;
  if (ms > static_cast<long double>(std::numeric_limits<int64_t>::max())) {
    c.reply.error("ERR timeout is out of range");
    return false;
  }
  *timeout_ms = ms < 0 ? (ms > -1 ? 0 : -1) : static_cast<int64_t>(std::ceil(ms));
  return check_timeout(c, *timeout_ms);
}

bool timeout_in_ms(CommandContext& c, size_t i, int64_t* timeout_ms) {
  const std::optional<int64_t> ms = base::parse_int64(c.arg(i));
  if (!ms) {
    c.reply.error("ERR timeout is not an integer or out of range");
    return false;
  }
  *timeout_ms = *ms;
  return check_timeout(c, *timeout_ms);
}

}  // namespace gyre::cmd
