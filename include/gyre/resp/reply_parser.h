// Parser for what servers answer, RESP2 and RESP3: for clients (gyre-bench, links to a primary) that mostly
// count replies, and for tests and tools that want them as a tree. Pure; bounded in depth, in sizes and in
// memory.
//
// Accepted types: + - : $ * (RESP2) and _ , # ! = ( % ~ > | (RESP3). Streamed aggregates ("*?"), which no
// server of ours sends, are errors, and so is everything that is not well-formed: unlike requests, replies
// are checked to the last LF.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gyre::resp {

struct ReplyLimits {
  int64_t max_bulk = int64_t{1} << 40;      // $ ! =
  int64_t max_elements = int64_t{1} << 32;  // * ~ >, and pairs of % |
  uint32_t max_depth = 64;                  // aggregates within aggregates; at most kMaxReplyDepth
  size_t max_line = 1024 * 1024;            // status, error, big number
};
constexpr uint32_t kMaxReplyDepth = 1024;

enum class ReplyStatus : uint8_t { kComplete, kIncomplete, kError };

/// Skips over replies in a stream of bytes.
///
/// Each call takes the bytes that follow those consumed so far. kComplete: the reply ends after `consumed`
/// bytes of this input. kIncomplete: `consumed` bytes are done with and may be dropped; call again with the
/// rest, extended. (So a reply of a gigabyte needs no memory. A caller that wants the bytes keeps them itself
/// and adds up the `consumed`.) kError: the stream cannot be followed any more; every further call returns
/// the same until reset(). An attribute belongs to the reply that follows it; `type` is that reply's.
class ReplySkipper {
 public:
  struct Result {
    ReplyStatus status = ReplyStatus::kIncomplete;
    char type = 0;         // first byte of the top-level reply ('-', '>', ...), 0 while not known
    bool is_null = false;  // kComplete: "$-1", "*-1" or "_"
    size_t consumed = 0;
    std::string_view error;  // kError: static text
  };

  explicit ReplySkipper(const ReplyLimits& limits = {}) : limits_(limits) {}
  Result skip(std::string_view input);
  void reset();

 private:
  enum class Step : uint8_t { kElement, kOpened, kMore, kFail };
  size_t short_element(std::string_view input) const;
  Step skip_next(std::string_view input, size_t* pos);
  Step skip_element(std::string_view input, size_t* pos);
  Step skip_line(std::string_view input, size_t* pos);
  Step begin_body(std::string_view input, size_t body, char type, int64_t size, size_t* pos);
  Step skip_body(std::string_view input, size_t* pos);
  Step open(char type, int64_t count);
  bool at_top() const { return open_.size() == leading_attributes_ && (open_.empty() || open_.back() == 1); }
  bool element_done();
  Step fail(std::string_view error);

  ReplyLimits limits_;
  // Elements still to come, per open aggregate. An attribute is a frame whose last element is the reply that
  // it belongs to, so that it counts as one element of what is around it.
  std::vector<uint64_t> open_;
  size_t leading_attributes_ = 0;  // frames from the bottom that are attributes of the top-level reply
  uint64_t body_left_ = 0;         // bytes of the current body still to come, without CR LF
  size_t scanned_ = 0;             // bytes of the current line that hold no CR
  char type_ = 0;
  bool in_body_ = false;
  bool null_ = false;
  std::string_view error_;
};

/// A reply as a tree.
struct Reply {
  char type = 0;                  // the byte on the wire: + - : $ * _ , # ! = ( % ~ >
  bool null = false;              // _ , and RESP2's $-1 and *-1
  int64_t integer = 0;            // ':', and '#' as 0 or 1
  double number = 0;              // ','
  std::string text;               // + - $ ! ( and ',' as on the wire; '=' without its format
  std::string format;             // '=': three bytes
  std::vector<Reply> elements;    // * ~ >; '%': key, value, key, value
  std::vector<Reply> attributes;  // key, value, ... of attributes before this reply

  bool is_error() const { return type == '-' || type == '!'; }
  bool is_aggregate() const { return type == '*' || type == '~' || type == '>' || type == '%'; }
  bool operator==(const Reply&) const = default;
};

/// Builds the tree of the reply at the start of `input`. kComplete sets `reply` and `consumed`; kIncomplete
/// and kError set nothing but `error`.
ReplyStatus parse_reply(std::string_view input, Reply* reply, size_t* consumed,
                        const ReplyLimits& limits = {}, std::string_view* error = nullptr);

/// One line of text for people and for test expectations: +OK, :1, "bulk", (nil), [a, b], {k: v}, ~[..],
/// >[..].
std::string to_string(const Reply& reply);

/// Gathers bytes as they arrive and hands out whole replies, in linear time however they were cut.
class ReplyReader {
 public:
  explicit ReplyReader(const ReplyLimits& limits = {}) : skipper_(limits) {}
  void feed(std::string_view bytes) { buffer_.append(bytes); }
  /// kComplete sets `reply`.
  ReplyStatus next(Reply* reply);
  std::string_view error() const { return error_; }
  /// Bytes fed that are not part of a reply handed out.
  size_t buffered() const { return buffer_.size() - begin_; }

 private:
  ReplySkipper skipper_;
  std::string buffer_;
  size_t begin_ = 0;    // start of the current reply
  size_t skipped_ = 0;  // offset the skipper has reached
  std::string_view error_;
};

}  // namespace gyre::resp
