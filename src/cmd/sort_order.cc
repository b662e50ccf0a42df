#include "sort_order.h"

#include <string.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>

#include "gyre/base/numbers.h"
#include "part_sort.h"

namespace gyre::cmd {

namespace {

int sign_of(int value) { return (value > 0) - (value < 0); }

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
    PartSorter(order, items.data() + begin, items.data() + end).sort(items.data(), items.size());
  } else if (order.has_ties()) {
    stable_sort(items.data(), items.size(), less);
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
