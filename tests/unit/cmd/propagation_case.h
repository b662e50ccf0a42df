// What a primary puts on the replication link for given commands: a row of the tables behind propagation_test.cc. Each
// expectation was compared with the stream of Redis 7.2.4.
//
// A step is a command of the first client, or
//   "2> COMMAND"      of the second client,
//   "advance MS"      time passes,
//   "lazy-expire"     lazyfree-lazy-expire is on from here on,
//   "lazy-server-del" lazyfree-lazy-server-del is.
// In steps and expectations "@ms+N" is the time of the case's beginning plus N milliseconds, "@s+N" the same
// in whole seconds,
// "@sms+N" that second in milliseconds. Expectations are commands with spaces between their words; the stream
// begins in database 0, and SELECTs are written out.
#pragma once

#include <vector>

namespace gyre::cmd {

struct PropagationCase {
  const char* name;
  std::vector<const char*> steps;
  std::vector<const char*> stream;
};

}  // namespace gyre::cmd
