#include "set_view.h"

namespace gyre::cmd {

bool SetView::contains(Member& member) const {
  if (is_table()) return table_->find(member.text(), member.hash(*table_)).has_value();
  if (is_intset()) return member.integer() && intset().contains(*member.integer());
  const ds::ListpackView members = listpack();
  return members.find(members.first(), member.text()) != members.end();
}

}  // namespace gyre::cmd
