// How a value is kept: its type and that type's own numbering of representations. What OBJECT ENCODING says.
//
//   packed   the bytes of a listpack or an intset, in line in the entry or in a Blob (as strings are)
//   object   a store::Object, which grows to any size and can be frozen (object.h)
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gyre::store {

class Entry;

enum class Type : uint8_t {
  kString = 0,
  kList = 1,
  kSet = 2,
  kZset = 3,
  kHash = 4,
  kModule = 5,
  kStream = 6,
};
std::string_view type_name(Type type);

struct ValueForm {
  Type type = Type::kString;
  uint8_t encoding = 0;  // at most 31
  bool operator==(const ValueForm&) const = default;
};

// Packed.
constexpr ValueForm kListListpack{Type::kList, 0};
constexpr ValueForm kSetIntset{Type::kSet, 0};
constexpr ValueForm kSetListpack{Type::kSet, 1};
constexpr ValueForm kZsetListpack{Type::kZset, 0};
constexpr ValueForm kHashListpack{Type::kHash, 0};
// Objects.
constexpr ValueForm kListQuicklist{Type::kList, 1};
constexpr ValueForm kSetTable{Type::kSet, 2};
constexpr ValueForm kZsetSkiplist{Type::kZset, 1};
constexpr ValueForm kHashTable{Type::kHash, 1};
constexpr ValueForm kStream{Type::kStream, 0};

/// Redis's name of the encoding: "embstr", "listpack", "hashtable" ...
std::string_view encoding_name(const Entry& entry);
/// Memory of the value outside its entry.
size_t outside_bytes(const Entry& entry);

}  // namespace gyre::store
