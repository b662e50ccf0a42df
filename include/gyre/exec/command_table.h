// All commands of a server by name.
//
// Life: constructed from families of rows (which it copies), handlers bound by name at start by the modules
// that have them, then finish(). After that it is immutable and any thread may use it.
//
// find() is on the path of every command: the name's length and its first eight bytes in lower case are
// hashed into an open-addressed table of 16-byte slots, sized and seeded at construction so that probes are
// short; names of up to eight bytes, which the busy commands have, need one comparison of a word.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gyre/exec/command_row.h"
#include "gyre/exec/command_rows.h"

namespace gyre::exec {

class CommandTable {
 public:
  /// Aborts when two rows share a name or a row contradicts itself (see check_row).
  explicit CommandTable(std::span<const CommandFamily> families);
  CommandTable() : CommandTable(all_families()) {}
  CommandTable(const CommandTable&) = delete;
  CommandTable& operator=(const CommandTable&) = delete;

  /// Gives a command ("get", "config|get") its body. Aborts for an unknown name, a null handler, a name bound
  /// before and after finish().
  void bind(std::string_view full_name, Handler handler);
  /// From now on the top-level command `name` is called by the other name only; by none when that is empty. What shows a
  /// command goes on showing its own name. Before finish().
  enum class Renamed : uint8_t { kDone, kNoSuchCommand, kNameTaken };
  Renamed rename(std::string_view name, std::string_view to);
  /// The full names of the rows that can be called and have no handler yet, separated by spaces.
  std::string unbound() const;
  /// Ends the start: aborts, naming them, when there are unbound rows.
  void finish();

  /// The top-level command of that name in any case; null when there is none.
  const CommandRow* find(std::string_view name) const {
    const uint64_t word = lower_prefix(name);
    for (size_t at = slot_of(word, name.size());; at = (at + 1) & mask_) {
      const Slot& slot = slots_[at];
      if (slot.prefix == word && slot.length == name.size()) [[likely]] {
        const CommandRow* row = &rows_[slot.row];
        if (name.size() <= 8 || same_name(called_[slot.row], name)) [[likely]]
          return row;
      }
      if (slot.length == kFree) return nullptr;
    }
  }
  /// The subcommand of that name in any case; null when there is none.
  static const CommandRow* find_sub(const CommandRow& container, std::string_view name);
  /// By full name in any case ("get", "config", "config|get"), as COMMAND INFO takes it.
  const CommandRow* find_full(std::string_view full_name) const;
  /// By arguments: the subcommand when args[0] is a container and there is more, else the command.
  const CommandRow* resolve(CommandArgs args) const;

  /// Top-level rows in the order of their families.
  std::span<const CommandRow> commands() const { return {rows_.data(), top_level_}; }
  /// Whether a row, or its container, has not been renamed away.
  bool can_be_called(const CommandRow& row) const { return !called_[row.parent ? row.parent->id : row.id].empty(); }
  /// Every row, subcommands after all top-level rows; the index of a row is its id.
  std::span<const CommandRow> all() const { return rows_; }
  size_t id_count() const { return rows_.size(); }

 private:
  static constexpr uint32_t kFree = UINT32_MAX;
  struct Slot {
    uint64_t prefix = 0;
    uint32_t length = kFree;
    uint32_t row = 0;
  };

  /// The first eight bytes, upper-case ASCII letters in lower case, missing bytes zero.
  static uint64_t lower_prefix(std::string_view name) {
    uint64_t word = 0;
    const size_t n = name.size();
    const char* p = name.data();
    if (n >= 8) {
      std::memcpy(&word, p, 8);
    } else if (n >= 4) {
      uint32_t head, tail;  // overlapping: shifted by the bytes that both hold
      std::memcpy(&head, p, 4);
      std::memcpy(&tail, p + n - 4, 4);
      word = head | (static_cast<uint64_t>(tail) << (8 * (n - 4)));
    } else if (n > 0) {
      word = static_cast<uint64_t>(static_cast<uint8_t>(p[0])) |
             (static_cast<uint64_t>(static_cast<uint8_t>(p[n / 2])) << (8 * (n / 2))) |
             (static_cast<uint64_t>(static_cast<uint8_t>(p[n - 1])) << (8 * (n - 1)));
    }
    return lower_bytes(word);
  }
  /// Eight bytes at once: the carries into the top bits tell which bytes lie in 'A'..'Z'.
  static uint64_t lower_bytes(uint64_t word) {
    constexpr uint64_t kOnes = 0x0101010101010101ull;
    const uint64_t low = word & (kOnes * 0x7f);
    const uint64_t from_a = low + kOnes * (0x80 - 'A');
    const uint64_t above_z = low + kOnes * (0x7f - 'Z');
    const uint64_t upper = (from_a ^ above_z) & ~word & (kOnes * 0x80);
    return word | (upper >> 2);
  }
  size_t slot_of(uint64_t word, size_t length) const {
    return static_cast<size_t>(((word ^ length) * multiplier_) >> shift_);
  }
  static bool same_name(std::string_view row_name, std::string_view name);

  void add_rows(std::span<const CommandFamily> families);
  void complete_row(CommandRow& row);
  void build_index();
  size_t fill_slots(uint64_t multiplier);

  std::vector<CommandRow> rows_;
  std::vector<std::unique_ptr<std::string>> names_;  // the full names of subcommands
  size_t top_level_ = 0;
  std::vector<std::string> called_;  // by what name top-level rows are called; empty: by none
  std::vector<Slot> slots_;
  size_t mask_ = 0;
  int shift_ = 0;
  uint64_t multiplier_ = 0;
  bool finished_ = false;
};

}  // namespace gyre::exec
