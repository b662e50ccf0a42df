// The command line of gyre-bench.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gyre/io/backend.h"
#include "keys.h"
#include "values.h"

namespace gyre::bench {

struct Target {
  std::string host = "127.0.0.1";
  int port = 6379;
  std::string unix_socket;
  std::string user, password;
  int db = 0;
  bool resp3 = false;
};

struct Options {
  Target target;

  unsigned clients = 50, threads = 1, pipeline = 1;
  io::BackendKind backend = io::BackendKind::kAuto;
  double rate = 0;  // requests a second over all connections; 0: closed loop
  bool poisson = true;
  int64_t spin_us = 0;

  uint64_t requests = 100'000;
  double seconds = 0;  // not 0: instead of requests
  double warm_up_s = 0;
  double timeout_s = 30;
  bool preload = false;
  bool only_preload = false;

  KeySpec keys;
  KeyFormat key_format;
  ValueSizes value_sizes;
  bool random_content = true;
  uint64_t seed = 0;  // 0: from the system

  std::vector<std::string> tests;  // one run each, or one run of mix and commands
  std::string mix;
  struct Command {
    std::string text;
    double weight = 1;
  };
  std::vector<Command> commands;

  std::string json_file, svg_file;
  bool quiet = false;
  int server_pid = 0;
  bool server_info = false;

  enum class Parsed { kRun, kHelp, kError };
  Parsed parse(int argc, char** argv, std::string* error);
};

extern const char kUsage[];

}  // namespace gyre::bench
