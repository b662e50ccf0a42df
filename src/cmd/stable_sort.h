// A sort that leaves equal items in the order that they had. (That of the standard library needs a function
// that is deprecated, of which the compiler warns.) Private to this module.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace gyre::cmd {

/// Sorts into `to` what stands in both, in the same order. Merges from the one into the other in turns.
template <class Item, class Less>
void merge_sort(Item* from, Item* to, size_t n, const Less& less) {
  constexpr size_t kInsertionBelow = 8;
  if (n < kInsertionBelow) {
    for (Item* next = to + 1; next < to + n; ++next)
      for (Item* at = next; at > to && less(*at, *(at - 1)); --at) std::swap(*at, *(at - 1));
    return;
  }
  const size_t half = n / 2;
  merge_sort(to, from, half, less);
  merge_sort(to + half, from + half, n - half, less);
  std::merge(from, from + half, from + half, from + n, to, less);
}

template <class Item, class Less>
void stable_sort(Item* items, size_t n, const Less& less) {
  if (n < 2) return;
  std::vector<Item> copies(items, items + n);
  merge_sort(copies.data(), items, n, less);
}

}  // namespace gyre::cmd
