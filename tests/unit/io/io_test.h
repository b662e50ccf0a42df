// The harness of the I/O tests: every test runs on every backend, and a backend that is missing where it
// should work fails the run.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "gyre/io/reactor.h"
#include "gyre/io/sim.h"
#include "gyre/io/socket_stream.h"

namespace gyre::io {

struct Config {
  std::string name;
  BackendKind kind = BackendKind::kAuto;
  std::string uring_features = "all";
  friend std::ostream& operator<<(std::ostream& out, const Config& config) { return out << config.name; }
};

/// The simulation; epoll; io_uring with everything, with each feature off, with everything off.
std::vector<Config> all_configs();

ReactorOptions options_of(const Config& config);

class IoTest : public ::testing::TestWithParam<Config> {
 protected:
  void SetUp() override;
  void TearDown() override;

  /// Turns the reactor until the condition holds; false (and a failure) after some seconds.
  bool run_until(const std::function<bool()>& condition, int64_t limit_ms = 20'000);
  /// Runs tasks spawned in scope_ to their ends.
  bool run_all(int64_t limit_ms = 20'000) {
    return run_until([this] { return scope_.running() == 0; }, limit_ms);
  }
  /// For tests that use the machine's own descriptors, threads or clock.
  bool simulated() const { return world_ != nullptr; }
  /// Two connected streams.
  using Pair = std::pair<std::unique_ptr<Stream>, std::unique_ptr<Stream>>;
  Pair unix_pair();
  Pair tcp_pair();
  void half_close(Stream& stream);
  int listen(uint16_t* port);
  void close_listener(int fd);
  /// Closes streams at the end of a test.
  void close(std::unique_ptr<Stream> stream, int64_t linger_ms = 1000);
  void close(Pair pair) {
    close(std::move(pair.first));
    close(std::move(pair.second));
  }

  std::unique_ptr<SimWorld> world_;
  std::unique_ptr<Reactor> reactor_;
  std::optional<Reactor::OnThread> on_thread_;
  const std::function<bool()>* condition_ = nullptr;
  coro::Scope scope_;
};

/// Bytes that tell their own position.
std::string pattern(size_t bytes, unsigned seed = 0);

/// A bound TCP listener on the loopback device; *port is set.
int listen_tcp(uint16_t* port, int backlog = 128);
sockaddr_storage loopback(uint16_t port, socklen_t* length);

/// Echoes until the end, then closes.
coro::Task<void> echo(std::unique_ptr<Stream> stream);
/// Appends what comes until the end; *error then is its errno value.
coro::Task<void> collect(Stream* stream, std::string* into, int* error);
coro::Task<void> nap(Reactor* reactor, int64_t us, bool* over);

#define GYRE_IO_TEST(suite)                                                     \
  INSTANTIATE_TEST_SUITE_P(Backends, suite, ::testing::ValuesIn(all_configs()), \
                           [](const ::testing::TestParamInfo<Config>& info) { return info.param.name; })

}  // namespace gyre::io
