#include "gyre/ds/listpack.h"

namespace gyre::ds {
namespace {

constexpr uint64_t kBadBacklen = ~uint64_t{0};

/// Reads the backlen whose last byte is before `end`; kBadBacklen when it has more than five bytes.
uint64_t read_backlen(const char* end) {
  uint64_t value = 0;
  for (uint32_t shift = 0; shift <= 28; shift += 7) {
    const uint8_t byte = byte_at(--end);
    value |= uint64_t{byte & 127u} << shift;
    if (byte < 128) return value;
  }
  return kBadBacklen;
}

/// memcmp for names that are short, of the same length and often of the same beginning: the end is looked at
/// first.
inline bool same_bytes(const char* a, const char* b, size_t size) {
  if (size >= 8) {
    if (load_little<uint64_t>(a + size - 8) != load_little<uint64_t>(b + size - 8)) return false;
    return size <= 16 ? load_little<uint64_t>(a) == load_little<uint64_t>(b)
                      : std::memcmp(a, b, size - 8) == 0;
  }
  if (size >= 4) {
    return load_little<uint32_t>(a + size - 4) == load_little<uint32_t>(b + size - 4) &&
           load_little<uint32_t>(a) == load_little<uint32_t>(b);
  }
  if (size >= 2) {
    return load_little<uint16_t>(a + size - 2) == load_little<uint16_t>(b + size - 2) && a[0] == b[0];
  }
  return size == 0 || a[0] == b[0];
}

/// The number that a searched text stands for, worked out when the first integer is met.
class Needle {
 public:
  explicit Needle(std::string_view text) : text_(text) {}

  bool matches(const PackedElement& element) {
    if (!element.is_integer()) {
      const std::string_view bytes = element.bytes();
      return bytes.size() == text_.size() && same_bytes(bytes.data(), text_.data(), bytes.size());
    }
    if (!parsed_) {
      parsed_ = true;
      value_ = base::parse_int64(text_);
    }
    return value_ == element.integer();
  }

 private:
  std::string_view text_;
  std::optional<int64_t> value_;
  bool parsed_ = false;
};

}  // namespace

size_t ListpackView::count_between(uint32_t from, uint32_t to) const {
  size_t count = 0;
  for (; from != to; from = next(from)) ++count;
  return count;
}

PackedElement ListpackView::decode_long(const char* at) {
  const uint8_t head = byte_at(at);
  if (head < 0xe0) return (int64_t{head & 31} << 8 | byte_at(at + 1)) - (head & 16 ? 8192 : 0);
  if (head < 0xf0) return PackedElement::raw({at + 2, (head & size_t{15}) << 8 | byte_at(at + 1)});
  switch (head) {
    case 0xf0:
      return PackedElement::raw({at + 5, load_little<uint32_t>(at + 1)});
    case 0xf1:
      return int64_t{load_little<int16_t>(at + 1)};
    case 0xf2:
      return load_little24(at + 1);
    case 0xf3:
      return int64_t{load_little<int32_t>(at + 1)};
    default:
      return load_little<int64_t>(at + 1);
  }
}

uint32_t ListpackView::long_prev(uint32_t at) const {
  const uint64_t encoded = read_backlen(bytes_ + at);
  return at - static_cast<uint32_t>(encoded) - listpack_backlen_bytes(encoded);
}

uint32_t ListpackView::seek(int64_t index) const {
  const int64_t known = header_count();
  if (known != kListpackCountUnknown) {
    if (index < 0) index += known;
    if (index < 0 || index >= known) return end();
    if (index > known / 2) index -= known;
  }
  if (index >= 0) return skip(begin(), static_cast<size_t>(index));
  uint32_t at = last();
  for (; index < -1 && at != end(); ++index) at = prev(at);
  return at;
}

bool ListpackView::equals(uint32_t at, std::string_view text) const {
  return at != end() && Needle(text).matches(get(at));
}

uint32_t ListpackView::find(uint32_t from, std::string_view text, uint32_t skip) const {
  Needle needle(text);
  const char* const stop = bytes_ + end();
  // The head of a short string's encoding says its length: most elements are ruled out, or found, by one
  // comparison of heads. (A text of more than 63 bytes is never equal to such an element.)
  const uint32_t wanted = text.size() < 64 ? 0x80u | static_cast<uint32_t>(text.size()) : 0u;
  for (const char* at = bytes_ + from; at != stop;) {
    const uint8_t head = byte_at(at);
    if (head >= 0x80 && head < 0xc0) {
      if (head == wanted && same_bytes(at + 1, text.data(), text.size()))
        return static_cast<uint32_t>(at - bytes_);
      at += 2 + (head & 63);
    } else {
      if (needle.matches(decode(at))) return static_cast<uint32_t>(at - bytes_);
      at += element_bytes(at);
    }
    for (uint32_t left = skip; left > 0 && at != stop; --left) at += element_bytes(at);
  }
  return end();
}

size_t listpack_check_element(std::string_view bytes, size_t at) {
  const char* const p = bytes.data() + at;
  const size_t room = bytes.size() - 1 - at;  // before the end mark
  const uint8_t head = byte_at(p);
  uint64_t encoded = 0;
  if (head < 0x80) {
    encoded = 1;
  } else if (head < 0xc0) {
    encoded = 1 + (head & 63u);
  } else if (head < 0xe0) {
    encoded = 2;
  } else if (head < 0xf0) {
    if (room < 2) return 0;
    encoded = 2 + ((head & 15u) << 8 | byte_at(p + 1));
  } else if (head == 0xf0) {
    if (room < 5) return 0;
    encoded = 5 + uint64_t{load_little<uint32_t>(p + 1)};
  } else if (head <= 0xf3) {
    encoded = head - 0xf1u + 3;
  } else if (head == 0xf4) {
    encoded = 9;
  } else {
    return 0;
  }
  const uint64_t size = encoded + listpack_backlen_bytes(encoded);
  // At most five bytes are read backwards, and the header has six.
  if (size > room || read_backlen(p + size) != encoded) return 0;
  return size;
}

bool listpack_valid(std::string_view bytes, bool deep) {
  if (deep) return listpack_valid(bytes, [](const PackedElement&) { return true; });
  return bytes.size() >= kListpackHeader + 1 && load_little<uint32_t>(bytes.data()) == bytes.size() &&
         byte_at(bytes.data() + bytes.size() - 1) == kListpackEnd;
}

}  // namespace gyre::ds
