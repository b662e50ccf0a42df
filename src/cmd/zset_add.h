// What ZADD does once its arguments are understood, for commands that find scores in another way. Private to
// this module.
#pragma once

#include <span>

#include "zset_value.h"

namespace gyre::cmd {

struct AddOptions {
  bool only_new = false, only_existing = false, only_greater = false, only_less = false;
  bool count_changed = false, increment = false;
};

/// Puts members into the sorted set at argument 1 and replies: the scores' members are at argument `first`
/// and every `step` arguments from there. Requires options that fit together, and scores. Whether anything
/// changed.
bool add_members(CommandContext& c, const AddOptions& options, std::span<double> scores, size_t first,
                 size_t step);

}  // namespace gyre::cmd
