// The order in which SORT puts elements. Private to this module.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <locale.h>

namespace gyre::cmd {

/// An element, and what it is sorted by. Both texts have a NUL behind them.
struct SortItem {
  std::string_view text;
  std::string_view weight;  // by a pattern and as text; no data: nothing was found
  double score = 0;         // as a number
};

/// Whether a text with a NUL behind it is a number for SORT, as strtod() takes it; then *score is that.
bool sort_score(std::string_view text, double* score);

/// Compares elements. While it lives its collation stays the same, whatever is configured meanwhile.
class SortOrder {
 public:
  enum class By : uint8_t { kScore, kText, kWeight };
  /// `collated`: texts in the order of the locale (their parts up to a NUL), else of their bytes.
  SortOrder(By by, bool collated, bool descending);
  ~SortOrder();
  SortOrder(const SortOrder&) = delete;
  SortOrder& operator=(const SortOrder&) = delete;

  /// Negative, zero or positive.
  int compare(const SortItem& a, const SortItem& b) const {
    const int order = ascending(a, b);
    return descending_ ? -order : order;
  }
  /// Whether elements that are not the same may be equal.
  bool has_ties() const { return by_ == By::kWeight || locale_ != nullptr; }

 private:
  int ascending(const SortItem& a, const SortItem& b) const;
  int compare_texts(std::string_view a, std::string_view b) const;

  const By by_;
  const bool descending_;
  locale_t locale_ = nullptr;  // null: by bytes
};

/// Sorts so that at least items [begin, end) are what they would be in the whole order. Equal ones come out
/// as Redis has them: in the order that they had, but not with `part`, when only a part is asked for of what
/// is sorted by a pattern.
void sort_items(std::vector<SortItem>& items, const SortOrder& order, size_t begin, size_t end, bool part);

}  // namespace gyre::cmd
