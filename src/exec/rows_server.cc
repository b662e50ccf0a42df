// The commands on the server as a whole.
#include "gyre/exec/command_rows.h"
#include "gyre/exec/row_notation.h"

namespace gyre::exec {
namespace {

using namespace flag;
using namespace keyflag;
using namespace notation;

constexpr auto kBgsaveArgs = args(token("SCHEDULE").opt().since("3.2.2"));
constexpr auto kConfigGetArgs = args(string("parameter").multiple());
constexpr auto kConfigSetArgs = args(block("data", string("parameter"), string("value")).multiple());
constexpr auto kFlushallArgs =
    args(one_of("flush-type", token("ASYNC").since("4.0.0"), token("SYNC").since("6.2.0")).opt());
constexpr auto kInfoArgs = args(string("section").opt().multiple());
constexpr auto kLolwutArgs = args(integer("version").token("VERSION").opt());
constexpr auto kShutdownArgs =
    args(one_of("save-selector", token("NOSAVE"), token("SAVE")).opt(), token("NOW").opt().since("7.0.0"),
         token("FORCE").opt().since("7.0.0"), token("ABORT").opt().since("7.0.0"));
constexpr auto kSwapdbArgs = args(integer("index1"), integer("index2"));

constexpr CommandRow kConfigRows[] = {
    command("get", -3, kAdmin | kNoScript | kLoading | kStale)
        .doc(Group::kServer, "2.0.0", "O(N) for N settings", "Settings whose names match patterns")
        .history("7.0.0 Several patterns")
        .args(kConfigGetArgs),
    command("help", 2, kLoading | kStale).doc(Group::kServer, "5.0.0", "O(1)", "Lists the subcommands"),
    command("resetstat", 2, kAdmin | kNoScript | kLoading | kStale)
        .doc(Group::kServer, "2.0.0", "O(1)", "Puts the statistics back to zero")
        .tips("request_policy:all_nodes response_policy:all_succeeded"),
    command("rewrite", 2, kAdmin | kNoScript | kLoading | kStale)
        .doc(Group::kServer, "2.8.0", "O(1)", "Writes the settings in force to the configuration file")
        .tips("request_policy:all_nodes response_policy:all_succeeded"),
    command("set", -4, kAdmin | kNoScript | kLoading | kStale)
        .doc(Group::kServer, "2.0.0", "O(N) for N settings", "Changes settings while the server runs")
        .history("7.0.0 Several settings")
        .tips("request_policy:all_nodes response_policy:all_succeeded")
        .args(kConfigSetArgs),
};

constexpr CommandRow kRows[] = {
    command("bgsave", -1, kAdmin | kNoScript | kNoAsyncLoading)
        .doc(Group::kServer, "1.0.0", "O(1)", "Saves the data set to the snapshot file in the background")
        .history("3.2.2 Option SCHEDULE")
        .args(kBgsaveArgs),
    command("config", -2)
        .subcommands(kConfigRows)
        .doc(Group::kServer, "2.0.0", "As the subcommand", "Reads and changes the configuration"),
    command("dbsize", 1, kReadonly | kFast, acl::kKeyspace)
        .doc(Group::kServer, "1.0.0", "O(1)", "How many keys the database has")
        .tips("request_policy:all_shards response_policy:agg_sum"),
    command("debug", -2, kAdmin | kNoScript | kLoading | kStale | kProtected)
        .doc(Group::kServer, "1.0.0", "As the subcommand", "Helps with debugging")
        .syscmd(),
    command("flushall", -1, kWrite, acl::kKeyspace | acl::kDangerous)
        .doc(Group::kServer, "1.0.0", "O(N) for N keys", "Deletes every key of every database")
        .history("4.0.0 Mode ASYNC\n"
                 "6.2.0 Mode SYNC")
        .tips("request_policy:all_shards response_policy:all_succeeded")
        .args(kFlushallArgs),
    command("flushdb", -1, kWrite, acl::kKeyspace | acl::kDangerous)
        .doc(Group::kServer, "1.0.0", "O(N) for N keys", "Deletes every key of the database")
        .history("4.0.0 Mode ASYNC\n"
                 "6.2.0 Mode SYNC")
        .tips("request_policy:all_shards response_policy:all_succeeded")
        .args(kFlushallArgs),
    command("info", -1, kLoading | kStale | kSentinel, acl::kDangerous)
        .doc(Group::kServer, "1.0.0", "O(1)", "Facts and statistics about the server")
        .history("7.0.0 Several sections")
        .tips("nondeterministic_output request_policy:all_shards response_policy:special")
        .args(kInfoArgs),
    command("lastsave", 1, kLoading | kStale | kFast, acl::kAdmin | acl::kDangerous)
        .doc(Group::kServer, "1.0.0", "O(1)", "When the data set was last saved, as a Unix time")
        .tips("nondeterministic_output"),
    command("lolwut", -1, kReadonly | kFast)
        .doc(Group::kServer, "5.0.0", "", "Shows a picture and the version")
        .args(kLolwutArgs),
    command("save", 1, kAdmin | kNoScript | kNoMulti | kNoAsyncLoading)
        .doc(Group::kServer, "1.0.0", "O(N) for N keys", "Saves the data set to the snapshot file while all wait"),
    command("shutdown", -1, kAdmin | kNoScript | kLoading | kStale | kNoMulti | kSentinel | kAllowBusy)
        .doc(Group::kServer, "1.0.0", "O(N) for N keys when saving, else O(1)",
             "Saves if so configured and ends the server")
        .history("7.0.0 Modifiers NOW, FORCE, ABORT")
        .args(kShutdownArgs),
    command("swapdb", 3, kWrite | kFast, acl::kKeyspace | acl::kDangerous)
        .doc(Group::kServer, "4.0.0", "O(N) for N clients that watch or wait for their keys",
             "Swaps two databases")
        .args(kSwapdbArgs),
    command("time", 1, kLoading | kStale | kFast)
        .doc(Group::kServer, "2.6.0", "O(1)", "The server's time")
        .tips("nondeterministic_output"),
};

}  // namespace

CommandFamily server_rows() { return kRows; }

}  // namespace gyre::exec
