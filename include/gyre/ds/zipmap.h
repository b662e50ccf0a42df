// Reading zipmaps, the small hashes of Redis before 2.6, which RDB files of versions 1 to 3 have.
//
//   zipmap = count:1 pair* 0xff                      count 254 or more: unknown
//   pair   = length field length unused:1 value byte*unused
//   length = one byte below 254, or 254 and n:4 little-endian
//
// A view trusts its bytes: pass them through zipmap_valid(bytes, true) first. Pure functions, any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gyre/ds/little_endian.h"

namespace gyre::ds {

constexpr uint8_t kZipmapEnd = 0xff;
constexpr uint8_t kZipmapCountUnknown = 254;

struct ZipmapPair {
  size_t size = 0;  // of the pair with its unused bytes; 0: malformed
  std::string_view field;
  std::string_view value;
};

/// The pair at offset `at`, which is below bytes.size() - 1. Reads nothing outside `bytes`, and says size 0
/// when the pair reaches beyond the last byte or a length is not in its shortest form (Redis's reader would
/// lose its way there).
ZipmapPair zipmap_pair(std::string_view bytes, size_t at);

class ZipmapView {
 public:
  explicit ZipmapView(std::string_view bytes) : bytes_(bytes) {}

  std::string_view bytes() const { return bytes_; }
  /// Pairs. Walks when the header does not know.
  size_t count() const;
  /// Offsets of pairs; end() is behind the last.
  static constexpr size_t begin() { return 1; }
  size_t end() const { return bytes_.size() - 1; }
  /// Requires at != end(). The next pair is at `at` + size.
  ZipmapPair get(size_t at) const { return zipmap_pair(bytes_, at); }
  size_t next(size_t at) const { return at + get(at).size; }

 private:
  std::string_view bytes_;
};

/// Without `deep`: size and last byte. With it: every pair, that there is one, and the count.
bool zipmap_valid(std::string_view bytes, bool deep);

}  // namespace gyre::ds
