#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "gyre/base/check.h"
#include "gyre/base/numbers.h"
#include "gyre/resp/reply_parser.h"

namespace gyre::resp {
namespace {

// Builds trees from bytes that ReplySkipper has found to be well-formed replies (so depth is bounded too).
class Builder {
 public:
  explicit Builder(std::string_view bytes) : bytes_(bytes) {}

  Reply build() {
    Reply reply;
    while (bytes_[pos_] == '|') {
      uint64_t count = static_cast<uint64_t>(*base::parse_int64(line().substr(1))) * 2;
      append_elements(count, &reply.attributes);
    }
    std::string_view text = line();
    reply.type = text[0];
    text.remove_prefix(1);
    fill(text, &reply);
    return reply;
  }

 private:
  std::string_view line() {
    size_t end = bytes_.find('\r', pos_);
    GYRE_CHECK(end != std::string_view::npos);
    std::string_view text = bytes_.substr(pos_, end - pos_);
    pos_ = end + 2;
    return text;
  }

  void append_elements(uint64_t count, std::vector<Reply>* elements) {
    for (uint64_t i = 0; i < count; i++) elements->push_back(build());
  }

  void fill(std::string_view text, Reply* reply) {
    switch (reply->type) {
      case '_':
        reply->null = true;
        break;
      case ':':
        reply->integer = *base::parse_int64(text);
        break;
      case '#':
        reply->integer = text == "t" ? 1 : 0;
        break;
      case ',':
        reply->text = text;
        reply->number = text.ends_with("nan") ? std::nan("") : *base::parse_double(text);
        break;
      case '+':
      case '-':
      case '(':
        reply->text = text;
        break;
      default:
        fill_counted(*base::parse_int64(text), reply);
    }
  }

  void fill_counted(int64_t count, Reply* reply) {
    if (count < 0) {
      reply->null = true;
    } else if (reply->is_aggregate()) {
      append_elements(static_cast<uint64_t>(count) * (reply->type == '%' ? 2 : 1), &reply->elements);
    } else {
      std::string_view body = bytes_.substr(pos_, static_cast<size_t>(count));
      pos_ += body.size() + 2;
      if (reply->type == '=') {
        reply->format = body.substr(0, 3);
        body.remove_prefix(4);
      }
      reply->text = body;
    }
  }

  std::string_view bytes_;
  size_t pos_ = 0;
};

void print(const Reply& reply, std::string* out);

void print_list(const std::vector<Reply>& elements, char open, char close, bool pairs, std::string* out) {
  *out += open;
  for (size_t i = 0; i < elements.size(); i++) {
    if (i > 0) *out += pairs && i % 2 == 1 ? ": " : ", ";
    print(elements[i], out);
  }
  *out += close;
}

void print_quoted(std::string_view text, std::string* out) {
  constexpr char kHex[] = "0123456789abcdef";
  *out += '"';
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      *out += '\\';
      *out += c;
    } else if (byte >= 0x20 && byte < 0x7f) {
      *out += c;
    } else {
      *out += "\\x";
      *out += kHex[byte >> 4];
      *out += kHex[byte & 15];
    }
  }
  *out += '"';
}

void print(const Reply& reply, std::string* out) {
  if (!reply.attributes.empty()) {
    *out += '|';
    print_list(reply.attributes, '{', '}', true, out);
    *out += ' ';
  }
  if (reply.null) {
    *out += "(nil)";
    return;
  }
  switch (reply.type) {
    case '$':
      print_quoted(reply.text, out);
      break;
    case '!':
      *out += '!';
      print_quoted(reply.text, out);
      break;
    case '=':
      *out += '=' + reply.format + ':';
      print_quoted(reply.text, out);
      break;
    case ':':
      *out += ':' + base::to_string(reply.integer);
      break;
    case '#':
      *out += reply.integer ? "#t" : "#f";
      break;
    case '*':
      print_list(reply.elements, '[', ']', false, out);
      break;
    case '%':
      print_list(reply.elements, '{', '}', true, out);
      break;
    case '~':
    case '>':
      *out += reply.type;
      print_list(reply.elements, '[', ']', false, out);
      break;
    default:
      *out += reply.type;
      *out += reply.text;
  }
}

}  // namespace

ReplyStatus parse_reply(std::string_view input, Reply* reply, size_t* consumed, const ReplyLimits& limits,
                        std::string_view* error) {
  ReplySkipper skipper(limits);
  ReplySkipper::Result result = skipper.skip(input);
  if (result.status == ReplyStatus::kError && error != nullptr) *error = result.error;
  if (result.status == ReplyStatus::kComplete) {
    *reply = Builder(input.substr(0, result.consumed)).build();
    *consumed = result.consumed;
  }
  return result.status;
}

std::string to_string(const Reply& reply) {
  std::string out;
  print(reply, &out);
  return out;
}

ReplyStatus ReplyReader::next(Reply* reply) {
  ReplySkipper::Result result = skipper_.skip(std::string_view(buffer_).substr(skipped_));
  error_ = result.error;
  skipped_ += result.consumed;
  if (result.status != ReplyStatus::kComplete) return result.status;
  *reply = Builder(std::string_view(buffer_).substr(begin_, skipped_ - begin_)).build();
  begin_ = skipped_;
  // Drops old bytes once they are the larger part, so that each byte is moved at most about once.
  if (begin_ * 2 >= buffer_.size()) {
    buffer_.erase(0, begin_);
    begin_ = skipped_ = 0;
  }
  return ReplyStatus::kComplete;
}

}  // namespace gyre::resp
