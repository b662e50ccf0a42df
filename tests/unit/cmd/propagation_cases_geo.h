// The part of the table in propagation_cases.h that is about positions.
#pragma once

#include "propagation_case.h"

namespace gyre::cmd {

inline const std::vector<PropagationCase> kGeoPropagationCases = {
    {"geoadd",
     {"GEOADD g 13.361389 38.115556 a", "GEOADD g 13.361389 38.115556 a", "geoadd g nx Ch 0 0 a 1 2 b",
      "GEOADD g XX 0 0 none", "GEOADD g 180 85.05112878 c"},
     {"zadd g 3479099956230698 a", "zadd g nx Ch 3377699720527872 a 3378080408407459 b",
      "zadd g 13510798882111488 c"}},
    {"geo searches that store",
     {"GEOADD g 0 0 a", "georadius g 0 0 1 m store d", "GEORADIUSBYMEMBER g a 1 m STOREDIST e",
      "GEOSEARCHSTORE f g FROMMEMBER a BYRADIUS 1 m", "GEOSEARCHSTORE f g FROMLONLAT 9 9 BYRADIUS 1 m",
      "GEOSEARCHSTORE f g FROMLONLAT 9 9 BYRADIUS 1 m", "GEORADIUS none 0 0 1 m STORE d"},
     {"zadd g 3377699720527872 a", "georadius g 0 0 1 m store d", "GEORADIUSBYMEMBER g a 1 m STOREDIST e",
      "GEOSEARCHSTORE f g FROMMEMBER a BYRADIUS 1 m", "GEOSEARCHSTORE f g FROMLONLAT 9 9 BYRADIUS 1 m",
      "GEORADIUS none 0 0 1 m STORE d"}},
    {"geo searches that only read",
     {"GEOADD g 0 0 a", "GEORADIUS g 0 0 1 m", "GEOSEARCH g FROMMEMBER a BYRADIUS 1 m", "GEOPOS g a",
      "GEODIST g a a", "GEOHASH g a"},
     {"zadd g 3377699720527872 a"}},
};

}  // namespace gyre::cmd
