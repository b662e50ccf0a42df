#include "inline_words.h"

#include <cstring>
#include <optional>

namespace gyre::resp {
namespace {

// isspace() of the C locale; it separates words.
bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
// What ends a word outside quotes is less: vertical tab and form feed belong to the word they follow.
bool ends_word(char c) { return c == ' ' || c == '\t' || c == '\r'; }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

char unescape(char c) {
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
    default:
      return c;
  }
}

class Splitter {
 public:
  Splitter(std::string_view line, ArgArena& args) : line_(line), args_(args) {}

  bool run() {
    while (true) {
      while (pos_ < line_.size() && is_blank(line_[pos_])) pos_++;
      if (pos_ == line_.size()) return true;
      size_t begin = pos_;
      while (pos_ < line_.size() && !ends_word(line_[pos_]) && line_[pos_] != '"' && line_[pos_] != '\'')
        pos_++;
      std::string_view plain = line_.substr(begin, pos_ - begin);
      if (pos_ == line_.size() || ends_word(line_[pos_])) {
        args_.push(plain);
      } else if (!quoted_word(plain)) {
        return false;
      }
    }
  }

 private:
  // A word that opens a quote at pos_, behind `plain`.
  bool quoted_word(std::string_view plain) {
    // What quotes turn into is never longer than the line, so one piece of storage serves all words.
    if (side_ == nullptr) side_ = args_.store(line_.size());
    char* begin = side_;
    std::memcpy(side_, plain.data(), plain.size());
    side_ += plain.size();
    bool closed = line_[pos_++] == '"' ? double_quoted() : single_quoted();
    if (!closed || (pos_ < line_.size() && !is_blank(line_[pos_]))) return false;
    args_.push({begin, static_cast<size_t>(side_ - begin)});
    return true;
  }

  bool double_quoted() {
    while (pos_ < line_.size()) {
      char c = line_[pos_++];
      if (c == '"') return true;
      if (c == '\\' && pos_ < line_.size()) {
        if (std::optional<char> byte = hex_escape()) {
          c = *byte;
          pos_ += 3;
        } else {
          c = unescape(line_[pos_++]);
        }
      }
      *side_++ = c;
    }
    return false;
  }

  // At pos_, behind a backslash: "xHH".
  std::optional<char> hex_escape() const {
    if (line_.size() - pos_ < 3 || line_[pos_] != 'x') return std::nullopt;
    int high = hex_digit(line_[pos_ + 1]);
    int low = hex_digit(line_[pos_ + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    return static_cast<char>(high * 16 + low);
  }

  bool single_quoted() {
    while (pos_ < line_.size()) {
      char c = line_[pos_++];
      if (c == '\'') return true;
      if (c == '\\' && pos_ < line_.size() && line_[pos_] == '\'') c = line_[pos_++];
      *side_++ = c;
    }
    return false;
  }

  std::string_view line_;
  ArgArena& args_;
  size_t pos_ = 0;
  char* side_ = nullptr;  // next free byte of the side storage
};

}  // namespace

bool split_inline_words(std::string_view line, ArgArena& args) {
  uint32_t before = args.size();
  if (Splitter(line, args).run()) return true;
  args.truncate(before);
  return false;
}

}  // namespace gyre::resp
