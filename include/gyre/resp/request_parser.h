// Parser for what clients send: RESP arrays of bulk strings, and inline commands (a line of words, as typed
// into telnet). Reads a command in one pass, without copying: the arguments are views into the input.
//
// Use, for each turn of a connection (`input` is what has been received and not yet dropped):
//
//     while (!input.empty()) {
//       ParseResult r = parser.parse(input, limits, args);
//       if (r.status == kCommand || r.status == kEmpty) { ...; input.remove_prefix(r.consumed); continue; }
//       break;   // kIncomplete, kLargeBulk, kError: below
//     }
//
//  kCommand     args[first_arg, first_arg + arg_count) is a command of `consumed` bytes; arg_count >= 1.
//  kEmpty       `consumed` bytes that are no command: a blank line, "*0", a negative count.
//  kIncomplete  The command continues beyond the input, by `missing` bytes at least. Keep the input; call
//               again with the same bytes, extended; they may have moved. What has been parsed is not parsed
//               again: a command with a million arguments in 16 KiB pieces takes linear time.
//  kLargeBulk   An argument of `bulk_size` bytes (at least limits.large_bulk) has begun and is not complete.
//               The input is then exactly: `consumed` bytes to keep, as above, then `bulk_have` bytes of the
//               body. Move those into a blob, cut the input to its first `consumed` bytes, receive the rest
//               of the body (bulk_size - bulk_have, > 0) behind them in the blob, call supply_bulk(blob),
//               then go on as after kIncomplete: CR LF and whatever follows are appended to the kept bytes.
//               The size is only announced: let the blob grow as bytes arrive.
//  kError       Protocol error: reply "-ERR " + error, log protocol_error_reason(error), close. `consumed`
//               is 0, and every further call returns the same until reset().
//
// Which rules of Redis 7.2 (networking.c, processInlineBuffer and processMultibulkBuffer) are mirrored:
//  - A first byte '*' makes it an array, anything else inline.
//  - Length lines end at the first CR; the byte after it is skipped unread, and so are the two bytes after a
//    body. Numbers are canonical (no plus, no leading zero). A line without CR is "too big ..." when more
//    than kMaxLineBytes have come.
//  - A NUL byte in an inline or length line hides the end of that line: the request waits for the "too big"
//    error.
//  - A count <= 0 is an empty request; above max_multibulk "invalid multibulk length".
//  - A bulk length below 0 or above max_bulk is "invalid bulk length". "expected '$', got 'x'" waits for the
//    whole line.
//  - Before authentication: more than 10 arguments, or a bulk of more than 16,384 bytes, are refused.
//  - Inline: LF ends the line, one CR before it is dropped; words as sdssplitargs.
// Where Redis's answer depends on how the bytes were cut into reads (a line somewhat longer than
// kMaxLineBytes), ours does not: the line's end must lie in its first kMaxLineBytes + 1 bytes.
//
// Blobs go to the arena with the command's arguments (ArgArena::blob_of), because a batch holds several
// commands. A link that must keep the raw bytes of the stream, as a replica's does, sets limits.large_bulk
// to kNoLargeBulk.
//
// Memory: a parser at the start of a command holds none, except small reused vectors. An incomplete command
// holds 16 bytes for each argument that has arrived, whatever count was announced.
//
// Thread: the connection's reactor only.
#pragma once

#include <climits>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "gyre/base/blob.h"
#include "gyre/resp/arg_arena.h"

