// The expiry options of SET and GETEX. Private to this module.
#pragma once

#include <cstdint>
#include <string_view>

namespace gyre::exec {
class CommandContext;
}

namespace gyre::cmd {

enum class ExpireOption : uint8_t { kNone, kEx, kPx, kExAt, kPxAt };

/// EX, PX, EXAT, PXAT in any case; kNone for any other word.
ExpireOption expire_option(std::string_view word);

inline bool in_seconds(ExpireOption option) {
  return option == ExpireOption::kEx || option == ExpireOption::kExAt;
}
inline bool is_absolute(ExpireOption option) {
  return option == ExpireOption::kExAt || option == ExpireOption::kPxAt;
}

/// Argument `i` as an absolute time in milliseconds. False and the error replied when it is no positive
/// number or does not fit. Requires option != kNone.
bool expire_argument(exec::CommandContext& c, size_t i, ExpireOption option, int64_t* at_ms);

/// "ERR invalid expire time in '<command>' command".
void reply_invalid_expire(exec::CommandContext& c);

}  // namespace gyre::cmd
