#include "gyre/store/value_form.h"

#include "gyre/store/entry.h"

namespace gyre::store {

namespace {

std::string_view string_encoding_name(StringEncoding encoding) {
  switch (encoding) {
    case StringEncoding::kEmbstr:
      return "embstr";
    case StringEncoding::kRaw:
      return "raw";
    case StringEncoding::kInt:
      return "int";
  }
  return "unknown";
}

}  // namespace

std::string_view type_name(Type type) {
  switch (type) {
    case Type::kString:
      return "string";
    case Type::kList:
      return "list";
    case Type::kSet:
      return "set";
    case Type::kZset:
      return "zset";
    case Type::kHash:
      return "hash";
    case Type::kModule:
      return "module";
    case Type::kStream:
      return "stream";
  }
  return "unknown";
}

std::string_view encoding_name(const Entry& entry) {
  if (entry.type() == Type::kString) return string_encoding_name(entry.string_encoding());
  const ValueForm form = entry.form();
  if (form == kSetIntset) return "intset";
  if (form == kListQuicklist) return "quicklist";
  if (form == kSetTable || form == kHashTable) return "hashtable";
  if (form == kZsetSkiplist) return "skiplist";
  if (form == kStream) return "stream";
  return "listpack";
}

}  // namespace gyre::store