namespace gyre::resp {

/// Longest inline line, and longest length line (PROTO_INLINE_MAX_SIZE).
constexpr size_t kMaxLineBytes = 64 * 1024;
/// Bulks from this size are received into blobs of their own, unless they are complete in the input.
constexpr int64_t kLargeBulkBytes = 64 * 1024;
constexpr int64_t kNoLargeBulk = INT64_MAX;
constexpr int64_t kUnauthenticatedArgs = 10;
constexpr int64_t kUnauthenticatedBulkBytes = 16384;

/// From configuration, and from whether the client has authenticated. May change between commands, not within
/// one. Since a command may change them (AUTH, HELLO), a client that is not authenticated is served command
/// by command, not in batches that are parsed ahead: in "AUTH ..." followed by a long MSET, the MSET is
/// parsed with the new limits.
struct RequestLimits {
  int64_t max_multibulk = INT_MAX;
  int64_t max_bulk = 512 * 1024 * 1024;  // proto-max-bulk-len; INT64_MAX for the link to a primary
  int64_t large_bulk = kLargeBulkBytes;  // at least 1; kNoLargeBulk: never return kLargeBulk
  bool authenticated = true;             // false while a password is required and has not been given
};

enum class ParseStatus : uint8_t { kCommand, kEmpty, kIncomplete, kLargeBulk, kError };

struct ParseResult {
  ParseStatus status = ParseStatus::kIncomplete;
  uint32_t first_arg = 0;
  uint32_t arg_count = 0;
  size_t consumed = 0;
  size_t missing = 0;    // kIncomplete: at least so many more bytes are needed
  size_t bulk_size = 0;  // kLargeBulk: announced length of the body
  size_t bulk_have = 0;  // kLargeBulk: bytes of it in the input, from `consumed` on
  std::string_view
      error;  // kError: text after "-ERR ", e.g. "Protocol error: invalid bulk length"; static storage
};

/// What Redis writes to its log for a protocol error, e.g. "invalid mbulk count". `error` is
/// ParseResult::error.
std::string_view protocol_error_reason(std::string_view error);

class RequestParser {
 public:
  RequestParser() = default;

  /// Parses the command at the start of `input` (see above). On kCommand its arguments have been added to
  /// `args`; otherwise `args` is as before.
  ParseResult parse(std::string_view input, const RequestLimits& limits, ArgArena& args);

  /// The body announced by kLargeBulk, without its CR LF. Requires that parse() last returned kLargeBulk,
  /// and body.size() == bulk_size.
  void supply_bulk(base::Blob body);

  /// True when the last result was kIncomplete or kLargeBulk: a command has begun.
  bool mid_command() const { return state_ != State::kStart; }
  /// Bytes held for the command that has begun, besides the input: blobs and bookkeeping.
  size_t pending_footprint() const;

  /// Forgets the command that has begun, and errors.
  void reset();

 private:
  // Every complete command leads back to kStart; kFailed is left by reset() only.
  //
  //   kStart ── '*' ──► kCount ── length line ──► kBulkLength ── length line ──► kBulkBody ──┐
  //     │                                          ▲    ▲                          │         │ body complete
  //     └── else ──► kInline            CR LF ─────┘    └──────────────────────────│─────────┘
  //                                      │                                         ▼ large and incomplete
  //                                  kBlobEnd ◄────────── supply_bulk() ────── kAwaitBlob
  enum class State : uint8_t {
    kStart,
    kInline,
    kCount,
    kBulkLength,
    kBulkBody,
    kAwaitBlob,
    kBlobEnd,
    kFailed
  };

  /// An argument of an incomplete command. Offsets instead of views, because the input may move.
  struct Span {
    uint64_t offset;  // into the input; index into blobs_ when kBlobBit is set
    uint64_t size;
  };
  static constexpr uint64_t kBlobBit = uint64_t{1} << 63;
  static constexpr size_t kKeepSpans = 1024;

  void save(std::string_view input, size_t pos, const Arg* parsed, uint32_t done, uint32_t count);
  ParseResult resume(std::string_view input, const RequestLimits& limits, ArgArena& args);
  // One element each. True: gone on to the next state. False: *result is what parse() returns.
  bool read_count(std::string_view input, const RequestLimits& limits, ParseResult* result);
  bool read_bulk_length(std::string_view input, const RequestLimits& limits, ParseResult* result);
  bool read_bulk_body(std::string_view input, const RequestLimits& limits, ParseResult* result);
  bool read_blob_end(std::string_view input, ParseResult* result);
  bool find_line(std::string_view input, char end_byte, std::string_view too_big, std::string_view* line,
                 ParseResult* result);
  ParseResult read_inline(std::string_view input, ArgArena& args);
  ParseResult finish(std::string_view input, ArgArena& args);
  ParseResult fail(std::string_view error);
  void end_of_argument();

  State state_ = State::kStart;
  bool hidden_end_ = false;  // a NUL byte in the current line
  uint32_t remaining_ = 0;   // arguments still to come
  uint64_t pos_ = 0;         // offset of the current element (line or body)
  uint64_t scanned_ = 0;     // bytes of the current line that hold no end of line
  uint64_t bulk_size_ = 0;   // of the current body
  std::string_view error_;   // kFailed
  std::vector<Span> spans_;
  std::vector<base::Blob> blobs_;
};

}  // namespace gyre::resp
