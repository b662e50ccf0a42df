// What planned edits of packed collections (ListpackEdit, IntsetEdit) have in common.
#pragma once

namespace gyre::ds {

/// Applies the edit to an owner with resize(size), which keeps the bytes, and data(): room comes first, and goes last.
template <typename Edit, typename Buffer>
void apply_resizing(const Edit& edit, Buffer& buffer) {
  if (edit.new_size() > edit.old_size()) buffer.resize(edit.new_size());
  edit.apply(buffer.data());
  if (edit.new_size() < edit.old_size()) buffer.resize(edit.new_size());
}

}  // namespace gyre::ds
