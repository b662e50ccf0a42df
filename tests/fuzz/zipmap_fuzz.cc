// Any bytes as a zipmap: what zipmap_valid() accepts can be walked, and its fields and values stand where its
// lengths say. Odd first byte: the last byte and the count are put right first.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "gyre/base/check.h"
#include "gyre/ds/zipmap.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gyre::ds;
  if (size == 0) return 0;
  std::vector<char> bytes(data + 1, data + size);
  if ((data[0] & 1) && bytes.size() >= 2) {
    bytes.front() = static_cast<char>(kZipmapCountUnknown);
    bytes.back() = static_cast<char>(kZipmapEnd);
  }
  const std::string_view view(bytes.data(), bytes.size());
  (void)zipmap_valid(view, false);
  if (!zipmap_valid(view, true)) return 0;
  const ZipmapView map(view);
  size_t pairs = 0, read = 0;
  for (size_t at = map.begin(); at != map.end(); at = map.next(at)) {
    const ZipmapPair pair = map.get(at);
    GYRE_CHECK(pair.size >= pair.field.size() + pair.value.size() + 3);
    for (const char c : pair.field) read += static_cast<uint8_t>(c);
    for (const char c : pair.value) read += static_cast<uint8_t>(c);
    ++pairs;
  }
  GYRE_CHECK(map.count() == pairs && read <= bytes.size() * 255);
  return 0;
}
