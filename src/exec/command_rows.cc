#include "gyre/exec/command_rows.h"

namespace gyre::exec {

std::vector<CommandFamily> all_families() {
  return {
      string_rows(),
      list_rows(),
      bitmap_rows(),
      hyperloglog_rows(),
      hash_rows(),
      set_rows(),
      zset_rows(),
      geo_rows(),
      generic_rows(),
      transaction_rows(),
      connection_rows(),
      server_rows(),
      introspection_rows(),
      replication_rows(),
  };
}

}  // namespace gyre::exec
