// Writes replies in RESP2 or RESP3 into a base::OutBuffer. Where the two protocols differ the writer chooses,
// so that a command states what it means (a null, a map, a double) and never looks at the version.
//
// Cheap to construct: one per command or one per connection. Not thread-safe; the owning reactor's only.
//
// Errors are counted here, because every error passes here and no second pass over the reply should be
// needed: after a command compare error_count() with its value before; last_error_code() is then what
// errorstats counts ("ERR", "WRONGTYPE"; Redis's rule: the first word, if it ends within 31 bytes, else
// "ERR").
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

#include "gyre/base/blob.h"
#include "gyre/base/numbers.h"
#include "gyre/base/out_buffer.h"
#include "gyre/resp/detail/header_table.h"

namespace gyre::resp {

class ReplyWriter {
 public:
  /// `version` is 2 or 3. `out` must outlive the writer.
  explicit ReplyWriter(base::OutBuffer& out, int version = 2) : out_(&out), version_(version) {}
  ReplyWriter(const ReplyWriter&) = delete;
  ReplyWriter& operator=(const ReplyWriter&) = delete;

  int version() const { return version_; }
  void set_version(int version) { version_ = version; }
  base::OutBuffer& out() { return *out_; }

  // --- status and errors ---

  void ok() { literal("+OK\r\n"); }
  void pong() { literal("+PONG\r\n"); }
  void queued() { literal("+QUEUED\r\n"); }
  /// Requires that `text` holds no CR or LF.
  void simple(std::string_view text);
  /// `text` starts with the code: "ERR no such key". CR and LF at its end are dropped, others become spaces.
  void error(std::string_view text);
  /// printf-style. Any length.
  void errorf(const char* format, ...) __attribute__((format(printf, 2, 3)));

  uint32_t error_count() const { return error_count_; }
  /// Valid until the next error; "ERR" before the first.
  std::string_view last_error_code() const { return {error_code_, error_code_size_}; }

  // --- scalars ---

  void integer(int64_t value) {
    if (static_cast<uint64_t>(value) < detail::kHeaderTableSize) [[likely]]
      return header(':', static_cast<uint64_t>(value));
    integer_slow(value);
  }
  void bulk(std::string_view bytes) {
    if (bytes.size() <= kInlineBulk) [[likely]] {
      char* at = out_->reserve(bytes.size() + 32);
      char* p = detail::put_header(at, '$', bytes.size());
      p = detail::copy_short(p, bytes.data(), bytes.size());
      std::memcpy(p, "\r\n", 2);
      out_->commit(static_cast<size_t>(p + 2 - at));
      return;
    }
    bulk_slow(bytes);
  }
  /// Bytes [offset, offset + bytes) of `blob`, by reference from kRefThreshold up, else by copy.
  void bulk_ref(base::Blob blob, size_t offset, size_t bytes);
  static constexpr size_t kRefThreshold = 4096;
  /// A bulk that holds the decimal text of `value` (what GET answers for an integer).
  void bulk_int64(int64_t value);
  /// A bulk that holds `value` as double_() would print it.
  void bulk_double(double value);

  /// RESP2 "$-1", RESP3 "_".
  void null() { version_ == 2 ? literal("$-1\r\n") : literal("_\r\n"); }
  /// RESP2 "*-1", RESP3 "_".
  void null_array() { version_ == 2 ? literal("*-1\r\n") : literal("_\r\n"); }
  /// RESP3 double; RESP2 bulk.
  void double_(double value);
  /// RESP3 double in INCRBYFLOAT's notation; RESP2 bulk (addReplyHumanLongDouble).
  void human_long_double(long double value);
  /// RESP3 "#t" / "#f"; RESP2 integer 1 / 0.
  void boolean(bool value) {
    if (version_ == 2) return header(':', value ? 1 : 0);
    value ? literal("#t\r\n") : literal("#f\r\n");
  }
  /// RESP3 big number; RESP2 bulk. `digits` is decimal text.
  void big_number(std::string_view digits);
  /// RESP3 verbatim string, whose `format` is cut or padded with spaces to three bytes ("txt", "mkd"); RESP2
  /// bulk.
  void verbatim(std::string_view format, std::string_view text);

  // --- aggregates: the header only; `n` elements (map, attribute: pairs) follow ---

  void array(uint64_t n) { header('*', n); }
  void map(uint64_t n) { version_ == 2 ? header('*', n * 2) : header('%', n); }
  void set(uint64_t n) { header(version_ == 2 ? '*' : '~', n); }
  /// Out-of-band data (Pub/Sub, invalidations); an array in RESP2.
  void push(uint64_t n) { header(version_ == 2 ? '*' : '>', n); }
  /// Requires RESP3.
  void attribute(uint64_t n);

  /// Bytes that are complete RESP already.
  void raw(std::string_view resp) { out_->append(resp); }

 private:
  friend class DeferredAggregate;
  static constexpr size_t kInlineBulk = 512;
  static constexpr size_t kMaxErrorCode = 31;

  template <size_t N>
  void literal(const char (&text)[N]) {
    char* p = out_->reserve(16);
    static_assert(N - 1 <= 16);
    std::memcpy(p, text, N - 1);
    out_->commit(N - 1);
  }
  void header(char type, uint64_t n) {
    char* p = out_->reserve(32);
    out_->commit(static_cast<size_t>(detail::put_header(p, type, n) - p));
  }
  void integer_slow(int64_t value);
  void bulk_slow(std::string_view bytes);
  void scalar(char type, std::string_view text);
  void count_error(std::string_view text);

  base::OutBuffer* out_;
  int version_;
  uint32_t error_count_ = 0;
  uint32_t error_code_size_ = 3;
  char error_code_[32] = "ERR";
};

/// An aggregate whose length is known only after its elements were written (KEYS, SCAN-like filters, XREAD).
/// While it lives, the writer writes to a buffer of its own; finish() puts the header before it and hands all
/// to the buffer below. Destroyed without finish(), it drops what was written. May nest; must end in reverse
/// order of construction. An OutBuffer::Mark taken before it remains valid.
class DeferredAggregate {
 public:
  enum class Kind : uint8_t { kArray, kMap, kSet, kPush };
  explicit DeferredAggregate(ReplyWriter& writer, Kind kind = Kind::kArray);
  ~DeferredAggregate();
  DeferredAggregate(const DeferredAggregate&) = delete;
  DeferredAggregate& operator=(const DeferredAggregate&) = delete;

  /// `n` elements (kMap: pairs) have been written.
  void finish(uint64_t n);
  /// Drops what was written; the caller replies something else (an error, a null).
  void abandon();

 private:
  static constexpr size_t kCopyLimit = 4096;
  ReplyWriter& writer_;
  base::OutBuffer* below_;  // null once finished
  base::OutBuffer body_;
  Kind kind_;
};

}  // namespace gyre::resp
