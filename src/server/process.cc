#include "gyre/server/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "gyre/base/log.h"
#include "gyre/base/memory.h"
#include "gyre/server/config.h"
#include "gyre/server/server.h"
#include "gyre/server/shutdown.h"
#include "gyre/server/version.h"

namespace gyre::server {

using base::LogLevel;

namespace {

sigset_t watched_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

/// systemd's readiness protocol: one datagram to the socket it names.
bool notify_systemd(const char* state) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  if (!path || (path[0] != '/' && path[0] != '@') || std::strlen(path) >= sizeof(sockaddr_un::sun_path)) return false;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path, std::strlen(path));
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + std::strlen(path));
  const bool sent = ::sendto(fd, state, std::strlen(state), MSG_NOSIGNAL, reinterpret_cast<sockaddr*>(&address), length) >= 0;
  ::close(fd);
  return sent;
}

bool under_systemd(const Config& config) {
  const Supervised mode = config.supervised;
  return mode == Supervised::kSystemd || (mode == Supervised::kAuto && std::getenv("NOTIFY_SOCKET"));
}

std::string banner(int port) {
  return std::string("\n") +
         "        .-------.\n"
         "     .-'  .---.  '-.      Gyre " + kGyreVersion + " (Redis " + kRedisVersion + ") 64 bit\n"
         "    /   .'     '.   \\\n"
         "   |   |   .-.   |   |    Running in standalone mode\n"
         "   |   |  (   )  |   |    Port: " + std::to_string(port) + "\n"
         "    \\   '.  '-'  .'  /     PID: " + std::to_string(::getpid()) + "\n"
         "     '-.  '-----'\n"
         "        '-------'\n\n";
}

std::string pid_path(const Config& config) {
  const std::string path = config.pidfile.get();
  return path.empty() && config.daemonize ? "/var/run/redis.pid" : path;
}

}  // namespace

void set_up_logging(const Config& config) {
  base::LogTarget target;
  target.level = static_cast<LogLevel>(config.loglevel.raw());
  target.file = config.logfile.get();
  target.syslog = config.syslog_enabled;
  target.syslog_ident = config.syslog_ident.get();
  target.syslog_facility = config.syslog_facility.raw();
  base::set_log_target(target);
}

bool become_daemon() {
  const pid_t pid = ::fork();
  if (pid < 0) return false;
  if (pid != 0) ::_exit(0);
  ::setsid();
  const int null = ::open("/dev/null", O_RDWR);
  if (null >= 0) {
    ::dup2(null, STDIN_FILENO);
    ::dup2(null, STDOUT_FILENO);
    ::dup2(null, STDERR_FILENO);
    if (null > STDERR_FILENO) ::close(null);
  }
  return true;
}

void block_signals() {
  sigset_t set = watched_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGHUP, SIG_IGN);
}

void log_start(const Config& config) {
  base::log(LogLevel::kNotice, "oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo");
  base::log(LogLevel::kNotice, "Redis version=%s, bits=%zu, commit=00000000, modified=0, pid=%d, just started (Gyre %s)",
            kRedisVersion, sizeof(void*) * 8, static_cast<int>(::getpid()), kGyreVersion);
  if (config.file().empty()) {
    base::log(LogLevel::kWarning,
              "Warning: no config file specified, using the default config. In order to specify a config file use "
              "gyre-server /path/to/gyre.conf");
  } else {
    base::log(LogLevel::kNotice, "Configuration loaded");
  }
  const bool terminal = config.logfile.get().empty() && !config.syslog_enabled && ::isatty(STDOUT_FILENO);
  if (!config.always_show_logo && !terminal) {
    base::log(LogLevel::kNotice, "Running mode=standalone, port=%d.", config.port.get());
    return;
  }
  base::log_raw(banner(config.port));
}

void log_initialized() { base::log(LogLevel::kNotice, "Server initialized"); }

