// Drives a RequestParser as a connection does: bytes arrive in pieces, move in memory between calls, and
// large bulks are received into blobs. Every call sees its input in a fresh allocation of exactly its size,
// so that AddressSanitizer finds a read beyond it and a view that outlived it. Used by the unit tests and by
// fuzz-request-parser.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gyre/base/check.h"
#include "gyre/resp/request_parser.h"

namespace gyre::resp::testing {

using Command = std::vector<std::string>;

struct Outcome {
  std::vector<Command> commands;
  std::string error;
  bool operator==(const Outcome&) const = default;
};

class RequestDriver {
 public:
  explicit RequestDriver(const RequestLimits& limits = {}) : limits_(limits) {}

  void feed(std::string_view bytes) {
    if (body_wanted_ > 0) {
      size_t take = std::min(bytes.size(), body_wanted_ - body_.size());
      body_.append(bytes.substr(0, take));
      bytes.remove_prefix(take);
      if (body_.size() < body_wanted_) return;
      finish_body();
    }
    kept_.append(bytes);
    run();
  }

  const Outcome& outcome() const { return outcome_; }
  RequestParser& parser() { return parser_; }
  size_t kept() const { return kept_.size(); }
  int large_bulks() const { return large_bulks_; }
  int empties() const { return empties_; }
  const ParseResult& last() const { return last_; }

 private:
  void run() {
    while (!kept_.empty() && outcome_.error.empty()) {
      auto input = std::make_unique<char[]>(kept_.size());
      std::copy(kept_.begin(), kept_.end(), input.get());
      ArgArena args;
      size_t done = 0;
      bool more = true;
      while (more && done < kept_.size()) more = step({input.get() + done, kept_.size() - done}, args, &done);
      take_commands(args);
      kept_.erase(0, done);
      if (last_.status != ParseStatus::kLargeBulk) return;
      begin_body();
      if (body_.size() < body_wanted_) return;
      finish_body();
    }
  }

  bool step(std::string_view input, ArgArena& args, size_t* done) {
    uint32_t before = args.size();
    last_ = parser_.parse(input, limits_, args);
    switch (last_.status) {
      case ParseStatus::kCommand:
        GYRE_CHECK(last_.arg_count > 0 && last_.first_arg == before &&
                   args.size() == before + last_.arg_count);
        GYRE_CHECK(last_.consumed > 0 && last_.consumed <= input.size() && !parser_.mid_command());
        counts_.push_back(last_.arg_count);
        *done += last_.consumed;
        return true;
      case ParseStatus::kEmpty:
        GYRE_CHECK(last_.consumed > 0 && last_.consumed <= input.size() && !parser_.mid_command());
        empties_++;
        *done += last_.consumed;
        break;
      case ParseStatus::kIncomplete:
        GYRE_CHECK(last_.missing > 0);
        break;
      case ParseStatus::kLargeBulk:
        GYRE_CHECK(last_.bulk_have < last_.bulk_size && last_.consumed + last_.bulk_have == input.size());
        break;
      case ParseStatus::kError:
        GYRE_CHECK(last_.consumed == 0 && !last_.error.empty() &&
                   !protocol_error_reason(last_.error).empty());
        outcome_.error = last_.error;
        break;
    }
    GYRE_CHECK(args.size() == before);
    return last_.status == ParseStatus::kEmpty;
  }

  void take_commands(const ArgArena& args) {
    uint32_t first = 0;
    for (uint32_t count : counts_) {
      Command command;
      for (Arg arg : args.command(first, count)) command.emplace_back(arg);
      for (uint32_t i = first; i < first + count; i++) {
        base::Blob blob = args.blob_of(i);
        GYRE_CHECK(!blob || (blob.view().data() == args[i].data() && blob.view() == args[i]));
      }
      outcome_.commands.push_back(std::move(command));
      first += count;
    }
    counts_.clear();
  }

  void begin_body() {
    large_bulks_++;
    body_wanted_ = last_.bulk_size;
    body_ = kept_.substr(last_.consumed);
    kept_.resize(last_.consumed);
  }

  void finish_body() {
    parser_.supply_bulk(base::Blob::copy_of(body_));
    body_wanted_ = 0;
    body_.clear();
  }

  RequestLimits limits_;
  RequestParser parser_;
  Outcome outcome_;
  ParseResult last_;
  std::string kept_;
  std::string body_;
  size_t body_wanted_ = 0;
  std::vector<uint32_t> counts_;
  int large_bulks_ = 0;
  int empties_ = 0;
};

inline Outcome parse_whole(std::string_view input, const RequestLimits& limits = {}) {
  RequestDriver driver(limits);
  driver.feed(input);
  return driver.outcome();
}

inline Outcome parse_bytewise(std::string_view input, const RequestLimits& limits = {}) {
  RequestDriver driver(limits);
  for (size_t i = 0; i < input.size(); i++) driver.feed(input.substr(i, 1));
  return driver.outcome();
}

inline Outcome parse_split(std::string_view input, size_t cut, const RequestLimits& limits = {}) {
  RequestDriver driver(limits);
  driver.feed(input.substr(0, cut));
  driver.feed(input.substr(cut));
  return driver.outcome();
}

/// The command as a RESP array.
inline std::string encode(const Command& command) {
  std::string out = "*" + std::to_string(command.size()) + "\r\n";
  for (const std::string& arg : command) out += "$" + std::to_string(arg.size()) + "\r\n" + arg + "\r\n";
  return out;
}

}  // namespace gyre::resp::testing
