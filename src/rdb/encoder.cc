#include "gyre/rdb/encoder.h"

#include <lzf.h>

#include <bit>
#include <cstring>
#include <limits>

#include "gyre/base/check.h"
#include "gyre/base/numbers.h"
#include "gyre/ds/listpack.h"
#include "gyre/rdb/compressed_string.h"
#include "gyre/rdb/object_writer.h"
#include "gyre/store/object.h"

namespace gyre::rdb {

namespace {

static_assert(std::endian::native == std::endian::little, "fixed fields are copied as they are in memory");

constexpr uint8_t kInt8 = 0xc0, kInt16 = 0xc1, kInt32 = 0xc2, kLzf = 0xc3;
constexpr uint8_t kLength14 = 0x40, kLength32 = 0x80, kLength64 = 0x81;
constexpr size_t kLengthMax = 9;
/// The longest text that can be one of the integer forms: "-2147483648".
constexpr size_t kIntegerTextMax = 11;
/// Compression has to save this much.
constexpr size_t kWorthwhile = 4;
constexpr int kSetListpackFrom = 11, kActiveTimeFrom = 11;

char* put_byte(char* at, unsigned byte) {
  *at = static_cast<char>(byte);
  return at + 1;
}

template <class T>
char* put_raw(char* at, T value) {
  std::memcpy(at, &value, sizeof value);
  return at + sizeof value;
}

char* put_length(char* at, uint64_t value) {
  if (value < 64) return put_byte(at, static_cast<unsigned>(value));
  if (value < 16384)
    return put_byte(put_byte(at, kLength14 | static_cast<unsigned>(value >> 8)), value & 0xff);
  if (value <= std::numeric_limits<uint32_t>::max())
    return put_raw(put_byte(at, kLength32), __builtin_bswap32(static_cast<uint32_t>(value)));
  return put_raw(put_byte(at, kLength64), __builtin_bswap64(value));
}

/// One of the three integer forms; null if the value needs more than 32 bits.
char* put_integer(char* at, int64_t value) {
  if (value == static_cast<int8_t>(value)) return put_raw(put_byte(at, kInt8), static_cast<int8_t>(value));
  if (value == static_cast<int16_t>(value)) return put_raw(put_byte(at, kInt16), static_cast<int16_t>(value));
  if (value == static_cast<int32_t>(value)) return put_raw(put_byte(at, kInt32), static_cast<int32_t>(value));
  return nullptr;
}

/// False when it would not save enough. Compressed to where it stays, behind room for the longest heads, and
/// moved up.
bool compressed(ChunkBuilder& out, std::string_view bytes) {
  constexpr size_t kHeads = 1 + 2 * kLengthMax;
  char* begin = out.reserve(kHeads + bytes.size());
  const unsigned size = lzf_compress(bytes.data(), static_cast<unsigned>(bytes.size()), begin + kHeads,
                                     static_cast<unsigned>(bytes.size() - kWorthwhile));
  if (size == 0) return false;
  char* at = put_length(put_length(put_byte(begin, kLzf), size), bytes.size());
  std::memmove(at, begin + kHeads, size);
  out.advance(at + size);
  return true;
}

void aux(ChunkBuilder& out, std::string_view name, std::string_view value) {
  out.append(static_cast<char>(Opcode::kAux));
  string(out, name, false);
  string(out, value, false);
}

void aux(ChunkBuilder& out, std::string_view name, int64_t value) {
  char digits[base::kInt64TextMax];
  aux(out, name, std::string_view(digits, base::format_int64(value, digits)));
}

/// The bytes of a string or of a packed value.
void stored_bytes(ChunkBuilder& out, const store::Entry& entry, const PairFormat& format) {
  const std::string_view bytes = entry.raw_value();
  if (bytes.size() < format.reference_from || entry.value_in_line())
    return string(out, bytes, format.compress);
  length(out, bytes.size());
  out.append_reference(entry.blob());
}

/// A set that is a listpack as one that is a table.
void listpack_members(ChunkBuilder& out, std::string_view bytes, bool compress) {
  const ds::ListpackView list(bytes);
  length(out, list.count());
  for (uint32_t at = list.first(); at != list.end(); at = list.next(at)) {
    const ds::PackedElement member = list.get(at);
    member.is_integer() ? integer(out, member.integer()) : string(out, member.bytes(), compress);
  }
}

}  // namespace

void length(ChunkBuilder& out, uint64_t value) { out.advance(put_length(out.reserve(kLengthMax), value)); }

void integer(ChunkBuilder& out, int64_t value) {
  char* at = out.reserve(1 + base::kInt64TextMax);
  if (char* end = put_integer(at, value)) return out.advance(end);
  const size_t digits = base::format_int64(value, at + 1);
  put_length(at, digits);
  out.advance(at + 1 + digits);
}

void string(ChunkBuilder& out, std::string_view bytes, bool compress) {
  char* at = out.reserve(kLengthMax);
  if (bytes.size() <= kIntegerTextMax) {
    if (std::optional<int64_t> value = base::parse_int64(bytes)) {
      if (char* end = put_integer(at, *value)) return out.advance(end);
    }
  }
  if (compress && bytes.size() > kCompressAbove && bytes.size() < kReferenceFrom && compressed(out, bytes))
    return;
  at = out.reserve(kLengthMax + bytes.size());
  at = put_length(at, bytes.size());
  if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
  out.advance(at + bytes.size());
}

void compressed_head(ChunkBuilder& out, size_t compressed_bytes, uint64_t expanded_bytes) {
  char* at = put_byte(out.reserve(1 + 2 * kLengthMax), kLzf);
  out.advance(put_length(put_length(at, compressed_bytes), expanded_bytes));
}

void header(ChunkBuilder& out, const HeaderFields& fields) {
  GYRE_CHECK(fields.version >= 10 && fields.version <= 99);
  out.append("REDIS00");
  out.append(static_cast<char>('0' + fields.version / 10));
  out.append(static_cast<char>('0' + fields.version % 10));
  aux(out, "redis-ver", "7.2.4");
  aux(out, "redis-bits", 64);
  aux(out, "ctime", fields.created_s);
  aux(out, "used-mem", fields.used_memory);
  if (fields.replication) {
    aux(out, "repl-stream-db", fields.replication->stream_db);
    aux(out, "repl-id", fields.replication->id);
    aux(out, "repl-offset", fields.replication->offset);
  }
  aux(out, "aof-base", 0);
}

void select_db(ChunkBuilder& out, uint64_t db) {
  char* at = put_byte(out.reserve(1 + kLengthMax), static_cast<unsigned>(Opcode::kSelectDb));
  out.advance(put_length(at, db));
}

void resize_db(ChunkBuilder& out, uint64_t keys, uint64_t with_expiry) {
  char* at = put_byte(out.reserve(1 + 2 * kLengthMax), static_cast<unsigned>(Opcode::kResizeDb));
  out.advance(put_length(put_length(at, keys), with_expiry));
}

ValueType value_type(const store::Entry& entry, int version) {
  if (entry.type() == store::Type::kString) return ValueType::kString;
  const store::ValueForm form = entry.form();
  if (form == store::kSetTable) return ValueType::kSet;
  if (form == store::kHashTable) return ValueType::kHash;
  if (form == store::kZsetSkiplist) return ValueType::kZset2;
  if (form == store::kSetIntset) return ValueType::kSetIntset;
  if (form == store::kSetListpack)
    return version >= kSetListpackFrom ? ValueType::kSetListpack : ValueType::kSet;
  if (form == store::kHashListpack) return ValueType::kHashListpack;
  if (form == store::kZsetListpack) return ValueType::kZsetListpack;
  if (form == store::kStream) return version >= kActiveTimeFrom ? ValueType::kStream3 : ValueType::kStream2;
  GYRE_CHECK(form == store::kListListpack || form == store::kListQuicklist);
  return ValueType::kListQuicklist2;
}

void value(ChunkBuilder& out, const store::Entry& entry, const PairFormat& format) {
  if (entry.type() == store::Type::kString) {
    const bool integral = entry.string_encoding() == store::StringEncoding::kInt;
    return integral ? integer(out, entry.int_value()) : stored_bytes(out, entry, format);
  }
  if (entry.is_object()) {
    ObjectWriter writer(entry.object(), format.compress, format.version);
    while (writer.step(out, std::numeric_limits<size_t>::max())) {
    }
    return;
  }
  if (entry.form() == store::kSetListpack && format.version < kSetListpackFrom)
    return listpack_members(out, entry.raw_value(), format.compress);
  if (entry.form() == store::kListListpack) {
    constexpr uint64_t kNodes = 1;
    length(out, kNodes);
    length(out, kPackedNode);
  }
  stored_bytes(out, entry, format);
}

void pair_head(ChunkBuilder& out, const store::Entry& entry, Access access, const PairFormat& format) {
  constexpr size_t kHeads = 1 + sizeof(int64_t) + 1 + kLengthMax + 1;
  char* at = out.reserve(kHeads);
  if (entry.has_expiry())
    at = put_raw(put_byte(at, static_cast<unsigned>(Opcode::kExpiryMs)), entry.expiry());
  if (access.kind == Access::Kind::kIdleSeconds)
    at = put_length(put_byte(at, static_cast<unsigned>(Opcode::kIdle)), access.value);
  if (access.kind == Access::Kind::kFrequency)
    at = put_byte(put_byte(at, static_cast<unsigned>(Opcode::kFreq)), static_cast<uint8_t>(access.value));
  out.advance(put_byte(at, static_cast<unsigned>(value_type(entry, format.version))));
  string(out, entry.key(), format.compress);
}

void pair(ChunkBuilder& out, const store::Entry& entry, Access access, const PairFormat& format) {
  pair_head(out, entry, access, format);
  value(out, entry, format);
}

void end_of_image(ChunkBuilder& out) { out.append(static_cast<char>(Opcode::kEof)); }

void checksum(ChunkBuilder& out, uint64_t crc) { out.advance(put_raw(out.reserve(sizeof crc), crc)); }

}  // namespace gyre::rdb
