#include "gyre/exec/context.h"

#include "gyre/base/numbers.h"
#include "gyre/exec/dispatcher.h"
#include "gyre/resp/arg_arena.h"

namespace gyre::exec {

base::Blob CommandContext::arg_blob(size_t i) const {
  if (owned) return owned->blob_of(static_cast<uint32_t>(i));
  return arena ? arena->blob_of(first_arg + static_cast<uint32_t>(i)) : base::Blob();
}

void CommandContext::replace_effect(CommandArgs instead) {
  effects |= effect::kReplaced;
  reactor.effects.add(*this, instead);
}

void CommandContext::change_effect(std::span<const ArgumentChange> changes) {
  effects |= effect::kReplaced;
  reactor.effects.add_changed(*this, changes);
}

void CommandContext::propagate_expired(std::string_view name) {
  if (propagating())
    replace_effect(
        std::initializer_list<std::string_view>{dispatcher.deletion_name(store::Deletion::kExpired), name});
}

void CommandContext::hand_over_effects() {
  if (effects & effect::kGathered) reactor.effects.hand_over(/*apart=*/true);
}

void CommandContext::wrong_arity() {
  reply.errorf("ERR wrong number of arguments for '%.*s' command", static_cast<int>(row->full_name.size()),
               row->full_name.data());
}

void wrong_subcommand(CommandContext& c) {
  std::string command(c.arg(0));
  for (char& letter : command)
    letter = static_cast<char>(letter >= 'a' && letter <= 'z' ? letter - ('a' - 'A') : letter);
  constexpr size_t kShown = 128;
  c.reply.error("ERR unknown subcommand or wrong number of arguments for '" +
                std::string(c.arg(1).substr(0, kShown)) + "'. Try " + command + " HELP.");
}

bool CommandContext::get_int64(size_t i, int64_t* value) {
  std::optional<int64_t> parsed = base::parse_int64(args[i]);
  if (!parsed) {
    not_an_integer();
    return false;
  }
  *value = *parsed;
  return true;
}

}  // namespace gyre::exec
