// Redis's glob patterns: * ? [a-z] [^a] and backslash escapes (util.c stringmatchlen). Bounded work: patterns
// such as "a*a*a*a*b" return in time linear in pattern x text, and nothing recurses on input.
#pragma once

#include <string_view>

namespace gyre::base {

bool glob_match(std::string_view pattern, std::string_view text, bool ignore_case = false);

}  // namespace gyre::base
