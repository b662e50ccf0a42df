#include "server_probe.h"

#include <dirent.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace gyre::bench {
namespace {

constexpr time_t kProbeTimeoutS = 30;

std::string read_file(const std::string& path) {
  std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "r"), &std::fclose);
  if (!file) return {};
  char buffer[4096];
  return {buffer, std::fread(buffer, 1, sizeof(buffer), file.get())};
}

std::string encode(const std::vector<std::string>& words) {
  std::string out = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words) out += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  return out;
}

/// The number behind "name=" in "a=1,b=2".
double field_of(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const size_t comma = list.find(',');
    const std::string_view item = list.substr(0, comma);
    if (item.starts_with(name) && item.substr(name.size()).starts_with('='))
      return std::strtod(std::string(item.substr(name.size() + 1)).c_str(), nullptr);
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
  return 0;
}

/// False with errno when not all of it could be sent.
bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EINTR) return false;
    if (sent > 0) bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

/// Calls fn(line) for each line without its end.
template <class Fn>
void for_each_line(std::string_view text, Fn&& fn) {
  while (!text.empty()) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    fn(line);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

}  // namespace

CpuTime CpuTime::of(int pid) {
  CpuTime time;
  const std::string base = "/proc/" + std::to_string(pid);
  const std::string stat = read_file(base + "/stat");
  const size_t name_end = stat.rfind(')');  // the name may hold anything
  unsigned long user = 0, system = 0;
  long children_user = 0, children_system = 0;
  if (name_end == std::string::npos ||
      std::sscanf(stat.c_str() + name_end + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %ld %ld",
                  &user, &system, &children_user, &children_system) != 4)
    return time;
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  time.known = true;
  time.user = (static_cast<double>(user) + static_cast<double>(children_user)) / ticks;
  time.system = (static_cast<double>(system) + static_cast<double>(children_system)) / ticks;
  std::unique_ptr<DIR, int (*)(DIR*)> tasks(opendir((base + "/task").c_str()), &closedir);
  for (dirent* task; tasks && (task = readdir(tasks.get()));) {
    if (task->d_name[0] == '.') continue;
    const std::string schedstat = read_file(base + "/task/" + task->d_name + "/schedstat");
    time.running += std::strtod(schedstat.c_str(), nullptr) / 1e9;
  }
  if (time.running > 0)
    time.running += (static_cast<double>(children_user) + static_cast<double>(children_system)) / ticks;
  return time;
}

CpuTime CpuTime::since(const CpuTime& earlier) const {
  CpuTime difference;
  difference.known = known && earlier.known;
  difference.user = user - earlier.user;
  difference.system = system - earlier.system;
  difference.running = running - earlier.running;
  // A thread that ended in between took its count along: then the ticks are nearer the truth.
  const double by_ticks = difference.user + difference.system;
  if (difference.running < by_ticks - 0.05) difference.running = 0;
  return difference;
}

ProbeConnection::~ProbeConnection() {
  if (fd_ >= 0) close(fd_);
}

bool ProbeConnection::open(const Endpoint& endpoint, const Target& target, std::string* error) {
  fd_ = socket(endpoint.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval timeout{kProbeTimeoutS, 0};
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
  setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
  if (fd_ < 0 || connect(fd_, reinterpret_cast<const sockaddr*>(&endpoint.address), endpoint.length) != 0) {
    *error = std::string("connect: ") + std::strerror(errno);
    return false;
  }
  unsigned replies = 0;
  const std::string requests = handshake_requests(target, &replies);
  if (!send_all(fd_, requests)) {
    *error = std::string("send: ") + std::strerror(errno);
    return false;
  }
  for (resp::Reply reply; replies > 0; --replies) {
    if (!receive(&reply, error)) return false;
    if (reply.is_error()) {
      *error = "handshake: " + reply.text;
      return false;
    }
  }
  return true;
}

bool ProbeConnection::receive(resp::Reply* reply, std::string* error) {
  while (true) {
    const resp::ReplyStatus status = reader_.next(reply);
    if (status == resp::ReplyStatus::kComplete) return true;
    char buffer[16 * 1024];
    ssize_t got = 0;
    // With a receive timeout the kernel does not restart an interrupted call by itself.
    if (status == resp::ReplyStatus::kIncomplete) do
        got = recv(fd_, buffer, sizeof(buffer), 0);
      while (got < 0 && errno == EINTR);
    if (got <= 0) {
      *error = status == resp::ReplyStatus::kError ? std::string(reader_.error())
               : got == 0                          ? "the server closed the connection"
                                                   : std::strerror(errno);
      return false;
    }
    reader_.feed({buffer, static_cast<size_t>(got)});
  }
}

bool ProbeConnection::call(const std::vector<std::string>& words, resp::Reply* reply, std::string* error) {
  if (!send_all(fd_, encode(words))) {
    *error = std::string("send: ") + std::strerror(errno);
    return false;
  }
  return receive(reply, error);
}

bool reset_stats(ProbeConnection& probe, std::string* error) {
  resp::Reply reply;
  // Servers before 7.0 have no such percentiles and no latencystats; their commandstats are still of use.
  return probe.call({"CONFIG", "SET", "latency-tracking-info-percentiles", "50 99 99.9 100"}, &reply,
                    error) &&
         probe.call({"CONFIG", "RESETSTAT"}, &reply, error);
}

std::string_view info_field(std::string_view info, std::string_view name) {
  std::string_view value;
  for_each_line(info, [&](std::string_view line) {
    if (line.starts_with(name) && line.substr(name.size()).starts_with(':'))
      value = line.substr(name.size() + 1);
  });
  return value;
}

std::vector<CommandStats> parse_stats(std::string_view info) {
  static constexpr std::string_view kCalls = "cmdstat_", kLatency = "latency_percentiles_usec_";
  std::vector<CommandStats> stats;
  for_each_line(info, [&](std::string_view line) {
    const bool calls = line.starts_with(kCalls);
    if (!calls && !line.starts_with(kLatency)) return;
    line.remove_prefix(calls ? kCalls.size() : kLatency.size());
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) return;
    const std::string_view name = line.substr(0, colon), list = line.substr(colon + 1);
    CommandStats* entry = nullptr;
    for (CommandStats& known : stats)
      if (known.name == name) entry = &known;
    if (!entry) {
      entry = &stats.emplace_back();
      entry->name = name;
    }
    if (calls) {
      entry->calls = static_cast<uint64_t>(field_of(list, "calls"));
      entry->us_per_call = field_of(list, "usec_per_call");
    } else {
      entry->latency = list;
      entry->max_us = field_of(list, "p100");
    }
  });
  return stats;
}

bool read_stats(ProbeConnection& probe, std::vector<CommandStats>* stats, std::string* error) {
  stats->clear();
  std::string info;
  for (const char* section : {"commandstats", "latencystats"}) {
    resp::Reply reply;
    if (!probe.call({"INFO", section}, &reply, error)) return false;
    if (!reply.is_error()) info += reply.text;
  }
  *stats = parse_stats(info);
  return true;
}

std::string server_version(ProbeConnection& probe) {
  resp::Reply reply;
  std::string error;
  if (!probe.call({"INFO", "server"}, &reply, &error) || reply.is_error()) return "unknown";
  std::string redis = "redis " + std::string(info_field(reply.text, "redis_version"));
  for (const char* name : {"gyre", "valkey"}) {
    const std::string_view version = info_field(reply.text, std::string(name) + "_version");
    if (!version.empty()) return std::string(name) + " " + std::string(version) + " (" + redis + ")";
  }
  return redis;
}

}  // namespace gyre::bench
