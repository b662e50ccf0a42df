// The commands on the connection itself.
#include "gyre/exec/command_rows.h"
#include "gyre/exec/row_notation.h"

namespace gyre::exec {
namespace {

using namespace flag;
using namespace keyflag;
using namespace notation;

constexpr auto kAuthArgs = args(string("username").opt().since("6.0.0"), string("password"));
constexpr auto kClientCachingArgs = args(one_of("mode", token("YES"), token("NO")));
constexpr auto kClientKillArgs = args(one_of(
    "filter", string("old-format").display("ip:port").deprecated("2.8.12"),
    one_of("new-format", integer("client-id").token("ID").opt().since("2.8.12"),
           one_of("client-type", token("NORMAL"), token("MASTER").since("3.2.0"), token("SLAVE"),
                  token("REPLICA").since("5.0.0"), token("PUBSUB"))
               .token("TYPE")
               .opt()
               .since("2.8.12"),
           string("username").token("USER").opt(), string("addr").token("ADDR").display("ip:port").opt(),
           string("laddr").token("LADDR").display("ip:port").opt().since("6.2.0"),
           one_of("skipme", token("YES"), token("NO")).token("SKIPME").opt())
        .multiple()));
constexpr auto kClientListArgs =
    args(one_of("client-type", token("NORMAL"), token("MASTER"), token("REPLICA"), token("PUBSUB"))
             .token("TYPE")
             .opt()
             .since("5.0.0"),
         integer("client-id").token("ID").opt().multiple().since("6.2.0"));
constexpr auto kOnOff = args(one_of("enabled", token("ON"), token("OFF")));
constexpr auto kClientPauseArgs =
    args(integer("timeout"), one_of("mode", token("WRITE"), token("ALL")).opt().since("6.2.0"));
constexpr auto kClientReplyArgs = args(one_of("action", token("ON"), token("OFF"), token("SKIP")));
constexpr auto kClientSetinfoArgs =
    args(one_of("attr", string("libname").token("LIB-NAME"), string("libver").token("LIB-VER")));
constexpr auto kClientSetnameArgs = args(string("connection-name"));
constexpr auto kClientTrackingArgs =
    args(one_of("status", token("ON"), token("OFF")), integer("client-id").token("REDIRECT").opt(),
         string("prefix").token("PREFIX").opt().multiple_token(), token("BCAST").opt(), token("OPTIN").opt(),
         token("OPTOUT").opt(), token("NOLOOP").opt());
constexpr auto kClientUnblockArgs =
    args(integer("client-id"), one_of("unblock-type", token("TIMEOUT"), token("ERROR")).opt());
constexpr auto kEchoArgs = args(string("message"));
constexpr auto kHelloArgs =
    args(block("arguments", integer("protover"),
               block("auth", string("username"), string("password")).token("AUTH").opt(),
               string("clientname").token("SETNAME").opt())
             .opt());
constexpr auto kPingArgs = args(string("message").opt());
constexpr auto kSelectArgs = args(integer("index"));

constexpr CommandRow kClientRows[] = {
    command("caching", 3, kNoScript | kLoading | kStale | kSentinel, acl::kConnection)
        .doc(Group::kConnection, "6.0.0", "O(1)", "Whether tracking takes in the keys of the next command")
        .args(kClientCachingArgs),
    command("getname", 2, kNoScript | kLoading | kStale | kSentinel, acl::kConnection)
        .doc(Group::kConnection, "2.6.9", "O(1)", "The name of the connection"),
    command("getredir", 2, kNoScript | kLoading | kStale | kSentinel, acl::kConnection)
        .doc(Group::kConnection, "6.0.0", "O(1)", "Which client gets this one's invalidation messages"),
    command("help", 2, kLoading | kStale | kSentinel, acl::kConnection)
        .doc(Group::kConnection, "5.0.0", "O(1)", "Lists the subcommands"),
    command("id", 2, kNoScript | kLoading | kStale | kSentinel, acl::kConnection)
        .doc(Group::kConnection, "5.0.0", "O(1)", "The number of the connection"),
    command("info", 2, kNoScript | kLoading | kStale | kSentinel, acl::kConnection)
        .doc(Group::kConnection, "6.2.0", "O(1)", "Facts about this connection")
        .tips("nondeterministic_output"),
    command("kill", -3, kAdmin | kNoScript | kLoading | kStale | kSentinel, acl::kConnection)
        .doc(Group::kConnection, "2.4.0", "O(N) for N connections", "Closes connections")
        .history("2.8.12 Filters by name\n"
                 "2.8.12 Filter ID\n"
                 "3.2.0 Type master\n"
                 "5.0.0 Type replica, of which slave is another name\n"
                 "6.2.0 Filter LADDR")
        .args(kClientKillArgs),
    command("list", -2, kAdmin | kNoScript | kLoading | kStale | kSentinel, acl::kConnection)
        .doc(Group::kConnection, "2.4.0", "O(N) for N connections", "Facts about all connections")
        .history("2.8.12 Field id\n"
                 "5.0.0 Filter TYPE\n"
                 "6.0.0 Field user\n"
                 "6.2.0 Fields argv-mem, tot-mem, laddr, redir; filter ID\n"
                 "7.0.0 Fields resp, multi-mem, rbs, rbp\n"
                 "7.0.3 Field ssub")
        .tips("nondeterministic_output")
        .args(kClientListArgs),
    command("no-evict", 3, kAdmin | kNoScript | kLoading | kStale | kSentinel, acl::kConnection)
        .doc(Group::kConnection, "7.0.0", "O(1)", "Exempts the connection from client eviction")
        .args(kOnOff),
    command("no-touch", 3, kNoScript | kLoading | kStale, acl::kConnection)
        .doc(Group::kConnection, "7.2.0", "O(1)", "Whether the commands of this client count as use of keys")
        .args(kOnOff),
    command("pause", -3, kAdmin | kNoScript | kLoading | kStale | kSentinel, acl::kConnection)
        .doc(Group::kConnection, "3.0.0", "O(1)", "Holds back commands for a while")
        .history("6.2.0 Mode WRITE")
        .args(kClientPauseArgs),
    command("reply", 3, kNoScript | kLoading | kStale | kSentinel, acl::kConnection)
        .doc(Group::kConnection, "3.2.0", "O(1)", "Whether this connection gets replies")
        .args(kClientReplyArgs),
    command("setinfo", 4, kNoScript | kLoading | kStale | kSentinel, acl::kConnection)
        .doc(Group::kConnection, "7.2.0", "O(1)", "Notes the name or version of the client library")
        .tips("request_policy:all_nodes response_policy:all_succeeded")
        .args(kClientSetinfoArgs),
    command("setname", 3, kNoScript | kLoading | kStale | kSentinel, acl::kConnection)
        .doc(Group::kConnection, "2.6.9", "O(1)", "Names the connection")
        .tips("request_policy:all_nodes response_policy:all_succeeded")
        .args(kClientSetnameArgs),
    command("tracking", -3, kNoScript | kLoading | kStale | kSentinel, acl::kConnection)
        .doc(Group::kConnection, "6.0.0", "O(1), more with some options",
             "Switches invalidation messages for client-side caches")
        .args(kClientTrackingArgs),
    command("trackinginfo", 2, kNoScript | kLoading | kStale | kSentinel, acl::kConnection)
        .doc(Group::kConnection, "6.2.0", "O(1)", "The state of tracking on this connection"),
    command("unblock", -3, kAdmin | kNoScript | kLoading | kStale | kSentinel, acl::kConnection)
        .doc(Group::kConnection, "5.0.0", "O(log N) for N connections", "Ends the wait of a blocked client")
        .args(kClientUnblockArgs),
    command("unpause", 2, kAdmin | kNoScript | kLoading | kStale | kSentinel, acl::kConnection)
        .doc(Group::kConnection, "6.2.0", "O(N) for N paused clients", "Lets held back commands go on"),
};

constexpr CommandRow kRows[] = {
    command("auth", -2, kNoScript | kLoading | kStale | kFast | kNoAuth | kSentinel | kAllowBusy,
            acl::kConnection)
        .doc(Group::kConnection, "1.0.0", "O(N) for N passwords of the user", "Authenticates the connection")
        .history("6.0.0 User name and password")
        .args(kAuthArgs),
    command("client", -2, kSentinel)
        .subcommands(kClientRows)
        .doc(Group::kConnection, "2.4.0", "As the subcommand", "Handles client connections"),
    command("echo", 2, kLoading | kStale | kFast, acl::kConnection)
        .doc(Group::kConnection, "1.0.0", "O(1)", "Returns its argument")
        .args(kEchoArgs),
    command("hello", -1, kNoScript | kLoading | kStale | kFast | kNoAuth | kSentinel | kAllowBusy,
            acl::kConnection)
        .doc(Group::kConnection, "6.0.0", "O(1)",
             "Negotiates the protocol version and may authenticate and name the connection")
        .history("6.2.0 The version is optional; without it the connection is described")
        .args(kHelloArgs),
    command("ping", -1, kFast | kSentinel, acl::kConnection)
        .doc(Group::kConnection, "1.0.0", "O(1)", "Answers PONG, or its argument")
        .tips("request_policy:all_shards response_policy:all_succeeded")
        .args(kPingArgs),
    command("quit", -1, kAllowBusy | kNoScript | kLoading | kStale | kFast | kNoAuth, acl::kConnection)
        .doc(Group::kConnection, "1.0.0", "O(1)", "Closes the connection")
        .deprecated("7.2.0", "just closing the connection"),
    command("reset", 1, kNoScript | kLoading | kStale | kFast | kNoAuth | kAllowBusy, acl::kConnection)
        .doc(Group::kConnection, "6.2.0", "O(1)", "Puts the connection back into its first state"),
    command("select", 2, kLoading | kStale | kFast, acl::kConnection)
        .doc(Group::kConnection, "1.0.0", "O(1)", "Chooses the database")
        .args(kSelectArgs),
};

}  // namespace

CommandFamily connection_rows() { return kRows; }

}  // namespace gyre::exec
