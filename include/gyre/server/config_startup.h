// The command line of gyre-server, with Redis's rules: an optional configuration file first, then options
// that are appended to it ("--port 6380 --save 900 1"), and "-" for reading configuration from standard
// input.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace gyre::server {

struct Startup {
  enum class Action { kRun, kHelp, kVersion, kTestMemory, kCheckSystem };
  Action action = Action::kRun;
  int test_memory_mb = -1;  // -1: the number is missing
  std::string file;         // as given; empty: none
  bool from_stdin = false;
  bool sentinel = false;  // by --sentinel or by the program's name
  std::string options;    // the options as lines of a configuration file
};

/// `args` is argv, the program's name included.
Startup parse_command_line(std::span<const char* const> args);

/// Text of --help; `program` is argv[0].
std::string usage_text(std::string_view program);

}  // namespace gyre::server
