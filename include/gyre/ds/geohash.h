// Positions on Earth as scores of a sorted set. A score is a cell of a grid of 2^26 by 2^26 over all
// longitudes and the latitudes of the web's Mercator maps; the bits of both numbers take turns, the
// longitude's first, so that the cells of a coarser grid are ranges of scores. A position read back is the
// middle of its cell, at most 0.6 m off.
//
// Pure functions. Every operation and its order is that of Redis 7.2's geohash.c and geohash_helper.c, so
// that results are equal in every bit, as are the areas in which a search looks for points, and their order.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "gyre/ds/score_tree.h"

namespace gyre::ds {

inline constexpr double kGeoMaxLongitude = 180;
inline constexpr double kGeoMaxLatitude = 85.05112878;

/// Degrees; east and north are positive.
struct GeoPosition {
  double longitude = 0;
  double latitude = 0;

  bool valid() const {
    return longitude >= -kGeoMaxLongitude && longitude <= kGeoMaxLongitude && latitude >= -kGeoMaxLatitude &&
           latitude <= kGeoMaxLatitude;
  }
};

/// The score of a position, which is valid. On the very last longitude or latitude it has more than 52 bits.
uint64_t geo_encode(GeoPosition position);
/// The middle of the cell of any score, also of one that no position has.
GeoPosition geo_decode(double score);

/// The position in the notation of geohash.org, whose grid covers all latitudes: 10 digits and a zero.
std::array<char, 11> geo_text(GeoPosition position);

/// Along the great circle, on a sphere (haversine).
double geo_distance_m(GeoPosition from, GeoPosition to);

/// What is searched: a circle, or a box whose sides run along meridians and parallels.
struct GeoShape {
  enum class Form : uint8_t { kCircle, kBox };

  Form form = Form::kCircle;
  GeoPosition center;
  double radius = 0;             // of a circle
  double width = 0, height = 0;  // of a box
  double unit_m = 1;             // the length of the unit of these
};

/// The distance between the centre and a position inside; nothing for one outside.
std::optional<double> geo_distance_within_m(const GeoShape& shape, GeoPosition position);

/// Ranges of scores that together have all positions inside a shape, and others: a cell of a grid about as
/// coarse as the shape is large, and those of its neighbours that the shape may reach.
class GeoAreas {
 public:
  explicit GeoAreas(const GeoShape& shape);
  /// In the order in which they are to be searched.
  const ScoreRange* begin() const { return ranges_.data(); }
  const ScoreRange* end() const { return ranges_.data() + count_; }
  size_t size() const { return count_; }

 private:
  std::array<ScoreRange, 9> ranges_;
  size_t count_ = 0;
};

}  // namespace gyre::ds
