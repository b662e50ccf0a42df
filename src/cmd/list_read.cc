// Commands that read lists.
#include <limits>

#include "gyre/exec/ignore_case.h"
#include "list_commands.h"

namespace gyre::cmd {

IndexRange index_range(int64_t first, int64_t last, uint64_t size) {
  const auto n = static_cast<int64_t>(size);
  if (first < 0) first += n;
  if (last < 0) last += n;
  first = std::max<int64_t>(first, 0);
  if (first > last || first >= n) return {0, 0};
  return {static_cast<uint64_t>(first), static_cast<uint64_t>(std::min(last, n - 1)) + 1};
}

void reply_elements(CommandContext& c, const Entry& list, uint64_t index, uint64_t count, ListEnd towards) {
  c.reply.array(count);
  ds::PackedElement::Scratch digits;
  for (ListWalk walk(list, index, towards); count > 0; --count, walk.next())
    c.reply.bulk(walk.get().text(digits));
}

void llen(CommandContext& c) {
  const Entry* list = c.db().read(c.key(1));
  if (!check_list(c, list)) return;
  c.reply.integer(list ? static_cast<int64_t>(list_size(*list)) : 0);
}

void lindex(CommandContext& c) {
  const Entry* list = c.db().read(c.key(1));
  if (!list) return c.reply.null();
  int64_t index;
  if (!check_list(c, list) || !c.get_int64(2, &index)) return;
  if (index < 0) index += static_cast<int64_t>(list_size(*list));
  if (index < 0) return c.reply.null();
  const ListWalk walk(*list, static_cast<uint64_t>(index), ListEnd::kTail);
  if (!walk.valid()) return c.reply.null();
  ds::PackedElement::Scratch digits;
  c.reply.bulk(walk.get().text(digits));
}

void lrange(CommandContext& c) {
  int64_t first, last;
  if (!c.get_int64(2, &first) || !c.get_int64(3, &last)) return;
  const Entry* list = c.db().read(c.key(1));
  if (!check_list(c, list)) return;
  const IndexRange range = index_range(first, last, list ? list_size(*list) : 0);
  if (range.begin == range.end) return c.reply.array(0);
  reply_elements(c, *list, range.begin, range.end - range.begin, ListEnd::kTail);
}

namespace {

struct Search {
  int64_t rank = 1;
  std::optional<uint64_t> count;  // nothing: one match, not as an array
  uint64_t max_length = 0;        // 0: no limit
};

/// Argument `i` as a number that is not negative. False and the error replied when it is none.
bool get_positive(CommandContext& c, size_t i, const char* message, uint64_t* value) {
  const std::optional<int64_t> parsed = base::parse_int64(c.arg(i));
  if (!parsed || *parsed < 0) {
    c.reply.error(message);
    return false;
  }
  *value = static_cast<uint64_t>(*parsed);
  return true;
}

bool get_rank(CommandContext& c, size_t i, int64_t* rank) {
  if (!c.get_int64(i, rank)) return false;
  if (*rank == std::numeric_limits<int64_t>::min()) {
    c.reply.error(
        "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807");
    return false;
  }
  if (*rank != 0) return true;
  c.reply.error(
      "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to "
      "start from the end of the list");
  return false;
}

/// The words of LPOS behind the element. False and the error replied when they are wrong.
bool parse_search(CommandContext& c, Search* search) {
  for (size_t i = 3; i < c.argc(); i += 2) {
    const bool more = i + 1 < c.argc();
    if (more && exec::equal_ignoring_case(c.arg(i), "rank")) {
      if (!get_rank(c, i + 1, &search->rank)) return false;
    } else if (more && exec::equal_ignoring_case(c.arg(i), "count")) {
      uint64_t count;
      if (!get_positive(c, i + 1, "ERR COUNT can't be negative", &count)) return false;
      search->count = count;
    } else if (more && exec::equal_ignoring_case(c.arg(i), "maxlen")) {
      if (!get_positive(c, i + 1, "ERR MAXLEN can't be negative", &search->max_length)) return false;
    } else {
      c.syntax_error();
      return false;
    }
  }
  return true;
}

/// Calls found(index) for the matches from the one of the wanted rank on, until it returns false.
template <class Found>
void find_matches(const Entry& list, std::string_view text, const Search& search, Found&& found) {
  const uint64_t size = list_size(list);
  const bool backwards = search.rank < 0;
  const auto rank = static_cast<uint64_t>(backwards ? -search.rank : search.rank);
  const uint64_t looked_at = search.max_length == 0 ? size : std::min(size, search.max_length);
  uint64_t matches = 0;
  ListWalk walk(list, backwards ? size - 1 : 0, backwards ? ListEnd::kHead : ListEnd::kTail);
  for (uint64_t i = 0; i < looked_at; ++i, walk.next())
    if (walk.equals(text) && ++matches >= rank && !found(backwards ? size - 1 - i : i)) return;
}

}  // namespace

void lpos(CommandContext& c) {
  Search search;
  if (!parse_search(c, &search)) return;
  const Entry* list = c.db().read(c.key(1));
  if (!list) return search.count ? c.reply.array(0) : c.reply.null();
  if (!check_list(c, list)) return;
  if (!search.count) {
    std::optional<uint64_t> place;
    find_matches(*list, c.arg(2), search, [&](uint64_t index) {
      place = index;
      return false;
    });
    return place ? c.reply.integer(static_cast<int64_t>(*place)) : c.reply.null();
  }
  std::vector<uint64_t> places;
  find_matches(*list, c.arg(2), search, [&](uint64_t index) {
    places.push_back(index);
    return places.size() != *search.count;
  });
  c.reply.array(places.size());
  for (const uint64_t place : places) c.reply.integer(static_cast<int64_t>(place));
}

}  // namespace gyre::cmd
