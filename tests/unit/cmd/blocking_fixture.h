// Clients of the test's own that wait for keys.
#pragma once

#include "fixture.h"

namespace gyre::cmd {

class BlockingTest : public CommandTest {
 protected:
  /// Client `index` waits with this command.
  void wait(size_t index, std::string_view command) {
    h.running_on = static_cast<unsigned>(index) % GetParam();
    EXPECT_EQ(h.client(index).run(command), "waits") << command;
    h.running_on = 0;
  }
  std::string reply(size_t index) { return h.client(index).reply(); }
  bool anybody_waits() {
    for (unsigned i = 0; i < h.keyspace.shard_count(); ++i)
      if (h.keyspace.shard(i).waits || h.keyspace.shard(i).has_listeners) return true;
    return false;
  }
};
}  // namespace gyre::cmd
