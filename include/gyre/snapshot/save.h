// SAVE: the whole keyspace into a file, at once, with the gate closed. A file appears under its name complete
// or not at all.
#pragma once

#include <cstdint>
#include <string>

#include "gyre/rdb/encoder.h"
#include "gyre/store/keyspace.h"

namespace gyre::snapshot {

struct SaveOptions {
  rdb::HeaderFields fields;  // with the version
  bool compress = true;
  bool checksum = true;
  rdb::Access::Kind access = rdb::Access::Kind::kNone;
  int64_t now_ms = 0;
  int64_t key_save_delay_us = 0;
};

/// Requires the gate closed. `file` is a name in the working directory. False, with Redis's line in the log,
/// when it could not be written: what stood under that name before still does.
bool save_to_file(store::Keyspace& keyspace, const std::string& file, const SaveOptions& options);

/// Gives a complete and flushed file its name, and flushes the directory. False, with the reason in the log,
/// when that failed.
bool put_in_place(const std::string& temporary, const std::string& file);

}  // namespace gyre::snapshot
