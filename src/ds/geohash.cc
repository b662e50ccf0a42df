#include "gyre/ds/geohash.h"

#include <algorithm>
#include <cmath>
#include <numbers>

// A product and a sum that become one operation round differently.
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=off")
#endif

namespace gyre::ds {

namespace {

constexpr unsigned kMaxStep = 26;  // bits of each of the two numbers
constexpr uint64_t kEvenBits = 0x5555555555555555;
constexpr uint64_t kOddBits = ~kEvenBits;
constexpr double kEarthRadius_m = 6372797.560856;
constexpr double kMercatorMax_m = 20037726.37;
constexpr double kRadian = std::numbers::pi / 180.0;  // of a degree

double radians(double degrees) { return degrees * kRadian; }
double degrees(double radians) { return radians / kRadian; }

/// The bits of x on the even places.
uint64_t spread(uint64_t x) {
  x = (x | x << 16) & 0x0000ffff0000ffff;
  x = (x | x << 8) & 0x00ff00ff00ff00ff;
  x = (x | x << 4) & 0x0f0f0f0f0f0f0f0f;
  x = (x | x << 2) & 0x3333333333333333;
  return (x | x << 1) & kEvenBits;
}

uint32_t gather(uint64_t x) {
  x &= kEvenBits;
  x = (x | x >> 1) & 0x3333333333333333;
  x = (x | x >> 2) & 0x0f0f0f0f0f0f0f0f;
  x = (x | x >> 4) & 0x00ff00ff00ff00ff;
  x = (x | x >> 8) & 0x0000ffff0000ffff;
  return static_cast<uint32_t>(x | x >> 16);
}

/// Which of the 2^step equal parts between -limit and limit this is.
uint32_t part_of(double degrees, double limit, unsigned step) {
  double offset = (degrees - -limit) / (limit - -limit);
  offset *= static_cast<double>(uint64_t{1} << step);
  return static_cast<uint32_t>(offset);
}

/// Where a part begins; number + 1 gives where it ends.
double begin_of(uint32_t number, double limit, unsigned step) {
  return -limit + (number * 1.0 / static_cast<double>(uint64_t{1} << step)) * (limit - -limit);
}

uint64_t encode(GeoPosition position, double max_latitude, unsigned step) {
  return spread(part_of(position.latitude, max_latitude, step)) |
         spread(part_of(position.longitude, kGeoMaxLongitude, step)) << 1;
}

struct Bounds {
  double min_longitude, min_latitude, max_longitude, max_latitude;
};

/// A cell of the grid with 2^step parts in both directions.
struct Cell {
  uint64_t bits;
  unsigned step;

  bool operator==(const Cell&) const = default;

  Bounds bounds() const {
    const uint32_t x = gather(bits >> 1), y = gather(bits);
    return {begin_of(x, kGeoMaxLongitude, step), begin_of(y, kGeoMaxLatitude, step),
            begin_of(x + 1, kGeoMaxLongitude, step), begin_of(y + 1, kGeoMaxLatitude, step)};
  }

  Cell neighbour(int east, int north) const {
    const unsigned unused = 64 - 2 * step;
    return {moved(bits & kOddBits, kOddBits >> unused, kEvenBits >> unused, east) |
                moved(bits & kEvenBits, kEvenBits >> unused, kOddBits >> unused, north),
            step};
  }

  ScoreRange scores() const {
    const unsigned finer = 2 * (kMaxStep - step);
    return {static_cast<double>(bits << finer), static_cast<double>((bits + 1) << finer), false, true};
  }

