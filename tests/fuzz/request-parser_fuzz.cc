// A request means the same however the network cuts it: parses the input in one piece (mostly the fast path),
// byte by byte (mostly the state machine) and in pieces chosen by the input, and compares commands and
// errors.
//
// The first byte chooses limits, the second the pieces; the rest is the stream.
#include <cstdint>
#include <random>

#include "../unit/resp/request_driver.h"

using namespace gyre::resp;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  RequestLimits limits;
  limits.authenticated = (data[0] & 1) == 0;
  if (data[0] & 2) limits.large_bulk = 1 + (data[0] >> 4);
  if (data[0] & 4) limits.max_bulk = 1000;
  if (data[0] & 8) limits.max_multibulk = 12;
  std::mt19937 random(data[1]);
  std::string_view input(reinterpret_cast<const char*>(data + 2), size - 2);

  testing::Outcome whole = testing::parse_whole(input, limits);
  testing::RequestDriver pieces(limits);
  for (size_t at = 0; at < input.size();) {
    size_t piece = std::min<size_t>(input.size() - at, 1 + random() % 40);
    pieces.feed(input.substr(at, piece));
    at += piece;
  }
  GYRE_CHECK(pieces.outcome() == whole);
  // Byte by byte the driver copies the input as often as it has bytes.
  if (input.size() <= 4096) GYRE_CHECK(testing::parse_bytewise(input, limits) == whole);
  return 0;
}
