// The complete half of RequestParser: the state machine that goes on with a command from wherever it stopped,
// and knows every error.
#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "gyre/base/check.h"
#include "gyre/base/numbers.h"
#include "gyre/resp/request_parser.h"
#include "inline_words.h"
#include "protocol_errors.h"

namespace gyre::resp {

ParseResult RequestParser::resume(std::string_view input, const RequestLimits& limits, ArgArena& args) {
  ParseResult result;
  // The caller must still have what it was told to keep.
  GYRE_CHECK(input.size() >= pos_);
  while (true) {
    bool advanced = false;
    switch (state_) {
      case State::kStart:
        if (input.empty()) {
          result.missing = 1;
          return result;
        }
        state_ = input[0] == '*' ? State::kCount : State::kInline;
        advanced = true;
        break;
      case State::kInline:
        return read_inline(input, args);
      case State::kCount:
        advanced = read_count(input, limits, &result);
        break;
      case State::kBulkLength:
        advanced = read_bulk_length(input, limits, &result);
        break;
      case State::kBulkBody:
        advanced = read_bulk_body(input, limits, &result);
        break;
      case State::kBlobEnd:
        advanced = read_blob_end(input, &result);
        break;
      case State::kAwaitBlob:
        GYRE_CHECK(state_ != State::kAwaitBlob);
        break;
      case State::kFailed:
        return fail(error_);
    }
    if (!advanced) return result;
    if (state_ == State::kBulkLength && remaining_ == 0) return finish(input, args);
  }
}

// Finds the line at pos_, which ends at `end_byte`: CR, behind which one more byte must have arrived, or LF.
// The line is what comes before. A NUL before the end hides it (Redis searches with strchr): the line then
// never ends.
bool RequestParser::find_line(std::string_view input, char end_byte, std::string_view too_big,
                              std::string_view* line, ParseResult* result) {
  const char* begin = input.data() + pos_;
  size_t have = input.size() - pos_;
  size_t window = std::min(have, kMaxLineBytes + 1);
  size_t behind = end_byte == '\r' ? 1 : 0;
  result->missing = 1 + behind;
  if (!hidden_end_ && scanned_ < window) {
    auto* found = static_cast<const char*>(std::memchr(begin + scanned_, end_byte, window - scanned_));
    size_t clear = (found != nullptr ? static_cast<size_t>(found - begin) : window) - scanned_;
    hidden_end_ = std::memchr(begin + scanned_, '\0', clear) != nullptr;
    scanned_ += clear;
    if (found != nullptr && !hidden_end_) {
      if (have > scanned_ + behind) {
        *line = {begin, static_cast<size_t>(scanned_)};
        return true;
      }
      result->missing = 1;
      return false;
    }
  }
  if (have > kMaxLineBytes) *result = fail(too_big);
  return false;
}

bool RequestParser::read_count(std::string_view input, const RequestLimits& limits, ParseResult* result) {
  std::string_view line;
  if (!find_line(input, '\r', kBigMultibulkLine, &line, result)) return false;
  std::optional<int64_t> count = base::parse_int64(line.substr(1));
  if (!count || *count > limits.max_multibulk || *count > INT_MAX) {
    *result = fail(kBadMultibulk);
    return false;
  }
  if (*count > kUnauthenticatedArgs && !limits.authenticated) {
    *result = fail(kUnauthenticatedMultibulk);
    return false;
  }
  size_t consumed = line.size() + 2;
  if (*count <= 0) {
    reset();
    *result = {};
    result->status = ParseStatus::kEmpty;
    result->consumed = consumed;
    return false;
  }
  pos_ = consumed;
  scanned_ = 0;
  remaining_ = static_cast<uint32_t>(*count);
  state_ = State::kBulkLength;
  return true;
}

bool RequestParser::read_bulk_length(std::string_view input, const RequestLimits& limits,
                                     ParseResult* result) {
  std::string_view line;
  if (!find_line(input, '\r', kBigBulkLine, &line, result)) return false;
  if (input[pos_] != '$') {
    *result = fail(expected_bulk_error(input[pos_]));
    return false;
  }
  std::optional<int64_t> size = base::parse_int64(line.substr(1));
  if (!size || *size < 0 || *size > limits.max_bulk) {
    *result = fail(kBadBulk);
    return false;
  }
  if (*size > kUnauthenticatedBulkBytes && !limits.authenticated) {
    *result = fail(kUnauthenticatedBulk);
    return false;
  }
  pos_ += line.size() + 2;
  scanned_ = 0;
  bulk_size_ = static_cast<uint64_t>(*size);
  state_ = State::kBulkBody;
  return true;
}

bool RequestParser::read_bulk_body(std::string_view input, const RequestLimits& limits, ParseResult* result) {
  uint64_t have = input.size() - pos_;
  if (have >= bulk_size_ + 2) {
    spans_.push_back({pos_, bulk_size_});
    pos_ += bulk_size_ + 2;
    end_of_argument();
    return true;
  }
  bool large = limits.large_bulk != kNoLargeBulk && bulk_size_ >= static_cast<uint64_t>(limits.large_bulk);
  if (large && have < bulk_size_) {
    state_ = State::kAwaitBlob;
    result->status = ParseStatus::kLargeBulk;
    result->missing = 0;
    result->consumed = pos_;
    result->bulk_size = bulk_size_;
    result->bulk_have = have;
    return false;
  }
  result->missing = bulk_size_ + 2 - have;
  return false;
}

void RequestParser::supply_bulk(base::Blob body) {
  GYRE_CHECK(state_ == State::kAwaitBlob && body.size() == bulk_size_);
  spans_.push_back({kBlobBit | blobs_.size(), bulk_size_});
  blobs_.push_back(std::move(body));
  state_ = State::kBlobEnd;
}

bool RequestParser::read_blob_end(std::string_view input, ParseResult* result) {
  size_t have = input.size() - pos_;
  if (have < 2) {
    result->missing = 2 - have;
    return false;
  }
  pos_ += 2;
  end_of_argument();
  return true;
}

void RequestParser::end_of_argument() {
  remaining_--;
  state_ = State::kBulkLength;
}

ParseResult RequestParser::finish(std::string_view input, ArgArena& args) {
  ParseResult result;
  result.status = ParseStatus::kCommand;
  result.first_arg = args.size();
  result.arg_count = static_cast<uint32_t>(spans_.size());
  result.consumed = pos_;
  for (const Span& span : spans_) {
    if (span.offset & kBlobBit) {
      args.push_blob(std::move(blobs_[span.offset & ~kBlobBit]));
    } else {
      args.push(input.substr(span.offset, span.size));
    }
  }
  reset();
  return result;
}

ParseResult RequestParser::read_inline(std::string_view input, ArgArena& args) {
  ParseResult result;
  std::string_view line;
  if (!find_line(input, '\n', kBigInline, &line, &result)) return result;
  result = {};
  result.consumed = line.size() + 1;
  if (line.ends_with('\r')) line.remove_suffix(1);
  result.first_arg = args.size();
  if (!split_inline_words(line, args)) return fail(kUnbalancedQuotes);
  result.arg_count = args.size() - result.first_arg;
  result.status = result.arg_count > 0 ? ParseStatus::kCommand : ParseStatus::kEmpty;
  reset();
  return result;
}

ParseResult RequestParser::fail(std::string_view error) {
  reset();
  state_ = State::kFailed;
  error_ = error;
  ParseResult result;
  result.status = ParseStatus::kError;
  result.error = error;
  return result;
}

size_t RequestParser::pending_footprint() const {
  size_t bytes = spans_.capacity() * sizeof(Span) + blobs_.capacity() * sizeof(base::Blob);
  for (const base::Blob& blob : blobs_) bytes += blob.footprint();
  return bytes;
}

void RequestParser::reset() {
  state_ = State::kStart;
  hidden_end_ = false;
  remaining_ = 0;
  pos_ = 0;
  scanned_ = 0;
  bulk_size_ = 0;
  blobs_.clear();
  if (spans_.capacity() > kKeepSpans) {
    std::vector<Span>().swap(spans_);
  } else {
    spans_.clear();
  }
}

}  // namespace gyre::resp
