// The commands of replication: those between servers, and those by which clients look at it.
#include "gyre/exec/command_rows.h"
#include "gyre/exec/row_notation.h"

namespace gyre::exec {
namespace {

using namespace flag;
using namespace notation;

constexpr auto kPsyncArgs = args(string("replicationid"), integer("offset"));
constexpr auto kWaitArgs = args(integer("numreplicas"), integer("timeout"));

constexpr CommandRow kRows[] = {
    command("psync", -3, kAdmin | kNoScript | kNoMulti | kNoAsyncLoading)
        .doc(Group::kServer, "2.8.0", {}, "Asks a primary for its stream, from an offset on if possible")
        .args(kPsyncArgs),
    command("replconf", -1, kAdmin | kNoScript | kLoading | kStale | kAllowBusy)
        .doc(Group::kServer, "3.0.0", "O(1)", "What replicas and primaries tell each other about themselves")
        .syscmd(),
    command("role", 1, kNoScript | kLoading | kStale | kFast | kSentinel, acl::kAdmin | acl::kDangerous)
        .doc(Group::kServer, "2.8.12", "O(1)", "Whether this is a primary or a replica, and of whom"),
    command("sync", 1, kAdmin | kNoScript | kNoMulti | kNoAsyncLoading)
        .doc(Group::kServer, "1.0.0", {}, "Asks a primary for a full copy and its stream"),
    command("wait", 3, 0, acl::kConnection)
        .doc(Group::kGeneric, "3.0.0", "O(1)",
             "Waits until enough replicas have acknowledged this connection's writes")
        .tips("request_policy:all_shards response_policy:agg_min")
        .args(kWaitArgs),
};

}  // namespace

CommandFamily replication_rows() { return kRows; }

}  // namespace gyre::exec
