// CLIENT TRACKING and what goes with it, for a server whose clients never track: the state of a client that
// does not is answered as Redis does, and turning tracking on is refused, because a client that believes in
// invalidations that never come would serve stale data.
#include "client_commands.h"
#include "support.h"

namespace gyre::server {

using exec::CommandContext;

namespace {

/// Words from argument 3 on, with Redis's errors. False: replied.
bool check_tracking_options(CommandContext& c) {
  bool redirected = false;
  for (size_t i = 3; i < c.argc(); ++i) {
    const bool more = i + 1 < c.argc();
    if (is_word(c, i, "redirect") && more) {
      if (redirected) return c.reply.error("ERR A client can only redirect to a single other client"), false;
      int64_t id = 0;
      if (!c.get_int64(++i, &id)) return false;
      if (!server_of(c).with_client(static_cast<uint64_t>(id), [](Client&) {}))
        return c.reply.error("ERR The client ID you want redirect to does not exist"), false;
      redirected = true;
    } else if (is_word(c, i, "prefix") && more) {
      ++i;
    } else if (!is_word(c, i, "bcast") && !is_word(c, i, "optin") && !is_word(c, i, "optout") &&
               !is_word(c, i, "noloop")) {
      return c.syntax_error(), false;
    }
  }
  return true;
}

}  // namespace

void client_tracking(CommandContext& c) {
  if (!check_tracking_options(c)) return;
  if (is_word(c, 2, "off")) return c.reply.ok();
  if (!is_word(c, 2, "on")) return c.syntax_error();
  c.reply.error("ERR CLIENT TRACKING cannot be turned on: this server sends no invalidation messages");
}

void client_trackinginfo(CommandContext& c) {
  c.reply.map(3);
  c.reply.bulk("flags");
  c.reply.set(1);
  c.reply.bulk("off");
  c.reply.bulk("redirect");
  c.reply.integer(-1);
  c.reply.bulk("prefixes");
  c.reply.array(0);
}

void client_caching(CommandContext& c) {
  c.reply.error(
      "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode "
      "enabled");
}

void client_getredir(CommandContext& c) { c.reply.integer(-1); }

}  // namespace gyre::server
