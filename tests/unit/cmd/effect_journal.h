// The replication stream as a log would write it, for tests: prefix, SELECT where the database changes,
// pieces.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gyre/exec/propagation.h"

namespace gyre::cmd {

/// Words as an array of bulks.
inline std::string wire(const std::vector<std::string>& words) {
  std::string bytes = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words) bytes += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  return bytes;
}

class EffectJournal : public exec::Propagation {
 public:
  uint64_t propagate(unsigned /*reactor*/, const exec::EffectRecord& record) override {
    ++records;
    stream += record.prefix;
    if (record.first_db != db) stream += wire({"SELECT", std::to_string(record.first_db)});
    for (const exec::EffectRecord::Piece& piece : record.pieces) {
      stream += piece.bytes;
      last_piece = piece.bytes.data();
    }
    db = record.last_db;
    return 0;
  }
  /// What came since the last call.
  std::string take() { return std::exchange(stream, {}); }

  std::string stream;
  const char* last_piece = nullptr;  // where it lay
  int db = 0;
  int records = 0;
};

}  // namespace gyre::cmd
