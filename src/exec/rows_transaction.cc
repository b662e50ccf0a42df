// MULTI and its companions.
#include "gyre/exec/command_rows.h"
#include "gyre/exec/row_notation.h"

namespace gyre::exec {
namespace {

using namespace flag;
using namespace keyflag;
using namespace notation;

constexpr auto kKeys = args(key().multiple());

constexpr CommandRow kRows[] = {
    command("discard", 1, kNoScript | kLoading | kStale | kFast | kAllowBusy, acl::kTransaction)
        .doc(Group::kTransactions, "2.0.0", "O(N) for N queued commands", "Drops the open transaction"),
    command("exec", 1, kNoScript | kLoading | kStale | kSkipSlowlog, acl::kTransaction)
        .doc(Group::kTransactions, "1.2.0", "That of the queued commands", "Runs the open transaction"),
    command("multi", 1, kNoScript | kLoading | kStale | kFast | kAllowBusy, acl::kTransaction)
        .doc(Group::kTransactions, "1.2.0", "O(1)", "Opens a transaction"),
    command("unwatch", 1, kNoScript | kLoading | kStale | kFast | kAllowBusy, acl::kTransaction)
        .doc(Group::kTransactions, "2.2.0", "O(1)", "Stops watching all keys"),
    command("watch", -2, kNoScript | kLoading | kStale | kFast | kAllowBusy, acl::kTransaction)
        .keys(keys_from(1, kRo))
        .doc(Group::kTransactions, "2.2.0", "O(1) a key",
             "Lets the next EXEC fail if one of the keys changes first")
        .args(kKeys),
};

}  // namespace

CommandFamily transaction_rows() { return kRows; }

}  // namespace gyre::exec
