// A key with its value: one allocation of its shard's arena, pointed to by one table slot.
//
// Layout (byte offsets; nothing is aligned, fields are read with memcpy):
//
//   short form (key and value both under 64 bytes, the common case): 5 bytes, then
//     [0..1] u16: bit 0 = 0, bit 1 has-expiry, bits 2-3 string encoding, bits 4-9 key length, bits 10-15 value length
//     [2..4] access word: LRU clock (seconds, 24 bits) or LFU (16 bits of minutes, 8 bits of counter)
//     [8 bytes expiry in ms, if any] key bytes, value bytes
//   long form: 17 bytes, then
//     [0..1] u16: bit 0 = 1, bit 1 has-expiry, bits 2-5 type, bits 6-10 encoding, bit 11 value-in-line, bit 12 value is
//            an Object
//     [2..4] access word
//     [5..8] u32 key length
//     [9..16] u64: length of the value in line, or the detached pointer of a Blob or an Object
//     [8 bytes expiry] key bytes, value bytes if in line
//
// A 43-byte payload (11-byte key, 32-byte value) so takes 48 bytes. Values above kInlineMax live in a Blob of
// their own, so that they can be sent by reference and grow without moving the key.
//
// Owner: the shard (I1). An Entry never knows its class: the block's size is class_size(bytes()), so every change
// of length goes through EntryStore, which moves the entry when the class changes.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "gyre/base/blob.h"
#include "gyre/base/numbers.h"
#include "gyre/store/value_form.h"

namespace gyre::store {

class Object;

/// How a string is kept; also what OBJECT ENCODING shows.
enum class StringEncoding : uint8_t { kEmbstr = 0, kRaw = 1, kInt = 2 };
constexpr size_t kEmbstrMax = 44;   // Redis's limit between embstr and raw
constexpr size_t kInlineMax = 960;  // a longer string or packed value is a Blob
constexpr size_t kShortMax = 63;

class Entry {
 public:
  static constexpr size_t kShortHeader = 5, kLongHeader = 17, kExpiryBytes = 8;

  bool is_long() const { return head() & 1; }
  bool has_expiry() const { return head() & 2; }

  std::string_view key() const {
    const uint16_t h = head();
    if (!(h & 1)) [[likely]]
      return {bytes_ + kShortHeader + expiry_bytes(h), static_cast<size_t>((h >> 4) & 63)};
    uint32_t length;
    std::memcpy(&length, bytes_ + 5, 4);
    return {bytes_ + kLongHeader + expiry_bytes(h), length};
  }

  Type type() const { return is_long() ? static_cast<Type>((head() >> 2) & 15) : Type::kString; }
  /// Of a string.
  StringEncoding string_encoding() const {
    return static_cast<StringEncoding>(is_long() ? (head() >> 6) & 31 : (head() >> 2) & 3);
  }
  /// Of another type: that type's own numbering.
  uint8_t encoding() const { return static_cast<uint8_t>((head() >> 6) & 31); }
  /// Of another type than a string.
  ValueForm form() const { return {type(), encoding()}; }
  bool value_in_line() const { return !is_long() || (head() & (1 << 11)); }
  bool is_object() const { return (head() & (kObjectBit | 1)) == (kObjectBit | 1); }
  /// Requires is_object().
  Object& object() const { return *reinterpret_cast<Object*>(payload()); }

  /// The stored bytes of a string value (8 binary bytes for kInt) or a packed one. Requires !is_object().
  std::string_view raw_value() const {
    const uint16_t h = head();
    if (!(h & 1)) [[likely]]
      return {bytes_ + kShortHeader + expiry_bytes(h) + ((h >> 4) & 63), static_cast<size_t>(h >> 10)};
    if (h & (1 << 11)) {
      std::string_view k = key();
      return {k.data() + k.size(), static_cast<size_t>(payload())};
    }
    return base::Blob::view_of(reinterpret_cast<const void*>(payload()));
  }
  int64_t int_value() const {
    int64_t v;
    std::memcpy(&v, raw_value().data(), 8);
    return v;
  }
  void set_int_value(int64_t v) { std::memcpy(const_cast<char*>(raw_value().data()), &v, 8); }

  /// A string's value as text; `scratch` (kInt64TextMax bytes) holds the digits of an integer.
  std::string_view text(char* scratch) const {
    if (string_encoding() != StringEncoding::kInt) [[likely]] return raw_value();
    return {scratch, base::format_int64(int_value(), scratch)};
  }
  /// The value's Blob, when it is one (a further reference); else empty.
  base::Blob blob() const {
    return value_in_line() || is_object() ? base::Blob() : base::Blob::share(reinterpret_cast<void*>(payload()));
  }
  /// Long form, not in line: the detached pointer. Long form, in line: the length.
  uint64_t payload() const {
    uint64_t p;
    std::memcpy(&p, bytes_ + 9, 8);
    return p;
  }
  void set_payload(uint64_t p) { std::memcpy(bytes_ + 9, &p, 8); }

