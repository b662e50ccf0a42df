#include "zset_range_argument.h"

#include <cmath>
#include <cstdlib>
#include <string>

namespace gyre::cmd {

namespace {

/// As Redis reads it, with strtod(3): spaces in front, nothing at all and numbers too large are all right.
bool parse_score(std::string_view text, double* score, bool* exclusive) {
  *exclusive = !text.empty() && text[0] == '(';
  if (*exclusive) text.remove_prefix(1);
  if (const std::optional<double> plain = base::parse_double(text)) {
    *score = *plain;
    return true;
  }
  const std::string copy(text);
  char* end;
  *score = std::strtod(copy.c_str(), &end);
  return *end == '\0' && !std::isnan(*score);
}

bool parse_bound(std::string_view text, ds::LexBound* bound) {
  if (text == "-" || text == "+") {
    bound->kind = text == "-" ? ds::LexBound::kLowest : ds::LexBound::kHighest;
    return true;
  }
  if (text.empty() || (text[0] != '(' && text[0] != '[')) return false;
  bound->kind = ds::LexBound::kMember;
  bound->exclusive = text[0] == '(';
  bound->member = text.substr(1);
  return true;
}

}  // namespace

bool score_range(CommandContext& c, size_t min, size_t max, ds::ScoreRange* range) {
  if (parse_score(c.arg(min), &range->min, &range->min_exclusive) &&
      parse_score(c.arg(max), &range->max, &range->max_exclusive))
    return true;
  c.reply.error("ERR min or max is not a float");
  return false;
}

bool lex_range(CommandContext& c, size_t min, size_t max, ds::LexRange* range) {
  if (parse_bound(c.arg(min), &range->min) && parse_bound(c.arg(max), &range->max)) return true;
  c.reply.error("ERR min or max not valid string range item");
  return false;
}

ds::RankRange rank_range(int64_t start, int64_t stop, uint64_t size) {
  const auto length = static_cast<int64_t>(size);
  if (start < 0) start = std::max<int64_t>(length + start, 0);
  if (stop < 0) stop += length;
  if (start > stop || start >= length) return {};
  stop = std::min(stop, length - 1);
  return {static_cast<uint64_t>(start), static_cast<uint64_t>(stop) + 1};
}

}  // namespace gyre::cmd
