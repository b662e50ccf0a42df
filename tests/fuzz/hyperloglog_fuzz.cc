// HyperLogLogs. Input: a byte that chooses; then
//   even  any bytes behind a sparse header: whatever they are, nothing outside is read, what is sound stays
//   sound, and the
//         ways to read it agree
//   odd   registers to raise, done to a HyperLogLog and to an array
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz_input.h"
#include "gyre/base/check.h"
#include "gyre/ds/hyperloglog.h"

namespace {

using namespace gyre::ds;
using Registers = std::vector<uint8_t>;

constexpr size_t kSparseMax = 3000;

/// A block of exactly its size, so that reading behind it is found.
class Exact {
 public:
  explicit Exact(std::string_view bytes) : bytes_(new char[bytes.size()]), size_(bytes.size()) {
    std::memcpy(bytes_.get(), bytes.data(), size_);
  }
  std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<char[]> bytes_;
  size_t size_;
};

void check_foreign(std::string_view input) {
  (void)hll_valid(Exact(input).view());
  std::string bytes(kEmptyHll.substr(0, kHllHeader));
  bytes += input;
  const Exact exact(bytes);
  GYRE_CHECK(hll_valid(exact.view()));
  Registers registers(kHllRegisters);
  const bool sound = hll_merge(exact.view(), registers.data());
  const auto estimate = hll_estimate(exact.view());
  GYRE_CHECK(!estimate || (sound && *estimate == hll_estimate_registers(registers.data())));
  (void)hll_describe_runs(exact.view());

  std::string dense = bytes;
  GYRE_CHECK(hll_make_dense(dense) == sound);
  for (uint32_t i = 0; sound && i < kHllRegisters; ++i)
    GYRE_CHECK(hll_dense_register(dense, i) == registers[i]);

  for (uint32_t index = 0; index < kHllRegisters; index += 1 + index / 3) {
    (void)hll_sparse_find(exact.view(), index);
    const std::string before = bytes;
    const HllMark mark{index, static_cast<uint8_t>(1 + index % 33)};
    const HllResult result = hll_raise(bytes, mark, kSparseMax);
    GYRE_CHECK(hll_valid(bytes));
    if (result != HllResult::kChanged) {
      GYRE_CHECK(bytes == before);
      continue;
    }
    if (!estimate) continue;
    registers[index] = mark.value;
    Registers merged(kHllRegisters);
    GYRE_CHECK(hll_merge(bytes, merged.data()) && merged == registers);
  }
}

void run_program(std::string_view program) {
  gyre::fuzz::Input input(program);
  std::string bytes(kEmptyHll);
  Registers registers(kHllRegisters);
  for (int steps = 0; !input.empty() && steps < 300; ++steps) {
    const uint32_t index = (uint32_t{input.byte()} << 8 | input.byte()) % (steps % 2 ? 64 : kHllRegisters);
    const HllMark mark{index, static_cast<uint8_t>(1 + input.byte() % (steps % 3 ? 4 : 51))};
    const bool grows = registers[index] < mark.value;
    GYRE_CHECK(hll_raise(bytes, mark, kSparseMax) == (grows ? HllResult::kChanged : HllResult::kSame));
    if (grows) registers[index] = mark.value;
  }
  Registers merged(kHllRegisters);
  GYRE_CHECK(hll_merge(bytes, merged.data()) && merged == registers);
  GYRE_CHECK(hll_estimate(bytes) == hll_estimate_registers(registers.data()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data + 1), size - 1);
  if (data[0] & 1) {
    run_program(rest);
  } else {
    check_foreign(rest);
  }
  return 0;
}
