// Integers of any width at any bit of a string.
#include <vector>

#include "bitmap_commands.h"
#include "gyre/ds/bit_string.h"
#include "gyre/exec/ignore_case.h"

namespace gyre::cmd {

namespace {

struct FieldOperation {
  enum class Kind : uint8_t { kGet, kSet, kIncrement } kind = Kind::kGet;
  ds::BitOverflow overflow = ds::BitOverflow::kWrap;
  ds::BitField field;
  uint64_t offset = 0;
  int64_t number = 0;

  bool writes() const { return kind != Kind::kGet; }
  uint64_t last_bit() const { return offset + field.bits - 1; }
};
using FieldOperations = std::vector<FieldOperation>;

/// "i8", "u63": false and the error replied when argument `i` is none.
bool field_argument(CommandContext& c, size_t i, ds::BitField* field) {
  std::string_view text = c.arg(i);
  text = text.substr(0, text.find('\0'));  // where Redis stops reading
  if (!text.empty() && (text[0] == 'i' || text[0] == 'u')) {
    field->is_signed = text[0] == 'i';
    const std::optional<int64_t> bits = base::parse_int64(text.substr(1));
    if (bits && *bits >= 1 && *bits <= (field->is_signed ? 64 : 63)) {
      field->bits = static_cast<uint8_t>(*bits);
      return true;
    }
  }
  c.reply.error(
      "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.");
  return false;
}

bool overflow_argument(CommandContext& c, size_t i, ds::BitOverflow* mode) {
  const std::string_view word = c.arg(i);
  if (exec::equal_ignoring_case(word, "wrap")) {
    *mode = ds::BitOverflow::kWrap;
  } else if (exec::equal_ignoring_case(word, "sat")) {
    *mode = ds::BitOverflow::kSaturate;
  } else if (exec::equal_ignoring_case(word, "fail")) {
    *mode = ds::BitOverflow::kFail;
  } else {
    c.reply.error("ERR Invalid OVERFLOW type specified");
    return false;
  }
  return true;
}

/// False when the word is none, or not enough arguments follow it.
bool kind_argument(std::string_view word, size_t behind, FieldOperation::Kind* kind) {
  using Kind = FieldOperation::Kind;
  if (exec::equal_ignoring_case(word, "get")) {
    *kind = Kind::kGet;
    return behind >= 2;
  }
  *kind = exec::equal_ignoring_case(word, "set") ? Kind::kSet : Kind::kIncrement;
  return behind >= 3 && (*kind == Kind::kSet || exec::equal_ignoring_case(word, "incrby"));
}

/// False and the error replied when the arguments make no sense.
bool parse_operations(CommandContext& c, FieldOperations* operations) {
  ds::BitOverflow overflow = ds::BitOverflow::kWrap;
  for (size_t i = 2; i < c.argc();) {
    const size_t behind = c.argc() - i - 1;
    if (exec::equal_ignoring_case(c.arg(i), "overflow") && behind >= 1) {
      if (!overflow_argument(c, i + 1, &overflow)) return false;
      i += 2;
      continue;
    }
    FieldOperation operation{.overflow = overflow};
    if (!kind_argument(c.arg(i), behind, &operation.kind)) {
      c.syntax_error();
      return false;
    }
    if (!field_argument(c, i + 1, &operation.field)) return false;
    const std::optional<uint64_t> offset = bit_offset(c, i + 2, operation.field.bits);
    if (!offset) return false;
    operation.offset = *offset;
    if (operation.writes() && !c.get_int64(i + 3, &operation.number)) return false;
    operations->push_back(operation);
    i += operation.writes() ? 4 : 3;
  }
  return true;
}

/// The string while operations are done to it, changed only once there is something to change.
class FieldString {
 public:
  FieldString(CommandContext& c, const Key& key, Entry* entry)
      : c_(c), key_(key), entry_(entry), text_(entry) {}

  std::string_view bytes() const { return data_ ? std::string_view(data_, size_) : *text_; }
  bool changed() const { return data_ != nullptr; }
  Entry* entry() const { return entry_; }
  /// The bytes to be changed, `size` of them or as many as there are.
  char* edit(size_t size) {
    if (!data_) {
      size_ = std::max(size, (*text_).size());
      data_ = c_.db().edit_string(key_, entry_, size_, &entry_);
    }
    return data_;
  }

 private:
  CommandContext& c_;
  const Key& key_;
  Entry* entry_;
  const StringText text_;
  char* data_ = nullptr;
  size_t size_ = 0;
};

/// Does a SET or INCRBY and replies; true when it counts as a change.
bool write(CommandContext& c, FieldString& string, const FieldOperation& operation, bool extended) {
  const int64_t before = ds::read_field(string.bytes(), operation.offset, operation.field);
  const bool increments = operation.kind == FieldOperation::Kind::kIncrement;
  bool overflowed;
  const int64_t after =
      ds::add_to_field(operation.field, operation.overflow, increments ? before : operation.number,
                       increments ? operation.number : 0, &overflowed);
  if (overflowed && operation.overflow == ds::BitOverflow::kFail) {
    c.reply.null();
    return false;
  }
  c.reply.integer(increments ? after : before);
  if (before != after) ds::write_field(string.edit(0), operation.offset, operation.field, after);
  return extended || before != after;
}

void read_fields(CommandContext& c, const FieldOperations& operations) {
  const Entry* entry = c.db().read(c.key(1));
  if (!check_string(c, entry)) return;
  const StringText text(entry);
  c.reply.array(operations.size());
  for (const FieldOperation& operation : operations)
    c.reply.integer(ds::read_field(*text, operation.offset, operation.field));
}

void write_fields(CommandContext& c, const FieldOperations& operations, uint64_t last_bit) {
  const Key key = c.key(1);
  Entry* entry = c.db().write(key);
  if (!check_string(c, entry)) return;
  FieldString string(c, key, entry);
  const size_t size = (last_bit >> 3) + 1;
  const bool extended = !entry || string.bytes().size() < size;
  // What only grows, as every operation fails, is no change to those who watch it.
  c.db().tell_watchers(false);
  if (extended) string.edit(size);
  c.db().tell_watchers(true);

  uint64_t changes = 0;
  c.reply.array(operations.size());
  for (const FieldOperation& operation : operations) {
    if (!operation.writes()) {
      c.reply.integer(ds::read_field(string.bytes(), operation.offset, operation.field));
    } else if (write(c, string, operation, extended)) {
      ++changes;
    }
  }
  if (extended && changes != 0) c.db().touched(key);
  if (!string.changed()) return make_raw(c, key, string.entry());
  // A string that only became longer, as every operation failed, is a change too: replicas must hold it as
  // well.
  c.set_changes(std::max<uint64_t>(changes, 1));
}

void bitfield_generic(CommandContext& c, bool read_only) {
  FieldOperations operations;
  if (!parse_operations(c, &operations)) return;
  bool writes = false;
  uint64_t last_bit = 0;
  for (const FieldOperation& operation : operations) {
    if (!operation.writes()) continue;
    writes = true;
    last_bit = std::max(last_bit, operation.last_bit());
  }
  if (!writes) return read_fields(c, operations);
  if (read_only) return c.reply.error("ERR BITFIELD_RO only supports the GET subcommand");
  write_fields(c, operations, last_bit);
}

}  // namespace

void bitfield(CommandContext& c) { bitfield_generic(c, false); }
void bitfield_ro(CommandContext& c) { bitfield_generic(c, true); }

}  // namespace gyre::cmd
