#include "generic_commands.h"

#include "gyre/cmd/commands.h"
#include "gyre/exec/command_table.h"

namespace gyre::cmd {

void bind_generic_commands(exec::CommandTable& table) {
  table.bind("del", del);
  table.bind("exists", exists);
  table.bind("touch", touch);
  table.bind("type", type);
  table.bind("unlink", unlink);
}

}  // namespace gyre::cmd
