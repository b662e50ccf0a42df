// What a command tells replicas (I5): the effects of one execution unit (a command, an EXEC, one key deleted in the
// background) are gathered while the shards are held (effects.h) and handed over as one record before they are let go.
//
// Rules, as in Redis 7.2: a command that changed something is propagated as it was sent, unless its body said otherwise;
// deletions of expired and evicted keys come before it, as DEL or UNLINK; several effects of one unit stand between MULTI
// and EXEC, unless the unit touches arbitrary keys; what changed nothing is not propagated.
#pragma once

#include <cstdint>

#include "gyre/journal/journal.h"

namespace gyre::exec {

/// One effect unit in wire form: prefix, a SELECT of first_db where the log stands at another database, then the pieces in
/// order. SELECTs between effects of different databases are in the pieces; after them the log stands at last_db. The
/// views are valid until propagate() returns.
using EffectRecord = journal::Record;

/// Where effects go; implemented above (repl). Called on the reactor's thread with the touched shards held, or the gate
/// closed.
class Propagation {
 public:
  virtual ~Propagation() = default;
  /// Returns the replication offset behind it.
  virtual uint64_t propagate(unsigned reactor, const EffectRecord& record) = 0;
};

}  // namespace gyre::exec
