#include <algorithm>
#include <cstring>
#include <optional>

#include "gyre/base/numbers.h"
#include "gyre/resp/reply_parser.h"

namespace gyre::resp {
namespace {

bool is_text_type(char type) { return type == '+' || type == '-' || type == '('; }
bool is_body_type(char type) { return type == '$' || type == '!' || type == '='; }
bool is_aggregate_type(char type) {
  return type == '*' || type == '%' || type == '~' || type == '>' || type == '|';
}

unsigned digit(char c) { return static_cast<unsigned char>(c) - unsigned{'0'}; }

bool valid_big_number(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return digit(c) <= 9; });
}

bool valid_double(std::string_view text) {
  return text == "nan" || text == "-nan" || base::parse_double(text).has_value();
}

// Longest line of a type: numbers are short, so that garbage is found out early.
size_t line_limit(char type, const ReplyLimits& limits) {
  constexpr size_t kLongestInteger = 32;
  constexpr size_t kLongestDouble = 8192;
  if (is_text_type(type)) return limits.max_line;
  return type == ',' ? std::min(kLongestDouble, limits.max_line) : kLongestInteger;
}

}  // namespace

void ReplySkipper::reset() {
  open_.clear();
  leading_attributes_ = 0;
  body_left_ = 0;
  scanned_ = 0;
  type_ = 0;
  in_body_ = false;
  null_ = false;
  error_ = {};
}

ReplySkipper::Step ReplySkipper::fail(std::string_view error) {
  error_ = error;
  return Step::kFail;
}

// The size of the element at the start of `input` if it is what clients see all day, and complete: "+OK", a
// short integer, a short bulk. 0 for anything else. Nothing but comparisons.
size_t ReplySkipper::short_element(std::string_view input) const {
  constexpr size_t kMaxDigits = 9;
  if (input.size() < 4) return 0;
  char type = input[0];
  if (type != '$' && type != ':') return input.starts_with("+OK\r\n") ? 5 : 0;
  uint64_t value = digit(input[1]);
  size_t at = 2;
  if (value > 9) return 0;
  while (at <= kMaxDigits && at < input.size() && digit(input[at]) <= 9)
    value = value * 10 + digit(input[at++]);
  if (at > 2 && input[1] == '0') return 0;
  if (input.size() - at < 2 || input[at] != '\r' || input[at + 1] != '\n') return 0;
  size_t end = at + 2;
  if (type == ':') return end;
  if (value > static_cast<uint64_t>(limits_.max_bulk) || input.size() - end < value + 2) return 0;
  end += value + 2;
  return input[end - 2] == '\r' && input[end - 1] == '\n' ? end : 0;
}

ReplySkipper::Step ReplySkipper::skip_next(std::string_view input, size_t* pos) {
  if (in_body_) return skip_body(input, pos);
  if (scanned_ == 0) {
    if (size_t size = short_element(input.substr(*pos)); size > 0) {
      if (at_top()) type_ = input[*pos];
      *pos += size;
      return Step::kElement;
    }
  }
  return skip_element(input, pos);
}

ReplySkipper::Result ReplySkipper::skip(std::string_view input) {
  Result result;
  if (!error_.empty()) {
    result.status = ReplyStatus::kError;
    result.error = error_;
    return result;
  }
  size_t pos = 0;
  while (true) {
    Step step = skip_next(input, &pos);
    result.consumed = pos;
    result.type = type_;
    switch (step) {
      case Step::kOpened:
        continue;
      case Step::kMore:
        return result;
      case Step::kFail:
        result.status = ReplyStatus::kError;
        result.error = error_;
        return result;
      case Step::kElement:
        if (!element_done()) continue;
        result.status = ReplyStatus::kComplete;
        result.is_null = null_;
        reset();
        return result;
    }
  }
}

// One element has ended, and with it perhaps aggregates. True when that was the whole reply.
bool ReplySkipper::element_done() {
  while (!open_.empty()) {
    if (--open_.back() > 0) return false;
    open_.pop_back();
  }
  return true;
}

