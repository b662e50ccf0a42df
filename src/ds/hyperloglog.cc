#include "gyre/ds/hyperloglog.h"

#include <bit>
#include <cmath>

#include "hyperloglog_runs.h"

namespace gyre::ds {
namespace {

constexpr unsigned kIndexBits = 14, kHashBits = 64 - kIndexBits;

/// How many registers have each value. Values above kHashBits + 1 come of no hash; Redis leaves them out of
/// the sum.
struct Histogram {
  uint32_t registers[64] = {};
};

double sigma(double x) {
  if (x == 1.0) return INFINITY;
  double weight = 1, sum = x, before;
  do {
    x *= x;
    before = sum;
    sum += x * weight;
    weight += weight;
  } while (sum != before);
  return sum;
}

double tau(double x) {
  if (x == 0.0 || x == 1.0) return 0.0;
  double weight = 1, sum = 1 - x, before;
  do {
    x = std::sqrt(x);
    before = sum;
    weight *= 0.5;
    sum -= (1 - x) * (1 - x) * weight;
  } while (sum != before);
  return sum / 3;
}

uint64_t estimate(const Histogram& histogram) {
  constexpr double kHalfOverLog2 = 0.721347520444481703680;
  constexpr auto kCount = static_cast<double>(kHllRegisters);
  const auto& registers = histogram.registers;
  double z = kCount * tau((kCount - registers[kHashBits + 1]) / kCount);
  for (unsigned value = kHashBits; value >= 1; --value) {
    z += registers[value];
    z *= 0.5;
  }
  z += kCount * sigma(registers[0] / kCount);
  // Registers that no hash gives may leave z at 0: the conversion of infinity is the library's.
  return static_cast<uint64_t>(llroundl(static_cast<long double>(kHalfOverLog2 * kCount * kCount / z)));
}

/// Calls each(index, value) for dense registers, four from three bytes.
template <class Each>
void for_dense(std::string_view bytes, Each&& each) {
  const char* at = bytes.data() + kHllHeader;
  for (uint32_t i = 0; i < kHllRegisters; i += 4, at += 3) {
    const uint32_t four = byte_at(at) | uint32_t{byte_at(at + 1)} << 8 | uint32_t{byte_at(at + 2)} << 16;
    for (uint32_t j = 0; j < 4; ++j) each(i + j, static_cast<uint8_t>(four >> (6 * j) & 63));
  }
}

}  // namespace

bool hll_valid(std::string_view bytes) {
  if (bytes.size() < kHllHeader || bytes.substr(0, 4) != "HYLL") return false;
  const uint8_t encoding = byte_at(bytes.data() + 4);
  return encoding == 1 || (encoding == 0 && bytes.size() == kHllDenseSize);
}

uint64_t hll_hash(std::string_view element) {
  constexpr uint64_t kMultiplier = 0xc6a4a7935bd1e995, kSeed = 0xadc83b19;
  constexpr unsigned kShift = 47;
  uint64_t hash = kSeed ^ (element.size() * kMultiplier);
  for (; element.size() >= 8; element.remove_prefix(8)) {
    uint64_t word = load_little<uint64_t>(element.data()) * kMultiplier;
    word ^= word >> kShift;
    hash = (hash ^ word * kMultiplier) * kMultiplier;
  }
  if (!element.empty()) {
    uint64_t rest = 0;
    std::memcpy(&rest, element.data(), element.size());
    hash = (hash ^ rest) * kMultiplier;
  }
  hash = (hash ^ hash >> kShift) * kMultiplier;
  return hash ^ hash >> kShift;
}

HllMark hll_mark(std::string_view element) {
  const uint64_t hash = hll_hash(element);
  const uint64_t rest = hash >> kIndexBits | uint64_t{1} << kHashBits;
  return {static_cast<uint32_t>(hash & (kHllRegisters - 1)),
          static_cast<uint8_t>(std::countr_zero(rest) + 1)};
}

bool hll_dense_raise(char* bytes, HllMark mark) {
  if (hll_dense_register({bytes, kHllDenseSize}, mark.index) >= mark.value) return false;
  const size_t bit = size_t{mark.index} * 6;
  const unsigned shift = bit & 7;
  char* const at = bytes + kHllHeader + bit / 8;
  at[0] = static_cast<char>((byte_at(at) & ~(63u << shift)) | static_cast<unsigned>(mark.value) << shift);
  if (shift > 2) {
    const unsigned above = 8 - shift;
    at[1] =
        static_cast<char>((byte_at(at + 1) & ~(63u >> above)) | static_cast<unsigned>(mark.value) >> above);
  }
  return true;
}

bool hll_merge(std::string_view bytes, uint8_t* registers) {
  const auto raise = [registers](uint32_t index, uint8_t value) {
    registers[index] = value > registers[index] ? value : registers[index];
  };
  if (!hll_is_dense(bytes)) return for_sparse_registers(bytes, raise);
  for_dense(bytes, raise);
  return true;
}

std::optional<uint64_t> hll_estimate(std::string_view bytes) {
  Histogram histogram;
  if (hll_is_dense(bytes)) {
    for_dense(bytes, [&](uint32_t, uint8_t value) { ++histogram.registers[value]; });
    return estimate(histogram);
  }
  uint64_t count = 0;
  for (size_t at = kHllHeader; at < bytes.size();) {
    const HllRun run = read_run(bytes, at);
    histogram.registers[run.value] += run.length;
    count += run.length;
    at += run.size;
  }
  return count == kHllRegisters ? std::optional(estimate(histogram)) : std::nullopt;
}

uint64_t hll_estimate_registers(const uint8_t* registers) {
  Histogram histogram;
  for (size_t i = 0; i < kHllRegisters; ++i) ++histogram.registers[registers[i]];
  return estimate(histogram);
}

}  // namespace gyre::ds
