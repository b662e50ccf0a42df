// What GEOSEARCH, GEORADIUS and their like are asked. Private to this module.
#pragma once

#include "gyre/ds/geohash.h"
#include "zset_value.h"

namespace gyre::cmd {

/// What tells these commands apart.
struct GeoSyntax {
  enum class Center : uint8_t { kPosition, kMember, kWords };

  Center center;             // what follows the key; kWords: words say what and how large
  size_t source = 1;         // the argument that is the sorted set's key
  bool store_words = false;  // STORE and STOREDIST with a key are understood
  bool stores = false;       // argument 1 is the key to store at
};

struct GeoQuery {
  enum class Sort : uint8_t { kNone, kNearest, kFarthest };

  ds::GeoShape shape;
  bool with_distance = false, with_hash = false, with_position = false;
  Sort sort = Sort::kNone;
  int64_t count = 0;    // 0: all
  bool any = false;     // the first that are found, not the nearest
  size_t store_at = 0;  // the argument that is the key to store at; 0: none
  bool store_distance = false;
};

/// Reads the arguments. `set` is the sorted set, or null: of a missing one nobody wants to know a member,
/// nor, with kMember, the radius. False and the error replied when they make no sense.
bool parse_geo_query(CommandContext& c, const GeoSyntax& syntax, const Entry* set, GeoQuery* query);

}  // namespace gyre::cmd
