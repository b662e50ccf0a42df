// What is asked of the server beside the load: its CPU time from /proc, and its own statistics through a
// connection of its own that blocks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "connection.h"
#include "gyre/resp/reply_parser.h"

namespace gyre::bench {

/// CPU time of a process with all its threads and the children it has waited for, in seconds.
struct CpuTime {
  bool known = false;
  double user = 0, system = 0;
  /// Of the threads alive, to the nanosecond (user and system come in ticks of 10 ms). 0 when not known.
  double running = 0;

  static CpuTime of(int pid);
  CpuTime since(const CpuTime& earlier) const;
  double total() const { return running > 0 ? running : user + system; }
};

class ProbeConnection {
 public:
  ~ProbeConnection();
  bool open(const Endpoint& endpoint, const Target& target, std::string* error);
  /// False when the connection is gone; *error says why. An error reply is a reply.
  bool call(const std::vector<std::string>& words, resp::Reply* reply, std::string* error);

 private:
  bool receive(resp::Reply* reply, std::string* error);
  int fd_ = -1;
  resp::ReplyReader reader_;
};

/// One command's line of INFO commandstats and latencystats.
struct CommandStats {
  std::string name;
  uint64_t calls = 0;
  double us_per_call = 0;
  std::string latency;  // "p50=1.003,...,p100=12.031" in microseconds
  double max_us = 0;    // of the server's own histogram; 0: not told
};

/// Starts the server's statistics anew, with the maximum among the percentiles it tells.
bool reset_stats(ProbeConnection& probe, std::string* error);
bool read_stats(ProbeConnection& probe, std::vector<CommandStats>* stats, std::string* error);
/// "redis 7.2.4", "gyre 0.1.0 (redis 7.2.4)" or the like, from INFO server.
std::string server_version(ProbeConnection& probe);

/// The value of a line "name:value" of INFO's answer; empty when there is none.
std::string_view info_field(std::string_view info, std::string_view name);
std::vector<CommandStats> parse_stats(std::string_view info);

}  // namespace gyre::bench
