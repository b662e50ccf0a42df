// Small helpers that every family of the server's own commands uses.
#pragma once

#include <string_view>

#include "gyre/exec/context.h"
#include "gyre/exec/dispatcher.h"
#include "gyre/server/client.h"
#include "gyre/server/server.h"

namespace gyre::server {

inline Server& server_of(exec::CommandContext& c) { return c.dispatcher.host<Server>(); }
inline Client& client_of(exec::CommandContext& c) { return static_cast<Client&>(c.session.handle); }
/// A password is required, and this client has given none: it may authenticate and nothing else. Whoever was
/// connected before there was one is in.
bool locked_out(Server& server, const exec::Session& session);
/// A string_view for printf's "%.*s".
inline int printed(std::string_view text) { return static_cast<int>(text.size()); }

}  // namespace gyre::server
