#include "geo_argument.h"

#include <cmath>

#include "gyre/exec/ignore_case.h"

namespace gyre::cmd {

bool get_double(CommandContext& c, size_t i, double* value, const char* message) {
  const std::optional<double> number = base::parse_double(c.arg(i));
  if (!number) {
    c.reply.error(message ? message : "ERR value is not a valid float");
    return false;
  }
  *value = *number;
  return true;
}

bool get_position(CommandContext& c, size_t i, ds::GeoPosition* position) {
  if (!get_double(c, i, &position->longitude) || !get_double(c, i + 1, &position->latitude)) return false;
  if (position->valid()) return true;
  c.reply.errorf("ERR invalid longitude,latitude pair %f,%f", position->longitude, position->latitude);
  return false;
}

bool get_unit(CommandContext& c, size_t i, double* unit_m) {
  struct Unit {
    std::string_view name;
    double metres;
  };
  constexpr Unit kUnits[] = {{"m", 1}, {"km", 1000}, {"ft", 0.3048}, {"mi", 1609.34}};
  for (const Unit& unit : kUnits) {
    if (!exec::equal_ignoring_case(c.arg(i), unit.name)) continue;
    *unit_m = unit.metres;
    return true;
  }
  c.reply.error("ERR unsupported unit provided. please use M, KM, FT, MI");
  return false;
}

bool get_circle(CommandContext& c, size_t i, ds::GeoShape* shape) {
  shape->form = ds::GeoShape::Form::kCircle;
  if (!get_double(c, i, &shape->radius, "ERR need numeric radius")) return false;
  if (shape->radius < 0) {
    c.reply.error("ERR radius cannot be negative");
    return false;
  }
  return get_unit(c, i + 1, &shape->unit_m);
}

bool get_box(CommandContext& c, size_t i, ds::GeoShape* shape) {
  shape->form = ds::GeoShape::Form::kBox;
  if (!get_double(c, i, &shape->width, "ERR need numeric width") ||
      !get_double(c, i + 1, &shape->height, "ERR need numeric height"))
    return false;
  if (shape->width < 0 || shape->height < 0) {
    c.reply.error("ERR height or width cannot be negative");
    return false;
  }
  return get_unit(c, i + 2, &shape->unit_m);
}

void reply_distance(CommandContext& c, double distance) {
  constexpr int kDigits = 4, kScale = 10000;
  const int64_t scaled = std::llrint(distance * kScale);
  char text[base::kInt64TextMax + 1 + kDigits];
  size_t size = base::format_int64(scaled / kScale, text);
  text[size++] = '.';
  int64_t fraction = scaled % kScale;
  for (int i = kDigits - 1; i >= 0; --i, fraction /= 10)
    text[size + static_cast<size_t>(i)] = static_cast<char>('0' + fraction % 10);
  c.reply.bulk({text, size + kDigits});
}

void reply_position(CommandContext& c, ds::GeoPosition position) {
  c.reply.array(2);
  c.reply.human_long_double(position.longitude);
  c.reply.human_long_double(position.latitude);
}

}  // namespace gyre::cmd
