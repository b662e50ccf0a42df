// What SSCAN, HSCAN and ZSCAN share: cursor, options, reply. Private to this module.
#pragma once

#include <cstdint>
#include <string_view>

#include "gyre/base/glob.h"
#include "support.h"

namespace gyre::cmd {

/// Argument `i` as a cursor. False and the error replied when it is none.
bool scan_cursor(CommandContext& c, size_t i, uint64_t* cursor);

struct CollectionScan {
  int64_t count = 10;
  std::string_view pattern;
  bool has_pattern = false;

  bool wants(std::string_view name) const { return !has_pattern || base::glob_match(pattern, name); }
};

/// The options from argument 3 on. False and the error replied when they make no sense.
bool scan_options(CommandContext& c, CollectionScan* options);

/// Begins the reply: the elements follow as an array.
void reply_scan_cursor(CommandContext& c, uint64_t cursor);

}  // namespace gyre::cmd
