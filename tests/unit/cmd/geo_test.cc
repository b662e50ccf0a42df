// GEOADD, what it stores, and what is found around positions; with packed sets and with objects. Numbers are
// those of Redis 7.2.4; tests/system/cases/geo.py compares many more.
#include <cmath>
#include <map>
#include <random>

#include "fixture.h"
#include "gyre/ds/geohash.h"

namespace gyre::cmd {
namespace {

struct GeoCase {
  unsigned reactors;
  bool packed;
};

class GeoTest : public testing::TestWithParam<GeoCase> {
 protected:
  GeoTest() {
    if (!GetParam().packed) h.environment.zset.entries = 0;
  }
  void steps(const std::vector<Step>& list) { run_steps(h, list); }
  std::string run(std::string_view line) { return h.run(line); }
  void add_sicily() {
    steps({{"GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania", ":2"},
           {"GEOADD g 12.758489 38.788135 edge1 17.241510 38.788135 edge2", ":2"}});
  }
  Harness h{GetParam().reactors};
};
INSTANTIATE_TEST_SUITE_P(Forms, GeoTest,
                         testing::Values(GeoCase{1, true}, GeoCase{1, false}, GeoCase{3, true},
                                         GeoCase{3, false}));

constexpr const char* kWrongType = "-WRONGTYPE Operation against a key holding the wrong kind of value";
constexpr const char* kSyntax = "-ERR syntax error";
constexpr const char* kNoFloat = "-ERR value is not a valid float";
constexpr const char* kUnits = "-ERR unsupported unit provided. please use M, KM, FT, MI";

TEST_P(GeoTest, Adds) {
  steps({
      {"GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania", ":2"},
      {"ZRANGE g 0 -1 WITHSCORES", "[Palermo 3479099956230698 Catania 3479447370796909]"},
      {"GEOADD g 13.361389 38.115556 Palermo 1 2 x", ":1"},
      {"GEOADD g CH XX 13.3 38.1 Palermo 1 2 y", ":1"},
      {"GEOADD g NX CH 0 0 Palermo 0 0 z", ":1"},
      {"ZRANGE g 0 -1", "[z x Palermo Catania]"},
      {"GEOADD none XX 1 1 a", ":0"},
      {"EXISTS none", ":0"},
      {"GEOADD e 180 85.05112878 a -180 -85.05112878 b", ":2"},
      {"ZRANGE e 0 -1 WITHSCORES", "[b 0 a 13510798882111488]"},
  });
}

TEST_P(GeoTest, RefusesToAdd) {
  steps({
      {"GEOADD g 1 2", "-ERR wrong number of arguments for 'geoadd' command"},
      {"GEOADD g NX XX 1 1 a", kSyntax},
      {"GEOADD g NX CH NX", kSyntax},
      {"GEOADD g 1 1 a 2", kSyntax},
      {"GEOADD g 1 x a", kNoFloat},
      {"GEOADD g 1 1 a nan 1 b", kNoFloat},
      {"GEOADD g 181 -86.5 a", "-ERR invalid longitude,latitude pair 181.000000,-86.500000"},
      {"GEOADD g 1 1 a inf 1 b", "-ERR invalid longitude,latitude pair inf,1.000000"},
      {"EXISTS g", ":0"},
      {"SET s x", "OK"},
      {"GEOADD s 200 1 a", "-ERR invalid longitude,latitude pair 200.000000,1.000000"},
      {"GEOADD s 1 1 a", kWrongType},
  });
}

TEST_P(GeoTest, TellsPositions) {
  add_sicily();
  steps({
      {"GEOPOS g Palermo none", "[[13.36138933897018433 38.11555639549629859] nil]"},
      {"GEOPOS g", "[]"},
      {"GEOPOS none a b", "[nil nil]"},
      {"GEOHASH g Palermo none Catania", "[sqc8b49rny0 nil sqdtr74hyu0]"},
      {"GEOHASH none a", "[nil]"},
      {"GEODIST g Palermo Catania", "166274.1516"},
      {"GEODIST g Palermo Catania KM", "166.2742"},
      {"GEODIST g Palermo Catania mi", "103.3182"},
      {"GEODIST g Palermo Palermo ft", "0.0000"},
      {"GEODIST g Palermo none", "nil"},
      {"GEODIST none a b", "nil"},
      {"GEODIST none a b x", kUnits},
      {"GEODIST g a b m m", kSyntax},
      {"SET s x", "OK"},
      {"GEODIST s a b", kWrongType},
      {"GEOPOS s a", kWrongType},
      {"GEOHASH s", kWrongType},
  });
}

TEST_P(GeoTest, Searches) {
  add_sicily();
  steps({
      {"GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 200 km ASC", "[Catania Palermo]"},
      {"GEOSEARCH g FROMLONLAT 15 37 BYBOX 400 400 km ASC WITHCOORD WITHDIST",
       "[[Catania 56.4413 [15.08726745843887329 37.50266842333162032]] "
       "[Palermo 190.4424 [13.36138933897018433 38.11555639549629859]] "
       "[edge2 279.7403 [17.24151045083999634 38.78813451624225195]] "
       "[edge1 279.7405 [12.7584877610206604 38.78813451624225195]]]"},
      {"GEOSEARCH g FROMMEMBER Palermo BYRADIUS 100 km DESC WITHHASH",
       "[[edge1 :3479273021651468] [Palermo :3479099956230698]]"},
      {"GEORADIUS g 15 37 200 km DESC", "[Palermo Catania]"},
      {"GEORADIUS_RO g 15 37 200 km COUNT 1 WITHDIST", "[[Catania 56.4413]]"},
      {"GEORADIUSBYMEMBER g Palermo 100 km ASC", "[Palermo edge1]"},
      {"GEORADIUSBYMEMBER_RO g Catania 0 m", "[Catania]"},
      {"GEORADIUS g 0 0 1 m", "[]"},
      {"GEOSEARCH none FROMMEMBER a BYRADIUS 1 m", "[]"},
      {"GEORADIUSBYMEMBER none a x y", "[]"},
  });
  EXPECT_EQ(run("GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 1000 km COUNT 2"), "[Catania Palermo]");
  EXPECT_EQ(run("GEORADIUS g 15 37 1000 km COUNT 9 DESC"), "[edge1 edge2 Palermo Catania]");
}

TEST_P(GeoTest, Stores) {
  add_sicily();
  steps({
      {"GEOSEARCHSTORE d g FROMLONLAT 15 37 BYRADIUS 200 km", ":2"},
      {"ZRANGE d 0 -1 WITHSCORES", "[Palermo 3479099956230698 Catania 3479447370796909]"},
      {"OBJECT ENCODING d", GetParam().packed ? "listpack" : "skiplist"},
      {"GEORADIUS g 15 37 200 km STORE d STOREDIST e COUNT 1", ":1"},
      {"ZRANGE e 0 -1 WITHSCORES", "[Catania 56.4412578701582]"},
      {"GEORADIUSBYMEMBER g Palermo 100 km STORE d", ":2"},
      {"ZRANGE d 0 -1", "[Palermo edge1]"},
      {"GEORADIUS g 15 37 200 km STORE x STORE y", ":2"},
      {"EXISTS x y", ":1"},
      {"GEORADIUS g 15 37 1 m STORE y", ":0"},
      {"EXISTS y", ":0"},
      {"GEOSEARCHSTORE d none FROMMEMBER a BYRADIUS 1 m", ":0"},
      {"EXISTS d", ":0"},
      {"SET d x", "OK"},
      {"GEOSEARCHSTORE d g FROMMEMBER Palermo BYBOX 1 1 m STOREDIST", ":1"},
      {"ZRANGE d 0 -1 WITHSCORES", "[Palermo 0]"},
      {"GEOSEARCHSTORE g g FROMMEMBER Palermo BYRADIUS 100 km", ":2"},
      {"ZRANGE g 0 -1", "[Palermo edge1]"},
  });
}

TEST_P(GeoTest, RefusesToSearch) {
  add_sicily();
  steps({
      {"SET s x", "OK"},
      {"GEOSEARCH s FROMLONLAT x y BYRADIUS 1 m", kWrongType},
      {"GEORADIUS g 15 86 1 m", "-ERR invalid longitude,latitude pair 15.000000,86.000000"},
      {"GEORADIUS g 15 37 x m", "-ERR need numeric radius"},
      {"GEORADIUS g 15 37 -1 q", "-ERR radius cannot be negative"},
      {"GEORADIUS g 15 37 1 q", kUnits},
      {"GEORADIUS_RO g 15 37 1 m STORE d", kSyntax},
      {"GEORADIUSBYMEMBER g none 1 m", "-ERR could not decode requested zset member"},
      {"GEORADIUSBYMEMBER none a 1 m junk", kSyntax},
      {"GEORADIUS g 15 37 1 m STORE d WITHDIST",
       "-ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and WITHCOORD options"},
      {"GEOSEARCHSTORE d g FROMLONLAT 1 1 BYRADIUS 1 m WITHHASH",
       "-ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD options"},
      {"GEOSEARCH g FROMLONLAT 1 1 BYRADIUS 1 m STORE d", kSyntax},
      {"GEOSEARCH g FROMLONLAT 1 1 BYRADIUS 1 m STOREDIST", kSyntax},
      {"GEOSEARCH g FROMLONLAT 1 1 FROMMEMBER a BYRADIUS 1 m", kSyntax},
      {"GEOSEARCH g FROMLONLAT 1 1 BYRADIUS 1 m BYBOX 1 1 m", kSyntax},
      {"GEOSEARCH g BYRADIUS 1 m ASC WITHDIST",
       "-ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for GEOSEARCH"},
      {"geosearch g FROMLONLAT 1 1 ASC WITHDIST",
       "-ERR exactly one of BYRADIUS and BYBOX can be specified for geosearch"},
      {"GEOSEARCH g FROMLONLAT 1 1 BYBOX x 1 m", "-ERR need numeric width"},
      {"GEOSEARCH g FROMLONLAT 1 1 BYBOX 1 x m", "-ERR need numeric height"},
      {"GEOSEARCH g FROMLONLAT 1 1 BYBOX 1 -1 q", "-ERR height or width cannot be negative"},
      {"GEOSEARCH g FROMLONLAT 1 1 BYRADIUS 1 m ANY", "-ERR the ANY argument requires COUNT argument"},
      {"GEOSEARCH g FROMLONLAT 1 1 BYRADIUS 1 m COUNT 0", "-ERR COUNT must be > 0"},
      {"GEOSEARCH g FROMLONLAT 1 1 BYRADIUS 1 m COUNT x", "-ERR value is not an integer or out of range"},
      {"GEOSEARCH g FROMLONLAT 1 1 BYRADIUS 1 m COUNT", kSyntax},
  });
}

/// Every member that is as near as the radius, and no other, is found: all are looked at for comparison.
TEST_P(GeoTest, FindsWhatAWholeWalkFinds) {
  std::mt19937_64 random(7240);
  const auto between = [&](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  std::map<std::string, ds::GeoPosition> all;
  for (int i = 0; i < 500; ++i) {
    const std::string member = "m" + std::to_string(i);
    const ds::GeoPosition at{between(-170, 170), between(-80, 80)};
    ASSERT_EQ(
        run("GEOADD g " + std::to_string(at.longitude) + " " + std::to_string(at.latitude) + " " + member),
        ":1");
    all[member] = ds::geo_decode(std::stod(run("ZSCORE g " + member)));
  }
  for (int i = 0; i < 300; ++i) {
    const double radius = std::floor(std::exp(between(8, 15)));
    const std::string center = "m" + std::to_string(random() % 500);
    std::multimap<double, std::string> near;
    for (const auto& [member, at] : all) {
      const double distance = ds::geo_distance_m(all[center], at);
      // Redis misses what lies behind the date line, and some where the globe is small.
      if (std::abs(at.latitude) < 60 && std::abs(all[center].latitude) < 60 && distance <= radius)
        near.emplace(distance, member);
    }
    const std::string found = run("GEORADIUSBYMEMBER g " + center + " " + std::to_string(radius) + " m ASC");
    if (std::abs(all[center].latitude) > 50 || std::abs(all[center].longitude) > 100 || radius > 1e6)
      continue;
    std::string expected;
    for (const auto& [distance, member] : near) expected += (expected.empty() ? "" : " ") + member;
    EXPECT_EQ(found, "[" + expected + "]");
  }
}

}  // namespace
}  // namespace gyre::cmd
