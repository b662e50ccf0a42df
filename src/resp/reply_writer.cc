#include "gyre/resp/reply_writer.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <string>

#include "gyre/base/check.h"

namespace gyre::resp {
namespace {

constexpr bool is_line_end(char c) { return c == '\r' || c == '\n'; }

}  // namespace

void ReplyWriter::simple(std::string_view text) {
  out_->append("+");
  out_->append(text);
  out_->append("\r\n");
}

void ReplyWriter::error(std::string_view text) {
  while (!text.empty() && is_line_end(text.back())) text.remove_suffix(1);
  count_error(text);
  out_->append("-");
  while (true) {
    auto end = std::find_if(text.begin(), text.end(), is_line_end);
    out_->append({text.begin(), end});
    if (end == text.end()) break;
    out_->append(" ");
    text = {end + 1, text.end()};
  }
  out_->append("\r\n");
}

void ReplyWriter::errorf(const char* format, ...) {
  char brief[256];
  va_list list;
  va_start(list, format);
  va_list again;
  va_copy(again, list);
  int size = std::vsnprintf(brief, sizeof(brief), format, list);
  va_end(list);
  GYRE_CHECK(size >= 0);
  if (static_cast<size_t>(size) < sizeof(brief)) {
    error({brief, static_cast<size_t>(size)});
  } else {
    std::string text(static_cast<size_t>(size), '\0');
    std::vsnprintf(text.data(), text.size() + 1, format, again);
    error(text);
  }
  va_end(again);
}

// The word before the first space is the code. Redis looks for the space in 32 bytes, the '-' among them.
void ReplyWriter::count_error(std::string_view text) {
  error_count_++;
  size_t space = text.substr(0, kMaxErrorCode).find(' ');
  std::string_view code = space == std::string_view::npos ? "ERR" : text.substr(0, space);
  error_code_size_ = static_cast<uint32_t>(code.size());
  std::memcpy(error_code_, code.data(), code.size());
}

void ReplyWriter::integer_slow(int64_t value) {
  char* at = out_->reserve(32);
  char* p = at;
  *p++ = ':';
  p += base::format_int64(value, p);
  std::memcpy(p, "\r\n", 2);
  out_->commit(static_cast<size_t>(p + 2 - at));
}

void ReplyWriter::bulk_slow(std::string_view bytes) {
  header('$', bytes.size());
  out_->append(bytes);
  out_->append("\r\n");
}

void ReplyWriter::bulk_ref(base::Blob blob, size_t offset, size_t bytes) {
  GYRE_CHECK(offset <= blob.size() && bytes <= blob.size() - offset);
  if (bytes < kRefThreshold) return bulk(blob.view().substr(offset, bytes));
  header('$', bytes);
  out_->append_ref(std::move(blob), offset, bytes);
  out_->append("\r\n");
}

void ReplyWriter::bulk_int64(int64_t value) {
  char text[base::kInt64TextMax];
  bulk({text, base::format_int64(value, text)});
}

void ReplyWriter::bulk_double(double value) { bulk(base::format_double(value)); }

void ReplyWriter::scalar(char type, std::string_view text) {
  if (version_ == 2) return bulk(text);
  out_->append({&type, 1});
  out_->append(text);
  out_->append("\r\n");
}

void ReplyWriter::double_(double value) { scalar(',', base::format_double(value)); }

void ReplyWriter::human_long_double(long double value) { scalar(',', base::format_long_double(value)); }

void ReplyWriter::big_number(std::string_view digits) { scalar('(', digits); }

void ReplyWriter::verbatim(std::string_view format, std::string_view text) {
  if (version_ == 2) return bulk(text);
  char mark[4] = {' ', ' ', ' ', ':'};
  std::copy_n(format.begin(), std::min<size_t>(format.size(), 3), mark);
  header('=', text.size() + sizeof(mark));
  out_->append({mark, sizeof(mark)});
  out_->append(text);
  out_->append("\r\n");
}

void ReplyWriter::attribute(uint64_t n) {
  GYRE_CHECK(version_ >= 3);
  header('|', n);
}

DeferredAggregate::DeferredAggregate(ReplyWriter& writer, Kind kind)
    : writer_(writer), below_(writer.out_), kind_(kind) {
  writer_.out_ = &body_;
}

DeferredAggregate::~DeferredAggregate() {
  if (below_ != nullptr) abandon();
}

void DeferredAggregate::abandon() {
  GYRE_CHECK(below_ != nullptr && writer_.out_ == &body_);
  writer_.out_ = std::exchange(below_, nullptr);
  body_.clear();
}

void DeferredAggregate::finish(uint64_t n) {
  GYRE_CHECK(below_ != nullptr && writer_.out_ == &body_);
  writer_.out_ = std::exchange(below_, nullptr);
  switch (kind_) {
    case Kind::kArray:
      writer_.array(n);
      break;
    case Kind::kMap:
      writer_.map(n);
      break;
    case Kind::kSet:
      writer_.set(n);
      break;
    case Kind::kPush:
      writer_.push(n);
      break;
  }
  if (body_.size() > kCopyLimit || body_.referenced() > 0) return writer_.out_->splice(std::move(body_));
  // A short body is copied: a chain of nearly empty chunks would cost memory and a longer send.
  while (!body_.empty()) {
    base::OutBuffer::Piece* piece = body_.front();
    size_t size = piece->size;
    writer_.out_->append({piece->data, size});
    body_.consume(size);
  }
}

}  // namespace gyre::resp
