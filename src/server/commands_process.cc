// SHUTDOWN and LOLWUT.
#include "gyre/exec/session.h"
#include "gyre/server/command_families.h"
#include "gyre/server/shutdown.h"
#include "gyre/server/version.h"
#include "support.h"

namespace gyre::server {

namespace {

using exec::CommandContext;

void shutdown(CommandContext& c) {
  ShutdownRequest request;
  bool abort = false;
  for (size_t i = 1; i < c.argc(); ++i) {
    if (is_word(c, i, "nosave")) {
      request.nosave = true;
    } else if (is_word(c, i, "save")) {
      request.save = true;
    } else if (is_word(c, i, "now")) {
      request.now = true;
    } else if (is_word(c, i, "force")) {
      request.force = true;
    } else if (is_word(c, i, "abort")) {
      abort = true;
    } else {
      return c.syntax_error();
    }
  }
  const bool any = request.nosave || request.save || request.now || request.force;
  if ((abort && any) || (request.nosave && request.save)) return c.syntax_error();
  // A shutdown has nobody to wait for, so there is never one to abort.
  if (abort) return c.reply.error("ERR No shutdown in progress.");
  if (!shut_down(server_of(c), request)) return c.reply.error("ERR Errors trying to SHUTDOWN. Check logs.");
  // No reply: the connection ends with the server.
  c.session.flags |= exec::session_flag::kCloseAfterReply;
}

void lolwut(CommandContext& c) {
  if (c.argc() >= 3 && is_word(c, 1, "version")) {
    int64_t version = 0;
    if (!c.get_int64(2, &version)) return;
  }
  static constexpr std::string_view kArt =
      "          .  -  ~  -  .\n"
      "      .       __        .\n"
      "    (    .-~      ~-.     )\n"
      "   (   (   .-~~-.     )    )\n"
      "   (   (  (  ()  )    )    )\n"
      "    (    ~-.  ~-'   .~    )\n"
      "      ~      ~~~~~      ~\n"
      "          ~  -  .  -  ~\n"
      "            Gyre ";
  std::string text(kArt);
  text += kGyreVersion;
  text += "\n\nRedis ver. ";
  text += kRedisVersion;
  text += '\n';
  c.reply.verbatim("txt", text);
}

}  // namespace

void bind_process_commands(exec::CommandTable& table) {
  table.bind("shutdown", shutdown);
  table.bind("lolwut", lolwut);
}

}  // namespace gyre::server
