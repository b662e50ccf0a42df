// The RDB format as Redis 7.2.4 writes it, version 10 or 11, which differ in the header's digits, in sets
// that are listpacks, and in when consumers of streams were active: version 10 does not know them. Pure:
// everything appends to a ChunkBuilder.
//
// An image is: header, auxiliary fields, for each database SELECTDB, RESIZEDB and its pairs, EOF, checksum.
// SELECTDB may come again at any time (loaders go on in that database), so that parts made independently can
// be put in any order.
//
//   pair    = [0xfc, expiry in ms : 8] [0xf8, idle seconds : length | 0xf9, frequency : 1] type key value
//   value   = string                                packed ones: the bytes of the listpack or intset; by type
//           | length (kind string)*                 lists: nodes, 1 an element, 2 a listpack
//           | length (string [string])*             tables: members, or fields with values
//           | length (string score:8)*              sorted sets, from the highest score down
//           | length (string string)* meta groups   streams: nodes, each an ID (16 bytes, big-endian) and a
//           listpack
//   meta    = length*9                              entries; last, first, highest deleted ID, each two;
//   entries ever added groups  = length (string length*3               name, last ID, entries read
//                     length (id:16 ms:8 length)*   pending: delivered at, how often
//                     length (string ms:8 [ms:8] length (id:16)*)*)*    consumers: seen, active, pending
//   length  = 00nnnnnn | 01nnnnnn n | 0x80 n:4 big-endian | 0x81 n:8 big-endian
//   string  = length bytes | 0xc0 n:1 | 0xc1 n:2 | 0xc2 n:4 (signed, little-endian)
//           | 0xc3, compressed length, length, LZF
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "gyre/rdb/chunk.h"
#include "gyre/store/entry.h"

namespace gyre::rdb {

enum class Opcode : uint8_t {
  kFunction2 = 0xf5,
  kFunctionPreGa = 0xf6,
  kModuleAux = 0xf7,
  kIdle = 0xf8,
  kFreq = 0xf9,
  kAux = 0xfa,
  kResizeDb = 0xfb,
  kExpiryMs = 0xfc,
  kExpiry = 0xfd,  // in seconds
  kSelectDb = 0xfe,
  kEof = 0xff,
};

enum class ValueType : uint8_t {
  kString = 0,
  kList = 1,
  kSet = 2,
  kZset = 3,
  kHash = 4,
  kZset2 = 5,
  kModule = 6,
  kModule2 = 7,
  kHashZipmap = 9,
  kListZiplist = 10,
  kSetIntset = 11,
  kZsetZiplist = 12,
  kHashZiplist = 13,
  kListQuicklist = 14,
  kStream = 15,
  kHashListpack = 16,
  kZsetListpack = 17,
  kListQuicklist2 = 18,
  kStream2 = 19,
  kSetListpack = 20,  // from version 11 on
  kStream3 = 21,      // from version 11 on
};

/// Values from this size up are referred to instead of copied, and are not compressed: what is done at once
/// with one value stays bounded. Compressing 64 KiB takes about 200 us, which is a whole slice of background
/// work (I7). Redis compresses values of any size; loaders take both.
constexpr size_t kReferenceFrom = size_t{64} << 10;
/// Shorter strings are never compressed.
constexpr size_t kCompressAbove = 20;

struct Replication {
  int64_t stream_db = 0;
  std::string_view id;
  int64_t offset = 0;
};

struct HeaderFields {
  int version = 10;  // 10 or 11
  int64_t created_s = 0;
  int64_t used_memory = 0;
  std::optional<Replication> replication;  // the three fields that a replica goes on from
};

/// What a pair says about the key's last use: depends on maxmemory-policy, as in Redis.
struct Access {
  enum class Kind : uint8_t { kNone, kIdleSeconds, kFrequency };
  Kind kind = Kind::kNone;
  uint64_t value = 0;
};

/// Kinds of a quicklist's nodes.
constexpr uint64_t kPlainNode = 1, kPackedNode = 2;

/// How pairs are written.
struct PairFormat {
  int version = 10;  // 10 or 11
  bool compress = true;
  /// Values in a Blob of their own from this size up are referred to: at most kReferenceFrom; less where time
  /// counts more than pieces.
  size_t reference_from = kReferenceFrom;
};

/// Magic, version and auxiliary fields.
void header(ChunkBuilder& out, const HeaderFields& fields);
void select_db(ChunkBuilder& out, uint64_t db);
/// The loader's hint for the database selected last: how many keys it has, how many of them with expiry.
void resize_db(ChunkBuilder& out, uint64_t keys, uint64_t with_expiry);
/// A key with its value and expiry. An object's value is written to its end: where that may take too long,
/// pair_head() and an ObjectWriter do it by pieces.
void pair(ChunkBuilder& out, const store::Entry& entry, Access access, const PairFormat& format);
/// All but the value.
void pair_head(ChunkBuilder& out, const store::Entry& entry, Access access, const PairFormat& format);
void end_of_image(ChunkBuilder& out);
/// After end_of_image: CRC-64 of all bytes before, or 0 for none.
void checksum(ChunkBuilder& out, uint64_t crc);

// Parts of the above, for other users (DUMP).
ValueType value_type(const store::Entry& entry, int version);
void value(ChunkBuilder& out, const store::Entry& entry, const PairFormat& format);
void length(ChunkBuilder& out, uint64_t value);
void string(ChunkBuilder& out, std::string_view bytes, bool compress);
void integer(ChunkBuilder& out, int64_t value);

}  // namespace gyre::rdb
