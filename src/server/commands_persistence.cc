// SAVE, BGSAVE and LASTSAVE.
#include "gyre/server/command_families.h"
#include "persistence.h"
#include "support.h"

namespace gyre::server {

namespace {

using exec::CommandContext;

/// With the gate closed.
void save(CommandContext& c) {
  Persistence& persistence = server_of(c).persistence();
  if (persistence.busy()) return c.reply.error("ERR Background save already in progress");
  persistence.save() ? c.reply.ok() : c.reply.error("ERR");
}

void bgsave(CommandContext& c) {
  Persistence& persistence = server_of(c).persistence();
  if (c.argc() > 2 || (c.argc() == 2 && !is_word(c, 1, "schedule"))) return c.syntax_error();
  if (persistence.busy()) return c.reply.error("ERR Background save already in progress");
  if (c.session.has(exec::session_flag::kInExec)) {
    persistence.schedule_save();
    return c.reply.simple("Background saving scheduled");
  }
  persistence.start_save() ? c.reply.simple("Background saving started")
                           : c.reply.error("ERR Background save already in progress");
}

void lastsave(CommandContext& c) { c.reply.integer(server_of(c).persistence().last_save_s()); }

}  // namespace

void bind_persistence_commands(exec::CommandTable& table) {
  table.bind("save", save);
  table.bind("bgsave", bgsave);
  table.bind("lastsave", lastsave);
}

}  // namespace gyre::server
