#include "gyre/server/config_startup.h"

#include <cstdlib>

#include "config_text.h"
#include "gyre/server/config_rows.h"

namespace gyre::server {
namespace {

std::string_view base_name(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

bool is_sentinel(std::span<const char* const> args) {
  if (!args.empty() && base_name(args[0]).find("-sentinel") != std::string_view::npos) return true;
  for (std::string_view arg : args.subspan(args.empty() ? 0 : 1)) {
    if (arg == "--sentinel") return true;
  }
  return false;
}

/// Turns arguments into lines. A name without a value takes whatever follows as its value, even if that
/// starts with
/// "--" (once); "--save" and "--sentinel" are the exceptions, because programs that build command lines have
/// always left them without one.
class OptionLines {
 public:
  explicit OptionLines(std::span<const char* const> args) : args_(args) {}

  void read(size_t first, Startup& startup) {
    for (size_t i = first; i < args_.size(); ++i) {
      const std::string_view arg = args_[i];
      if (arg == "-" && (i == 1 || i + 1 == args_.size()))
        startup.from_stdin = true;
      else if (has_value_ && arg.starts_with("--"))
        add_name(i);
      else
        add_value(arg);
    }
    startup.options = std::move(lines_);
  }

 private:
  void add_name(size_t i) {
    const std::string_view arg = args_[i];
    if (!lines_.empty()) lines_ += "\n";
    lines_ += arg.substr(2);
    lines_ += " ";
    const auto words = split_config_line(arg);
    // "--port 6380" as one argument has its value already.
    has_value_ = !words || words->size() != 1;
    if (has_value_) return;
    const bool last = i + 1 == args_.size();
    const bool name_follows = !last && std::string_view(args_[i + 1]).starts_with("--");
    const bool is_save = same_word(arg, "--save");
    if (!(last || name_follows) || !(is_save || same_word(arg, "--sentinel"))) return;
    if (is_save) lines_ += "\"\"";
    if (name_follows) has_value_ = true;
  }

  void add_value(std::string_view arg) {
    lines_ += quote_config_word(arg);
    lines_ += " ";
    has_value_ = true;
  }

  std::span<const char* const> args_;
  std::string lines_;
  bool has_value_ = true;  // the last name got a value, so that another name may follow
};

}  // namespace

Startup parse_command_line(std::span<const char* const> args) {
  Startup startup;
  startup.sentinel = is_sentinel(args);
  if (args.size() < 2) return startup;
  const std::string_view first = args[1];
  if (first == "-v" || first == "--version") {
    startup.action = Startup::Action::kVersion;
  } else if (first == "-h" || first == "--help") {
    startup.action = Startup::Action::kHelp;
  } else if (first == "--test-memory") {
    startup.action = Startup::Action::kTestMemory;
    if (args.size() == 3) startup.test_memory_mb = std::atoi(args[2]);
  } else if (first == "--check-system") {
    startup.action = Startup::Action::kCheckSystem;
  } else {
    const bool has_file = !first.starts_with("-");
    if (has_file) startup.file = first;
    OptionLines(args).read(has_file ? 2 : 1, startup);
  }
  return startup;
}

std::string usage_text(std::string_view program) {
  const std::string name(program);
  return "Usage: " + name + " [/path/to/gyre.conf] [options] [-]\n" + "       " + name +
         " - (read the configuration from standard input)\n" + "       " + name + " -v or --version\n" +
         "       " + name + " -h or --help\n" + "       " + name + " --check-system\n\n" +
         "Options are directives of the configuration file with -- in front, and come after the file:\n" +
         "       " + name + " --port 7777 --threads 4\n" + "       " + name +
         " /etc/gyre.conf --loglevel verbose\n" + "       echo 'maxmemory 128mb' | " + name +
         " /etc/gyre.conf -\n\n" + "Sentinel:\n" + "       " + name + " /etc/sentinel.conf --sentinel\n";
}

}  // namespace gyre::server
