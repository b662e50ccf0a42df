// What the configuration says about the encodings of values, for what reads values from files and payloads.
#pragma once

#include "gyre/cmd/environment.h"
#include "gyre/rdb/value_decoder.h"

namespace gyre::cmd {

inline rdb::ValueLimits value_limits(const Environment& environment) {
  const SetLimits set = environment.set_limits();
  const PackedLimits zset = environment.zset_limits(), hash = environment.hash_limits();
  return {.set_intset_entries = set.intset_entries,
          .set_listpack_entries = set.listpack_entries,
          .set_listpack_value = set.listpack_value,
          .zset_entries = zset.entries,
          .zset_value = zset.value_bytes,
          .hash_entries = hash.entries,
          .hash_value = hash.value_bytes,
          .list_max_listpack_size = environment.list_max_listpack_size()};
}

}  // namespace gyre::cmd
