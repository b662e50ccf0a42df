// gyre-server: reads the configuration, becomes a daemon if asked to, and runs the server.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "gyre/base/log.h"
#include "gyre/base/random.h"
#include "gyre/server/config.h"
#include "gyre/server/config_startup.h"
#include "gyre/server/crash_report.h"
#include "gyre/server/process.h"
#include "gyre/server/server.h"
#include "gyre/store/shard.h"

namespace {

using namespace gyre;
using base::LogLevel;

int run_server(server::Config& config) {
  server::set_up_logging(config);
  uint64_t seed = base::thread_random().next();
  store::set_hash_seed(seed);
  if (config.daemonize || config.supervised.get() == server::Supervised::kUpstart) {
    if (config.daemonize && !server::become_daemon()) return 1;
  }
  server::block_signals();
  server::install_crash_reports(config);
  server::log_start(config);
  server::write_pid_file(config);
  server::Server server(config);
  std::string error;
  if (!server.start(&error)) {
    if (!error.empty()) base::log(LogLevel::kWarning, "%s", error.c_str());
    server::remove_pid_file(config);
    return 1;
  }
  for (const std::string& warning : config.warnings()) base::log(LogLevel::kWarning, "%s", warning.c_str());
  server::log_initialized();
  server::SignalWatch signals(server);
  const int code = server.run();
  server::remove_pid_file(config);
  base::log(LogLevel::kWarning, "Redis is now ready to exit, bye bye...");
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  const server::Startup startup =
      server::parse_command_line(std::span<const char* const>(const_cast<const char* const*>(argv), static_cast<size_t>(argc)));
  switch (startup.action) {
    case server::Startup::Action::kHelp:
      std::fputs(server::usage_text(argv[0]).c_str(), stdout);
      return 0;
    case server::Startup::Action::kVersion: std::puts(server::version_text().c_str()); return 0;
    case server::Startup::Action::kTestMemory: return server::test_memory(startup.test_memory_mb);
    case server::Startup::Action::kCheckSystem: return server::check_system();
    case server::Startup::Action::kRun: break;
  }
  server::Config config;
  if (const server::LoadResult loaded = config.load(startup); !loaded.ok()) {
    if (loaded.to_log) {
      base::log(LogLevel::kWarning, "%s", loaded.error.c_str());
    } else {
      std::fputs(loaded.error.c_str(), stderr);
    }
    return 1;
  }
  return run_server(config);
}
