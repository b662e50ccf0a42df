// Reads streams of replies as texts, for the tests of the reply parser.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gyre/resp/reply_parser.h"

namespace gyre::resp::testing {

/// The text of each reply in `input`, then "!" + error if it ends with one; fed in pieces of `piece` bytes.
inline std::vector<std::string> read_pieces(std::string_view input, size_t piece,
                                            const ReplyLimits& limits = {}) {
  std::vector<std::string> out;
  ReplyReader reader(limits);
  for (size_t at = 0; at < input.size(); at += piece) {
    reader.feed(input.substr(at, piece));
    while (true) {
      Reply reply;
      ReplyStatus status = reader.next(&reply);
      if (status == ReplyStatus::kIncomplete) break;
      if (status == ReplyStatus::kError) {
        out.push_back("!" + std::string(reader.error()));
        return out;
      }
      out.push_back(to_string(reply));
    }
  }
  return out;
}

inline std::vector<std::string> read_all(std::string_view input, const ReplyLimits& limits = {}) {
  return read_pieces(input, input.size() + 1, limits);
}

using Texts = std::vector<std::string>;

}  // namespace gyre::resp::testing
