// CLIENT: what a connection says about itself, pausing, and what needs no other client. LIST and KILL are in
// commands_client_list.cc, TRACKING and its kin in commands_client_tracking.cc.
#include <limits>

#include "client_commands.h"
#include "client_info.h"
#include "gyre/base/numbers.h"
#include "gyre/exec/command_answers.h"
#include "gyre/server/command_families.h"
#include "support.h"

namespace gyre::server {

namespace {

using exec::CommandContext;
using namespace exec::session_flag;

void client_id(CommandContext& c) { c.reply.integer(static_cast<int64_t>(c.session.id)); }

void client_info(CommandContext& c) {
  c.reply.verbatim("txt", client_info_line(client_of(c), c.now_ms(), &c) + "\n");
}

void client_getname(CommandContext& c) {
  const std::string& name = c.session.labels().name;
  name.empty() ? c.reply.null() : c.reply.bulk(name);
}

void client_setname(CommandContext& c) {
  if (!valid_client_name(c.arg(2)))
    return c.reply.error("ERR Client names cannot contain spaces, newlines or special characters.");
  c.session.own_labels().name = c.arg(2);
  c.reply.ok();
}

void client_setinfo(CommandContext& c) {
  std::string exec::Session::Labels::* target = nullptr;
  if (is_word(c, 2, "lib-name")) target = &exec::Session::Labels::lib_name;
  if (is_word(c, 2, "lib-ver")) target = &exec::Session::Labels::lib_version;
  if (!target) return c.reply.errorf("ERR Unrecognized option '%.*s'", printed(c.arg(2)), c.arg(2).data());
  if (!valid_client_name(c.arg(3)))
    return c.reply.errorf("ERR %.*s cannot contain spaces, newlines or special characters.",
                          printed(c.arg(2)), c.arg(2).data());
  c.session.own_labels().*target = c.arg(3);
  c.reply.ok();
}

/// ON or OFF in argument 2 as a flag of the session.
void set_flag(CommandContext& c, uint32_t flag) {
  if (is_word(c, 2, "on")) {
    c.session.flags |= flag;
  } else if (is_word(c, 2, "off")) {
    c.session.flags &= ~flag;
  } else {
    return c.syntax_error();
  }
  c.reply.ok();
}

void client_no_evict(CommandContext& c) { set_flag(c, kNoEvict); }
void client_no_touch(CommandContext& c) { set_flag(c, kNoTouch); }

void client_reply(CommandContext& c) {
  if (is_word(c, 2, "on")) {
    c.session.flags &= ~(kReplySkip | kReplyOff);
    return c.reply.ok();
  }
  if (is_word(c, 2, "off")) {
    c.session.flags |= kReplyOff;
  } else if (is_word(c, 2, "skip")) {
    if (!c.session.has(kReplyOff)) c.session.flags |= kReplySkipNext;
  } else {
    c.syntax_error();
  }
}

void client_pause(CommandContext& c) {
  Server::Pause what = Server::Pause::kAll;
  if (c.argc() > 4) return wrong_subcommand(c);
  if (c.argc() == 4) {
    if (is_word(c, 3, "write")) {
      what = Server::Pause::kWrites;
    } else if (!is_word(c, 3, "all")) {
      return c.reply.error("ERR CLIENT PAUSE mode must be WRITE or ALL");
    }
  }
  const auto timeout_ms = base::parse_int64(c.arg(2));
  if (!timeout_ms) return c.reply.error("ERR timeout is not an integer or out of range");
  if (*timeout_ms < 0) return c.reply.error("ERR timeout is negative");
  if (*timeout_ms > std::numeric_limits<int64_t>::max() - c.now_ms())
    return c.reply.error("ERR timeout is out of range");
  server_of(c).pause(what, *timeout_ms == 0 ? 0 : c.now_ms() + *timeout_ms);
  c.reply.ok();
}

void client_unpause(CommandContext& c) {
  server_of(c).unpause();
  c.reply.ok();
}

void client_unblock(CommandContext& c) {
  if (c.argc() == 4 && !is_word(c, 3, "timeout") && !is_word(c, 3, "error"))
    return c.reply.error("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
  if (c.argc() > 4) return wrong_subcommand(c);
  int64_t id = 0;
  if (!c.get_int64(2, &id)) return;
  bool unblocked = false;
  server_of(c).for_each_client([&](Client& client) {
    const exec::Session& session = client.session();
    if (session.id != static_cast<uint64_t>(id) || !session.has(exec::session_flag::kBlocked)) return;
    unblocked = session.labels().blocked->unblock(c.argc() == 4 && is_word(c, 3, "error"));
  });
  c.reply.integer(unblocked ? 1 : 0);
}

void client_help(CommandContext& c) {
  static constexpr std::string_view kLines[] = {
      "CACHING (YES|NO)",
      "    Track the keys of the next command, or do not, in OPTIN or OPTOUT mode.",
      "GETREDIR",
      "    Tell to which client invalidations are redirected.",
      "GETNAME",
      "    Tell the name of this connection.",
      "ID",
      "    Tell the id of this connection.",
      "INFO",
      "    Describe this connection.",
      "KILL <ip:port>",
      "    Close the connection from that address.",
      "KILL <option> <value> [<option> <value> [...]]",
      "    Close connections. Options:",
      "    * ADDR (<ip:port>|<unixsocket>:0)",
      "      Those from that address.",
      "    * ID <client-id>",
      "      The one with that id.",
      "    * LADDR (<ip:port>|<unixsocket>:0)",
      "      Those to that local address.",
      "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
      "      Those of that type.",
      "    * USER <username>",
      "      Those authenticated as that user.",
      "    * SKIPME (YES|NO)",
      "      Leave this connection out (default: yes).",
      "LIST [options ...]",
      "    Describe connections. Options:",
      "    * ID <client-id> [<client-id> ...]",
      "      Those with these ids.",
      "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
      "      Those of that type.",
      "UNPAUSE",
      "    End a pause.",
      "PAUSE <timeout> [WRITE|ALL]",
      "    Hold back all commands, or those that write, for that many milliseconds.",
      "REPLY (ON|OFF|SKIP)",
      "    Whether this connection gets replies.",
      "SETNAME <name>",
      "    Give this connection a name.",
      "SETINFO <option> <value>",
      "    Say what this client is. Options:",
      "    * LIB-NAME: the name of its library.",
      "    * LIB-VER: the version of its library.",
      "UNBLOCK <clientid> [TIMEOUT|ERROR]",
      "    End the wait of a blocked client.",
      "TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]]",
      "         [OPTIN] [OPTOUT] [NOLOOP]",
      "    Server-assisted caching at this client.",
      "TRACKINGINFO",
      "    Tell the state of tracking for this connection.",
      "NO-EVICT (ON|OFF)",
      "    Keep this connection when clients are closed for memory.",
      "NO-TOUCH (ON|OFF)",
      "    Leave access times of keys alone.",
  };
  exec::reply_help(c.reply, c.arg(0), kLines);
}

}  // namespace

void bind_client_commands(exec::CommandTable& table) {
  table.bind("client|id", client_id);
  table.bind("client|info", client_info);
  table.bind("client|list", client_list);
  table.bind("client|kill", client_kill);
  table.bind("client|getname", client_getname);
  table.bind("client|setname", client_setname);
  table.bind("client|setinfo", client_setinfo);
  table.bind("client|no-evict", client_no_evict);
  table.bind("client|no-touch", client_no_touch);
  table.bind("client|reply", client_reply);
  table.bind("client|pause", client_pause);
  table.bind("client|unpause", client_unpause);
  table.bind("client|unblock", client_unblock);
  table.bind("client|tracking", client_tracking);
  table.bind("client|trackinginfo", client_trackinginfo);
  table.bind("client|caching", client_caching);
  table.bind("client|getredir", client_getredir);
  table.bind("client|help", client_help);
}

}  // namespace gyre::server
