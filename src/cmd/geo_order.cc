#include "geo_order.h"

#include "part_sort.h"

namespace gyre::cmd {

namespace {

struct ByDistance {
  bool farthest_first;

  int compare(const GeoPoint& a, const GeoPoint& b) const {
    const double x = farthest_first ? b.distance_m : a.distance_m;
    const double y = farthest_first ? a.distance_m : b.distance_m;
    return x > y ? 1 : x == y ? 0 : -1;
  }
};

}  // namespace

void order_points(std::vector<GeoPoint>& points, bool farthest_first, size_t wanted) {
  const ByDistance order{farthest_first};
  if (wanted < points.size())
    return PartSorter(order, points.data(), points.data() + wanted).sort(points.data(), points.size());
  stable_sort(points.data(), points.size(),
              [&order](const GeoPoint& a, const GeoPoint& b) { return order.compare(a, b) < 0; });
}

}  // namespace gyre::cmd
