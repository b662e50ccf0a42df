// Bodies of the HyperLogLog commands, for the table in hyperloglog_commands.cc, and what they share. Private
// to this module.
#pragma once

#include <string_view>

#include "bitmap_commands.h"

namespace gyre::cmd {

// hyperloglog_commands.cc
void pfadd(CommandContext& c);
void pfmerge(CommandContext& c);
// hyperloglog_count.cc
void pfcount(CommandContext& c);
// hyperloglog_debug.cc
void pfdebug(CommandContext& c);
void pfselftest(CommandContext& c);

/// False and the error replied when the entry holds something else than a HyperLogLog.
bool check_hyperloglog(CommandContext& c, const Entry* entry);

/// The header is right, but what follows is not.
inline void corrupt_hyperloglog(CommandContext& c) {
  c.reply.error("INVALIDOBJ Corrupted HLL object detected");
}

/// Makes the bytes the key's value, which keeps its expiry.
void store_hyperloglog(CommandContext& c, const Key& key, Entry* found, std::string_view bytes);

inline size_t sparse_max(CommandContext& c) {
  return static_cast<size_t>(environment(c).hll_sparse_max_bytes());
}

}  // namespace gyre::cmd
