// Small helpers that every family of the server's own commands uses.
#pragma once

#include <string>
#include <string_view>

#include "gyre/exec/context.h"
#include "gyre/exec/dispatcher.h"
#include "gyre/exec/ignore_case.h"
#include "gyre/server/client.h"
#include "gyre/server/server.h"

namespace gyre::server {

inline Server& server_of(exec::CommandContext& c) { return c.dispatcher.host<Server>(); }
inline Client& client_of(exec::CommandContext& c) { return static_cast<Client&>(c.session.handle); }
/// Whether argument i is this word, in any case.
inline bool is_word(const exec::CommandContext& c, size_t i, std::string_view word) {
  return exec::equal_ignoring_case(c.arg(i), word);
}
/// A string_view for printf's "%.*s".
inline int printed(std::string_view text) { return static_cast<int>(text.size()); }

/// The reply to a subcommand whose arguments fit none of its forms.
inline void wrong_subcommand(exec::CommandContext& c) {
  std::string command(c.arg(0));
  for (char& letter : command)
    letter = static_cast<char>(letter >= 'a' && letter <= 'z' ? letter - 32 : letter);
  const std::string_view shown = c.arg(1).substr(0, 128);
  c.reply.error("ERR unknown subcommand or wrong number of arguments for '" + std::string(shown) + "'. Try " +
                command + " HELP.");
}

}  // namespace gyre::server
