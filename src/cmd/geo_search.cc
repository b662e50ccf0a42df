// The members within a circle or a box: replied, or stored.
#include <algorithm>

#include "geo_argument.h"
#include "geo_commands.h"
#include "geo_order.h"
#include "geo_query.h"
#include "zset_source.h"

namespace gyre::cmd {

namespace {

/// Members inside the shape, area by area, at most `limit`. Their texts are copies: what is stored may
/// replace the set.
std::vector<GeoPoint> find_points(const ZsetView& set, const ds::GeoShape& shape, uint64_t limit,
                                  TextArena& texts) {
  constexpr uint64_t kAtOnce = 64;  // so that a walk ends soon after the limit
  std::vector<GeoPoint> points;
  const auto look = [&](std::string_view member, double score) {
    if (points.size() >= limit) return;
    const ds::GeoPosition position = ds::geo_decode(score);
    if (const std::optional<double> distance_m = ds::geo_distance_within_m(shape, position))
      points.push_back({texts.add(member), score, position, *distance_m});
  };
  for (const ds::ScoreRange& area : ds::GeoAreas(shape)) {
    const ds::RankRange range = set.ranks(area);
    for (uint64_t at = range.begin; at < range.end && points.size() < limit; at += kAtOnce)
      set.visit({at, std::min(range.end, at + kAtOnce)}, Order::kAscending, look);
  }
  return points;
}

/// What is asked for, in the order asked for.
std::vector<GeoPoint> answer(const ZsetView& set, const GeoQuery& query, TextArena& texts) {
  using Sort = GeoQuery::Sort;
  const auto count = static_cast<uint64_t>(query.count);
  std::vector<GeoPoint> points = find_points(set, query.shape, query.any ? count : UINT64_MAX, texts);
  const size_t wanted = count > 0 ? std::min<uint64_t>(count, points.size()) : points.size();
  // A count means the nearest, unless any will do.
  const bool sorted = query.sort != Sort::kNone || (count > 0 && !query.any);
  if (sorted) order_points(points, query.sort == Sort::kFarthest, wanted);
  points.resize(wanted);
  return points;
}

void reply_points(CommandContext& c, const GeoQuery& query, const std::vector<GeoPoint>& points) {
  const size_t options = size_t{query.with_distance} + size_t{query.with_hash} + size_t{query.with_position};
  c.reply.array(points.size());
  for (const GeoPoint& point : points) {
    if (options > 0) c.reply.array(options + 1);
    c.reply.bulk(point.member);
    if (query.with_distance) reply_distance(c, point.distance_m / query.shape.unit_m);
    if (query.with_hash) c.reply.integer(static_cast<int64_t>(point.score));
    if (query.with_position) reply_position(c, point.position);
  }
}

void store_points(CommandContext& c, const GeoQuery& query, const std::vector<GeoPoint>& points) {
  std::vector<ScoredMember> elements;
  elements.reserve(points.size());
  for (const GeoPoint& point : points)
    elements.push_back(
        {point.member, query.store_distance ? point.distance_m / query.shape.unit_m : point.score});
  std::sort(elements.begin(), elements.end(), [](const ScoredMember& a, const ScoredMember& b) {
    return a.score != b.score ? a.score < b.score : a.member < b.member;
  });
  store_zset(c, query.store_at, elements, false);
  if (!elements.empty()) c.set_changes(elements.size());
}

void search(CommandContext& c, const GeoSyntax& syntax) {
  const Entry* entry = c.db().read(c.key(syntax.source));
  if (!check_zset(c, entry)) return;
  GeoQuery query;
  if (!parse_geo_query(c, syntax, entry, &query)) return;
  TextArena texts;
  std::vector<GeoPoint> points;
  if (entry) points = answer(ZsetView(*entry), query, texts);
  query.store_at > 0 ? store_points(c, query, points) : reply_points(c, query, points);
}

}  // namespace

void georadius(CommandContext& c) {
  search(c, {.center = GeoSyntax::Center::kPosition, .store_words = true});
}
void georadius_ro(CommandContext& c) { search(c, {.center = GeoSyntax::Center::kPosition}); }
void georadiusbymember(CommandContext& c) {
  search(c, {.center = GeoSyntax::Center::kMember, .store_words = true});
}
void georadiusbymember_ro(CommandContext& c) { search(c, {.center = GeoSyntax::Center::kMember}); }
void geosearch(CommandContext& c) { search(c, {.center = GeoSyntax::Center::kWords}); }
void geosearchstore(CommandContext& c) {
  search(c, {.center = GeoSyntax::Center::kWords, .source = 2, .stores = true});
}

}  // namespace gyre::cmd
