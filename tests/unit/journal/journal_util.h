// What the tests of the journal share.
#pragma once

#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "gyre/journal/journal.h"

namespace gyre::journal {

inline std::string select_text(int db) {
  const std::string digits = std::to_string(db);
  return "*2\r\n$6\r\nSELECT\r\n$" + std::to_string(digits.size()) + "\r\n" + digits + "\r\n";
}

inline uint64_t append_text(Journal& journal, unsigned writer, std::string_view text,
                            int db = Record::kAnyDb) {
  const Piece piece{text, {}};
  return journal.append(writer, {.first_db = db, .last_db = db, .pieces = {&piece, 1}});
}

inline uint64_t append_blob(Journal& journal, unsigned writer, const base::Blob& blob) {
  const Piece piece{blob.view(), blob};
  return journal.append(writer, {.pieces = {&piece, 1}});
}

/// Committed bytes from the cursor's position on; advances it. Slices `slots` at a time and `step` bytes at
/// most.
inline std::string drain(Journal::Cursor& cursor, size_t slots = 4, size_t step = SIZE_MAX) {
  std::string bytes;
  std::vector<Slice> slices(slots);
  while (size_t count = cursor.peek(cursor.position(), slices, step)) {
    size_t size = 0;
    for (size_t i = 0; i < count; ++i) {
      bytes += slices[i].view();
      size += slices[i].size;
    }
    cursor.advance(cursor.position() + size);
  }
  return bytes;
}

inline std::string random_bytes(std::mt19937_64& random, size_t size) {
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; i += 8) {
    const uint64_t word = random();
    bytes.replace(i, std::min<size_t>(8, size - i), reinterpret_cast<const char*>(&word),
                  std::min<size_t>(8, size - i));
  }
  return bytes;
}

inline uint64_t printed_seed() {
  const uint64_t seed = std::random_device()();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  return seed;
}

}  // namespace gyre::journal
