// The families of commands that this server has. A new family is one rows file, one declaration here and one
// line in all_families().
#pragma once

#include <span>
#include <vector>

#include "gyre/exec/command_row.h"

namespace gyre::exec {

/// Constant rows with static storage.
using CommandFamily = std::span<const CommandRow>;

CommandFamily string_rows();
CommandFamily hash_rows();
CommandFamily list_rows();
CommandFamily set_rows();
CommandFamily bitmap_rows();
CommandFamily hyperloglog_rows();
CommandFamily generic_rows();
CommandFamily zset_rows();
CommandFamily geo_rows();
CommandFamily transaction_rows();
CommandFamily connection_rows();
CommandFamily server_rows();
CommandFamily introspection_rows();
CommandFamily replication_rows();

std::vector<CommandFamily> all_families();

}  // namespace gyre::exec
