// A command that outlives the input it was parsed from: queued by MULTI, or waiting for a lock, the gate, or (later) a
// key. All argument bytes in one allocation; arguments received as blobs stay references.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "gyre/base/blob.h"
#include "gyre/exec/command_row.h"

namespace gyre::resp {
class ArgArena;
}

namespace gyre::exec {

class OwnedCommand {
 public:
  OwnedCommand() = default;
  /// Copies the arguments [first, first + count) of `arena`; blobs are shared.
  OwnedCommand(const CommandRow* row, const resp::ArgArena& arena, uint32_t first, uint32_t count);
  /// Copies plain arguments.
  OwnedCommand(const CommandRow* row, CommandArgs args);
  OwnedCommand(OwnedCommand&&) noexcept = default;
  OwnedCommand& operator=(OwnedCommand&&) noexcept = default;

  const CommandRow* row() const { return row_; }
  CommandArgs args() const { return args_; }
  base::Blob blob_of(uint32_t index) const;
  /// Bytes held, as CLIENT LIST's multi-mem counts them.
  size_t footprint() const { return footprint_; }

 private:
  void copy(CommandArgs args);

  const CommandRow* row_ = nullptr;
  std::unique_ptr<char[]> bytes_;
  std::vector<std::string_view> args_;
  std::vector<std::pair<uint32_t, base::Blob>> blobs_;
  size_t footprint_ = 0;
};

}  // namespace gyre::exec
