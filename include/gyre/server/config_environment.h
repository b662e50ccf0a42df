// What the configuration needs from the operating system, so that tests and fuzzers run without touching it.
// The default implementations are the real ones. Any thread; calls may wait for the disk.
#pragma once

#include <string>
#include <vector>

namespace gyre::server {

class ConfigEnvironment {
 public:
  virtual ~ConfigEnvironment() = default;

  /// All return 0 or an errno value.
  virtual int read_file(const std::string& path, std::string* content);
  virtual int read_stdin(std::string* content);
  /// Replaces `path` so that a reader, or a crash, sees the old or the new content and nothing between.
  virtual int replace_file(const std::string& path, const std::string& content);
  virtual int change_directory(const std::string& path);
  /// Whether a log can be appended to `path`; creates it.
  virtual int check_log(const std::string& path);
  virtual int set_collation(const std::string& locale);

  /// Empty when it cannot be told.
  virtual std::string current_directory();
  virtual std::vector<std::string> match_files(const std::string& pattern);
  /// Cores this process may run on, at least 1.
  virtual int usable_cores();
};

}  // namespace gyre::server
