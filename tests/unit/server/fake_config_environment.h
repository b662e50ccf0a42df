// A file system, a working directory and a standard input that exist only in memory.
#pragma once

#include <cerrno>
#include <map>
#include <string>
#include <vector>

#include "gyre/server/config_environment.h"

namespace gyre::server {

class FakeConfigEnvironment : public ConfigEnvironment {
 public:
  std::map<std::string, std::string> files;
  std::map<std::string, std::vector<std::string>> matches;
  std::string standard_input;
  std::string directory = "/data";
  std::string collation = "(none)";
  int replace_failure = 0;
  int cores = 6;

  int read_file(const std::string& path, std::string* content) override {
    const auto found = files.find(path);
    if (found == files.end()) return ENOENT;
    *content += found->second;
    return 0;
  }
  int read_stdin(std::string* content) override {
    *content += standard_input;
    return 0;
  }
  int replace_file(const std::string& path, const std::string& content) override {
    if (replace_failure != 0) return replace_failure;
    files[path] = content;
    return 0;
  }
  int change_directory(const std::string& path) override {
    if (path.empty() || path.starts_with("/nowhere")) return ENOENT;
    if (path.starts_with('/')) directory = path;
    return 0;
  }
  int check_log(const std::string& path) override { return path.starts_with("/nowhere") ? ENOENT : 0; }
  int set_collation(const std::string& locale) override {
    if (!locale.empty() && locale != "C") return EINVAL;
    collation = locale;
    return 0;
  }
  std::string current_directory() override { return directory; }
  std::vector<std::string> match_files(const std::string& pattern) override { return matches[pattern]; }
  int usable_cores() override { return cores; }
};

}  // namespace gyre::server
