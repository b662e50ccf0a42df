// Replies read from one piece and from pieces chosen by the first byte of the input are the same trees and
// the same error; every tree takes the bytes that the skipper skipped.
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "gyre/base/check.h"
#include "gyre/resp/reply_parser.h"

using namespace gyre::resp;

namespace {

const ReplyLimits kLimits{.max_bulk = 100'000, .max_elements = 100'000, .max_depth = 20, .max_line = 200};

struct Outcome {
  std::vector<std::string> replies;
  std::string error;
  bool operator==(const Outcome&) const = default;
};

void drain(ReplyReader& reader, Outcome* out) {
  Reply reply;
  ReplyStatus status;
  while ((status = reader.next(&reply)) == ReplyStatus::kComplete) out->replies.push_back(to_string(reply));
  if (status == ReplyStatus::kError) out->error = reader.error();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  std::mt19937 random(data[0]);
  std::string_view input(reinterpret_cast<const char*>(data + 1), size - 1);

  Outcome whole;
  ReplyReader whole_reader(kLimits);
  whole_reader.feed(input);
  drain(whole_reader, &whole);

  Outcome pieces;
  ReplyReader reader(kLimits);
  for (size_t at = 0; at < input.size() && pieces.error.empty();) {
    size_t piece = std::min<size_t>(input.size() - at, 1 + random() % 20);
    reader.feed(input.substr(at, piece));
    at += piece;
    drain(reader, &pieces);
  }
  GYRE_CHECK(pieces == whole);

  size_t pos = 0;
  for (const std::string& text : whole.replies) {
    Reply reply;
    size_t consumed = 0;
    GYRE_CHECK(parse_reply(input.substr(pos), &reply, &consumed, kLimits) == ReplyStatus::kComplete);
    GYRE_CHECK(to_string(reply) == text);
    pos += consumed;
  }
  GYRE_CHECK(pos + whole_reader.buffered() == input.size());
  return 0;
}