void log_ready(const Config& config) {
  if (config.port != 0) base::log(LogLevel::kNotice, "Ready to accept connections tcp");
  if (const std::string path = config.unixsocket.get(); !path.empty())
    base::log(LogLevel::kNotice, "Ready to accept connections unix");
  if (under_systemd(config) && !notify_systemd("STATUS=Ready to accept connections\nREADY=1\n"))
    base::log(LogLevel::kWarning, "systemd supervision requested or auto-detected, but NOTIFY_SOCKET does not answer");
}

void write_pid_file(const Config& config) {
  const std::string path = pid_path(config);
  if (path.empty()) return;
  FILE* file = std::fopen(path.c_str(), "we");
  if (!file) {
    base::log(LogLevel::kNotice, "Failed to write PID file: %s", std::strerror(errno));
    return;
  }
  std::fprintf(file, "%d\n", static_cast<int>(::getpid()));
  std::fclose(file);
}

void remove_pid_file(const Config& config) {
  const std::string path = pid_path(config);
  if (path.empty()) return;
  if (::unlink(path.c_str()) == 0) base::log(LogLevel::kNotice, "Removing the pid file.");
}

std::string version_text() {
  return std::string("Redis server v=") + kRedisVersion + " sha=00000000:0 malloc=mimalloc bits=64 build=gyre-" + kGyreVersion;
}

int test_memory(int megabytes) {
  if (megabytes < 1) {
    std::fputs("Please specify the amount of memory to test in megabytes.\n", stderr);
    return 1;
  }
  // Each word gets a value of its own, is read back, then its complement: stuck and coupled bits show.
  std::vector<uint64_t> words(static_cast<size_t>(megabytes) * 1024 * 1024 / sizeof(uint64_t));
  for (int pass = 0; pass < 4; ++pass) {
    const uint64_t flip = pass % 2 ? ~uint64_t{0} : 0;
    for (size_t i = 0; i < words.size(); ++i) words[i] = (i * 0x9e3779b97f4a7c15ull) ^ flip;
    for (size_t i = 0; i < words.size(); ++i) {
      if (words[i] == ((i * 0x9e3779b97f4a7c15ull) ^ flip)) continue;
      std::fputs("*** MEMORY ERROR DETECTED ***\n", stdout);
      return 1;
    }
  }
  std::puts("Your memory passed this test.");
  return 0;
}

int check_system() {
  int failures = 0;
  auto report = [&failures](const char* name, bool good, const char* advice) {
    std::printf("[%s] %s%s%s\n", name, good ? "ok" : "warning", good ? "" : ": ", good ? "" : advice);
    failures += !good;
  };
  std::string overcommit(1, '\0');
  if (FILE* file = std::fopen("/proc/sys/vm/overcommit_memory", "re")) {
    overcommit[0] = static_cast<char>(std::fgetc(file));
    std::fclose(file);
  }
  report("overcommit", overcommit != "2", "vm.overcommit_memory is 2: memory reserved but not used counts against the limit");
  return failures ? 1 : 0;
}

SignalWatch::SignalWatch(Server& server) : thread_([this, &server] { watch(server); }) {}

SignalWatch::~SignalWatch() {
  stopping_ = true;
  ::pthread_kill(thread_.native_handle(), SIGTERM);
  thread_.join();
}

void SignalWatch::watch(Server& server) {
  const sigset_t set = watched_signals();
  bool asked = false;
  for (;;) {
    int number = 0;
    if (::sigwait(&set, &number) != 0) continue;
    if (stopping_) return;
    if (asked && number == SIGINT) {
      base::log(LogLevel::kWarning, "You insist... exiting now.");
      ::_exit(1);
    }
    asked = true;
    base::log(LogLevel::kWarning, "Received %s scheduling shutdown...", number == SIGINT ? "SIGINT" : "SIGTERM");
    shut_down_by_signal(server, number == SIGINT);
  }
}

}  // namespace gyre::server
