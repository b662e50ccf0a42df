// Strings that are LZF already, as lists keep their inner nodes: what stands in front of them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "gyre/rdb/chunk.h"

namespace gyre::rdb {

/// The head of a string that is `compressed_bytes` of LZF, which follow, of `expanded_bytes`.
void compressed_head(ChunkBuilder& out, size_t compressed_bytes, uint64_t expanded_bytes);

}  // namespace gyre::rdb
