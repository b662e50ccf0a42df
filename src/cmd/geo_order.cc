#include "geo_order.h"

#include <algorithm>
#include <utility>

namespace gyre::cmd {

namespace {

/// The quick sort of Bentley and McIlroy, "Engineering a Sort Function" (1993), as BSD systems have it,
/// without the parts in which nothing is wanted. It is not stable, so equal points betray every one of its
/// swaps.
class PartialSort {
 public:
  PartialSort(std::vector<GeoPoint>& points, bool farthest_first, size_t wanted)
      : points_(points.data()), farthest_first_(farthest_first), wanted_(wanted) {}

  void sort(size_t begin, size_t size) {
    while (size >= 7) {
      const auto [below, above] = partition(begin, size);
      if (below > 1) sort(begin, below);
      if (above <= 1) return;
      begin += size - above;
      size = above;
      if (begin >= wanted_) return;
    }
    insert(begin, size);
  }

 private:
  int compare(size_t a, size_t b) const {
    const double x = points_[a].distance_m, y = points_[b].distance_m;
    const int order = x > y ? 1 : x == y ? 0 : -1;
    return farthest_first_ ? -order : order;
  }
  void swap(size_t a, size_t b) { std::swap(points_[a], points_[b]); }
  void swap_many(size_t a, size_t b, size_t n) {
    for (size_t i = 0; i < n; ++i) swap(a + i, b + i);
  }

  void insert(size_t begin, size_t size) {
    for (size_t next = begin + 1; next < begin + size; ++next) {
      for (size_t at = next; at > begin && compare(at - 1, at) > 0; --at) swap(at, at - 1);
    }
  }

  size_t median(size_t a, size_t b, size_t c) const {
    if (compare(a, b) < 0) return compare(b, c) < 0 ? b : compare(a, c) < 0 ? c : a;
    return compare(b, c) > 0 ? b : compare(a, c) < 0 ? a : c;
  }

  size_t pivot(size_t begin, size_t size) const {
    size_t low = begin, middle = begin + size / 2, high = begin + size - 1;
    if (size == 7) return middle;
    if (size > 40) {
      const size_t d = size / 8;
      low = median(low, low + d, low + 2 * d);
      middle = median(middle - d, middle, middle + d);
      high = median(high - 2 * d, high - d, high);
    }
    return median(low, middle, high);
  }

  /// Lesser ones to the front, greater ones to the back; how many there are of both. Equal ones gather at
  /// both ends first.
  std::pair<size_t, size_t> partition(size_t begin, size_t size) {
    swap(begin, pivot(begin, size));
    const size_t end = begin + size;
    size_t equal_front = begin + 1, front = equal_front;  // unknown ones: from front up to, and without, back
    size_t equal_back = end, back = end;
    for (;;) {
      for (int order; front < back && (order = compare(front, begin)) <= 0; ++front) {
        if (order == 0) swap(equal_front++, front);
      }
      for (int order; front < back && (order = compare(back - 1, begin)) >= 0; --back) {
        if (order == 0) swap(back - 1, --equal_back);
      }
      if (front >= back) break;
      swap(front++, --back);
    }
    const size_t below = front - equal_front, above = equal_back - back;
    const size_t to_middle = std::min(equal_front - begin, below);
    swap_many(begin, front - to_middle, to_middle);
    const size_t from_back = std::min(above, end - equal_back);
    swap_many(front, end - from_back, from_back);
    return {below, above};
  }

  GeoPoint* const points_;
  const bool farthest_first_;
  const size_t wanted_;
};

}  // namespace

void order_points(std::vector<GeoPoint>& points, bool farthest_first, size_t wanted) {
  if (wanted < points.size()) return PartialSort(points, farthest_first, wanted).sort(0, points.size());
  std::stable_sort(points.begin(), points.end(), [farthest_first](const GeoPoint& a, const GeoPoint& b) {
    return farthest_first ? a.distance_m > b.distance_m : a.distance_m < b.distance_m;
  });
}

}  // namespace gyre::cmd
