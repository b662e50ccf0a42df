// A command as one declarative row. COMMAND, ACL, cluster routing, lock sets and the dispatcher all read it.
//
// Rows are written as constants, one file per family (src/exec/rows_*.cc), and copied by the CommandTable,
// which fills in what follows from them. Rows carry no code of the layers above: handlers are bound by name
// at start. From the end of start on a row does not change, and any thread may read it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "gyre/exec/arg_doc.h"
#include "gyre/exec/key_spec.h"

namespace gyre::exec {

class CommandContext;
/// A command body: plain synchronous code, which replies through the context.
using Handler = void (*)(CommandContext&);

/// A command with its name first, as received.
using CommandArgs = std::span<const std::string_view>;

/// A key among the arguments and what the command does to it (keyflag::*).
struct KeyRef {
  uint32_t position;
  uint16_t flags;
};
using KeyList = std::vector<KeyRef>;

/// Finds the keys of a command whose specs do not say it all (variable flags, incomplete). Appends to `out`;
/// leaves it alone when the arguments make no sense. Precondition: the arity fits.
using FindKeys = void (*)(CommandArgs args, KeyList& out);

/// How a command behaves. "Shown" flags are part of COMMAND INFO's answer.
namespace flag {
inline constexpr uint64_t kWrite = 1ull << 0;     // changes the keyspace
inline constexpr uint64_t kReadonly = 1ull << 1;  // reads keys and changes none
inline constexpr uint64_t kDenyOom = 1ull << 2;   // refused when over maxmemory
inline constexpr uint64_t kModule = 1ull << 3;    // never set: kept for the flag's name
inline constexpr uint64_t kAdmin = 1ull << 4;
inline constexpr uint64_t kPubsub = 1ull << 5;
inline constexpr uint64_t kNoScript = 1ull << 6;  // not from scripts
inline constexpr uint64_t kBlocking = 1ull << 7;  // may block the client
inline constexpr uint64_t kLoading = 1ull << 8;   // allowed while loading
inline constexpr uint64_t kStale = 1ull << 9;     // allowed on a replica with stale data
inline constexpr uint64_t kSkipMonitor = 1ull << 10;
inline constexpr uint64_t kSkipSlowlog = 1ull << 11;
inline constexpr uint64_t kAsking = 1ull << 12;           // implies ASKING in a cluster
inline constexpr uint64_t kFast = 1ull << 13;             // O(1) or O(log N)
inline constexpr uint64_t kNoAuth = 1ull << 14;           // allowed without authentication
inline constexpr uint64_t kMayReplicate = 1ull << 15;     // not shown; propagates though it is no write
inline constexpr uint64_t kSentinel = 1ull << 16;         // not shown; exists in Sentinel mode too
inline constexpr uint64_t kOnlySentinel = 1ull << 17;     // not shown
inline constexpr uint64_t kNoMandatoryKeys = 1ull << 18;  // its keys are optional
inline constexpr uint64_t kProtected = 1ull << 19;        // not shown; switched by enable-*-command
inline constexpr uint64_t kNoAsyncLoading = 1ull << 20;
inline constexpr uint64_t kNoMulti = 1ull << 21;  // not inside MULTI
inline constexpr uint64_t kMovableKeys = 1ull
                                         << 22;     // first/last/step do not cover all keys; set by the table
inline constexpr uint64_t kAllowBusy = 1ull << 23;  // allowed while a script is over its time
inline constexpr uint64_t kTouchesArbitraryKeys = 1ull << 24;  // not shown; reads keys it does not name
}  // namespace flag

/// ACL categories, in the order in which Redis lists them. The table adds those that follow from the flags.
namespace acl {
inline constexpr uint64_t kKeyspace = 1ull << 0;
inline constexpr uint64_t kRead = 1ull << 1;
inline constexpr uint64_t kWrite = 1ull << 2;
inline constexpr uint64_t kSet = 1ull << 3;
inline constexpr uint64_t kSortedSet = 1ull << 4;
inline constexpr uint64_t kList = 1ull << 5;
inline constexpr uint64_t kHash = 1ull << 6;
inline constexpr uint64_t kString = 1ull << 7;
inline constexpr uint64_t kBitmap = 1ull << 8;
inline constexpr uint64_t kHyperLogLog = 1ull << 9;
inline constexpr uint64_t kGeo = 1ull << 10;
inline constexpr uint64_t kStream = 1ull << 11;
inline constexpr uint64_t kPubsub = 1ull << 12;
inline constexpr uint64_t kAdmin = 1ull << 13;
inline constexpr uint64_t kFast = 1ull << 14;
inline constexpr uint64_t kSlow = 1ull << 15;
inline constexpr uint64_t kBlocking = 1ull << 16;
inline constexpr uint64_t kDangerous = 1ull << 17;
inline constexpr uint64_t kConnection = 1ull << 18;
inline constexpr uint64_t kTransaction = 1ull << 19;
inline constexpr uint64_t kScripting = 1ull << 20;
}  // namespace acl

struct FlagName {
  uint64_t flag;
  std::string_view name;
};
/// All ACL categories ("keyspace", ...) in Redis's order.
std::span<const FlagName> acl_category_names();
/// The category of a name without "@", any case; 0 when there is none.
uint64_t acl_category_by_name(std::string_view name);
/// The shown command flags, key flags and doc flags, in Redis's order.
std::span<const FlagName> command_flag_names();
std::span<const FlagName> key_flag_names();
std::span<const FlagName> doc_flag_names();

enum class Group : uint8_t {
  kGeneric,
  kString,
  kList,
  kSet,
  kSortedSet,
  kHash,
  kPubsub,
  kTransactions,
  kConnection,
  kServer,
  kScripting,
  kHyperLogLog,
  kCluster,
  kSentinel,
  kGeo,
  kStream,
  kBitmap,
};
std::string_view group_name(Group group);

namespace docflag {
inline constexpr uint8_t kDeprecated = 1 << 0;
inline constexpr uint8_t kSyscmd = 1 << 1;
}  // namespace docflag

/// What COMMAND DOCS says. Empty fields are left out of the answer.
struct CommandDoc {
  Group group = Group::kGeneric;
  uint8_t flags = 0;  // docflag::*
  std::string_view since;
  std::string_view complexity;
  std::string_view summary;
  std::string_view history;  // lines "<version> <what changed>", separated by newlines
  std::string_view tips;     // hints for clients and proxies, separated by spaces
  std::string_view deprecated_since;
  std::string_view replaced_by;
  ArgDocs args;
};

/// How the keys of a command are found, cheapest first.
enum class KeyShape : uint8_t {
  kNone,    // no keys
  kSingle,  // exactly one, at single_key_index
  kSpecs,   // by the key specs, then by find_keys
};

struct alignas(64) CommandRow {
  // Filled in by the CommandTable.
  Handler handler = nullptr;     // null for a pure container
  uint16_t id = 0;               // dense over all rows and subcommand rows, for arrays of statistics
  uint8_t single_key_index = 0;  // for KeyShape::kSingle, also when find_keys would refine its flags; else 0
  KeyShape key_shape = KeyShape::kNone;

  // Declared.
  std::string_view name;        // lower case; of a subcommand without its parent
  int16_t arity = 0;            // with the name (of a subcommand: with both); negative: at least that many
  uint64_t flags = 0;           // flag::*
  uint64_t acl_categories = 0;  // acl::*

  // Filled in by the CommandTable.
  int16_t first_key =
      0;  // the legacy range: positions, last_key negative counts from the end; 0 0 0: no keys
  int16_t last_key = 0;
  int16_t key_step = 0;
  std::string_view full_name;  // "config|get"
  const CommandRow* parent = nullptr;

  // Declared.
  KeySpecs keys;
  FindKeys find_keys = nullptr;
  std::span<const CommandRow> subcommands;
  CommandDoc doc;

  bool is_container() const { return !subcommands.empty(); }
  bool has(uint64_t wanted_flags) const { return (flags & wanted_flags) != 0; }
  /// Whether `argc` arguments, the name included, fit the arity.
  bool accepts(size_t argc) const {
    return arity >= 0 ? argc == static_cast<size_t>(arity) : argc >= static_cast<size_t>(-arity);
  }
};

}  // namespace gyre::exec
