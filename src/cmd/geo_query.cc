#include "geo_query.h"

#include "geo_argument.h"
#include "gyre/exec/ignore_case.h"

namespace gyre::cmd {

namespace {

class QueryParser {
 public:
  QueryParser(CommandContext& c, const GeoSyntax& syntax, const Entry* set, GeoQuery& query)
      : c_(c), syntax_(syntax), set_(set), query_(query) {}

  bool parse() {
    if (syntax_.stores) query_.store_at = 1;
    if (!fixed_arguments()) return false;
    for (; at_ < c_.argc(); ++at_) {
      Word word = option();
      if (word == Word::kUnknown && syntax_.store_words) word = store_option();
      if (word == Word::kUnknown && syntax_.center == GeoSyntax::Center::kWords) word = search_option();
      if (word == Word::kUnknown) c_.syntax_error();
      if (word != Word::kTaken) return false;
    }
    return check();
  }

 private:
  enum class Word : uint8_t { kTaken, kRefused, kUnknown };  // kRefused: the error is replied

  static Word taken_if(bool good) { return good ? Word::kTaken : Word::kRefused; }
  bool is(std::string_view word) const { return exec::equal_ignoring_case(c_.arg(at_), word); }
  /// The word is this one, and at least `more` arguments follow.
  bool is(std::string_view word, size_t more) const { return c_.argc() - at_ > more && is(word); }

  bool get_member(size_t i) {
    const std::optional<double> score = ZsetView(*set_).score(c_.arg(i));
    if (score) query_.shape.center = ds::geo_decode(*score);
    if (!score) c_.reply.error("ERR could not decode requested zset member");
    return score.has_value();
  }

  bool fixed_arguments() {
    using Center = GeoSyntax::Center;
    at_ = syntax_.center == Center::kPosition ? 6
          : syntax_.center == Center::kMember ? 5
                                              : syntax_.source + 1;
    if (syntax_.center == Center::kPosition && !get_position(c_, 2, &query_.shape.center)) return false;
    if (syntax_.center == Center::kMember) {
      if (!set_) return true;
      if (!get_member(2)) return false;
    }
    return syntax_.center == Center::kWords || get_circle(c_, at_ - 2, &query_.shape);
  }

  Word option() {
    if (is("withdist")) {
      query_.with_distance = true;
    } else if (is("withhash")) {
      query_.with_hash = true;
    } else if (is("withcoord")) {
      query_.with_position = true;
    } else if (is("any")) {
      query_.any = true;
    } else if (is("asc")) {
      query_.sort = GeoQuery::Sort::kNearest;
    } else if (is("desc")) {
      query_.sort = GeoQuery::Sort::kFarthest;
    } else if (is("count", 1)) {
      return count();
    } else {
      return Word::kUnknown;
    }
    return Word::kTaken;
  }

  Word count() {
    if (!c_.get_int64(++at_, &query_.count)) return Word::kRefused;
    if (query_.count > 0) return Word::kTaken;
    c_.reply.error("ERR COUNT must be > 0");
    return Word::kRefused;
  }

  Word store_option() {
    const bool distance = is("storedist", 1);
    if (!distance && !is("store", 1)) return Word::kUnknown;
    query_.store_distance = distance;
    query_.store_at = ++at_;
    return Word::kTaken;
  }

  Word search_option() {
    if (syntax_.stores && is("storedist")) {
      query_.store_distance = true;
    } else if (!from_position_ && is("frommember", 1)) {
      from_member_ = true;
      ++at_;
      if (set_) return taken_if(get_member(at_));
    } else if (!from_member_ && is("fromlonlat", 2)) {
      from_position_ = true;
      at_ += 2;
      return taken_if(get_position(c_, at_ - 1, &query_.shape.center));
    } else if (!by_box_ && is("byradius", 2)) {
      by_radius_ = true;
      at_ += 2;
      return taken_if(get_circle(c_, at_ - 1, &query_.shape));
    } else if (!by_radius_ && is("bybox", 3)) {
      by_box_ = true;
      at_ += 3;
      return taken_if(get_box(c_, at_ - 2, &query_.shape));
    } else {
      return Word::kUnknown;
    }
    return Word::kTaken;
  }

  /// Whether all that was said fits together.
  bool check() {
    const bool words = syntax_.center == GeoSyntax::Center::kWords;
    if (query_.store_at > 0 && (query_.with_distance || query_.with_hash || query_.with_position)) {
      c_.reply.errorf("ERR %s is not compatible with WITHDIST, WITHHASH and WITHCOORD options",
                      syntax_.stores ? "GEOSEARCHSTORE" : "STORE option in GEORADIUS");
    } else if (words && !from_member_ && !from_position_) {
      missing("FROMMEMBER or FROMLONLAT");
    } else if (words && !by_radius_ && !by_box_) {
      missing("BYRADIUS and BYBOX");
    } else if (query_.any && query_.count == 0) {
      c_.reply.error("ERR the ANY argument requires COUNT argument");
    } else {
      return true;
    }
    return false;
  }
  void missing(const char* words) {
    c_.reply.errorf("ERR exactly one of %s can be specified for %.*s", words,
                    static_cast<int>(c_.arg(0).size()), c_.arg(0).data());
  }

  CommandContext& c_;
  const GeoSyntax& syntax_;
  const Entry* const set_;
  GeoQuery& query_;
  size_t at_ = 0;
  bool from_member_ = false, from_position_ = false, by_radius_ = false, by_box_ = false;
};

}  // namespace

bool parse_geo_query(CommandContext& c, const GeoSyntax& syntax, const Entry* set, GeoQuery* query) {
  return QueryParser(c, syntax, set, *query).parse();
}

}  // namespace gyre::cmd
