// AUTH, HELLO, QUIT, RESET: who a client is and how it is spoken to.
#include <cctype>

#include "gyre/base/numbers.h"
#include "gyre/exec/ignore_case.h"
#include "gyre/server/client.h"
#include "gyre/server/command_families.h"
#include "gyre/server/server.h"
#include "support.h"
#include "gyre/server/version.h"

namespace gyre::server {

namespace {

using exec::CommandContext;
using namespace exec::session_flag;

Server& server_of(CommandContext& c) { return c.dispatcher.host<Server>(); }

/// Compares in time that does not depend on where the two differ.
bool same_secret(std::string_view a, std::string_view b) {
  unsigned difference = a.size() == b.size() ? 0 : 1;
  for (size_t i = 0; i < a.size(); ++i)
    difference |= static_cast<unsigned char>(a[i] ^ (b.empty() ? 0 : b[i % b.size()]));
  return difference == 0;
}

constexpr std::string_view kWrongPass = "WRONGPASS invalid username-password pair or user is disabled.";

/// True when the pair is right; the only user is "default", whose password is requirepass (none: any will
/// do).
bool authenticate(CommandContext& c, std::string_view user, std::string_view password) {
  Server& server = server_of(c);
  const std::string secret = server.config().requirepass.get();
  const bool right = user == "default" && (secret.empty() || same_secret(password, secret));
  if (!right) {
    ++server.counters().auth_failures;
    return false;
  }
  c.session.flags &= ~kUnauthenticated;
  return true;
}

void auth(CommandContext& c) {
  if (c.argc() > 3) return c.syntax_error();
  if (c.argc() == 2) {
    if (server_of(c).config().requirepass.get().empty())
      return c.reply.error(
          "ERR AUTH <password> called without any password configured for the default user. Are you sure "
          "your configuration is correct?");
    return authenticate(c, "default", c.arg(1)) ? c.reply.ok() : c.reply.error(kWrongPass);
  }
  authenticate(c, c.arg(1), c.arg(2)) ? c.reply.ok() : c.reply.error(kWrongPass);
}

void hello_reply(CommandContext& c) {
  c.reply.map(7);
  c.reply.bulk("server");
  c.reply.bulk("redis");
  c.reply.bulk("version");
  c.reply.bulk(kRedisVersion);
  c.reply.bulk("proto");
  c.reply.integer(c.reply.version());
  c.reply.bulk("id");
  c.reply.integer(static_cast<int64_t>(c.session.id));
  c.reply.bulk("mode");
  c.reply.bulk("standalone");
  c.reply.bulk("role");
  c.reply.bulk("master");
  c.reply.bulk("modules");
  c.reply.array(0);
}

void hello(CommandContext& c) {
  int64_t version = 0;
  size_t next = 1;
  if (c.argc() >= 2) {
    const auto parsed = base::parse_int64(c.arg(next++));
    if (!parsed) return c.reply.error("ERR Protocol version is not an integer or out of range");
    version = *parsed;
    if (version < 2 || version > 3) return c.reply.error("NOPROTO unsupported protocol version");
  }
  std::string_view user, password, name;
  bool has_auth = false, has_name = false;
  for (; next < c.argc(); ++next) {
    const size_t more = c.argc() - next - 1;
    if (exec::equal_ignoring_case(c.arg(next), "auth") && more >= 2) {
      user = c.arg(next + 1);
      password = c.arg(next + 2);
      has_auth = true;
      next += 2;
    } else if (exec::equal_ignoring_case(c.arg(next), "setname") && more >= 1) {
      name = c.arg(++next);
      if (!valid_client_name(name))
        return c.reply.error("ERR Client names cannot contain spaces, newlines or special characters.");
      has_name = true;
    } else {
      return c.reply.error("ERR Syntax error in HELLO option '" + std::string(c.arg(next)) + "'");
    }
  }
  if (has_auth && !authenticate(c, user, password)) return c.reply.error(kWrongPass);
  if (locked_out(server_of(c), c.session))
    return c.reply.error(
        "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH "
        "<user> <pass> option can be used to authenticate the client and select the RESP protocol version "
        "at the same time");
  if (has_name) c.session.own_labels().name = name;
  if (version != 0) c.reply.set_version(static_cast<int>(version));
  hello_reply(c);
}

void quit(CommandContext& c) {
  c.reply.ok();
  c.session.flags |= kCloseAfterReply;
}

void reset(CommandContext& c) {
  exec::Session& session = c.session;
  c.dispatcher.discard_transaction(session);
  session.flags &= ~(kReplyOff | kReplySkip | kReplySkipNext | kNoTouch | kNoEvict);
  session.db = 0;
  if (!session.labels().name.empty()) session.own_labels().name.clear();
  c.reply.set_version(2);
  if (!server_of(c).config().requirepass.get().empty()) session.flags |= kUnauthenticated;
  c.reply.simple("RESET");
}

}  // namespace

bool valid_client_name(std::string_view name) {
  for (char ch : name)
    if (ch < '!' || ch > '~') return false;
  return true;
}

void bind_connection_commands(exec::CommandTable& table) {
  table.bind("auth", auth);
  table.bind("hello", hello);
  table.bind("quit", quit);
  table.bind("reset", reset);
}

}  // namespace gyre::server
