#include "score_leaf.h"

#include <algorithm>
#include <new>

#include "gyre/base/memory.h"

namespace gyre::ds {

uint32_t ScoreLeaf::room_for(uint32_t bytes) {
  bytes = std::max<uint32_t>(bytes, 64);
  uint32_t step = std::max<uint32_t>(std::bit_floor(bytes - 1) / 4, 16);
  return (bytes + step - 1) / step * step;
}

ScoreLeaf* ScoreLeaf::make(uint32_t capacity) {
  auto* leaf = new (base::allocate(capacity)) ScoreLeaf;
  leaf->bytes = capacity;
  leaf->capacity = static_cast<uint16_t>(capacity);
  return leaf;
}

BlockHeader* ScoreLeaf::clone(const BlockHeader* block) {
  const auto* from = static_cast<const ScoreLeaf*>(block);
  ScoreLeaf* copy = make(from->capacity);
  copy->append(from, 0, from->count);
  return copy;
}

void ScoreLeaf::destroy(BlockHeader* block) {
  auto* leaf = static_cast<ScoreLeaf*>(block);
  for (uint32_t i = 0; leaf->long_count > 0; ++i) {
    void* blob = blob_of(leaf->entry(i));
    if (blob == nullptr) continue;
    base::Blob::adopt(blob).reset();
    --leaf->long_count;
  }
  base::deallocate(leaf);
}

void ScoreLeaf::insert(uint32_t i, double score, std::string_view member, void* blob) {
  heap = static_cast<uint16_t>(heap + entry_bytes(member));
  char* e = end() - heap;
  if (blob != nullptr) {
    *e = static_cast<char>(kLong);
    std::memcpy(e + 1, &blob, sizeof(blob));
    ++long_count;
  } else {
    *e = static_cast<char>(member.size());
    if (!member.empty()) std::memcpy(e + 1, member.data(), member.size());
  }
  uint16_t* old_places = places();
  ++count;
  uint16_t* new_places = places();  // eight bytes further on
  std::memmove(new_places + i + 1, old_places + i, (count - 1U - i) * sizeof(uint16_t));
  std::memmove(new_places, old_places, i * sizeof(uint16_t));
  std::memmove(scores() + i + 1, scores() + i, (count - 1U - i) * sizeof(double));
  scores()[i] = score;
  new_places[i] = heap;
}

void ScoreLeaf::append(const ScoreLeaf* from, uint32_t begin, uint32_t end_index) {
  if (begin == end_index) return;
  uint32_t n = end_index - begin;
  uint16_t* old_places = places();
  uint32_t old_count = count;
  count = static_cast<uint16_t>(count + n);
  std::memmove(places(), old_places, old_count * sizeof(uint16_t));
  std::memcpy(scores() + old_count, from->scores() + begin, n * sizeof(double));
  uint16_t* to = places() + old_count;
  if (begin == 0 && end_index == from->count) {  // all of it: the entries as they lie
    for (uint32_t i = 0; i < n; ++i) to[i] = static_cast<uint16_t>(from->places()[i] + heap);
    std::memcpy(end() - heap - from->heap, from->end() - from->heap, from->heap);
    heap = static_cast<uint16_t>(heap + from->heap);
  } else {
    for (uint32_t i = 0; i < n; ++i) {
      const char* e = from->entry(begin + i);
      uint32_t bytes_of_entry = entry_bytes(e);
      heap = static_cast<uint16_t>(heap + bytes_of_entry);
      std::memcpy(end() - heap, e, bytes_of_entry);
      to[i] = heap;
    }
  }
  if (from->long_count == 0) return;
  for (uint32_t i = begin; i < end_index; ++i) {
    void* blob = blob_of(from->entry(i));
    if (blob == nullptr) continue;
    (void)base::Blob::share(blob).detach();
    ++long_count;
  }
}

void ScoreLeaf::erase(uint32_t i) {
  const char* e = entry(i);
  uint32_t place = places()[i], bytes_of_entry = entry_bytes(e);
  if (void* blob = blob_of(e); blob != nullptr) {
    base::Blob::adopt(blob).reset();
    --long_count;
  }
  // What arrived later lies below and moves up.
  std::memmove(end() - heap + bytes_of_entry, end() - heap, heap - place);
  heap = static_cast<uint16_t>(heap - bytes_of_entry);
  uint16_t* old_places = places();
  std::memmove(scores() + i, scores() + i + 1, (count - 1U - i) * sizeof(double));
  --count;
  uint16_t* new_places = places();  // eight bytes before
  std::memmove(new_places, old_places, i * sizeof(uint16_t));
  std::memmove(new_places + i, old_places + i + 1, (count - i) * sizeof(uint16_t));
  for (uint32_t k = 0; k < count; ++k) {
    if (new_places[k] > place) new_places[k] = static_cast<uint16_t>(new_places[k] - bytes_of_entry);
  }
}

uint32_t ScoreLeaf::bytes_of(uint32_t begin, uint32_t end_index) const {
  uint32_t sum = 0;
  for (; begin < end_index; ++begin) sum += kFixedBytes + entry_bytes(entry(begin));
  return sum;
}

// ---- probes -----------------------------------------------------------------------------------------------

BlockKey ScoreProbe::key() const {
  switch (kind) {
    case kNothing:
      return {0, 0};
    case kEverything:
      return {UINT64_MAX, UINT64_MAX};
    case kScore:
      return {ScoreLeaf::score_bits(score), inclusive ? UINT64_MAX : 0};
    case kElement:
    case kMember:
      break;
  }
  return ScoreLeaf::key_of(score, member);
}

bool ScoreProbe::before(const ScoreLeaf* leaf, uint32_t i) const {
  double at = leaf->scores()[i];
  switch (kind) {
    case kNothing:
      return false;
    case kEverything:
      return true;
    case kScore:
      return at < score || (inclusive && at == score);
    case kElement:
      if (at != score) return at < score;
      break;
    case kMember:
      break;
  }
  int order = leaf->member(i).compare(member);
  return order < 0 || (inclusive && order == 0);
}

uint32_t ScoreProbe::partition(const ScoreLeaf* leaf) const {
  uint32_t low = 0, high = leaf->count;
  while (low < high) {
    uint32_t middle = (low + high) / 2;
    if (before(leaf, middle))
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

}  // namespace gyre::ds
