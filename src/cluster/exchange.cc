#include "gyre/cluster/exchange.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>

#include "gyre/base/numbers.h"

namespace gyre::cluster {

namespace {

/// Arguments from this size up are not copied.
constexpr size_t kReferFrom = 16 * 1024;
constexpr size_t kMostPieces = 16;

void append_header(std::string& text, char kind, size_t number) {
  char digits[base::kInt64TextMax];
  text += kind;
  text.append(digits, base::format_uint64(number, digits));
  text += "\r\n";
}

bool nothing_now() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

std::string& Pipeline::text() {
  if (pieces_.empty() || pieces_.back().blob) pieces_.emplace_back();
  return pieces_.back().text;
}

void Pipeline::begin(size_t args) { append_header(text(), '*', args); }

void Pipeline::argument(std::string_view bytes) {
  std::string& out = text();
  append_header(out, '$', bytes.size());
  out += bytes;
  out += "\r\n";
}

void Pipeline::argument(base::Blob bytes) {
  if (bytes.size() < kReferFrom) return argument(bytes.view());
  append_header(text(), '$', bytes.size());
  pieces_.back().blob = std::move(bytes);
  text() += "\r\n";
}

std::vector<std::string_view> Pipeline::pieces() const {
  std::vector<std::string_view> pieces;
  for (const Piece& piece : pieces_) {
    if (!piece.text.empty()) pieces.push_back(piece.text);
    if (piece.blob) pieces.push_back(piece.blob.view());
  }
  return pieces;
}

Exchange::Exchange(int fd, std::vector<std::string_view> pieces, size_t lines)
    : fd_(fd), pieces_(std::move(pieces)), wanted_(lines) {}

short Exchange::events() const { return static_cast<short>(POLLIN | (sending() ? POLLOUT : 0)); }

Exchange::State Exchange::fail(int error) {
  error_ = error;
  return state_ = State::kFailed;
}

Exchange::State Exchange::step() {
  for (size_t sent = 0; state_ == State::kMore && sending() && sent < kStepBytes;
       sent += kStepBytes / kMostPieces)
    if (!send()) break;
  for (size_t received = 0; state_ == State::kMore && received < kStepBytes;
       received += kStepBytes / kMostPieces)
    if (!receive()) break;
  return state_;
}

/// False when no more goes out now.
bool Exchange::send() {
  iovec parts[kMostPieces];
  size_t count = 0;
  for (size_t i = piece_; i < pieces_.size() && count < kMostPieces; ++i) {
    const std::string_view rest = pieces_[i].substr(i == piece_ ? offset_ : 0);
    parts[count++] = {const_cast<char*>(rest.data()), std::min(rest.size(), kStepBytes)};
    if (rest.size() > kStepBytes) break;
  }
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = count;
  const ssize_t sent = ::sendmsg(fd_, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0) {
    if (!nothing_now()) fail(errno);
    return false;
  }
  offset_ += static_cast<size_t>(sent);
  while (sending() && offset_ >= pieces_[piece_].size()) offset_ -= pieces_[piece_++].size();
  return true;
}

bool Exchange::receive() {
  char buffer[kStepBytes / kMostPieces];
  const ssize_t size = ::recv(fd_, buffer, sizeof buffer, MSG_DONTWAIT);
  if (size > 0) {
    take({buffer, static_cast<size_t>(size)});
    return true;
  }
  if (size == 0) {
    fail(0);
  } else if (!nothing_now()) {
    fail(errno);
  }
  return false;
}

void Exchange::take(std::string_view bytes) {
  while (!bytes.empty() && lines_.size() < wanted_) {
    const size_t end = bytes.find('\n');
    const std::string_view part = bytes.substr(0, end);
    line_ += part.substr(0, kLineMax - std::min(line_.size(), kLineMax));
    if (end == bytes.npos) return;
    if (line_.ends_with('\r')) line_.pop_back();
    lines_.push_back(std::move(line_));
    line_.clear();
    bytes.remove_prefix(end + 1);
  }
  if (lines_.size() == wanted_) state_ = State::kDone;
}

}  // namespace gyre::cluster
