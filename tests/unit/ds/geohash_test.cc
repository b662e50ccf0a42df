// Cells, texts and distances are those of Redis 7.2.4, which gave the expected values; areas have all that a
// shape has.
#include "gyre/ds/geohash.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>
#include <string>

namespace gyre::ds {
namespace {

constexpr GeoPosition kPalermo{13.361389, 38.115556}, kCatania{15.087269, 37.502669};

std::string text_of(GeoPosition position) {
  const auto text = geo_text(position);
  return {text.data(), text.size()};
}

TEST(Geohash, Cells) {
  EXPECT_EQ(geo_encode(kPalermo), 3479099956230698u);
  EXPECT_EQ(geo_encode(kCatania), 3479447370796909u);
  EXPECT_EQ(geo_encode({0, 0}), 0xc000000000000u);
  EXPECT_EQ(geo_encode({-180, -kGeoMaxLatitude}), 0u);
  // The end of the last cell is the beginning of one that the grid does not have.
  EXPECT_EQ(geo_encode({180, kGeoMaxLatitude}), uint64_t{3} << 52);
}

TEST(Geohash, Positions) {
  const GeoPosition palermo = geo_decode(3479099956230698);
  EXPECT_EQ(palermo.longitude, 13.361389338970184);
  EXPECT_EQ(palermo.latitude, 38.115556395496299);
  const GeoPosition corner = geo_decode(static_cast<double>(uint64_t{3} << 52));
  EXPECT_EQ(corner.longitude, 180);
  EXPECT_EQ(corner.latitude, kGeoMaxLatitude);
}

TEST(Geohash, AnyScoreIsSomewhere) {
  for (const double score :
       {-1.0, 0.5, -0x1p63, 0x1p63, 0x1p64, 1e300, -1e300, std::numeric_limits<double>::infinity(),
        -std::numeric_limits<double>::infinity()})
    EXPECT_TRUE(geo_decode(score).valid()) << score;
}

TEST(Geohash, Texts) {
  EXPECT_EQ(text_of(geo_decode(3479099956230698)), "sqc8b49rny0");
  EXPECT_EQ(text_of(geo_decode(3479447370796909)), "sqdtr74hyu0");
}

TEST(Geohash, Distances) {
  EXPECT_NEAR(geo_distance_m(geo_decode(3479099956230698), geo_decode(3479447370796909)), 166274.1516,
              0.00005);
  EXPECT_EQ(geo_distance_m(kPalermo, kPalermo), 0);
  EXPECT_EQ(geo_distance_m({7, 10}, {7, -10}), geo_distance_m({7, -10}, {7, 10}));
  EXPECT_NEAR(geo_distance_m({0, 0}, {180, 0}), std::numbers::pi * 6372797.560856, 0.001);
}

class GeohashRandom : public testing::Test {
 protected:
  double between(double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random_);
  }
  GeoPosition position() {
    return {between(-kGeoMaxLongitude, kGeoMaxLongitude), between(-kGeoMaxLatitude, kGeoMaxLatitude)};
  }
  GeoPosition near(GeoPosition center, double degrees) {
    return {std::clamp(center.longitude + between(-degrees, degrees), -kGeoMaxLongitude, kGeoMaxLongitude),
            std::clamp(center.latitude + between(-degrees, degrees), -kGeoMaxLatitude, kGeoMaxLatitude)};
  }
  std::mt19937_64 random_{20240109};
};

TEST_F(GeohashRandom, MiddleOfTheCell) {
  for (int i = 0; i < 20000; ++i) {
    const GeoPosition at = position();
    const uint64_t cell = geo_encode(at);
    ASSERT_LT(cell, uint64_t{1} << 52);
    const GeoPosition middle = geo_decode(static_cast<double>(cell));
    ASSERT_NEAR(middle.longitude, at.longitude, 360 * 0x1p-27 + 1e-12);
    ASSERT_NEAR(middle.latitude, at.latitude, 2 * kGeoMaxLatitude * 0x1p-27 + 1e-12);
    ASSERT_EQ(geo_encode(middle), cell);
  }
}

TEST_F(GeohashRandom, OppositePointsHaveADistance) {
  for (int i = 0; i < 200000; ++i) {
    const GeoPosition at = position();
    const GeoPosition opposite{at.longitude > 0 ? at.longitude - 180 : at.longitude + 180, -at.latitude};
    ASSERT_NEAR(geo_distance_m(at, opposite), std::numbers::pi * 6372797.560856, 1);
  }
}

TEST_F(GeohashRandom, AreasHaveWhatIsInside) {
  for (int i = 0; i < 20000; ++i) {
    GeoShape shape{.center = near({0, 0}, 70), .unit_m = i % 2 ? 1000.0 : 1609.34};
    if (i % 3 == 0) shape.form = GeoShape::Form::kBox;
    const double size = std::exp(between(-5, 7));
    shape.radius = size / 2;
    shape.width = size * between(0.1, 1);
    shape.height = size * between(0.1, 1);
    const GeoAreas areas(shape);
    ASSERT_LE(areas.size(), 9u);
    const GeoPosition at = near(shape.center, shape.unit_m * size / 1e5);
    const auto score = static_cast<double>(geo_encode(at));
    if (!geo_distance_within_m(shape, geo_decode(score))) continue;
    const auto has = [score](const ScoreRange& area) {
      return area.above_min(score) && area.below_max(score);
    };
    ASSERT_EQ(std::count_if(areas.begin(), areas.end(), has), 1)
        << shape.center.longitude << " " << shape.center.latitude << " " << size << ": " << at.longitude
        << " " << at.latitude;
  }
}

TEST(GeoAreas, OfAPointAndOfTheWorld) {
  const GeoAreas point({.center = kPalermo, .radius = 0});
  EXPECT_EQ(point.begin()->min, 3479099956230698.0);
  EXPECT_EQ(point.begin()->max, 3479099956230699.0);
  // Four cells are all there is: neighbours on both sides are one.
  const GeoAreas world({.center = kPalermo, .radius = std::numeric_limits<double>::infinity()});
  EXPECT_EQ(world.size(), 4u);
}

}  // namespace
}  // namespace gyre::ds
