// CRC-64 as RDB files end with it: the Jones polynomial 0xad93d23594c935a9, reflected, start value 0, no
// final change. Eight bytes a step through eight tables (16 KiB). Any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace gyre::base {

/// Continues from `crc` (0 at the start). "123456789" gives 0xe9c6d914c4b8d9ca.
uint64_t crc64(uint64_t crc, std::string_view bytes);

}  // namespace gyre::base
