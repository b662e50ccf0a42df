// Commands that move elements from list to list.
#include <string>

#include "gyre/exec/ignore_case.h"
#include "list_commands.h"

namespace gyre::cmd {

bool list_end(CommandContext& c, size_t i, ListEnd* end) {
  const bool left = exec::equal_ignoring_case(c.arg(i), "left");
  if (!left && !exec::equal_ignoring_case(c.arg(i), "right")) {
    c.syntax_error();
    return false;
  }
  *end = left ? ListEnd::kHead : ListEnd::kTail;
  return true;
}

bool move_element(CommandContext& c, ListEnd from, ListEnd to) {
  const Key source_key = c.key(1), target_key = c.key(2);
  Entry* source = c.db().write(source_key);
  if (!source) {
    c.reply.null();
    return false;
  }
  if (!check_list(c, source)) return false;
  Entry* target = c.db().write(target_key);
  if (!check_list(c, target)) return false;
  const uint64_t size = list_size(*source), index = from == ListEnd::kHead ? 0 : size - 1;
  ds::PackedElement::Scratch digits;
  const std::string element(ListWalk(*source, index, ListEnd::kTail).get().text(digits));
  const std::string_view pushed = element;
  c.reply.bulk(element);

  ListEdit source_edit(c, source_key, source);
  if (source == target && size == 1) {
    // It goes and comes back: the list stays as it is, and yet it has changed.
    c.db().touched(source_key);
  } else if (source == target) {
    source_edit.erase(index, 1);
    source_edit.push({&pushed, 1}, to);
    source_edit.shrink();
  } else {
    source_edit.erase(index, 1);
    source_edit.shrink();
    ListEdit(c, target_key, target).push({&pushed, 1}, to);
  }
  c.set_changes(1);
  return true;
}

void lmove(CommandContext& c) {
  ListEnd from, to;
  if (list_end(c, 3, &from) && list_end(c, 4, &to)) move_element(c, from, to);
}

void rpoplpush(CommandContext& c) { move_element(c, ListEnd::kTail, ListEnd::kHead); }

}  // namespace gyre::cmd
