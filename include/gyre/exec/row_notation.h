// The notation in which rows files write commands, a constant expression from end to end:
//
//   constexpr CommandRow kRows[] = {
//       command("getdel", 2, kWrite | kFast, acl::kString)
//           .keys(key_at(1, kRw | kAccess | kDelete))
//           .doc(Group::kString, "6.2.0", "O(1)", "The string at a key, which is deleted")
//           .args(kKey),
//
// What a row does not say stays empty. See arg_doc.h for arguments and key_spec.h for keys.
#pragma once

#include "gyre/exec/command_row.h"

namespace gyre::exec::notation {

class Command {
 public:
  constexpr Command(std::string_view name, int16_t arity, uint64_t flags, uint64_t acl_categories) {
    row_.name = name;
    row_.arity = arity;
    row_.flags = flags;
    row_.acl_categories = acl_categories;
  }
  constexpr operator CommandRow() const { return row_; }  // NOLINT: lets an array of rows be written as calls

  template <typename... Spec>
  constexpr Command& keys(const Spec&... specs) {
    row_.keys = {specs...};
    return *this;
  }
  /// For keys that the specs alone do not tell.
  constexpr Command& find_keys(FindKeys find) {
    row_.find_keys = find;
    return *this;
  }
  constexpr Command& subcommands(std::span<const CommandRow> rows) {
    row_.subcommands = rows;
    return *this;
  }
  constexpr Command& doc(Group group, std::string_view since, std::string_view complexity,
                         std::string_view summary) {
    row_.doc.group = group;
    row_.doc.since = since;
    row_.doc.complexity = complexity;
    row_.doc.summary = summary;
    return *this;
  }
  /// Lines "<version> <what changed>".
  constexpr Command& history(std::string_view lines) {
    row_.doc.history = lines;
    return *this;
  }
  /// Separated by spaces.
  constexpr Command& tips(std::string_view tips) {
    row_.doc.tips = tips;
    return *this;
  }
  constexpr Command& deprecated(std::string_view since, std::string_view replaced_by) {
    row_.doc.flags |= docflag::kDeprecated;
    row_.doc.deprecated_since = since;
    row_.doc.replaced_by = replaced_by;
    return *this;
  }
  /// A command for the server's own people and programs.
  constexpr Command& syscmd() {
    row_.doc.flags |= docflag::kSyscmd;
    return *this;
  }
  constexpr Command& args(ArgDocs args) {
    row_.doc.args = args;
    return *this;
  }

 private:
  CommandRow row_;
};

constexpr Command command(std::string_view name, int16_t arity, uint64_t flags = 0,
                          uint64_t acl_categories = 0) {
  return {name, arity, flags, acl_categories};
}

}  // namespace gyre::exec::notation
