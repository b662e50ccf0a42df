// Commands that take elements out of lists.
#include <vector>

#include "gyre/exec/ignore_case.h"
#include "list_commands.h"

namespace gyre::cmd {

namespace {

/// Argument `i` as a number of at least `min`. False and the error replied when it is none.
bool get_count(CommandContext& c, size_t i, int64_t min, const char* message, uint64_t* count) {
  const std::optional<int64_t> parsed = base::parse_int64(c.arg(i));
  if (parsed && *parsed >= min) {
    *count = static_cast<uint64_t>(*parsed);
    return true;
  }
  c.reply.error(message);
  return false;
}

void pop(CommandContext& c, ListEnd end) {
  if (c.argc() > 3) return c.wrong_arity();
  const bool counted = c.argc() == 3;
  uint64_t count = 1;
  if (counted && !get_count(c, 2, 0, "ERR value is out of range, must be positive", &count)) return;
  const Key key = c.key(1);
  Entry* list = c.db().write(key);
  if (!list) return counted ? c.reply.null_array() : c.reply.null();
  if (!check_list(c, list)) return;
  if (!counted) return pop_element(c, key, list, end);
  if (count == 0) return c.reply.array(0);
  pop_elements(c, key, list, end, count);
}

/// The indexes of up to `count` elements (0: of all) that are `text`, ascending.
std::vector<uint64_t> indexes_of(const Entry& list, std::string_view text, int64_t count) {
  const bool backwards = count < 0;
  const uint64_t most = backwards ? -static_cast<uint64_t>(count) : static_cast<uint64_t>(count);
  const uint64_t size = list_size(list);
  std::vector<uint64_t> indexes;
  ListWalk walk(list, backwards ? size - 1 : 0, backwards ? ListEnd::kHead : ListEnd::kTail);
  for (uint64_t i = 0; i < size; ++i, walk.next()) {
    if (!walk.equals(text)) continue;
    indexes.push_back(backwards ? size - 1 - i : i);
    if (indexes.size() == most) break;
  }
  if (backwards) std::reverse(indexes.begin(), indexes.end());
  return indexes;
}

}  // namespace

uint64_t pop_elements(CommandContext& c, const Key& key, Entry* list, ListEnd end, uint64_t count) {
  const uint64_t size = list_size(*list);
  count = std::min(count, size);
  const bool head = end == ListEnd::kHead;
  reply_elements(c, *list, head ? 0 : size - 1, count, head ? ListEnd::kTail : ListEnd::kHead);
  ListEdit edit(c, key, list);
  edit.erase(head ? 0 : size - count, count);
  edit.shrink();
  c.set_changes(count);
  return count;
}

void pop_element(CommandContext& c, const Key& key, Entry* list, ListEnd end) {
  const uint64_t index = end == ListEnd::kHead ? 0 : list_size(*list) - 1;
  ds::PackedElement::Scratch digits;
  c.reply.bulk(ListWalk(*list, index, ListEnd::kTail).get().text(digits));
  ListEdit edit(c, key, list);
  edit.erase(index, 1);
  edit.shrink();
  c.set_changes(1);
}

bool pop_arguments(CommandContext& c, size_t at, PopArguments* arguments) {
  uint64_t keys;
  if (!get_count(c, at, 1, "ERR numkeys should be greater than 0", &keys)) return false;
  arguments->first_key = at + 1;
  arguments->keys = keys;
  if (keys >= c.argc() - at - 1) {
    c.syntax_error();
    return false;
  }
  const size_t words = at + 1 + keys;
  if (!list_end(c, words, &arguments->end)) return false;
  arguments->count = 1;
  bool counted = false;
  for (size_t i = words + 1; i < c.argc(); i += 2, counted = true) {
    if (counted || i + 1 == c.argc() || !exec::equal_ignoring_case(c.arg(i), "count")) {
      c.syntax_error();
      return false;
    }
    if (!get_count(c, i + 1, 1, "ERR count should be greater than 0", &arguments->count)) return false;
  }
  return true;
}

bool pop_from_first(CommandContext& c, const PopArguments& arguments) {
  for (size_t i = 0; i < arguments.keys; ++i) {
    const Key key = c.key(arguments.first_key + i);
    Entry* list = c.db().write(key);
    if (!list) continue;
    if (!check_list(c, list)) return true;
    c.reply.array(2);
    c.reply.bulk(key.name);
    const uint64_t popped = pop_elements(c, key, list, arguments.end, arguments.count);
    if (c.propagating())
      c.propagate_as({arguments.end == ListEnd::kHead ? "LPOP" : "RPOP", key.name,
                      NumberText(static_cast<int64_t>(popped))});
    return true;
  }
  return false;
}

void lpop(CommandContext& c) { pop(c, ListEnd::kHead); }
void rpop(CommandContext& c) { pop(c, ListEnd::kTail); }

void lmpop(CommandContext& c) {
  PopArguments arguments;
  if (pop_arguments(c, 1, &arguments) && !pop_from_first(c, arguments)) c.reply.null_array();
}

void lrem(CommandContext& c) {
  int64_t count;
  if (!c.get_int64(2, &count)) return;
  const Key key = c.key(1);
  Entry* list = c.db().write(key);
  if (!check_list(c, list)) return;
  if (!list) return c.reply.integer(0);
  const std::vector<uint64_t> indexes = indexes_of(*list, c.arg(3), count);
  ListEdit edit(c, key, list);
  edit.erase_all(indexes);
  if (!indexes.empty()) edit.shrink();
  c.set_changes(indexes.size());
  c.reply.integer(static_cast<int64_t>(indexes.size()));
}

void ltrim(CommandContext& c) {
  int64_t first, last;
  if (!c.get_int64(2, &first) || !c.get_int64(3, &last)) return;
  const Key key = c.key(1);
  Entry* list = c.db().write(key);
  if (!check_list(c, list)) return;
  if (!list) return c.reply.ok();
  const uint64_t size = list_size(*list);
  const IndexRange kept = index_range(first, last, size);
  ListEdit edit(c, key, list);
  if (kept.begin == kept.end) {
    edit.erase(0, size);
  } else {
    edit.erase(kept.end, size - kept.end);
    edit.erase(0, kept.begin);
    edit.shrink();
    // As in Redis those who watch are told though nothing may have gone.
    c.db().touched(key);
  }
  c.set_changes(size - (kept.end - kept.begin));
  c.reply.ok();
}

}  // namespace gyre::cmd
