#include "sort_order.h"

#include <string.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstdlib>

#include "gyre/base/numbers.h"

namespace gyre::cmd {

namespace {

int sign_of(int value) { return (value > 0) - (value < 0); }

/// Sorts a part of a sequence with "Engineering a Sort Function" (Bentley and McIlroy, 1993), as Redis does:
/// equal items come out in no order of their own, so who wants Redis's must move them as it does.
class PartSorter {
 public:
  PartSorter(const SortOrder& order, SortItem* begin, SortItem* end)
      : order_(order), wanted_begin_(begin), wanted_end_(end) {}

  void sort(SortItem* a, size_t n) { sort(a, n, 2 * static_cast<int>(std::bit_width(n))); }

 private:
  static constexpr size_t kInsertionBelow = 7, kNinthersAbove = 40;

  int compare(const SortItem* a, const SortItem* b) const { return order_.compare(*a, *b); }
  /// Nothing of it is wanted.
  bool outside(const SortItem* a, size_t n) const { return a >= wanted_end_ || a + n <= wanted_begin_; }

  void sort(SortItem* a, size_t n, int levels);
  void insert(SortItem* a, size_t n) const;
  SortItem* median(SortItem* a, SortItem* b, SortItem* c) const;
  SortItem* pivot(SortItem* a, size_t n) const;

  const SortOrder& order_;
  const SortItem* const wanted_begin_;
  const SortItem* const wanted_end_;
};

void PartSorter::insert(SortItem* a, size_t n) const {
  for (SortItem* next = a + 1; next < a + n; ++next)
    for (SortItem* at = next; at > a && compare(at - 1, at) > 0; --at) std::swap(*at, *(at - 1));
}

SortItem* PartSorter::median(SortItem* a, SortItem* b, SortItem* c) const {
  if (compare(a, b) < 0) return compare(b, c) < 0 ? b : compare(a, c) < 0 ? c : a;
  return compare(b, c) > 0 ? b : compare(a, c) < 0 ? a : c;
}

SortItem* PartSorter::pivot(SortItem* a, size_t n) const {
  SortItem *low = a, *middle = a + n / 2, *high = a + n - 1;
  if (n == kInsertionBelow) return middle;
  if (n > kNinthersAbove) {
    const size_t eighth = n / 8;
    low = median(low, low + eighth, low + 2 * eighth);
    middle = median(middle - eighth, middle, middle + eighth);
    high = median(high - 2 * eighth, high - eighth, high);
  }
  return median(low, middle, high);
}

void PartSorter::sort(SortItem* a, size_t n, int levels) {
  for (;; --levels) {
    if (n < kInsertionBelow) return insert(a, n);
    // Input made to be slow: it gets all the order there is, and no more time.
    if (levels < 0) {
      std::stable_sort(a, a + n,
                       [this](const SortItem& x, const SortItem& y) { return order_.compare(x, y) < 0; });
      return;
    }
    std::swap(*a, *pivot(a, n));
    // Equal | less | not yet looked at | greater | equal, all by the pivot, which is the first.
    SortItem *equal_low = a + 1, *low = a + 1, *high = a + n - 1, *equal_high = a + n - 1;
    for (;; ++low, --high) {
      for (int order; low <= high && (order = compare(low, a)) <= 0; ++low)
        if (order == 0) std::swap(*equal_low++, *low);
      for (int order; low <= high && (order = compare(high, a)) >= 0; --high)
        if (order == 0) std::swap(*high, *equal_high--);
      if (low > high) break;
      std::swap(*low, *high);
    }
    SortItem* const end = a + n;
    const size_t less = static_cast<size_t>(low - equal_low);
    const size_t greater = static_cast<size_t>(equal_high - high);
    const size_t moved_low = std::min(static_cast<size_t>(equal_low - a), less);
    std::swap_ranges(a, a + moved_low, low - moved_low);
    const size_t moved_high = std::min(greater, static_cast<size_t>(end - equal_high - 1));
    std::swap_ranges(low, low + moved_high, end - moved_high);
    if (less > 1 && !outside(a, less)) sort(a, less, levels - 1);
    a = end - greater;
    n = greater;
    if (n < 2 || outside(a, n)) return;
  }
}

}  // namespace

bool sort_score(std::string_view text, double* score) {
  if (const std::optional<int64_t> integer = base::parse_int64(text)) {
    *score = static_cast<double>(*integer);
    return true;
  }
  char* end;
  errno = 0;
  *score = std::strtod(text.data(), &end);
  return *end == '\0' && errno != ERANGE && !std::isnan(*score);
}

SortOrder::SortOrder(By by, bool collated, bool descending) : by_(by), descending_(descending) {
  if (by != By::kScore && collated) locale_ = duplocale(LC_GLOBAL_LOCALE);
}

SortOrder::~SortOrder() {
  if (locale_) freelocale(locale_);
}

int SortOrder::compare_texts(std::string_view a, std::string_view b) const {
  // The sign alone: it may be negated.
  return sign_of(locale_ ? strcoll_l(a.data(), b.data(), locale_) : a.compare(b));
}

int SortOrder::ascending(const SortItem& a, const SortItem& b) const {
  switch (by_) {
    case By::kScore:
      if (a.score != b.score) return a.score < b.score ? -1 : 1;
      return sign_of(a.text.compare(b.text));
    case By::kText:
      return compare_texts(a.text, b.text);
    case By::kWeight:
      break;
  }
  const bool has_a = a.weight.data() != nullptr, has_b = b.weight.data() != nullptr;
  if (!has_a || !has_b) return has_a - has_b;
  return compare_texts(a.weight, b.weight);
}

void sort_items(std::vector<SortItem>& items, const SortOrder& order, size_t begin, size_t end, bool part) {
  if (begin == end) return;
  const auto less = [&order](const SortItem& a, const SortItem& b) { return order.compare(a, b) < 0; };
  const auto at = [&items](size_t index) { return items.begin() + static_cast<std::ptrdiff_t>(index); };
  if (part && order.has_ties()) {
    PartSorter(order, &items[begin], items.data() + end).sort(items.data(), items.size());
  } else if (order.has_ties()) {
    std::stable_sort(items.begin(), items.end(), less);
  } else {
    if (begin > 0) std::nth_element(items.begin(), at(begin), items.end(), less);
    if (end < items.size()) {
      std::partial_sort(at(begin), at(end), items.end(), less);
    } else {
      std::sort(at(begin), items.end(), less);
    }
  }
}

}  // namespace gyre::cmd
