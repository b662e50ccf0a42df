// The commands that look into the server: COMMAND, LATENCY, MEMORY, SLOWLOG.
#include "gyre/exec/command_rows.h"
#include "gyre/exec/row_notation.h"

namespace gyre::exec {
namespace {

using namespace flag;
using namespace keyflag;
using namespace notation;

constexpr auto kCommandNames = args(string("command-name").opt().multiple());
constexpr auto kWholeCommand = args(string("command"), string("arg").opt().multiple());
constexpr auto kCommandListArgs =
    args(one_of("filterby", string("module-name").token("MODULE"), string("category").token("ACLCAT"),
                pattern("pattern").token("PATTERN"))
             .token("FILTERBY")
             .opt());
constexpr auto kEvent = args(string("event"));
constexpr auto kLatencyHistogramArgs = args(string("command").opt().multiple());
constexpr auto kLatencyResetArgs = args(string("event").opt().multiple());
constexpr auto kMemoryUsageArgs = args(key(), integer("count").token("SAMPLES").opt());
constexpr auto kSlowlogGetArgs = args(integer("count").opt());

constexpr CommandRow kCommandRows[] = {
    command("count", 2, kLoading | kStale | kSentinel, acl::kConnection)
        .doc(Group::kServer, "2.8.13", "O(1)", "How many commands there are"),
    command("docs", -2, kLoading | kStale | kSentinel, acl::kConnection)
        .doc(Group::kServer, "7.0.0", "O(N) for N commands", "Documents commands")
        .tips("nondeterministic_output_order")
        .args(kCommandNames),
    command("getkeys", -3, kLoading | kStale | kSentinel, acl::kConnection)
        .doc(Group::kServer, "2.8.13", "O(N) for N arguments", "The keys among the arguments of a command")
        .args(kWholeCommand),
    command("getkeysandflags", -3, kLoading | kStale | kSentinel, acl::kConnection)
        .doc(Group::kServer, "7.0.0", "O(N) for N arguments",
             "The keys among the arguments of a command and what it does to them")
        .args(kWholeCommand),
    command("help", 2, kLoading | kStale | kSentinel, acl::kConnection)
        .doc(Group::kServer, "5.0.0", "O(1)", "Lists the subcommands"),
    command("info", -2, kLoading | kStale | kSentinel, acl::kConnection)
        .doc(Group::kServer, "2.8.13", "O(N) for N commands", "Describes commands")
        .history("7.0.0 Without names: all commands")
        .tips("nondeterministic_output_order")
        .args(kCommandNames),
    command("list", -2, kLoading | kStale | kSentinel, acl::kConnection)
        .doc(Group::kServer, "7.0.0", "O(N) for N commands", "The names of commands")
        .tips("nondeterministic_output_order")
        .args(kCommandListArgs),
};

constexpr CommandRow kLatencyRows[] = {
    command("doctor", 2, kAdmin | kNoScript | kLoading | kStale)
        .doc(Group::kServer, "2.8.13", "O(1)", "A report on latency for people")
        .tips("nondeterministic_output request_policy:all_nodes response_policy:special"),
    command("graph", 3, kAdmin | kNoScript | kLoading | kStale)
        .doc(Group::kServer, "2.8.13", "O(1)", "The latencies of an event as a picture")
        .tips("nondeterministic_output request_policy:all_nodes response_policy:special")
        .args(kEvent),
    command("help", 2, kLoading | kStale).doc(Group::kServer, "2.8.13", "O(1)", "Lists the subcommands"),
    command("histogram", -2, kAdmin | kNoScript | kLoading | kStale)
        .doc(Group::kServer, "7.0.0", "O(N) for N commands", "The distribution of latencies by command")
        .tips("nondeterministic_output request_policy:all_nodes response_policy:special")
        .args(kLatencyHistogramArgs),
    command("history", 3, kAdmin | kNoScript | kLoading | kStale)
        .doc(Group::kServer, "2.8.13", "O(1)", "The latency samples of an event")
        .tips("nondeterministic_output request_policy:all_nodes response_policy:special")
        .args(kEvent),
    command("latest", 2, kAdmin | kNoScript | kLoading | kStale)
        .doc(Group::kServer, "2.8.13", "O(1)", "The newest latency sample of every event")
        .tips("nondeterministic_output request_policy:all_nodes response_policy:special"),
    command("reset", -2, kAdmin | kNoScript | kLoading | kStale)
        .doc(Group::kServer, "2.8.13", "O(1)", "Forgets latency samples")
        .tips("request_policy:all_nodes response_policy:agg_sum")
        .args(kLatencyResetArgs),
};

constexpr CommandRow kMemoryRows[] = {
    command("doctor", 2)
        .doc(Group::kServer, "4.0.0", "O(1)", "A report on memory for people")
        .tips("nondeterministic_output request_policy:all_shards response_policy:special"),
    command("help", 2, kLoading | kStale).doc(Group::kServer, "4.0.0", "O(1)", "Lists the subcommands"),
    command("malloc-stats", 2)
        .doc(Group::kServer, "4.0.0", "Grows with what the allocator holds", "Statistics of the allocator")
        .tips("nondeterministic_output request_policy:all_shards response_policy:special"),
    command("purge", 2)
        .doc(Group::kServer, "4.0.0", "Grows with what the allocator holds",
             "Has the allocator give memory back")
        .tips("request_policy:all_shards response_policy:all_succeeded"),
    command("stats", 2)
        .doc(Group::kServer, "4.0.0", "O(1)", "How memory is used")
        .tips("nondeterministic_output request_policy:all_shards response_policy:special"),
    command("usage", -3, kReadonly)
        .keys(key_at(2, kRo))
        .doc(Group::kServer, "4.0.0", "O(N) for N samples", "Estimates the memory of a key")
        .args(kMemoryUsageArgs),
};

constexpr CommandRow kSlowlogRows[] = {
    command("get", -2, kAdmin | kLoading | kStale)
        .doc(Group::kServer, "2.2.12", "O(N) for N entries", "The newest entries of the slow log")
        .history("4.0.0 Address, port and name of the client")
        .tips("request_policy:all_nodes nondeterministic_output")
        .args(kSlowlogGetArgs),
    command("help", 2, kLoading | kStale).doc(Group::kServer, "6.2.0", "O(1)", "Lists the subcommands"),
    command("len", 2, kAdmin | kLoading | kStale)
        .doc(Group::kServer, "2.2.12", "O(1)", "The length of the slow log")
        .tips("request_policy:all_nodes response_policy:agg_sum nondeterministic_output"),
    command("reset", 2, kAdmin | kLoading | kStale)
        .doc(Group::kServer, "2.2.12", "O(N) for N entries", "Empties the slow log")
        .tips("request_policy:all_nodes response_policy:all_succeeded"),
};

constexpr CommandRow kRows[] = {
    command("command", -1, kLoading | kStale | kSentinel, acl::kConnection)
        .subcommands(kCommandRows)
        .doc(Group::kServer, "2.8.13", "O(N) for N commands", "Describes all commands")
        .tips("nondeterministic_output_order"),
    command("latency", -2)
        .subcommands(kLatencyRows)
        .doc(Group::kServer, "2.8.13", "As the subcommand", "Watches latency"),
    command("memory", -2)
        .subcommands(kMemoryRows)
        .doc(Group::kServer, "4.0.0", "As the subcommand", "Looks at memory"),
    command("slowlog", -2)
        .subcommands(kSlowlogRows)
        .doc(Group::kServer, "2.2.12", "As the subcommand", "Shows slow commands"),
};

}  // namespace

CommandFamily introspection_rows() { return kRows; }

}  // namespace gyre::exec
