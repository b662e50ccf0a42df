// Sorting of which only a part is wanted. Private to this module.
//
// The quick sort of Bentley and McIlroy, "Engineering a Sort Function" (1993), as Redis has it, but for parts
// in which nothing is wanted. It is not stable: who wants equal items in Redis's order must move them as it
// does.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <utility>

#include "stable_sort.h"

namespace gyre::cmd {

/// `Order` says of two items: compare(a, b), negative, zero or positive.
template <class Item, class Order>
class PartSorter {
 public:
  /// Wanted are the items from `begin` up to, and without, `end`. Refers to the order.
  PartSorter(const Order& order, const Item* begin, const Item* end)
      : order_(order), wanted_begin_(begin), wanted_end_(end) {}

  void sort(Item* a, size_t n) { sort(a, n, kLevelsForEachBit * static_cast<int>(std::bit_width(n))); }

 private:
  static constexpr size_t kInsertionBelow = 7, kNinthersAbove = 40;
  static constexpr int kLevelsForEachBit = 2;

  int compare(const Item* a, const Item* b) const { return order_.compare(*a, *b); }
  bool outside(const Item* a, size_t n) const { return a >= wanted_end_ || a + n <= wanted_begin_; }

  void sort(Item* a, size_t n, int levels);
  void insert(Item* a, size_t n) const;
  Item* median(Item* a, Item* b, Item* c) const;
  Item* pivot(Item* a, size_t n) const;
  /// How many are less and how many greater than one of them: they come to the front and to the back.
  std::pair<size_t, size_t> partition(Item* a, size_t n) const;

  const Order& order_;
  const Item* const wanted_begin_;
  const Item* const wanted_end_;
};

template <class Item, class Order>
void PartSorter<Item, Order>::insert(Item* a, size_t n) const {
  for (Item* next = a + 1; next < a + n; ++next)
    for (Item* at = next; at > a && compare(at - 1, at) > 0; --at) std::swap(*at, *(at - 1));
}

template <class Item, class Order>
Item* PartSorter<Item, Order>::median(Item* a, Item* b, Item* c) const {
  if (compare(a, b) < 0) return compare(b, c) < 0 ? b : compare(a, c) < 0 ? c : a;
  return compare(b, c) > 0 ? b : compare(a, c) < 0 ? a : c;
}

template <class Item, class Order>
Item* PartSorter<Item, Order>::pivot(Item* a, size_t n) const {
  Item *low = a, *middle = a + n / 2, *high = a + n - 1;
  if (n == kInsertionBelow) return middle;
  if (n > kNinthersAbove) {
    const size_t eighth = n / 8;
    low = median(low, low + eighth, low + 2 * eighth);
    middle = median(middle - eighth, middle, middle + eighth);
    high = median(high - 2 * eighth, high - eighth, high);
  }
  return median(low, middle, high);
}

template <class Item, class Order>
std::pair<size_t, size_t> PartSorter<Item, Order>::partition(Item* a, size_t n) const {
  std::swap(*a, *pivot(a, n));
  Item* const end = a + n;
  // Equal | less | not yet looked at, [low, high) | greater | equal, all by the first.
  Item *equal_low = a + 1, *low = equal_low, *high = end, *equal_high = end;
  for (;;) {
    for (int order; low < high && (order = compare(low, a)) <= 0; ++low)
      if (order == 0) std::swap(*equal_low++, *low);
    for (int order; low < high && (order = compare(high - 1, a)) >= 0; --high)
      if (order == 0) std::swap(*(high - 1), *--equal_high);
    if (low >= high) break;
    std::swap(*low++, *--high);
  }
  const auto less = static_cast<size_t>(low - equal_low), greater = static_cast<size_t>(equal_high - high);
  const size_t from_low = std::min(static_cast<size_t>(equal_low - a), less);
  std::swap_ranges(a, a + from_low, low - from_low);
  const size_t from_high = std::min(greater, static_cast<size_t>(end - equal_high));
  std::swap_ranges(low, low + from_high, end - from_high);
  return {less, greater};
}

template <class Item, class Order>
void PartSorter<Item, Order>::sort(Item* a, size_t n, int levels) {
  for (; n >= kInsertionBelow; --levels) {
    // Input made to be slow: it gets all the order there is, and no more time.
    if (levels < 0) {
      stable_sort(a, n, [this](const Item& x, const Item& y) { return order_.compare(x, y) < 0; });
      return;
    }
    const auto [less, greater] = partition(a, n);
    if (less > 1 && !outside(a, less)) sort(a, less, levels - 1);
    a += n - greater;
    n = greater;
    if (n < 2 || outside(a, n)) return;
  }
  insert(a, n);
}

}  // namespace gyre::cmd