  /// Milliseconds since the epoch; -1 without.
  int64_t expiry() const {
    if (!has_expiry()) return -1;
    uint64_t v = 0;
    std::memcpy(&v, bytes_ + header(), kExpiryBytes);
    return static_cast<int64_t>(v);
  }
  /// Requires has_expiry().
  void set_expiry(int64_t ms) { std::memcpy(bytes_ + header(), &ms, kExpiryBytes); }

  /// 24 bits of LRU clock or LFU state. Stored only when it differs, to keep shared lines clean.
  uint32_t access() const {
    uint32_t a = 0;
    std::memcpy(&a, bytes_ + 2, 3);
    return a;
  }
  void set_access(uint32_t a) { std::memcpy(bytes_ + 2, &a, 3); }

  /// Bytes this entry takes before rounding to its class.
  size_t bytes() const {
    const uint16_t h = head();
    if (!(h & 1)) [[likely]] return kShortHeader + expiry_bytes(h) + ((h >> 4) & 63) + (h >> 10);
    return kLongHeader + expiry_bytes(h) + key().size() + (h & (1 << 11) ? payload() : 0);
  }

  // For EntryStore, which builds entries.
  static size_t short_bytes(size_t key, size_t value, bool expiry) {
    return kShortHeader + (expiry ? kExpiryBytes : 0) + key + value;
  }
  static size_t long_bytes(size_t key, size_t inline_value, bool expiry) {
    return kLongHeader + (expiry ? kExpiryBytes : 0) + key + inline_value;
  }
  void init_short(std::string_view key, std::string_view value, StringEncoding encoding, bool expiry, uint32_t access) {
    const uint16_t h = static_cast<uint16_t>((expiry ? 2 : 0) | (static_cast<unsigned>(encoding) << 2) |
                                             (key.size() << 4) | (value.size() << 10));
    std::memcpy(bytes_, &h, 2);
    set_access(access);
    char* at = bytes_ + kShortHeader + expiry_bytes(h);
    std::memcpy(at, key.data(), key.size());
    if (!value.empty()) std::memcpy(at + key.size(), value.data(), value.size());
  }
  enum class Place : uint16_t { kBlob = 0, kInLine = 1 << 11, kObject = 1 << 12 };
  Place place() const {
    return value_in_line() ? Place::kInLine : static_cast<Place>(head() & kObjectBit);
  }
  void init_long(std::string_view key, ValueForm form, Place place, bool expiry, uint32_t access, uint64_t payload) {
    const uint16_t h = static_cast<uint16_t>(1 | (expiry ? 2 : 0) | (static_cast<unsigned>(form.type) << 2) |
                                             (static_cast<unsigned>(form.encoding) << 6) | static_cast<unsigned>(place));
    std::memcpy(bytes_, &h, 2);
    set_access(access);
    const uint32_t length = static_cast<uint32_t>(key.size());
    std::memcpy(bytes_ + 5, &length, 4);
    set_payload(payload);
    std::memcpy(bytes_ + kLongHeader + expiry_bytes(h), key.data(), key.size());
  }
  /// The bytes of a value in line, to be changed in place.
  char* mutable_value() { return const_cast<char*>(raw_value().data()); }
  void set_string_encoding(StringEncoding e) {
    uint16_t h = head();
    if (h & 1) h = static_cast<uint16_t>((h & ~(31u << 6)) | (static_cast<unsigned>(e) << 6));
    else h = static_cast<uint16_t>((h & ~(3u << 2)) | (static_cast<unsigned>(e) << 2));
    std::memcpy(bytes_, &h, 2);
  }
  /// Changes the value's length of a short entry whose class stays the same.
  void set_short_value_length(size_t n) {
    const uint16_t h = static_cast<uint16_t>((head() & 0x3ff) | (n << 10));
    std::memcpy(bytes_, &h, 2);
  }

 private:
  static constexpr uint16_t kObjectBit = 1 << 12;

  uint16_t head() const {
    uint16_t h;
    std::memcpy(&h, bytes_, 2);
    return h;
  }
  static size_t expiry_bytes(uint16_t head) { return head & 2 ? kExpiryBytes : 0; }
  size_t header() const { return is_long() ? kLongHeader : kShortHeader; }

  char bytes_[1];  // the block goes on
};

}  // namespace gyre::store
