// MULTI, EXEC, DISCARD, WATCH, UNWATCH: the commands whose state is the dispatcher's own.
#pragma once

#include "gyre/exec/dispatcher.h"

namespace gyre::exec {

/// Binds the bodies; the second function sets their lock plans.
void bind_transaction_commands(CommandTable& table);
void plan_transaction_commands(Dispatcher& dispatcher);

}  // namespace gyre::exec