// The line at *pos: a whole element, or the header of one. Consumed only when complete.
ReplySkipper::Step ReplySkipper::skip_element(std::string_view input, size_t* pos) {
  if (*pos == input.size()) return Step::kMore;
  const char* begin = input.data() + *pos;
  char type = *begin;
  size_t have = input.size() - *pos;
  size_t limit = line_limit(type, limits_);
  size_t window = std::min(have, limit + 1);
  if (scanned_ == 0) {
    if (std::string_view("+-:$*_,#!=(%~>|").find(type) == std::string_view::npos)
      return fail("unknown reply type");
    scanned_ = 1;
  }
  const char* cr = nullptr;
  if (scanned_ < window)
    cr = static_cast<const char*>(std::memchr(begin + scanned_, '\r', window - scanned_));
  if (cr == nullptr) {
    scanned_ = std::max(scanned_, window);
    return have > limit ? fail("line too long") : Step::kMore;
  }
  scanned_ = static_cast<size_t>(cr - begin);
  if (have < scanned_ + 2) return Step::kMore;
  if (cr[1] != '\n') return fail("CR without LF");
  return skip_line(input, pos);
}

// The complete line of scanned_ bytes at *pos.
ReplySkipper::Step ReplySkipper::skip_line(std::string_view input, size_t* pos) {
  std::string_view text = input.substr(*pos + 1, scanned_ - 1);
  char type = input[*pos];
  size_t behind = *pos + scanned_ + 2;
  if (type != '|' && at_top()) {
    type_ = type;
    null_ = type == '_' || ((type == '$' || type == '*') && text == "-1");
  }
  if (is_body_type(type) || is_aggregate_type(type)) {
    bool null = text == "-1" && (type == '$' || type == '*');
    std::optional<int64_t> count = base::parse_int64(text);
    if (!null) {
      if (!count || *count < 0) return fail("invalid length");
      if (is_body_type(type)) return begin_body(input, behind, type, *count, pos);
      Step step = open(type, *count);
      if (step == Step::kFail) return step;
      *pos = behind;
      scanned_ = 0;
      return step;
    }
  } else {
    bool valid = true;
    if (type == ':') valid = base::parse_int64(text).has_value();
    if (type == ',') valid = valid_double(text);
    if (type == '#') valid = text == "t" || text == "f";
    if (type == '_') valid = text.empty();
    if (type == '(') valid = valid_big_number(text);
    if (!valid) return fail("invalid value");
  }
  *pos = behind;
  scanned_ = 0;
  return Step::kElement;
}

ReplySkipper::Step ReplySkipper::open(char type, int64_t count) {
  if (count > limits_.max_elements) return fail("too many elements");
  bool attribute = type == '|';
  uint64_t elements = static_cast<uint64_t>(count) * (type == '%' || attribute ? 2 : 1) + (attribute ? 1 : 0);
  if (elements == 0) return Step::kElement;
  if (open_.size() >= std::min(limits_.max_depth, kMaxReplyDepth)) return fail("nested too deep");
  if (attribute && at_top()) leading_attributes_++;
  open_.push_back(elements);
  return Step::kOpened;
}

ReplySkipper::Step ReplySkipper::begin_body(std::string_view input, size_t body, char type, int64_t size,
                                            size_t* pos) {
  if (size > limits_.max_bulk) return fail("bulk too long");
  if (type == '=') {
    if (size < 4) return fail("verbatim string without format");
    if (input.size() - body < 4) return Step::kMore;
    if (input[body + 3] != ':') return fail("verbatim string without format");
  }
  *pos = body;
  scanned_ = 0;
  body_left_ = static_cast<uint64_t>(size);
  in_body_ = true;
  return Step::kOpened;
}

ReplySkipper::Step ReplySkipper::skip_body(std::string_view input, size_t* pos) {
  uint64_t take = std::min<uint64_t>(body_left_, input.size() - *pos);
  *pos += take;
  body_left_ -= take;
  if (body_left_ > 0 || input.size() - *pos < 2) return Step::kMore;
  if (input[*pos] != '\r' || input[*pos + 1] != '\n') return fail("bulk without CR LF");
  *pos += 2;
  in_body_ = false;
  return Step::kElement;
}

}  // namespace gyre::resp
