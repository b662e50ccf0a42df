// Any bytes as a ziplist: what ziplist_valid() accepts gives the same elements in both directions, and as
// many as it says. Odd first byte: the header and the last byte are put right first, so that the entries are
// reached.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "gyre/base/check.h"
#include "gyre/ds/listpack_edit.h"
#include "gyre/ds/ziplist.h"

namespace {

using namespace gyre::ds;

void repair(std::vector<char>& bytes) {
  if (bytes.size() < kZiplistHeader + 1) return;
  store_little(bytes.data(), static_cast<uint32_t>(bytes.size()));
  bytes.back() = static_cast<char>(kZiplistEnd);
  store_little(bytes.data() + 8, uint16_t{65535});
  const std::string_view view(bytes.data(), bytes.size());
  size_t last = kZiplistHeader;
  for (size_t at = last; at < bytes.size() - 1;) {
    last = at;
    const size_t size = ziplist_entry(view, at).size;
    if (size == 0) break;
    at += size;
  }
  store_little(bytes.data() + 4, static_cast<uint32_t>(last));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  std::vector<char> bytes(data + 1, data + size);
  if (data[0] & 1) repair(bytes);
  const std::string_view view(bytes.data(), bytes.size());
  (void)ziplist_valid(view, false);
  size_t seen = 0;
  const bool valid = ziplist_valid(view, [&seen](const PackedElement&) { return ++seen > 0; });
  GYRE_CHECK(valid == ziplist_valid(view, true));
  if (!valid) return 0;

  const ZiplistView list(view);
  std::vector<uint32_t> forwards, backwards;
  for (uint32_t at = list.first(); at != list.end(); at = list.next(at)) forwards.push_back(at);
  for (uint32_t at = list.last(); at != list.end(); at = list.prev(at)) backwards.push_back(at);
  std::reverse(backwards.begin(), backwards.end());
  GYRE_CHECK(forwards == backwards && forwards.size() == seen && list.count() == seen);

  // As a loader converts it.
  ListpackBuilder builder;
  for (const uint32_t at : forwards) builder.add(list.get(at).canonical());
  const std::string converted = builder.finish();
  GYRE_CHECK(listpack_valid(converted, true));
  const ListpackView listpack(converted);
  uint32_t other = listpack.first();
  for (const uint32_t at : forwards) {
    PackedElement::Scratch scratch;
    GYRE_CHECK(listpack.equals(other, list.get(at).text(scratch)));
    other = listpack.next(other);
  }
  return 0;
}
