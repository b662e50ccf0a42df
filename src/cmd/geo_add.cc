// GEOADD: a ZADD whose scores are positions, and which is told as one.
#include <string>
#include <vector>

#include "geo_argument.h"
#include "geo_commands.h"
#include "gyre/exec/ignore_case.h"
#include "zset_add.h"

namespace gyre::cmd {

namespace {

/// Reads the words from argument 2 on; returns where the positions begin.
size_t parse_options(CommandContext& c, AddOptions* options) {
  size_t i = 2;
  for (; i < c.argc(); ++i) {
    if (exec::equal_ignoring_case(c.arg(i), "nx")) {
      options->only_new = true;
    } else if (exec::equal_ignoring_case(c.arg(i), "xx")) {
      options->only_existing = true;
    } else if (exec::equal_ignoring_case(c.arg(i), "ch")) {
      options->count_changed = true;
    } else {
      break;
    }
  }
  return i;
}

void propagate_as_zadd(CommandContext& c, size_t first, const std::vector<uint64_t>& cells) {
  std::vector<std::string> scores;
  scores.reserve(cells.size());
  std::vector<std::string_view> words{"zadd"};
  for (size_t i = 1; i < first; ++i) words.push_back(c.arg(i));
  for (size_t i = 0; i < cells.size(); ++i) {
    words.push_back(scores.emplace_back(base::to_string(static_cast<int64_t>(cells[i]))));
    words.push_back(c.arg(first + 3 * i + 2));
  }
  c.propagate_as(words);
}

}  // namespace

void geoadd(CommandContext& c) {
  AddOptions options;
  const size_t first = parse_options(c, &options);
  const size_t rest = c.argc() - first;
  if (rest % 3 != 0 || rest == 0 || (options.only_new && options.only_existing)) return c.syntax_error();
  std::vector<uint64_t> cells;
  std::vector<double> scores;
  cells.reserve(rest / 3);
  scores.reserve(rest / 3);
  for (size_t i = first; i < c.argc(); i += 3) {
    ds::GeoPosition position;
    if (!get_position(c, i, &position)) return;
    cells.push_back(ds::geo_encode(position));
    scores.push_back(static_cast<double>(cells.back()));
  }
  if (add_members(c, options, scores, first + 2, 3) && c.propagating()) propagate_as_zadd(c, first, cells);
}

}  // namespace gyre::cmd
