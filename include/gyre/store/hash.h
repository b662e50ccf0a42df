// The hash of keys, in line, for the one place that hashes every key of every command. Others call hash_key().
#pragma once

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstdint>
#include <string_view>

namespace gyre::store {

namespace detail {
extern uint64_t hash_seed;
}

inline uint64_t hash_key_inline(std::string_view key) {
  return XXH3_64bits_withSeed(key.data(), key.size(), detail::hash_seed);
}

}  // namespace gyre::store
