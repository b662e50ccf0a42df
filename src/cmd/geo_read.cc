// Commands that tell where members are.
#include "geo_argument.h"
#include "geo_commands.h"
#include "zset_value.h"

namespace gyre::cmd {

namespace {

/// Replies for each member from argument 2 on: show(position), or missing().
template <class Show, class Missing>
void reply_each(CommandContext& c, Show&& show, Missing&& missing) {
  const Entry* entry = c.db().read(c.key(1));
  if (!check_zset(c, entry)) return;
  c.reply.array(c.argc() - 2);
  for (size_t i = 2; i < c.argc(); ++i) {
    const std::optional<double> score = entry ? ZsetView(*entry).score(c.arg(i)) : std::nullopt;
    score ? show(ds::geo_decode(*score)) : missing();
  }
}

}  // namespace

void geodist(CommandContext& c) {
  double unit_m = 1;
  if (c.argc() > 5) return c.syntax_error();
  if (c.argc() == 5 && !get_unit(c, 4, &unit_m)) return;
  const Entry* entry = c.db().read(c.key(1));
  if (!entry) return c.reply.null();
  if (!check_zset(c, entry)) return;
  const ZsetView set(*entry);
  const std::optional<double> from = set.score(c.arg(2)), to = set.score(c.arg(3));
  if (!from || !to) return c.reply.null();
  reply_distance(c, ds::geo_distance_m(ds::geo_decode(*from), ds::geo_decode(*to)) / unit_m);
}

void geohash(CommandContext& c) {
  const auto show = [&](ds::GeoPosition position) {
    const auto text = ds::geo_text(position);
    c.reply.bulk({text.data(), text.size()});
  };
  reply_each(c, show, [&] { c.reply.null(); });
}

void geopos(CommandContext& c) {
  reply_each(
      c, [&](ds::GeoPosition position) { reply_position(c, position); }, [&] { c.reply.null_array(); });
}

}  // namespace gyre::cmd
