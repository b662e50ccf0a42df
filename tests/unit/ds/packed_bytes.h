// Bytes of packed collections in tests.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "gyre/ds/listpack_edit.h"

namespace gyre::ds {

inline std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::strtoul(std::string(hex.substr(i, 2)).c_str(), nullptr, 16)));
  }
  return bytes;
}

inline std::string to_hex(std::string_view bytes) {
  std::string hex;
  for (const char c : bytes) {
    hex.push_back("0123456789abcdef"[static_cast<uint8_t>(c) >> 4]);
    hex.push_back("0123456789abcdef"[c & 15]);
  }
  return hex;
}

using Texts = std::vector<std::string>;

inline std::vector<PackedElement> elements_of(const Texts& texts) { return {texts.begin(), texts.end()}; }

inline std::string listpack_of(const Texts& texts) {
  std::string bytes(kEmptyListpack);
  const std::vector<PackedElement> elements = elements_of(texts);
  ListpackEdit::append(ListpackView(bytes), elements).apply_to(bytes);
  return bytes;
}

inline std::string text_of(const PackedElement& element) {
  PackedElement::Scratch scratch;
  return std::string(element.text(scratch));
}

inline Texts texts_of(std::string_view bytes) {
  const ListpackView list(bytes);
  Texts texts;
  for (uint32_t at = list.first(); at != list.end(); at = list.next(at))
    texts.push_back(text_of(list.get(at)));
  return texts;
}

inline Texts texts_backwards(std::string_view bytes) {
  const ListpackView list(bytes);
  Texts texts;
  for (uint32_t at = list.last(); at != list.end(); at = list.prev(at))
    texts.push_back(text_of(list.get(at)));
  return texts;
}

}  // namespace gyre::ds
