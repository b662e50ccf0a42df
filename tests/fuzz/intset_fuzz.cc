// Intsets. Input: a byte that chooses; then
//   even  any bytes as an intset: what intset_valid() accepts ascends, is searched right and can be edited
//   odd   numbers to add and to remove, done to an intset and to a std::set
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz_input.h"
#include "gyre/base/check.h"
#include "gyre/ds/intset.h"

namespace {

using namespace gyre::ds;

std::string_view view_of(const std::vector<char>& bytes) { return {bytes.data(), bytes.size()}; }

bool add(std::vector<char>& bytes, int64_t value) {
  const IntsetEdit edit = IntsetEdit::add(IntsetView(view_of(bytes)), value);
  edit.apply_to(bytes);
  bytes.shrink_to_fit();
  return edit.changes();
}

bool remove(std::vector<char>& bytes, int64_t value) {
  const IntsetEdit edit = IntsetEdit::remove(IntsetView(view_of(bytes)), value);
  edit.apply_to(bytes);
  bytes.shrink_to_fit();
  return edit.changes();
}

void check_same(const std::vector<char>& bytes, const std::set<int64_t>& model) {
  GYRE_CHECK(intset_valid(view_of(bytes), true) == !model.empty());
  const IntsetView set(view_of(bytes));
  GYRE_CHECK(set.count() == model.size());
  uint32_t index = 0;
  for (const int64_t member : model) {
    GYRE_CHECK(set.get(index) == member && set.lower_bound(member) == index && set.contains(member));
    // A neighbour that is no member would be put beside it.
    if (member != INT64_MAX && !model.contains(member + 1)) {
      GYRE_CHECK(!set.contains(member + 1) && set.lower_bound(member + 1) == index + 1);
    }
    ++index;
  }
}

void check_foreign(std::string_view input) {
  std::vector<char> bytes(input.begin(), input.end());
  (void)intset_valid(view_of(bytes), false);
  if (!intset_valid(view_of(bytes), true)) return;
  std::set<int64_t> model;
  const IntsetView set(view_of(bytes));
  for (uint32_t i = 0; i < set.count(); ++i) model.insert(set.get(i));
  check_same(bytes, model);
  for (const int64_t value : {int64_t{7}, int64_t{-40000}, INT64_MAX, INT64_MIN}) {
    GYRE_CHECK(add(bytes, value) == model.insert(value).second);
  }
  GYRE_CHECK(remove(bytes, 7) && model.erase(7) == 1);
  check_same(bytes, model);
}

void run_program(std::string_view program) {
  gyre::fuzz::Input input(program);
  std::vector<char> bytes(kEmptyIntset.begin(), kEmptyIntset.end());
  std::set<int64_t> model;
  for (int steps = 0; !input.empty() && steps < 300; ++steps) {
    const uint8_t operation = input.byte();
    const int64_t value = operation & 2 ? static_cast<int8_t>(input.byte())
                                        : static_cast<int64_t>(input.number()) >> (operation >> 2);
    if (operation & 1) {
      GYRE_CHECK(remove(bytes, value) == (model.erase(value) > 0));
    } else {
      GYRE_CHECK(add(bytes, value) == model.insert(value).second);
    }
  }
  check_same(bytes, model);
  std::vector<int64_t> members(model.begin(), model.end());
  std::vector<char> fresh(intset_size(members));
  write_intset(members, fresh.data());
  check_same(fresh, model);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  gyre::fuzz::run_either(data, size, run_program, check_foreign);
  return 0;
}
