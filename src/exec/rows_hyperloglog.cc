// The commands on HyperLogLogs.
#include "gyre/exec/command_rows.h"
#include "gyre/exec/row_notation.h"

namespace gyre::exec {
namespace {

using namespace flag;
using namespace keyflag;
using namespace notation;

constexpr auto kPfaddArgs = args(key(), string("element").opt().multiple());
constexpr auto kPfcountArgs = args(key().multiple());
constexpr auto kPfdebugArgs = args(string("subcommand"), key());
constexpr auto kPfmergeArgs = args(key("destkey"), key("sourcekey", 1).opt().multiple());

constexpr CommandRow kRows[] = {
    command("pfadd", -2, kWrite | kDenyOom | kFast, acl::kHyperLogLog)
        .keys(key_at(1, kRw | kInsert))
        .doc(Group::kHyperLogLog, "2.8.9", "O(1) for each element",
             "Adds elements to a HyperLogLog; a missing key starts empty")
        .args(kPfaddArgs),
    command("pfcount", -2, kReadonly | kMayReplicate, acl::kHyperLogLog)
        .keys(KeySpec{.flags = kRw | kAccess,
                      .begin_at = 1,
                      .last_key = -1,
                      .notes = "keeps the estimate in the value, which is told to replicas"})
        .doc(Group::kHyperLogLog, "2.8.9", "O(1) for one key, mostly remembered; O(N) for N keys",
             "Estimates how many different elements HyperLogLogs have seen")
        .args(kPfcountArgs),
    command("pfdebug", 3, kWrite | kDenyOom | kAdmin, acl::kHyperLogLog)
        .keys(key_at(2, kRw | kAccess))
        .doc(Group::kHyperLogLog, "2.8.9", "N/A", "Shows the inside of a HyperLogLog")
        .syscmd()
        .args(kPfdebugArgs),
    command("pfmerge", -2, kWrite | kDenyOom, acl::kHyperLogLog)
        .keys(key_at(1, kRw | kAccess | kInsert), keys_from(2, kRo | kAccess))
        .doc(Group::kHyperLogLog, "2.8.9", "O(N) for N HyperLogLogs", "Adds HyperLogLogs to another one")
        .args(kPfmergeArgs),
    command("pfselftest", 1, kAdmin, acl::kHyperLogLog)
        .doc(Group::kHyperLogLog, "2.8.9", "N/A", "Tests the HyperLogLogs themselves")
        .syscmd(),
};

}  // namespace

CommandFamily hyperloglog_rows() { return kRows; }

}  // namespace gyre::exec
