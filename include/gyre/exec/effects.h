// Gathers the effects of one execution unit in wire form and hands them to Propagation. Bodies use it through
// CommandContext (propagate_as() and its sisters); the keyspace tells it of the keys it deletes by itself.
//
// A unit is the outermost command that runs, with all that runs inside it (EXEC). A key deleted while no
// command runs (in the background, or to make room before a command) is a unit of its own. Nothing is
// gathered while Dispatcher::propagating is false.
//
// Owner and thread: one per reactor, used on its thread only. Memory is kept from unit to unit: a warm
// reactor allocates nothing for an ordinary command.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gyre/exec/command_row.h"
#include "gyre/exec/propagation.h"
#include "gyre/store/deletion_sink.h"

namespace gyre::exec {

class CommandContext;
class Dispatcher;
class ReactorState;

/// What a body has said about its propagation: bits of CommandContext::effects.
namespace effect {
inline constexpr uint32_t kGathered = 1u << 0;  // something waits for the end of the unit
inline constexpr uint32_t kReplaced = 1u << 1;  // the command itself is not propagated: what the body gave is
inline constexpr uint32_t kForced = 1u << 2;    // the command is propagated though it changed nothing
inline constexpr uint32_t kAwaited = 1u << 3;   // somebody waits for a key that it has changed
}  // namespace effect

/// An argument to be put in the place of one that was sent; at argc() and beyond: appended, in order.
struct ArgumentChange {
  size_t position;
  std::string_view value;
};

class Effects final : public store::DeletionSink {
 public:
  /// `dispatcher` null: of no server (tests); nothing is gathered.
  Effects(ReactorState& reactor, const Dispatcher* dispatcher) : reactor_(reactor), dispatcher_(dispatcher) {}
  Effects(const Effects&) = delete;
  Effects& operator=(const Effects&) = delete;

  /// A key goes without a command's asking: DEL or UNLINK, in the unit of the command that runs, or alone.
  void deleted(unsigned db, std::string_view key, store::Deletion why) override;
  /// Somebody waits for a key that changes: to be looked at when the command has ended. Where none runs,
  /// those who wait look by themselves.
  void awaited(unsigned db, std::string_view key, uint64_t hash) override;
  struct AwaitedKey {
    unsigned db;
    std::string name;
    uint64_t hash;
    bool operator==(const AwaitedKey&) const = default;
  };
  /// Without repeats, in order; to be taken by the dispatcher.
  std::vector<AwaitedKey> awaited_keys;

  /// Adds one effect of a command, in the database in which it began.
  void add(CommandContext& context, CommandArgs args);
  /// The command as sent, but for these arguments.
  void add_changed(CommandContext& context, std::span<const ArgumentChange> changes);
  /// A command ends that made `changes` changes. `outermost`: the unit ends with it and is handed over.
  void end_command(CommandContext& context, uint64_t changes, bool outermost);
  /// Hands over what is there. `apart`: several effects stand by themselves, without MULTI and EXEC.
  void hand_over(bool apart);

 private:
  /// A blob in the middle of the text: its bytes come at offset `at`.
  struct Insert {
    size_t at;
    std::string_view bytes;
    base::Blob blob;
  };
  bool propagating() const;
  void hand_over_request(CommandContext& context, std::string_view request);
  void begin(unsigned db, size_t argc);
  void append(std::string_view bytes);
  void append_header(char kind, size_t number);
  void append_argument(std::string_view argument);
  char* room(size_t bytes);
  void forget();

  ReactorState& reactor_;
  const Dispatcher* dispatcher_;
  std::unique_ptr<char[]> text_;
  size_t size_ = 0, capacity_ = 0;
  std::vector<Insert> inserts_;
  std::vector<EffectRecord::Piece> pieces_;
  std::vector<std::string_view> changed_;
  unsigned count_ = 0;  // effects in the unit
  unsigned first_db_ = 0, last_db_ = 0;
  uint64_t offset_ = 0;  // behind what was handed over last
};

}  // namespace gyre::exec
