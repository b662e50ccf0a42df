// Positions, lengths and units as arguments, and in replies. Private to this module.
#pragma once

#include "gyre/ds/geohash.h"
#include "support.h"

namespace gyre::cmd {

// These reply with an error when they give false.

/// `message` replaces the usual one.
bool get_double(CommandContext& c, size_t i, double* value, const char* message = nullptr);
/// Longitude and latitude at arguments `i` and i + 1.
bool get_position(CommandContext& c, size_t i, ds::GeoPosition* position);
/// Argument `i`: how many metres a unit has.
bool get_unit(CommandContext& c, size_t i, double* unit_m);
/// The radius, and its unit, of a circle at arguments `i` and i + 1.
bool get_circle(CommandContext& c, size_t i, ds::GeoShape* shape);
/// Width, height and their unit from argument `i` on.
bool get_box(CommandContext& c, size_t i, ds::GeoShape* shape);

/// With four digits behind the point.
void reply_distance(CommandContext& c, double distance);
void reply_position(CommandContext& c, ds::GeoPosition position);

}  // namespace gyre::cmd
