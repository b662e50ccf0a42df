#include "gyre/ds/listpack_edit.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace gyre::ds {
namespace {

/// Of the encoding, without the backlen.
uint64_t encoded_size(const PackedElement& element) {
  if (!element.is_integer()) {
    const size_t size = element.bytes().size();
    return size + (size < 64 ? 1 : size < 4096 ? 2 : 5);
  }
  const int64_t value = element.integer();
  const auto fits = [value](int bits) {
    return value >= -(int64_t{1} << (bits - 1)) && value < int64_t{1} << (bits - 1);
  };
  if (value >= 0 && value <= 127) return 1;
  return fits(13) ? 2 : fits(16) ? 3 : fits(24) ? 4 : fits(32) ? 5 : 9;
}

char* write_integer(int64_t value, uint64_t encoded, char* out) {
  switch (encoded) {
    case 1:
      *out = static_cast<char>(value);
      break;
    case 2:
      out[0] = static_cast<char>(0xc0 | (value >> 8 & 31));
      out[1] = static_cast<char>(value);
      break;
    case 3:
      *out = static_cast<char>(0xf1);
      store_little(out + 1, static_cast<int16_t>(value));
      break;
    case 4:
      *out = static_cast<char>(0xf2);
      store_little(out + 1, static_cast<int16_t>(value));
      out[3] = static_cast<char>(value >> 16);
      break;
    case 5:
      *out = static_cast<char>(0xf3);
      store_little(out + 1, static_cast<int32_t>(value));
      break;
    default:
      *out = static_cast<char>(0xf4);
      store_little(out + 1, value);
  }
  return out + encoded;
}

char* write_string(std::string_view bytes, char* out) {
  const size_t size = bytes.size();
  if (size < 64) {
    *out++ = static_cast<char>(0x80 | size);
  } else if (size < 4096) {
    *out++ = static_cast<char>(0xe0 | size >> 8);
    *out++ = static_cast<char>(size);
  } else {
    *out++ = static_cast<char>(0xf0);
    store_little(out, static_cast<uint32_t>(size));
    out += 4;
  }
  std::memcpy(out, bytes.data(), size);
  return out + size;
}

char* write_backlen(uint64_t encoded, char* out) {
  const uint32_t size = listpack_backlen_bytes(encoded);
  for (uint32_t i = size; i-- > 0; encoded >>= 7) {
    out[i] = static_cast<char>((encoded & 127) | (i > 0 ? 128 : 0));
  }
  return out + size;
}

uint16_t clamp_count(size_t count) {
  return static_cast<uint16_t>(std::min<size_t>(count, kListpackCountUnknown));
}

void write_header(char* bytes, size_t size, uint16_t count) {
  store_little(bytes, static_cast<uint32_t>(size));
  store_little(bytes + 4, count);
}

}  // namespace

size_t listpack_element_size(const PackedElement& element) {
  const uint64_t encoded = encoded_size(element);
  return encoded + listpack_backlen_bytes(encoded);
}

char* write_listpack_element(const PackedElement& element, char* out) {
  const uint64_t encoded = encoded_size(element);
  out = element.is_integer() ? write_integer(element.integer(), encoded, out)
                             : write_string(element.bytes(), out);
  return write_backlen(encoded, out);
}

ListpackEdit::ListpackEdit(const ListpackView& list, uint32_t from, uint32_t to, size_t removed,
                           Values values)
    : values_(values), old_size_(list.size()), from_(from), to_(to) {
  const size_t known = list.header_count();
  new_count_ = known == kListpackCountUnknown ? static_cast<uint16_t>(known)
                                              : clamp_count(known - removed + values.size());
  size_t added_bytes = 0;
  for (const PackedElement& value : values) added_bytes += listpack_element_size(value);
  set_size(added_bytes);
}

void ListpackEdit::set_size(size_t added_bytes) {
  new_size_ = old_size_ - (to_ - from_) + added_bytes;
  GYRE_CHECK(new_size_ <= std::numeric_limits<uint32_t>::max());
}

ListpackEdit ListpackEdit::splice(const ListpackView& list, uint32_t at, size_t count, Values values) {
  size_t removed = 0;
  uint32_t to = at;
  for (; removed < count && to != list.end(); ++removed) to = list.next(to);
  return {list, at, to, removed, values};
}

ListpackEdit ListpackEdit::insert_all(const ListpackView& list, uint32_t at, const ListpackView& other) {
  ListpackEdit edit(list, at, at, 0, {});
  edit.body_ = other.bytes().substr(kListpackHeader, other.size() - kListpackHeader - 1);
  edit.new_count_ = clamp_count(list.count() + other.count());
  edit.set_size(edit.body_.size());
  return edit;
}

void ListpackEdit::apply(char* bytes) const {
  const size_t tail = old_size_ - to_;
  if (new_size_ != old_size_) std::memmove(bytes + new_size_ - tail, bytes + to_, tail);
  char* out = bytes + from_;
  for (const PackedElement& value : values_) out = write_listpack_element(value, out);
  if (!body_.empty()) std::memcpy(out, body_.data(), body_.size());
  write_header(bytes, new_size_, new_count_);
}

size_t listpack_erase_all(char* bytes, std::span<const uint32_t> positions) {
  const uint32_t size = load_little<uint32_t>(bytes);
  if (positions.empty()) return size;
  const ListpackView list({bytes, size});
  const uint32_t known = list.header_count();
  char* out = bytes + positions[0];
  uint32_t kept = positions[0];
  for (size_t i = 0; i < positions.size(); ++i) {
    // Reads on from the old place: what is before `out` has been moved, what is behind the position has not.
    kept = list.next(positions[i]);
    const uint32_t stop = i + 1 < positions.size() ? positions[i + 1] : size;
    std::memmove(out, bytes + kept, stop - kept);
    out += stop - kept;
  }
  const auto new_size = static_cast<size_t>(out - bytes);
  write_header(bytes, new_size,
               static_cast<uint16_t>(known == kListpackCountUnknown ? known : known - positions.size()));
  return new_size;
}

ListpackBuilder::ListpackBuilder(size_t expected_bytes) {
  bytes_.reserve(expected_bytes);
  bytes_.append(kListpackHeader, '\0');
}

void ListpackBuilder::add(const PackedElement& element) {
  const size_t at = bytes_.size();
  bytes_.resize(at + listpack_element_size(element));
  write_listpack_element(element, bytes_.data() + at);
  ++count_;
}

void ListpackBuilder::add_between(const ListpackView& list, uint32_t from, uint32_t to) {
  bytes_.append(list.bytes().substr(from, to - from));
  count_ += list.count_between(from, to);
}

std::string ListpackBuilder::finish() {
  bytes_.push_back(static_cast<char>(kListpackEnd));
  GYRE_CHECK(bytes_.size() <= std::numeric_limits<uint32_t>::max());
  write_header(bytes_.data(), bytes_.size(), clamp_count(count_));
  count_ = 0;
  std::string done(kListpackHeader, '\0');
  done.swap(bytes_);
  return done;
}

}  // namespace gyre::ds
