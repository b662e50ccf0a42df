// The fast half of RequestParser. There are two parsers of the same language: parse() handles what clients
// really send (a whole array, counts below 100, lengths below 10^9, all in canonical form) with nothing in
// memory but the arguments. At the first thing it does not know, or when the input ends, it notes where it is
// (save) and leaves the rest, errors included, to resume() in request_resume.cc, the complete state machine.
// So only that one has to know Redis's corners.
#include "gyre/resp/request_parser.h"

#include <algorithm>

namespace gyre::resp {
namespace {

constexpr ptrdiff_t kShortestArg = 6;  // "$0\r\n\r\n"
constexpr int64_t kShortLength = 999;  // longest length that the unrolled code reads

unsigned digit(char c) { return static_cast<unsigned char>(c) - unsigned{'0'}; }

// The length line at p ("$" + four to nine digits + CR LF), which the unrolled code did not take. Returns
// where the body starts, or null for anything that is not plainly valid.
[[gnu::noinline]] const char* long_length(const char* p, const char* end, const RequestLimits& limits,
                                          size_t* length) {
  constexpr ptrdiff_t kMaxDigits = 9;
  const char* stop = p + std::min<ptrdiff_t>(end - p, 1 + kMaxDigits + 2);
  if (digit(p[1]) == 0) return nullptr;
  int64_t value = 0;
  for (p++; p < stop && digit(*p) <= 9; p++) value = value * 10 + digit(*p);
  if (stop - p < 2 || *p != '\r') return nullptr;
  if (value > limits.max_bulk || (!limits.authenticated && value > kUnauthenticatedBulkBytes)) return nullptr;
  *length = static_cast<size_t>(value);
  return p + 2;
}

// The length line at p, of at least kShortestArg readable bytes: where the body starts, or null.
inline const char* read_length(const char* p, const char* end, const RequestLimits& limits, size_t* length) {
  if (*p != '$') [[unlikely]]
    return nullptr;
  unsigned first = digit(p[1]);
  if (first > 9) [[unlikely]]
    return nullptr;
  if (p[2] == '\r') {
    *length = first;
    return p + 4;
  }
  unsigned second = digit(p[2]);
  if (second > 9 || first == 0) [[unlikely]]
    return nullptr;
  if (p[3] == '\r') {
    *length = first * 10 + second;
    return p + 5;
  }
  unsigned third = digit(p[3]);
  if (third <= 9 && p[4] == '\r') {
    *length = first * 100 + second * 10 + third;
    return p + 6;
  }
  return long_length(p, end, limits, length);
}

}  // namespace

ParseResult RequestParser::parse(std::string_view input, const RequestLimits& limits, ArgArena& args) {
  const char* const begin = input.data();
  const char* const end = begin + input.size();
  if (state_ != State::kStart || input.size() < 4 || *begin != '*' || limits.max_bulk < kShortLength)
      [[unlikely]] {
    return resume(input, limits, args);
  }
  const char* p = begin;
  uint32_t count = digit(p[1]);
  if (p[2] == '\r') [[likely]] {
    p += 4;
  } else {
    count = count * 10 + digit(p[2]);
    if (digit(p[2]) > 9 || p[3] != '\r' || input.size() < 5) [[unlikely]]
      return resume(input, limits, args);
    p += 5;
  }
  if (digit(begin[1]) - 1 > 8 || count > limits.max_multibulk) [[unlikely]]
    return resume(input, limits, args);
  if (count > kUnauthenticatedArgs && !limits.authenticated) [[unlikely]]
    return resume(input, limits, args);

  Arg* out = args.reserve(count);
  for (uint32_t i = 0; i < count; i++) {
    size_t length = 0;
    const char* body = nullptr;
    if (end - p >= kShortestArg) [[likely]]
      body = read_length(p, end, limits, &length);
    if (body == nullptr || static_cast<size_t>(end - body) < length + 2) [[unlikely]] {
      save(input, static_cast<size_t>(p - begin), out, i, count);
      return resume(input, limits, args);
    }
    out[i] = Arg(body, length);
    p = body + length + 2;
  }
  ParseResult result;
  result.status = ParseStatus::kCommand;
  result.first_arg = args.size();
  result.arg_count = count;
  result.consumed = static_cast<size_t>(p - begin);
  args.commit(count);
  return result;
}

// Notes that `done` of `count` arguments have been parsed, and that the next begins at `pos`.
void RequestParser::save(std::string_view input, size_t pos, const Arg* parsed, uint32_t done,
                         uint32_t count) {
  for (uint32_t i = 0; i < done; i++) {
    spans_.push_back({static_cast<uint64_t>(parsed[i].data() - input.data()), parsed[i].size()});
  }
  state_ = State::kBulkLength;
  pos_ = pos;
  remaining_ = count - done;
}

}  // namespace gyre::resp
