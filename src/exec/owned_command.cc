#include "gyre/exec/owned_command.h"

#include <cstring>

#include "gyre/resp/arg_arena.h"

namespace gyre::exec {

OwnedCommand::OwnedCommand(const CommandRow* row, const resp::ArgArena& arena, uint32_t first, uint32_t count) : row_(row) {
  for (uint32_t i = 0; i < count; ++i)
    if (base::Blob blob = arena.blob_of(first + i)) blobs_.emplace_back(i, std::move(blob));
  copy(arena.command(first, count));
}

OwnedCommand::OwnedCommand(const CommandRow* row, CommandArgs args) : row_(row) { copy(args); }

base::Blob OwnedCommand::blob_of(uint32_t index) const {
  for (const auto& [i, blob] : blobs_)
    if (i == index) return blob;
  return {};
}

void OwnedCommand::copy(CommandArgs args) {
  auto is_blob = [this](size_t i) {
    for (const auto& entry : blobs_)
      if (entry.first == i) return true;
    return false;
  };
  size_t bytes = 0;
  for (size_t i = 0; i < args.size(); ++i)
    if (!is_blob(i)) bytes += args[i].size();
  bytes_ = std::make_unique_for_overwrite<char[]>(bytes);
  args_.reserve(args.size());
  char* at = bytes_.get();
  for (size_t i = 0; i < args.size(); ++i) {
    if (is_blob(i)) {
      args_.push_back(args[i]);  // views the blob, which we hold
      continue;
    }
    if (!args[i].empty()) std::memcpy(at, args[i].data(), args[i].size());
    args_.emplace_back(at, args[i].size());
    at += args[i].size();
  }
  footprint_ = sizeof(*this) + bytes + args_.capacity() * sizeof(std::string_view);
  for (const auto& entry : blobs_) footprint_ += entry.second.footprint();
}

}  // namespace gyre::exec
