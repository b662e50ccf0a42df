#include "gyre/ds/ziplist.h"

namespace gyre::ds {
namespace {

/// Decodes what follows the size of the previous entry. Returns its size, 0 when malformed; `room` bytes may
/// be read.
size_t decode(const char* p, size_t room, PackedElement& element) {
  if (room == 0) return 0;
  const uint8_t head = byte_at(p);
  if (head < 0xc0) {
    const size_t lead = head < 0x40 ? 1 : head < 0x80 ? 2 : 5;
    if (room < lead) return 0;
    size_t size = head & 63;
    if (lead == 2) size = size << 8 | byte_at(p + 1);
    if (lead == 5) size = __builtin_bswap32(load_little<uint32_t>(p + 1));
    if (room - lead < size) return 0;
    element = PackedElement::raw({p + lead, size});
    return lead + size;
  }
  if (head >= 0xf1 && head <= 0xfd) {
    element = int64_t{head} - 0xf1;
    return 1;
  }
  const size_t width = head == 0xfe   ? 1
                       : head == 0xc0 ? 2
                       : head == 0xf0 ? 3
                       : head == 0xd0 ? 4
                       : head == 0xe0 ? 8
                                      : 0;
  if (width == 0 || room - 1 < width) return 0;
  switch (width) {
    case 1:
      element = int64_t{load_little<int8_t>(p + 1)};
      break;
    case 2:
      element = int64_t{load_little<int16_t>(p + 1)};
      break;
    case 3:
      element = load_little24(p + 1);
      break;
    case 4:
      element = int64_t{load_little<int32_t>(p + 1)};
      break;
    default:
      element = load_little<int64_t>(p + 1);
  }
  return 1 + width;
}

}  // namespace

ZiplistEntry ziplist_entry(std::string_view bytes, size_t at) {
  ZiplistEntry entry;
  const char* const p = bytes.data() + at;
  const size_t room = bytes.size() - 1 - at;  // before the end mark
  size_t lead = 1;
  entry.previous = byte_at(p);
  if (entry.previous >= 254) {
    lead = 5;
    if (room < lead) return entry;
    entry.previous = load_little<uint32_t>(p + 1);
  }
  const size_t encoded = decode(p + lead, room - lead, entry.element);
  if (encoded != 0) entry.size = lead + encoded;
  return entry;
}

size_t ZiplistView::count() const {
  if (header_count() != kZiplistCountUnknown) return header_count();
  size_t count = 0;
  for (uint32_t at = begin(); at != end(); at = next(at)) ++count;
  return count;
}

uint32_t ZiplistView::prev(uint32_t at) const {
  if (at == end()) return last();
  return at == begin() ? end() : at - static_cast<uint32_t>(ziplist_entry(bytes_, at).previous);
}

bool ziplist_valid(std::string_view bytes, bool deep) {
  if (deep) return ziplist_valid(bytes, [](const PackedElement&) { return true; });
  return bytes.size() >= kZiplistHeader + 1 && load_little<uint32_t>(bytes.data()) == bytes.size() &&
         byte_at(bytes.data() + bytes.size() - 1) == kZiplistEnd &&
         load_little<uint32_t>(bytes.data() + 4) <= bytes.size() - 1;
}

}  // namespace gyre::ds
