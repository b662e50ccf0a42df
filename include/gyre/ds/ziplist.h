// Reading ziplists, what listpacks were before Redis 7: RDB versions 1 to 9 and payloads of old servers have
// them.
//
//   ziplist = total:4 tail:4 count:2 entry* 0xff     little-endian; tail: offset of the last entry; count
//   65535: unknown entry   = previous encoded                       previous: size of the entry before, 0 for
//   the first:
//                                                      one byte below 254, or 254 and n:4
//   encoded = 00nnnnnn byte*n                        string of up to 63 bytes
//           | 01nnnnnn n:1 byte*n                    of up to 16383, length big-endian
//           | 10------ n:4 byte*n                    longer, length big-endian
//           | 0xc0 n:2 | 0xd0 n:4 | 0xe0 n:8 | 0xf0 n:3 | 0xfe n:1       signed integers, little-endian
//           | 0xf1 to 0xfd                           integer 0 to 12
//
// Positions are offsets in bytes; end(), the offset of the last byte, stands for "no element", as in
// listpack.h. A view trusts its bytes: pass them through ziplist_valid(bytes, true) first. Pure functions,
// any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gyre/base/check.h"
#include "gyre/ds/little_endian.h"
#include "gyre/ds/packed_element.h"

namespace gyre::ds {

constexpr uint32_t kZiplistHeader = 10;
constexpr uint32_t kZiplistCountUnknown = 65535;
constexpr uint8_t kZiplistEnd = 0xff;

/// An entry's fields; size 0: malformed.
struct ZiplistEntry {
  size_t size = 0;      // of the whole entry
  size_t previous = 0;  // size of the entry before
  PackedElement element{int64_t{0}};
};

/// The entry at offset `at`, which is below bytes.size() - 1. Reads nothing outside `bytes`, and says size 0
/// when the entry reaches beyond the last byte or has no known encoding.
ZiplistEntry ziplist_entry(std::string_view bytes, size_t at);

class ZiplistView {
 public:
  explicit ZiplistView(std::string_view bytes) : bytes_(bytes) {
    GYRE_CHECK(load_little<uint32_t>(bytes.data()) == bytes.size());
  }

  std::string_view bytes() const { return bytes_; }
  bool empty() const { return begin() == end(); }
  uint32_t header_count() const { return load_little<uint16_t>(bytes_.data() + 8); }
  /// Elements. Constant time when the header knows.
  size_t count() const;

  static constexpr uint32_t begin() { return kZiplistHeader; }
  uint32_t end() const { return static_cast<uint32_t>(bytes_.size() - 1); }
  uint32_t first() const { return begin(); }
  uint32_t last() const { return empty() ? end() : load_little<uint32_t>(bytes_.data() + 4); }
  /// Requires at != end().
  uint32_t next(uint32_t at) const { return at + static_cast<uint32_t>(ziplist_entry(bytes_, at).size); }
  /// end() when `at` is the first (or there is none).
  uint32_t prev(uint32_t at) const;
  /// Requires at != end(). An element that is bytes may be the text of an integer all the same: canonical()
  /// for a listpack.
  PackedElement get(uint32_t at) const { return ziplist_entry(bytes_, at).element; }

 private:
  std::string_view bytes_;
};

/// Without `deep`: size, header and last byte. With it: every entry, the sizes of previous entries, tail and
/// count. As strict as Redis's sanitizer.
bool ziplist_valid(std::string_view bytes, bool deep);

/// The same, deep, asking `accept(PackedElement)` about each element in turn. The header has been checked
/// before.
template <typename Accept>
bool ziplist_valid(std::string_view bytes, Accept accept) {
  if (!ziplist_valid(bytes, false)) return false;
  const ZiplistView list(bytes);
  size_t at = kZiplistHeader, last = 0, previous = 0, count = 0;
  while (byte_at(bytes.data() + at) != kZiplistEnd) {
    const ZiplistEntry entry = ziplist_entry(bytes, at);
    if (entry.size == 0 || entry.previous != previous || !accept(entry.element)) return false;
    last = at;
    previous = entry.size;
    at += entry.size;
    ++count;
  }
  return at == list.end() && (count == 0 || last == list.last()) &&
         (list.header_count() == kZiplistCountUnknown || list.header_count() == count);
}

}  // namespace gyre::ds
