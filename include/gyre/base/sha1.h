// SHA-1 (FIPS 180-4), for fingerprints that Redis makes with it (DEBUG DIGEST, script names). Not for
// security.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gyre::base {

class Sha1 {
 public:
  using Digest = std::array<uint8_t, 20>;
  void update(std::string_view bytes);
  /// Ends the message; the object is used up.
  Digest finish();
  static Digest of(std::string_view bytes);

 private:
  void block(const uint8_t* bytes);

  std::array<uint32_t, 5> state_{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  uint64_t bytes_ = 0;
  std::array<uint8_t, 64> pending_{};
};

}  // namespace gyre::base
