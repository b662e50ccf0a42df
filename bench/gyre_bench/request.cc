#include "request.h"

#include <algorithm>
#include <cstring>

#include "gyre/base/numbers.h"

namespace gyre::bench {
namespace {

constexpr unsigned kRandIntDigits = 12;
/// "$" length CR LF before an argument and CR LF behind it, at most.
constexpr size_t kArgumentFrame = 1 + base::kInt64TextMax + 4;

std::string bulk_header(size_t length) { return "$" + std::to_string(length) + "\r\n"; }

char* write_bytes(char* out, std::string_view bytes) {
  std::memcpy(out, bytes.data(), bytes.size());
  return out + bytes.size();
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// One escape of a double-quoted word, *at behind the backslash.
char unescape(std::string_view line, size_t* at) {
  const char c = line[(*at)++];
  if (c == 'n') return '\n';
  if (c == 'r') return '\r';
  if (c == 't') return '\t';
  if (c == 'x' && *at + 1 < line.size() && hex_value(line[*at]) >= 0 && hex_value(line[*at + 1]) >= 0) {
    const int value = hex_value(line[*at]) * 16 + hex_value(line[*at + 1]);
    *at += 2;
    return static_cast<char>(value);
  }
  return c;
}

}  // namespace

bool split_words(std::string_view line, std::vector<std::string>* words) {
  size_t at = 0;
  while (true) {
    while (at < line.size() && line[at] == ' ') ++at;
    if (at == line.size()) return true;
    std::string word;
    char quote = 0;
    for (; at < line.size() && (quote != 0 || line[at] != ' ');) {
      const char c = line[at++];
      if (quote == 0 && (c == '"' || c == '\''))
        quote = c;
      else if (c == quote)
        quote = 0;
      else if (quote == '"' && c == '\\' && at < line.size())
        word += unescape(line, &at);
      else
        word += c;
    }
    if (quote != 0) return false;
    words->push_back(std::move(word));
  }
}

RequestTemplate::Argument RequestTemplate::split(std::string_view word) {
  static constexpr struct {
    std::string_view text;
    Field field;
  } kFields[] = {{"__key__", Field::kKey},
                 {"__data__", Field::kData},
                 {"__int__", Field::kInt},
                 {"__rand_int__", Field::kRandInt}};
  Argument argument;
  while (!word.empty()) {
    size_t first = std::string_view::npos, length = 0;
    Field field = Field::kText;
    for (const auto& candidate : kFields) {
      const size_t at = word.find(candidate.text);
      if (at >= first) continue;
      first = at;
      length = candidate.text.size();
      field = candidate.field;
    }
    if (first != 0) argument.push_back({Field::kText, std::string(word.substr(0, first))});
    if (first == std::string_view::npos) break;
    argument.push_back({field, {}});
    word.remove_prefix(first + length);
  }
  return argument;
}

bool RequestTemplate::parse(std::string_view text, std::string* error) {
  std::vector<std::string> words;
  if (!split_words(text, &words) || words.empty()) {
    *error = "'" + std::string(text) + "' is not a command line";
    return false;
  }
  name_ = words[0];
  for (const std::string& word : words) {
    arguments_.push_back(split(word));
    if (arguments_.back().size() > kMaxPieces) {
      *error = "'" + word + "' has too many fields";
      return false;
    }
  }
  return true;
}

void RequestTemplate::add_text(std::string_view text) {
  if (steps_.empty() || steps_.back().kind != Step::Kind::kText)
    steps_.push_back({Step::Kind::kText, Field::kText, {}, nullptr});
  steps_.back().text += text;
}

void RequestTemplate::prepare(const KeySpec& keys, const KeyFormat& format, const ValueSizes& sizes) {
  steps_.clear();
  largest_ = 0;
  add_text("*" + std::to_string(arguments_.size()) + "\r\n");
  const uint64_t last = keys.space - 1;
  for (const Argument& argument : arguments_) {
    bool fixed = true;
    size_t length = 0;
    for (const Piece& piece : argument) {
      switch (piece.field) {
        case Field::kText:
          length += piece.text.size();
          break;
        case Field::kKey:
          length += format.length(last);
          fixed = fixed && format.length(0) == format.length(last);
          break;
        case Field::kData:
          length += sizes.largest();
          fixed = fixed && sizes.fixed();
          break;
        case Field::kInt:
          length += decimal_digits(last);
          fixed = fixed && decimal_digits(last) == 1;
          break;
        case Field::kRandInt:
          length += std::max(kRandIntDigits, decimal_digits(last));
          fixed = fixed && decimal_digits(last) <= kRandIntDigits;
          break;
      }
    }
    largest_ += length + kArgumentFrame;
    if (!fixed) {
      steps_.push_back({Step::Kind::kArgument, Field::kText, {}, &argument});
      continue;
    }
    add_text(bulk_header(length));
    for (const Piece& piece : argument) {
      if (piece.field == Field::kText)
        add_text(piece.text);
      else
        steps_.push_back({Step::Kind::kField, piece.field, {}, nullptr});
    }
    add_text("\r\n");
  }
  largest_ += steps_[0].text.size();
}

RequestTemplate::Drawn RequestTemplate::draw(Field field, FieldSource& source) {
  switch (field) {
    case Field::kText:
      break;
    case Field::kData:
      return {0, source.sizes.draw(source.random)};
    case Field::kKey: {
      const uint64_t number = source.keys.next(source.random);
      return {number, source.format.length(number)};
    }
    case Field::kInt: {
      const uint64_t number = source.keys.next(source.random);
      return {number, decimal_digits(number)};
    }
    case Field::kRandInt: {
      const uint64_t number = source.random.below(source.space);
      return {number, std::max(kRandIntDigits, decimal_digits(number))};
    }
  }
  return {0, 0};
}

char* RequestTemplate::write_field(char* out, Field field, const Drawn& drawn, FieldSource& source) {
  switch (field) {
    case Field::kText:
      break;
    case Field::kKey:
      return source.format.write(out, drawn.number);
    case Field::kData:
      return write_bytes(out, {source.pool.slice(source.random), drawn.length});
    case Field::kInt:
      return write_decimal(out, drawn.number, 1);
    case Field::kRandInt:
      return write_decimal(out, drawn.number, kRandIntDigits);
  }
  return out;
}

char* RequestTemplate::write_argument(char* out, const Argument& argument, FieldSource& source) {
  Drawn drawn[kMaxPieces];
  size_t length = 0;
  for (size_t i = 0; i < argument.size(); ++i) {
    const Piece& piece = argument[i];
    drawn[i] = piece.field == Field::kText ? Drawn{0, piece.text.size()} : draw(piece.field, source);
    length += drawn[i].length;
  }
  *out++ = '$';
  out += base::format_uint64(length, out);
  out = write_bytes(out, "\r\n");
  for (size_t i = 0; i < argument.size(); ++i) {
    if (argument[i].field == Field::kText)
      out = write_bytes(out, argument[i].text);
    else
      out = write_field(out, argument[i].field, drawn[i], source);
  }
  return write_bytes(out, "\r\n");
}

char* RequestTemplate::write(char* out, FieldSource& source) const {
  for (const Step& step : steps_) {
    switch (step.kind) {
      case Step::Kind::kText:
        out = write_bytes(out, step.text);
        break;
      case Step::Kind::kField:
        out = write_field(out, step.field, draw(step.field, source), source);
        break;
      case Step::Kind::kArgument:
        out = write_argument(out, *step.argument, source);
        break;
    }
  }
  return out;
}

void RequestTemplate::append(base::OutBuffer& out, FieldSource& source) const {
  if (largest_ <= base::OutBuffer::kMaxReserve) {
    char* const begin = out.reserve(largest_);
    out.commit(static_cast<size_t>(write(begin, source) - begin));
    return;
  }
  if (source.scratch.size() < largest_) source.scratch.resize(largest_);
  char* const begin = source.scratch.data();
  out.append({begin, static_cast<size_t>(write(begin, source) - begin)});
}

}  // namespace gyre::bench
