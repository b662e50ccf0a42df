// A client as CLIENT LIST and CLIENT INFO show it.
#pragma once

#include <cstdint>
#include <string>

#include "gyre/exec/context.h"

namespace gyre::server {

class Client;

/// One line without its newline. `caller`: the command that asks, when the client is its own (what the client
/// sends just now is then part of the answer, as in Redis); else null, and the gate must be closed.
std::string client_info_line(Client& client, int64_t now_ms, const exec::CommandContext* caller);

/// Bytes that the client takes: its object, its buffers, its transaction.
size_t client_memory(Client& client);

}  // namespace gyre::server
