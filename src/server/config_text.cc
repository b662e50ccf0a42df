#include "config_text.h"

#include <cerrno>
#include <cstdlib>

namespace gyre::server {

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::vector<std::string> split_at_spaces(std::string_view text) {
  std::vector<std::string> parts;
  if (text.empty()) return parts;
  for (size_t at = 0;;) {
    const size_t space = text.find(' ', at);
    parts.emplace_back(text.substr(at, space - at));
    if (space == std::string_view::npos) return parts;
    at = space + 1;
  }
}

std::string_view trim_config_line(std::string_view line) {
  constexpr std::string_view kBlank = " \t\r\n";
  const size_t first = line.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return line.substr(first, line.find_last_not_of(kBlank) - first + 1);
}

std::string format_memory(uint64_t bytes) {
  constexpr uint64_t kKb = 1024;
  if (bytes != 0) {
    if (bytes % (kKb * kKb * kKb) == 0) return std::to_string(bytes / (kKb * kKb * kKb)) + "gb";
    if (bytes % (kKb * kKb) == 0) return std::to_string(bytes / (kKb * kKb)) + "mb";
    if (bytes % kKb == 0) return std::to_string(bytes / kKb) + "kb";
  }
  return std::to_string(bytes);
}

bool parse_lenient(const std::string& text, int64_t* value, int base) {
  char* end = nullptr;
  errno = 0;
  *value = std::strtoll(text.c_str(), &end, base);
  return errno == 0 && end == text.c_str() + text.size();
}

std::string absolute_path(std::string_view path, std::string_view directory) {
  path = trim_config_line(path);
  if (path.starts_with('/')) return std::string(path);
  std::string joined(directory);
  if (!joined.ends_with('/')) joined.push_back('/');
  while (path.starts_with("../")) {
    path.remove_prefix(3);
    if (joined.size() > 1) joined.resize(joined.rfind('/', joined.size() - 2) + 1);
  }
  joined += path;
  return joined;
}

}  // namespace gyre::server
