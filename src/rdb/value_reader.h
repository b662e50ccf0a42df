// Readers of values that come element by element, and what turns packed values of others into ours. Private
// to this module.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "gyre/ds/listpack.h"
#include "gyre/rdb/value_decoder.h"

namespace gyre::rdb {

std::unique_ptr<ValueReader> list_reader(ValueType type, const DecodeOptions& options,
                                         uint64_t* sanitizations);
std::unique_ptr<ValueReader> set_reader(const DecodeOptions& options);
std::unique_ptr<ValueReader> zset_reader(ValueType type, const DecodeOptions& options);
std::unique_ptr<ValueReader> hash_reader(const DecodeOptions& options);
std::unique_ptr<ValueReader> stream_reader(ValueType type, const DecodeOptions& options,
                                           uint64_t* sanitizations);

/// The value that a packed one of this type is: one string in a file.
Read packed_value(Input& input, ValueType type, std::string_view bytes, const DecodeOptions& options,
                  Value* out);

/// The first things that most collections have: their length.
enum class Count : uint8_t { kUnread, kRead };
/// Reads the number of elements once. kDone with *left == 0: an empty collection, which *out then is.
inline Read read_count(Input& input, Count* state, uint64_t* left, Value* out) {
  if (*state == Count::kRead) return Read::kDone;
  const Read read = input.length(left);
  if (read != Read::kDone) return read;
  *state = Count::kRead;
  if (*left == 0) *out = Value::empty_collection();
  return Read::kDone;
}

/// Whether no field (`pairs`) or member comes twice.
bool no_repetition(const ds::ListpackView& list, bool pairs);
/// Whether a listpack, of so many bytes and elements, may be a list's whole value.
bool list_fits_packed(int max_listpack_size, size_t bytes, size_t count);

}  // namespace gyre::rdb
