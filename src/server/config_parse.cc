// The grammar of configuration lines: words, quotes, escapes (Redis's sdssplitargs and sdscatrepr).
#include <cctype>
#include <cstdio>

#include "gyre/server/config_rows.h"

namespace gyre::server {
namespace {

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// A cursor over one line. A NUL byte ends the line, as it does for Redis.
class WordReader {
 public:
  explicit WordReader(std::string_view line) : line_(line.substr(0, line.find('\0'))) {}

  bool at_word() {
    while (at_ < line_.size() && is_space(line_[at_])) ++at_;
    return at_ < line_.size();
  }

  /// Appends the next word's bytes to `word`; false when its quotes are unbalanced. A quote may open in the
  /// middle of a word; where it closes the word ends, and must.
  bool read(std::string& word) {
    while (at_ < line_.size()) {
      const char c = line_[at_++];
      // Only these four end a bare word, although any white space may stand before one.
      if (c == ' ' || c == '\n' || c == '\r' || c == '\t') return true;
      if (c == '"') return read_quoted(word) && ends_here();
      if (c == '\'') return read_single_quoted(word) && ends_here();
      word.push_back(c);
    }
    return true;
  }

 private:
  bool ends_here() const { return at_ >= line_.size() || is_space(line_[at_]); }

  bool read_single_quoted(std::string& word) {
    while (at_ < line_.size()) {
      const char c = line_[at_++];
      if (c == '\'') return true;
      if (c == '\\' && at_ < line_.size() && line_[at_] == '\'') {
        word.push_back('\'');
        ++at_;
      } else {
        word.push_back(c);
      }
    }
    return false;
  }

  bool read_quoted(std::string& word) {
    while (at_ < line_.size()) {
      const char c = line_[at_++];
      if (c == '"') return true;
      if (c == '\\' && at_ < line_.size())
        word.push_back(read_escape());
      else
        word.push_back(c);
    }
    return false;
  }

  /// After a backslash that is not the last character.
  char read_escape() {
    const char c = line_[at_++];
    switch (c) {
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 't':
        return '\t';
      case 'b':
        return '\b';
      case 'a':
        return '\a';
      case 'x':
        if (at_ + 1 < line_.size() && hex_digit(line_[at_]) >= 0 && hex_digit(line_[at_ + 1]) >= 0) {
          const int byte = hex_digit(line_[at_]) * 16 + hex_digit(line_[at_ + 1]);
          at_ += 2;
          return static_cast<char>(byte);
        }
        return c;
      default:
        return c;
    }
  }

  std::string_view line_;
  size_t at_ = 0;
};

}  // namespace

std::optional<std::vector<std::string>> split_config_line(std::string_view line) {
  std::vector<std::string> words;
  WordReader reader(line);
  while (reader.at_word()) {
    if (!reader.read(words.emplace_back())) return std::nullopt;
  }
  return words;
}

std::string quote_config_word(std::string_view text) {
  std::string quoted = "\"";
  for (char c : text) {
    switch (c) {
      case '\\':
      case '"':
        quoted.push_back('\\');
        quoted.push_back(c);
        break;
      case '\n':
        quoted += "\\n";
        break;
      case '\r':
        quoted += "\\r";
        break;
      case '\t':
        quoted += "\\t";
        break;
      case '\a':
        quoted += "\\a";
        break;
      case '\b':
        quoted += "\\b";
        break;
      default:
        if (c >= 0x20 && c < 0x7f) {
          quoted.push_back(c);
        } else {
          char escape[5];
          std::snprintf(escape, sizeof(escape), "\\x%02x",
                        static_cast<unsigned>(static_cast<unsigned char>(c)));
          quoted += escape;
        }
    }
  }
  quoted.push_back('"');
  return quoted;
}

}  // namespace gyre::server