 private:
  /// Counts one number up or down, where it has its places, around the edge: carries run over the gaps.
  static uint64_t moved(uint64_t number, uint64_t places, uint64_t gaps, int by) {
    if (by == 0) return number;
    return (by > 0 ? number + (gaps + 1) : (number | gaps) - (gaps + 1)) & places;
  }
};

/// Conversion to an unsigned number as x86-64 compilers do it, whatever the score is; elsewhere in C++ it is
/// undefined.
uint64_t bits_of(double score) {
  const auto to_signed = [](double value) {
    return value >= -0x1p63 && value < 0x1p63 ? static_cast<uint64_t>(static_cast<int64_t>(value))
                                              : uint64_t{1} << 63;
  };
  return score < 0x1p63 ? to_signed(score) : to_signed(score - 0x1p63) ^ uint64_t { 1 } << 63;
}

double latitude_distance_m(double from, double to) {
  return kEarthRadius_m * std::fabs(radians(to) - radians(from));
}

/// The box around a shape, as wide as it is on the side of the nearer pole.
Bounds bounds_of(const GeoShape& shape) {
  const bool circle = shape.form == GeoShape::Form::kCircle;
  const double height = shape.unit_m * (circle ? shape.radius : shape.height / 2);
  const double width = shape.unit_m * (circle ? shape.radius : shape.width / 2);
  const auto [longitude, latitude] = shape.center;
  const double up = degrees(height / kEarthRadius_m);
  const double widest = latitude < 0 ? latitude - up : latitude + up;
  const double aside = degrees(width / kEarthRadius_m / std::cos(radians(widest)));
  return {longitude - aside, latitude - up, longitude + aside, latitude + up};
}

double reach_m(const GeoShape& shape) {
  double reach = shape.radius;
  if (shape.form == GeoShape::Form::kBox)
    reach = std::sqrt((shape.width / 2) * (shape.width / 2) + (shape.height / 2) * (shape.height / 2));
  return reach * shape.unit_m;
}

/// A grid whose cells are about as large as what is searched, coarser towards the poles.
unsigned step_for(double reach_m, double latitude) {
  if (reach_m == 0) return kMaxStep;
  int step = 1;
  for (; reach_m < kMercatorMax_m; reach_m *= 2) ++step;
  step -= 2;
  if (latitude > 66 || latitude < -66) --step;
  if (latitude > 80 || latitude < -80) --step;
  return static_cast<unsigned>(std::clamp(step, 1, static_cast<int>(kMaxStep)));
}

/// Whether the cell and its neighbours may not have all of the box.
bool too_small(const Cell& cell, const Bounds& box) {
  return cell.neighbour(0, 1).bounds().max_latitude < box.max_latitude ||
         cell.neighbour(0, -1).bounds().min_latitude > box.min_latitude ||
         cell.neighbour(1, 0).bounds().max_longitude < box.max_longitude ||
         cell.neighbour(-1, 0).bounds().min_longitude > box.min_longitude;
}

}  // namespace

uint64_t geo_encode(GeoPosition position) { return encode(position, kGeoMaxLatitude, kMaxStep); }

GeoPosition geo_decode(double score) {
  const Bounds bounds = Cell{bits_of(score), kMaxStep}.bounds();
  return {std::clamp((bounds.min_longitude + bounds.max_longitude) / 2, -kGeoMaxLongitude, kGeoMaxLongitude),
          std::clamp((bounds.min_latitude + bounds.max_latitude) / 2, -kGeoMaxLatitude, kGeoMaxLatitude)};
}

std::array<char, 11> geo_text(GeoPosition position) {
  constexpr char kDigits[] = "0123456789bcdefghjkmnpqrstuvwxyz";
  const uint64_t bits = encode(position, 90, kMaxStep);
  std::array<char, 11> text;
  for (unsigned i = 0; i < 10; ++i) text[i] = kDigits[bits >> (2 * kMaxStep - 5 * (i + 1)) & 31];
  text[10] = '0';
  return text;
}

double geo_distance_m(GeoPosition from, GeoPosition to) {
  const double v = std::sin((radians(to.longitude) - radians(from.longitude)) / 2);
  if (v == 0) return latitude_distance_m(from.latitude, to.latitude);
  const double from_latitude = radians(from.latitude), to_latitude = radians(to.latitude);
  const double u = std::sin((to_latitude - from_latitude) / 2);
  const double a = u * u + std::cos(from_latitude) * std::cos(to_latitude) * v * v;
  // Rounding must not take two opposite points out of the range of asin.
  return 2.0 * kEarthRadius_m * std::asin(std::min(std::sqrt(a), 1.0));
}

std::optional<double> geo_distance_within_m(const GeoShape& shape, GeoPosition position) {
  if (shape.form == GeoShape::Form::kCircle) {
    const double distance = geo_distance_m(shape.center, position);
    if (distance > shape.radius * shape.unit_m) return std::nullopt;
    return distance;
  }
  if (latitude_distance_m(position.latitude, shape.center.latitude) > shape.height * shape.unit_m / 2)
    return std::nullopt;
  // The width is measured along the position's own parallel.
  if (geo_distance_m(position, {shape.center.longitude, position.latitude}) > shape.width * shape.unit_m / 2)
    return std::nullopt;
  return geo_distance_m(shape.center, position);
}

GeoAreas::GeoAreas(const GeoShape& shape) {
  struct Way {
    int east, north;
  };
  constexpr Way kWays[] = {{0, 0}, {0, 1}, {0, -1}, {1, 0}, {-1, 0}, {1, 1}, {-1, 1}, {1, -1}, {-1, -1}};

  const Bounds box = bounds_of(shape);
  unsigned step = step_for(reach_m(shape), shape.center.latitude);
  Cell center{encode(shape.center, kGeoMaxLatitude, step), step};
  if (step > 1 && too_small(center, box)) {
    --step;
    center = {encode(shape.center, kGeoMaxLatitude, step), step};
  }
  const Bounds inner = center.bounds();
  const auto useless = [&](const Way& way) {
    return step >= 2 && ((way.north < 0 && inner.min_latitude < box.min_latitude) ||
                         (way.north > 0 && inner.max_latitude > box.max_latitude) ||
                         (way.east < 0 && inner.min_longitude < box.min_longitude) ||
                         (way.east > 0 && inner.max_longitude > box.max_longitude));
  };
  std::optional<Cell> last;  // neighbour: where the grid has two parts, both directions lead to the same one
  for (const Way& way : kWays) {
    if (useless(way)) continue;
    const Cell cell = center.neighbour(way.east, way.north);
    if (last == cell) continue;
    if (count_ > 0) last = cell;
    ranges_[count_++] = cell.scores();
  }
}

}  // namespace gyre::ds
