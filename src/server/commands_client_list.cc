// CLIENT LIST and CLIENT KILL: what looks at other clients. Both run with the gate closed.
#include <optional>

#include "client_commands.h"
#include "client_info.h"
#include "gyre/base/numbers.h"
#include "support.h"

namespace gyre::server {

namespace {

using exec::CommandContext;

enum class ClientType : uint8_t { kNormal, kPrimary, kReplica, kPubsub };

/// False and the error replied when argument i names no type.
bool parse_type(CommandContext& c, size_t i, std::optional<ClientType>* type) {
  if (is_word(c, i, "normal")) {
    *type = ClientType::kNormal;
  } else if (is_word(c, i, "slave") || is_word(c, i, "replica")) {
    *type = ClientType::kReplica;
  } else if (is_word(c, i, "pubsub")) {
    *type = ClientType::kPubsub;
  } else if (is_word(c, i, "master")) {
    *type = ClientType::kPrimary;
  } else {
    c.reply.errorf("ERR Unknown client type '%.*s'", printed(c.arg(i)), c.arg(i).data());
    return false;
  }
  return true;
}

ClientType type_of(Client& client) {
  return client.session().has(exec::session_flag::kReplica) ? ClientType::kReplica : ClientType::kNormal;
}

struct KillFilter {
  std::string_view address, local_address, user;
  std::optional<ClientType> type;
  uint64_t id = 0;
  bool skip_me = true;

  bool wants(Client& client, const exec::Session& caller) const {
    if (client.killed()) return false;
    if (!address.empty() && client.peer() != address) return false;
    if (!local_address.empty() && client.local() != local_address) return false;
    if (type && type_of(client) != *type) return false;
    if (id != 0 && client.session().id != id) return false;
    if (!user.empty() && client.session().user() != user) return false;
    return !(skip_me && client.session().id == caller.id);
  }
};

/// Words and values from argument 2 on. False: the error has been replied.
bool parse_filter(CommandContext& c, KillFilter* filter) {
  for (size_t i = 2; i < c.argc(); i += 2) {
    if (i + 1 == c.argc()) return c.syntax_error(), false;
    const std::string_view value = c.arg(i + 1);
    if (is_word(c, i, "id")) {
      const auto id = base::parse_int64(value);
      if (!id || *id < 1) return c.reply.error("ERR client-id should be greater than 0"), false;
      filter->id = static_cast<uint64_t>(*id);
    } else if (is_word(c, i, "type")) {
      if (!parse_type(c, i + 1, &filter->type)) return false;
    } else if (is_word(c, i, "addr")) {
      filter->address = value;
    } else if (is_word(c, i, "laddr")) {
      filter->local_address = value;
    } else if (is_word(c, i, "user")) {
      if (value != "default")
        return c.reply.errorf("ERR No such user '%.*s'", printed(value), value.data()), false;
      filter->user = value;
    } else if (is_word(c, i, "skipme")) {
      if (!is_word(c, i + 1, "yes") && !is_word(c, i + 1, "no")) return c.syntax_error(), false;
      filter->skip_me = is_word(c, i + 1, "yes");
    } else {
      return c.syntax_error(), false;
    }
  }
  return true;
}

void append_line(CommandContext& c, Client& client, std::string* text) {
  const bool own = client.session().id == c.session.id;
  *text += client_info_line(client, c.now_ms(), own ? &c : nullptr);
  *text += '\n';
}

}  // namespace

void client_list(CommandContext& c) {
  Server& server = server_of(c);
  std::string text;
  if (c.argc() > 3 && is_word(c, 2, "id")) {
    for (size_t i = 3; i < c.argc(); ++i) {
      const auto id = base::parse_int64(c.arg(i));
      if (!id) return c.reply.error("ERR Invalid client ID");
      server.with_client(static_cast<uint64_t>(*id), [&](Client& client) {
        if (!client.killed()) append_line(c, client, &text);
      });
    }
  } else {
    std::optional<ClientType> type;
    if (c.argc() == 4 && is_word(c, 2, "type")) {
      if (!parse_type(c, 3, &type)) return;
    } else if (c.argc() != 2) {
      return c.syntax_error();
    }
    server.for_each_client([&](Client& client) {
      if (!client.killed() && (!type || type_of(client) == *type)) append_line(c, client, &text);
    });
  }
  c.reply.verbatim("txt", text);
}

void client_kill(CommandContext& c) {
  KillFilter filter;
  const bool by_address = c.argc() == 3;
  if (by_address) {
    filter.address = c.arg(2);
    filter.skip_me = false;
    // An address that no client can have, as an empty one means any.
    if (filter.address.empty()) return c.reply.error("ERR No such client");
  } else if (!parse_filter(c, &filter)) {
    return;
  }
  int64_t killed = 0;
  bool own = false;
  server_of(c).for_each_client([&](Client& client) {
    if (!filter.wants(client, c.session)) return;
    ++killed;
    if (client.session().id == c.session.id) {
      own = true;
    } else {
      client.kill();
    }
  });
  if (!by_address) {
    c.reply.integer(killed);
  } else if (killed == 0) {
    c.reply.error("ERR No such client");
  } else {
    c.reply.ok();
  }
  if (own) c.session.flags |= exec::session_flag::kCloseAfterReply;
}

}  // namespace gyre::server
