// A pipeline of commands to another server, and the replies to it, each one line: what is sent and received
// next, without ever waiting. Whoever drives it waits for the descriptor: a coroutine, or a thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "gyre/base/blob.h"

namespace gyre::cluster {

/// Commands in wire form; large arguments are referred to.
class Pipeline {
 public:
  void begin(size_t args);
  void argument(std::string_view bytes);
  void argument(base::Blob bytes);
  /// In order. Valid until something is added.
  std::vector<std::string_view> pieces() const;

 private:
  struct Piece {
    std::string text;  // then the blob
    base::Blob blob;
  };
  std::string& text();

  std::vector<Piece> pieces_;
};

class Exchange {
 public:
  enum class State : uint8_t { kMore, kDone, kFailed };

  /// The pieces stay where they are; `fd` does not block. Done when that many lines have come.
  Exchange(int fd, std::vector<std::string_view> pieces, size_t lines);

  /// Sends and receives what is possible at once, up to kStepBytes each.
  State step();
  /// What to wait for before the next step, as poll() has it.
  short events() const;
  /// It is over, for this reason (an errno value; 0: the other side closed).
  State fail(int error);

  State state() const { return state_; }
  int error() const { return error_; }
  /// Whether it failed before everything was sent.
  bool failed_writing() const { return state_ == State::kFailed && sending(); }
  /// Without their ends, up to 1023 bytes each, as Redis keeps of them.
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  static constexpr size_t kStepBytes = 256 * 1024;
  static constexpr size_t kLineMax = 1023;

  bool sending() const { return piece_ < pieces_.size(); }
  bool send();
  bool receive();
  void take(std::string_view bytes);

  const int fd_;
  const std::vector<std::string_view> pieces_;
  size_t piece_ = 0, offset_ = 0;  // what is sent next
  const size_t wanted_;
  std::string line_;
  std::vector<std::string> lines_;
  State state_ = State::kMore;
  int error_ = 0;
};

}  // namespace gyre::cluster
