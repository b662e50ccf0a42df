// Changes of sparse HyperLogLogs.
#include <cstring>

#include "hyperloglog_runs.h"

namespace gyre::ds {
namespace {

constexpr uint8_t kMostValue = 32;
constexpr uint32_t kMostShortZeros = 64, kMostValues = 4;

char values_byte(uint8_t value, uint32_t length) {
  return static_cast<char>(kHllValues | static_cast<uint32_t>(value - 1) << 2 | (length - 1));
}

/// The runs that replace one: at most zeros, a value and zeros, five bytes.
class Runs {
 public:
  void add(uint8_t value, uint32_t length) {
    if (length == 0) return;
    if (value != 0) {
      bytes_[size_++] = values_byte(value, length);
    } else if (length <= kMostShortZeros) {
      bytes_[size_++] = static_cast<char>(length - 1);
    } else {
      bytes_[size_++] = static_cast<char>(kHllLongZeros | (length - 1) >> 8);
      bytes_[size_++] = static_cast<char>((length - 1) & 0xff);
    }
  }
  std::string_view bytes() const { return {bytes_, size_}; }

 private:
  char bytes_[5];
  size_t size_ = 0;
};

/// Makes one of neighbours with the same value, looking at five runs as Redis does: what is not joined now
/// may stay apart for good, and the bytes shall be the same.
void join_neighbours(std::string& bytes, size_t at) {
  for (int left = 5; at < bytes.size() && left > 0; --left) {
    const HllRun run = read_run(bytes, at);
    if (run.value != 0 && at + 1 < bytes.size()) {
      const HllRun next = read_run(bytes, at + 1);
      if (next.value == run.value && run.length + next.length <= kMostValues) {
        bytes[at + 1] = values_byte(run.value, run.length + next.length);
        bytes.erase(at, 1);
        continue;
      }
    }
    at += run.size;
  }
}

HllResult raise_as_dense(std::string& bytes, HllMark mark) {
  if (!hll_make_dense(bytes)) return HllResult::kCorrupt;
  return hll_dense_raise(bytes.data(), mark) ? HllResult::kChanged : HllResult::kSame;
}

}  // namespace

std::optional<HllPlace> hll_sparse_find(std::string_view bytes, uint32_t index, HllCursor from) {
  HllPlace place{.run = from, .before = from};
  while (place.run.at < bytes.size()) {
    const HllRun run = read_run(bytes, place.run.at);
    if (index < place.run.first + run.length) {
      place.length = run.length;
      place.value = run.value;
      place.size = run.size;
      return place;
    }
    // Two runs back, as the one before may be joined with this one; else from the beginning again.
    if (place.run.at != from.at) place.search = place.before;
    place.before = place.run;
    place.run.at += run.size;
    place.run.first += run.length;
  }
  return std::nullopt;
}

HllResult hll_sparse_raise(std::string& bytes, const HllPlace& place, HllMark mark, size_t sparse_max) {
  if (mark.value > kMostValue) return raise_as_dense(bytes, mark);
  const size_t at = place.run.at;
  if (at + place.size > bytes.size()) return HllResult::kCorrupt;
  Runs runs;
  runs.add(place.value, mark.index - place.run.first);
  runs.add(mark.value, 1);
  runs.add(place.value, place.run.first + place.length - 1 - mark.index);
  const std::string_view fresh = runs.bytes();
  if (fresh.size() > place.size && bytes.size() + fresh.size() - place.size > sparse_max)
    return raise_as_dense(bytes, mark);
  bytes.replace(at, place.size, fresh);
  join_neighbours(bytes, place.before.at);
  hll_outdate(bytes.data());
  return HllResult::kChanged;
}

HllResult hll_raise(std::string& bytes, HllMark mark, size_t sparse_max, HllCursor* search) {
  if (hll_is_dense(bytes))
    return hll_dense_raise(bytes.data(), mark) ? HllResult::kChanged : HllResult::kSame;
  // A value that no run can hold is not searched for: Redis goes by what is sound for the whole.
  if (mark.value > kMostValue) return raise_as_dense(bytes, mark);
  const std::optional<HllPlace> place = hll_sparse_find(bytes, mark.index, search ? *search : HllCursor());
  if (!place) return HllResult::kCorrupt;
  if (search) *search = place->search;
  if (place->value >= mark.value) return HllResult::kSame;
  return hll_sparse_raise(bytes, *place, mark, sparse_max);
}

bool hll_make_dense(std::string& bytes) {
  if (hll_is_dense(bytes)) return true;
  std::string dense(kHllDenseSize, '\0');
  std::memcpy(dense.data(), bytes.data(), kHllHeader);
  dense[4] = 0;
  const bool sound = for_sparse_registers(
      bytes, [&](uint32_t index, uint8_t value) { hll_dense_raise(dense.data(), {index, value}); });
  if (sound) bytes = std::move(dense);
  return sound;
}

std::string hll_describe_runs(std::string_view bytes) {
  std::string text;
  for (size_t at = kHllHeader; at < bytes.size();) {
    const HllRun run = read_run(bytes, at);
    if (!text.empty()) text += ' ';
    text += run.value != 0 ? "v:" + std::to_string(run.value) + "," : run.size == 1 ? "z:" : "Z:";
    text += std::to_string(run.length);
    at += run.size;
  }
  return text;
}

}  // namespace gyre::ds
