#include "gyre/ds/zipmap.h"

namespace gyre::ds {
namespace {

/// Takes a length off `rest`; false when it is cut or in five bytes without need.
bool read_length(std::string_view& rest, size_t& length) {
  if (rest.empty()) return false;
  length = byte_at(rest.data());
  size_t lead = 1;
  if (length >= kZipmapCountUnknown) {
    lead = 5;
    if (rest.size() < lead) return false;
    length = load_little<uint32_t>(rest.data() + 1);
    if (length < kZipmapCountUnknown) return false;
  }
  rest.remove_prefix(lead);
  return true;
}

bool read_bytes(std::string_view& rest, size_t length, std::string_view& bytes) {
  if (rest.size() < length) return false;
  bytes = rest.substr(0, length);
  rest.remove_prefix(length);
  return true;
}

}  // namespace

ZipmapPair zipmap_pair(std::string_view bytes, size_t at) {
  ZipmapPair pair;
  const std::string_view all = bytes.substr(at, bytes.size() - 1 - at);  // up to the end mark
  std::string_view rest = all;
  size_t length = 0;
  if (!read_length(rest, length) || !read_bytes(rest, length, pair.field)) return pair;
  if (!read_length(rest, length) || rest.empty()) return pair;
  const size_t unused = byte_at(rest.data());
  rest.remove_prefix(1);
  if (!read_bytes(rest, length, pair.value) || rest.size() < unused) return pair;
  pair.size = all.size() - rest.size() + unused;
  return pair;
}

size_t ZipmapView::count() const {
  const uint8_t known = byte_at(bytes_.data());
  if (known < kZipmapCountUnknown) return known;
  size_t count = 0;
  for (size_t at = begin(); at != end(); at = next(at)) ++count;
  return count;
}

bool zipmap_valid(std::string_view bytes, bool deep) {
  if (bytes.size() < 2 || byte_at(bytes.data() + bytes.size() - 1) != kZipmapEnd) return false;
  if (!deep) return true;
  const size_t end = bytes.size() - 1;
  size_t at = 1, count = 0;
  while (byte_at(bytes.data() + at) != kZipmapEnd) {
    const ZipmapPair pair = zipmap_pair(bytes, at);
    if (pair.size == 0) return false;
    at += pair.size;
    ++count;
  }
  const uint8_t known = byte_at(bytes.data());
  return at == end && count > 0 && (known == kZipmapCountUnknown || known == count);
}

}  // namespace gyre::ds
