// A dispatcher with the data commands and the transaction commands, driven as connections drive it: commands
// in, replies out. Its clock stands still until a test moves it. With several reactors all of them are played
// by the test's thread.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gyre/cmd/environment.h"
#include "gyre/exec/dispatcher.h"

namespace gyre::cmd {

/// A reply as one line: OK, :5, text of a bulk, nil, -ERR ..., [a b], {k v} (RESP3).
std::string show_reply(std::string_view resp);

/// Words of a line; "..." holds spaces, \x00 escapes are understood inside.
std::vector<std::string> split_words(std::string_view line);

class TestEnvironment final : public Environment {
 public:
  int64_t max_string_bytes() const override { return limit; }
  int64_t hll_sparse_max_bytes() const override { return hll_sparse_max; }
  bool lazyfree_user_flush() const override { return lazy_flush; }
  bool lfu_policy() const override { return lfu; }
  bool lazyfree_server_del() const override { return lazy_server_del; }
  SetLimits set_limits() const override { return set; }
  PackedLimits zset_limits() const override { return zset; }
  PackedLimits hash_limits() const override { return hash; }
  int list_max_listpack_size() const override { return list_size; }
  int list_compress_depth() const override { return list_depth; }
  StreamNodeLimits stream_node_limits() const override { return stream; }
  int rdb_version() const override { return 11; }
  bool sanitize_restored() const override { return sanitize; }
  bool skip_checksum_validation() const override { return skip_checksum; }

  int64_t limit = 512ll * 1024 * 1024;
  int64_t hll_sparse_max = 3000;
  bool lazy_flush = false, lfu = false, lazy_server_del = false;
  bool sanitize = false, skip_checksum = false;
  SetLimits set;
  PackedLimits zset, hash{.entries = 512};
  int list_size = -2, list_depth = 0;
  StreamNodeLimits stream;
};

class Harness;

/// A connection without a socket.
class TestClient final : public exec::ClientHandle {
 public:
  TestClient(Harness& harness, uint64_t id) : session(id, out_, *this), harness_(harness) {}

  /// Replies of all commands, one after the other, as show_reply() prints them; "waits" when one waits for keys.
  std::string run(std::string_view line) { return call(split_words(line)); }
  std::string call(const std::vector<std::string>& words);
  /// The replies to a pipeline, not interpreted.
  std::string raw(std::string_view pipeline);
  /// What a command that waited has got; "waits" as long as it has not.
  std::string reply();
  /// Its wait is over: it has been served, or else as if the time were up.
  void end_wait();
  void kill() override {}

 private:
  base::OutBuffer out_;

 public:
  exec::Session session;

 private:
  Harness& harness_;
  resp::RequestParser parser_;
};

class Harness final : public exec::DispatchHooks {
 public:
  explicit Harness(unsigned reactors = 1);
  ~Harness() override;

  /// Runs one command of the first client.
  std::string run(std::string_view line) { return client().run(line); }
  TestClient& client(size_t index = 0);
  void advance_ms(int64_t ms);
  int64_t now_ms() const { return now_ms_; }
  /// The reactor on which commands run.
  exec::ReactorState& reactor() { return *dispatcher->reactors()[running_on]; }
  unsigned running_on = 0;

  Admission admit(exec::CommandContext&) override { return Admission::kRun; }
  coro::Task<void> unpaused() override { co_return; }
  bool allow_protected(exec::CommandContext&) override { return true; }
  bool deletes_lazily(store::Deletion why) const override {
    return why == store::Deletion::kExpired ? lazy_expire : lazy_eviction;
  }
  void slow_command(exec::Session&, const exec::CommandRow&, exec::CommandArgs, uint64_t) override {}

  TestEnvironment environment;
  bool lazy_expire = false, lazy_eviction = false;
  exec::CommandTable table;
  store::Keyspace keyspace;
  std::unique_ptr<exec::Dispatcher> dispatcher;

 private:
  std::vector<std::unique_ptr<TestClient>> clients_;
  int64_t now_ms_;
};

/// A table of {command, reply}, run in order.
struct Step {
  const char* command;
  const char* reply;
};
void run_steps(Harness& harness, const std::vector<Step>& steps);

/// Tests that run with one shard and with many.
class CommandTest : public testing::TestWithParam<unsigned> {
 protected:
  void steps(const std::vector<Step>& list) { run_steps(h, list); }
  std::string run(std::string_view line) { return h.run(line); }
  Harness h{GetParam()};
};

}  // namespace gyre::cmd
