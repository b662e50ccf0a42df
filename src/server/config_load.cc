// Reading the configuration: a file, standard input and the command line, line by line, with includes.
#include "config_text.h"
#include "gyre/base/log.h"
#include "gyre/exec/command_table.h"
#include "gyre/server/config.h"
#include "gyre/server/config_environment.h"
#include "gyre/server/config_rows.h"
#include "gyre/server/config_startup.h"

namespace gyre::server {
namespace {

constexpr int kMaxIncludeDepth = 16;

/// Redis still accepts these with one word after them, and does nothing.
constexpr std::string_view kForgotten[] = {"list-max-ziplist-entries", "list-max-ziplist-value",
                                           "lua-replicate-commands"};

bool is_forgotten(std::string_view name) {
  return std::find(std::begin(kForgotten), std::end(kForgotten), name) != std::end(kForgotten);
}

/// A line and where it comes from, for messages.
struct LinePosition {
  std::string origin;
  int number = 0;
  std::string text;
};

/// Text that starts at `first_line` of the whole comes from `origin`.
struct Segment {
  std::string origin;
  int first_line;
};

/// CONFIG REWRITE of Redis writes this line for a server without access control, so files have it: the
/// default user with every right and no password, which is what there is without users.
bool is_open_default_user(const std::vector<std::string>& words) {
  if (words.size() < 2 || words[1] != "default") return false;
  bool on = false, nopass = false, keys = false, channels = false, commands = false;
  for (size_t i = 2; i < words.size(); ++i) {
    const std::string& rule = words[i];
    if (same_word(rule, "on"))
      on = true;
    else if (same_word(rule, "nopass"))
      nopass = true;
    else if (rule == "~*" || same_word(rule, "allkeys"))
      keys = true;
    else if (rule == "&*" || same_word(rule, "allchannels"))
      channels = true;
    else if (same_word(rule, "+@all") || same_word(rule, "allcommands"))
      commands = true;
    else if (!same_word(rule, "sanitize-payload") && !same_word(rule, "skip-sanitize-payload"))
      return false;
  }
  return on && nopass && keys && channels && commands;
}

int count_lines(std::string_view text) {
  return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

class ConfigLoader {
 public:
  explicit ConfigLoader(Config& config) : config_(config) {}

  LoadResult load(const Startup& startup) {
    std::string text;
    std::vector<Segment> segments;
    if (!startup.file.empty()) {
      segments.push_back({config_.file_, 1});
      if (!read(config_.file_, &text)) return std::move(result_);
    }
    if (startup.from_stdin) {
      base::log(base::LogLevel::kNotice, "Reading config from stdin");
      segments.push_back({"standard input", count_lines(text) + 1});
      config_.environment().read_stdin(&text);
    }
    text += "\n";
    segments.push_back({"the command line", count_lines(text) + 1});
    text += startup.options;
    return finish(run(text, segments, 0));
  }

  LoadResult load_text(std::string_view text, std::string_view origin) {
    return finish(run(text, {{std::string(origin), 1}}, 0));
  }

 private:
  bool read(const std::string& path, std::string* text) {
    const int failure = config_.environment().read_file(path, text);
    if (failure == 0) return true;
    result_.error = "Fatal error, can't open config file '" + path + "': " + std::strerror(failure);
    result_.to_log = true;
    return false;
  }

  /// Handles every line of `text`; false once result_ holds an error.
  bool run(std::string_view text, const std::vector<Segment>& segments, int depth) {
    int number = 0;
    size_t segment = 0;
    while (!text.empty()) {
      const size_t end = text.find('\n');
      std::string_view line = text.substr(0, end);
      text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
      ++number;
      while (segment + 1 < segments.size() && segments[segment + 1].first_line <= number) ++segment;
      line = trim_config_line(line.substr(0, line.find('\0')));
      if (line.empty() || line[0] == '#') continue;
      const LinePosition position = {segments[segment].origin, number, std::string(line)};
      std::string error;
      if (handle_line(position, depth, error)) continue;
      if (result_.ok()) fail(&position, error);
      return false;
    }
    return true;
  }

  /// False with `error` set, or with result_ set by an included file.
  bool handle_line(const LinePosition& position, int depth, std::string& error) {
    auto words = split_config_line(position.text);
    if (!words) {
      error = "Unbalanced quotes in configuration line";
      return false;
    }
    if (words->empty()) return true;
    std::string& name = words->front();
    name = to_lower(name);
    const ConfigRow* row = find_config_row(name);
    if (row != nullptr && row->kind != ConfigKind::kDeclaration)
      return handle_value(*row, *words, position, error);
    if (row == nullptr && is_forgotten(name) && words->size() == 2) return true;
    if (row == nullptr && name.find('.') != std::string::npos) {
      error =
          words->size() < 2
              ? "Module config specified without value"
              : "Module Configuration detected without loadmodule directive or no ApplyConfig call: aborting";
      return false;
    }
    if (row != nullptr && has_enough_words(*words))
      return handle_declaration(*row, *words, position, depth, error);
    error = "Bad directive or wrong number of arguments";
    return false;
  }

  static bool has_enough_words(const std::vector<std::string>& words) {
    if (words[0] == "include") return words.size() == 2;
    if (words[0] == "rename-command") return words.size() == 3;
    return words.size() >= 2 || words[0] == "sentinel";
  }

  bool handle_value(const ConfigRow& row, const std::vector<std::string>& words, const LinePosition& position,
                    std::string& error) {
    if (!row.has(kMultiArg) && words.size() != 2) {
      error = "wrong number of arguments";
      return false;
    }
    std::vector<std::string> args(words.begin() + 1, words.end());
    if (row.has(kMultiArg) && args.size() == 1 && !args[0].empty()) {
      // Several values given as one quoted word, as programs that start servers do.
      auto inner = split_config_line(args[0]);
      if (!inner) {
        error = "Unbalanced quotes in configuration line";
        return false;
      }
      args = std::move(*inner);
    }
    const bool adds = !seen_.emplace(&row, position).second;
    if (adds) seen_[&row] = position;
    return set_value(row, {config_, args, adds, error}) != SetOutcome::kError;
  }

  bool handle_declaration(const ConfigRow& row, const std::vector<std::string>& words,
                          const LinePosition& position, int depth, std::string& error) {
    if (words[0] == "include") return include(words[1], depth + 1, error);
    if (words[0] == "sentinel") {
      if (words.size() == 1) return true;  // the command line's --sentinel
      if (!config_.sentinel_) {
        error = "sentinel directive while not in sentinel mode";
        return false;
      }
    }
    if (words[0] == "rename-command" && !rename_command(words[1], words[2], error)) return false;
    if (words[0] == "user" && is_open_default_user(words)) return true;
    error = effect_error(row, config_);
    if (!error.empty()) return false;
    config_.declarations_.push_back({words, position.number, position.text});
    return true;
  }

  /// Only checks: the server's own table is renamed from the declarations.
  bool rename_command(const std::string& name, const std::string& to, std::string& error) {
    if (!names_) names_ = std::make_unique<exec::CommandTable>();
    switch (names_->rename(name, to)) {
      case exec::CommandTable::Renamed::kDone: return true;
      case exec::CommandTable::Renamed::kNoSuchCommand: error = "No such command in rename-command"; break;
      case exec::CommandTable::Renamed::kNameTaken: error = "Target command name already exists"; break;
    }
    return false;
  }

  bool include(const std::string& path, int depth, std::string& error) {
    if (depth > kMaxIncludeDepth) {
      error = "Too many levels of include";
      return false;
    }
    std::vector<std::string> paths = {path};
    // A pattern may match nothing, so that a directory for fragments may be empty; a plain name must exist.
    if (path.find_first_of("*?[") != std::string::npos) paths = config_.environment().match_files(path);
    for (const std::string& file : paths) {
      std::string text;
      if (!read(file, &text) || !run(text, {{file, 1}}, depth)) return false;
    }
    return true;
  }

  /// Checks that concern the whole.
  LoadResult finish(bool lines_are_fine) {
    if (!lines_are_fine) return std::move(result_);
    const std::string log_file = config_.logfile.get();
    if (!log_file.empty()) {
      // Later it is too late to stop for this.
      if (const int failure = config_.environment().check_log(log_file)) {
        fail(nullptr, std::string("Can't open the log file: ") + std::strerror(failure));
        return std::move(result_);
      }
    }
    if (config_.cluster_enabled && !config_.replicaof.get().host.empty()) {
      fail(nullptr, "replicaof directive not allowed in cluster mode");
      return std::move(result_);
    }
    if (config_.cluster_enabled && config_.databases > 1) {
      base::log(base::LogLevel::kWarning,
                "WARNING: Changing databases number from %d to 1 since we are in cluster mode",
                config_.databases.get());
      config_.databases.set(1);
    }
    // Where no line says a locale the environment does, which need not have been made for this server.
    if (config_.locale_collate.get().empty() && config_.environment().set_collation("") != 0)
      base::log(base::LogLevel::kWarning, "There is no such locale as the environment says: texts are sorted by their bytes");
    check_effects();
    return std::move(result_);
  }

  /// At the end, because a later line may take a value back.
  void check_effects() {
    for (const ConfigRow* row : config_rows()) {
      const auto seen = seen_.find(row);
      if (seen == seen_.end()) continue;
      const std::string error = effect_error(*row, config_);
      if (error.empty()) continue;
      fail(&seen->second, error);
      return;
    }
  }

  void fail(const LinePosition* position, const std::string& reason) {
    std::string& text = result_.error;
    text = "\n*** FATAL CONFIG FILE ERROR (Redis 7.2.4) ***\n";
    if (position != nullptr) {
      text += "Reading the configuration file, at line " + std::to_string(position->number) + "\n";
      text += ">>> '" + position->text + "'\n";
    }
    text += reason + "\n";
    if (position != nullptr) text += "The line is in " + position->origin + "\n";
  }

  Config& config_;
  std::unique_ptr<exec::CommandTable> names_;  // with the renamings so far
  LoadResult result_;
  std::unordered_map<const ConfigRow*, LinePosition> seen_;  // where each directive was given last
};

LoadResult Config::load(const Startup& startup) {
  sentinel_ = startup.sentinel;
  if (!startup.file.empty()) file_ = absolute_path(startup.file, environment_->current_directory());
  return ConfigLoader(*this).load(startup);
}

LoadResult Config::load_text(std::string_view text, std::string_view origin) {
  return ConfigLoader(*this).load_text(text, origin);
}

}  // namespace gyre::server
