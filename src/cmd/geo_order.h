// What a search found, and its order. Private to this module.
#pragma once

#include <string_view>
#include <vector>

#include "gyre/ds/geohash.h"

namespace gyre::cmd {

struct GeoPoint {
  std::string_view member;
  double score;
  ds::GeoPosition position;
  double distance_m;  // from the centre
};

/// Brings the first `wanted` points into their places: the nearest or the farthest first. Points that
/// are equally far come in the order in which Redis gives them: as they were if all are wanted, else as its
/// partial quick sort leaves them.
void order_points(std::vector<GeoPoint>& points, bool farthest_first, size_t wanted);

}  // namespace gyre::cmd
