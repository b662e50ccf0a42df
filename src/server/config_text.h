// Small pieces of text handling that several of the configuration's sources need.
#pragma once

#include <strings.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gyre::server {

inline bool same_word(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string to_lower(std::string_view text);
/// The parts between single spaces; adjacent spaces make empty parts, an empty text makes none.
std::vector<std::string> split_at_spaces(std::string_view text);
std::string_view trim_config_line(std::string_view line);
/// Bytes with the largest unit that divides them: "1gb", "64mb", "100".
std::string format_memory(uint64_t bytes);
/// C's strtoll with nothing left over, for values where Redis is that lenient (spaces in front, a plus sign,
/// and an empty text for 0). Out of range values are refused.
bool parse_lenient(const std::string& text, int64_t* value, int base = 10);
/// `path` seen from `directory`, with leading "../" resolved by text.
std::string absolute_path(std::string_view path, std::string_view directory);

}  // namespace gyre::server
