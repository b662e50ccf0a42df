// What the tests of OutBuffer share.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "gyre/base/out_buffer.h"

namespace gyre::base {

inline std::string content(const OutBuffer& buffer) {
  std::string scratch;
  return std::string(buffer.flatten(scratch));
}

inline std::string pattern(size_t size, unsigned salt = 0) {
  std::string text(size, '\0');
  for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i * 7 + i / 251 + salt) % 26);
  return text;
}

// What a sender sees.
inline std::string sent(OutBuffer& buffer) {
  std::string text;
  for (OutBuffer::Piece* piece = buffer.front(); piece; piece = piece->next) {
    EXPECT_GT(piece->size, 0u);
    text.append(piece->data, piece->size);
  }
  return text;
}

inline size_t pieces(OutBuffer& buffer) {
  size_t count = 0;
  for (OutBuffer::Piece* piece = buffer.front(); piece; piece = piece->next) ++count;
  return count;
}

}  // namespace gyre::base
