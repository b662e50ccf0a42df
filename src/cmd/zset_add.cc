// Commands that put members into sorted sets.
#include "zset_add.h"

#include <cmath>
#include <vector>

#include "gyre/exec/ignore_case.h"
#include "zset_commands.h"
#include "zset_value.h"

namespace gyre::cmd {

namespace {

/// Reads the words from argument 2 on; returns where the scores begin.
size_t parse_options(CommandContext& c, AddOptions* options) {
  size_t i = 2;
  for (; i < c.argc(); ++i) {
    const std::string_view word = c.arg(i);
    if (exec::equal_ignoring_case(word, "nx")) {
      options->only_new = true;
    } else if (exec::equal_ignoring_case(word, "xx")) {
      options->only_existing = true;
    } else if (exec::equal_ignoring_case(word, "ch")) {
      options->count_changed = true;
    } else if (exec::equal_ignoring_case(word, "incr")) {
      options->increment = true;
    } else if (exec::equal_ignoring_case(word, "gt")) {
      options->only_greater = true;
    } else if (exec::equal_ignoring_case(word, "lt")) {
      options->only_less = true;
    } else {
      break;
    }
  }
  return i;
}

/// False and the error replied when the words make no sense together.
bool check_options(CommandContext& c, const AddOptions& o, size_t first) {
  const size_t rest = c.argc() - first;
  if (rest == 0 || rest % 2 != 0) {
    c.syntax_error();
  } else if (o.only_new && o.only_existing) {
    c.reply.error("ERR XX and NX options at the same time are not compatible");
  } else if ((o.only_greater && (o.only_new || o.only_less)) || (o.only_less && o.only_new)) {
    c.reply.error("ERR GT, LT, and/or NX options at the same time are not compatible");
  } else if (o.increment && rest > 2) {
    c.reply.error("ERR INCR option supports a single increment-element pair");
  } else {
    return true;
  }
  return false;
}

/// All scores, before the first of them has an effect; empty and the error replied if one is none.
std::vector<double> parse_scores(CommandContext& c, size_t first) {
  std::vector<double> scores;
  scores.reserve((c.argc() - first) / 2);
  for (size_t i = first; i < c.argc(); i += 2) {
    const std::optional<double> score = base::parse_double(c.arg(i));
    if (!score) {
      c.reply.error("ERR value is not a valid float");
      return {};
    }
    scores.push_back(*score);
  }
  return scores;
}

enum class Outcome : uint8_t { kAdded, kUpdated, kSame, kRefused, kNotANumber };

/// `score` becomes the one that the member has then.
Outcome put(ZsetEdit& set, std::string_view member, double* score, const AddOptions& options) {
  const std::optional<double> current = set.score(member);
  if (!current) {
    if (options.only_existing) return Outcome::kRefused;
    set.insert(member, *score);
    return Outcome::kAdded;
  }
  if (options.only_new) return Outcome::kRefused;
  if (options.increment) {
    *score += *current;
    if (std::isnan(*score)) return Outcome::kNotANumber;
  }
  if ((options.only_less && *score >= *current) || (options.only_greater && *score <= *current))
    return Outcome::kRefused;
  if (*score == *current) return Outcome::kSame;
  set.update(member, *current, *score);
  return Outcome::kUpdated;
}

void add(CommandContext& c, AddOptions options) {
  const size_t first = parse_options(c, &options);
  if (!check_options(c, options, first)) return;
  std::vector<double> scores = parse_scores(c, first);
  if (!scores.empty()) add_members(c, options, scores, first + 1, 2);
}

}  // namespace

bool add_members(CommandContext& c, const AddOptions& options, std::span<double> scores, size_t first,
                 size_t step) {
  const Key key = c.key(1);
  Entry* found = c.db().write(key);
  if (!check_zset(c, found)) return false;
  uint64_t added = 0, updated = 0;
  Outcome last = Outcome::kRefused;
  if (found || !options.only_existing) {
    ZsetEdit set(c, key, found);
    set.expect(scores.size(), c.arg(first).size());
    for (size_t i = 0; i < scores.size() && last != Outcome::kNotANumber; ++i) {
      last = put(set, c.arg(first + i * step), &scores[i], options);
      added += last == Outcome::kAdded;
      updated += last == Outcome::kUpdated;
    }
  }
  const uint64_t changed = added + updated;
  c.set_changes(changed);
  if (last == Outcome::kNotANumber) {
    c.reply.error("ERR resulting score is not a number (NaN)");
  } else if (!options.increment) {
    c.reply.integer(static_cast<int64_t>(options.count_changed ? changed : added));
  } else {
    last == Outcome::kRefused ? c.reply.null() : c.reply.double_(scores[0]);
  }
  return changed > 0;
}

void zadd(CommandContext& c) { add(c, {}); }
void zincrby(CommandContext& c) { add(c, {.increment = true}); }

}  // namespace gyre::cmd
