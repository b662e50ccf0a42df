// Bodies of the bitmap commands, for the table in bitmap_commands.cc, and what they share. Private to this
// module.
#pragma once

#include <optional>
#include <string_view>

#include "support.h"

namespace gyre::cmd {

// bitmap_single.cc
void getbit(CommandContext& c);
void setbit(CommandContext& c);
// bitmap_range.cc
void bitcount(CommandContext& c);
void bitpos(CommandContext& c);
// bitmap_combine.cc
void bitop(CommandContext& c);
// bitmap_field.cc
void bitfield(CommandContext& c);
void bitfield_ro(CommandContext& c);

/// Argument `i` as the number of a bit, below that of the longest string allowed; nothing and the error
/// replied when it is none. With `field_bits` "#N" stands for N fields of so many bits.
std::optional<uint64_t> bit_offset(CommandContext& c, size_t i, unsigned field_bits = 0);

/// A string's bytes, for as long as this object and the entry live; none without an entry.
class StringText {
 public:
  explicit StringText(const Entry* entry) : text_(entry ? entry->text(digits_) : std::string_view()) {}
  StringText(const StringText&) = delete;
  StringText& operator=(const StringText&) = delete;
  std::string_view operator*() const { return text_; }

 private:
  char digits_[base::kInt64TextMax];
  std::string_view text_;
};

/// Makes the encoding of a string that stays what it is "raw", as Redis does with whatever these commands
/// could have changed. No change that anybody is told of.
void make_raw(CommandContext& c, const Key& key, Entry* entry);

}  // namespace gyre::cmd
