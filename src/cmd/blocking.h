// What commands that wait for keys share. Private to this module.
#pragma once

#include "gyre/exec/key_wait.h"
#include "support.h"

namespace gyre::cmd {

/// Argument `i` as seconds, with a fraction, up to which a command waits (0: without end), in milliseconds.
/// False and the error replied when it is none.
bool timeout_in_seconds(CommandContext& c, size_t i, int64_t* timeout_ms);
/// The same for whole milliseconds.
bool timeout_in_ms(CommandContext& c, size_t i, int64_t* timeout_ms);

/// Waits, or replies a null array where that may not be.
inline void wait_or_null_array(CommandContext& c, const exec::KeyWaitRequest& request) {
  exec::may_block(c) ? exec::wait_for_keys(c, request) : c.reply.null_array();
}

/// Those who wait for the key look at it, when the command is over, though those who watch it hear of no
/// change.
inline void wake_waiters(CommandContext& c, const Key& key) {
  if (c.db().shard_of(key).waits) c.reactor.effects.awaited(c.db().index(), key.name, key.hash);
}

}  // namespace gyre::cmd
