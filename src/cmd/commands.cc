#include "gyre/cmd/commands.h"

namespace gyre::cmd {

void bind_data_commands(exec::CommandTable& table) {
  bind_string_commands(table);
  bind_bitmap_commands(table);
  bind_hyperloglog_commands(table);
  bind_hash_commands(table);
  bind_list_commands(table);
  bind_set_commands(table);
  bind_zset_commands(table);
  bind_geo_commands(table);
  bind_generic_commands(table);
  bind_keyspace_commands(table);
}

}  // namespace gyre::cmd
