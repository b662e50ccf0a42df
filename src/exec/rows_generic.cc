// The commands on keys of any type.
#include "gyre/exec/command_rows.h"
#include "gyre/exec/key_extraction.h"
#include "gyre/exec/row_notation.h"

namespace gyre::exec {
namespace {

using namespace flag;
using namespace keyflag;
using namespace notation;

constexpr auto kExpiryCondition =
    one_of("condition", token("NX"), token("XX"), token("GT"), token("LT")).opt().since("7.0.0");
constexpr auto kCopyArgs = args(key("source"), key("destination", 1),
                                integer("destination-db").token("DB").opt(), token("REPLACE").opt());
constexpr auto kKeys = args(key().multiple());
constexpr auto kExpireArgs = args(key(), integer("seconds"), kExpiryCondition);
constexpr auto kExpireatArgs = args(key(), unix_time("unix-time-seconds"), kExpiryCondition);
constexpr auto kKey = args(key());
constexpr auto kKeysArgs = args(pattern("pattern"));
constexpr auto kMigrateArgs = args(
    string("host"), integer("port"), one_of("key-selector", key(), token("empty-string", "")),
    integer("destination-db"), integer("timeout"), token("COPY").opt().since("3.0.0"),
    token("REPLACE").opt().since("3.0.0"),
    one_of("authentication", string("auth").token("AUTH").display("password").since("4.0.7"),
           block("auth2", string("username"), string("password")).token("AUTH2").since("6.0.0"))
        .opt(),
    key("keys", 1).token("KEYS").display("key").opt().multiple().since("3.0.6"));
constexpr KeySpec kMigrateMoreKeys{.flags = kRw | kAccess | kDelete | kIncomplete,
                                   .begin = KeySpec::Begin::kKeyword,
                                   .begin_at = -2,
                                   .last_key = -1,
                                   .keyword = "KEYS"};
constexpr auto kMoveArgs = args(key(), integer("db"));
constexpr auto kPexpireArgs = args(key(), integer("milliseconds"), kExpiryCondition);
constexpr auto kPexpireatArgs = args(key(), unix_time("unix-time-milliseconds"), kExpiryCondition);
constexpr auto kRenameArgs = args(key(), key("newkey", 1));
constexpr auto kRestoreArgs =
    args(key(), integer("ttl"), string("serialized-value"), token("REPLACE").opt().since("3.0.0"),
         token("ABSTTL").opt().since("5.0.0"), integer("seconds").token("IDLETIME").opt().since("5.0.0"),
         integer("frequency").token("FREQ").opt().since("5.0.0"));
constexpr std::string_view kRestoreComplexity =
    "O(1) for the key and O(N*M) for N elements of M bytes on average, O(N*M*log(N)) for sorted sets: O(1) "
    "for "
    "small strings";
constexpr std::string_view kRestoreHistory =
    "3.0.0 Option REPLACE\n"
    "5.0.0 Option ABSTTL\n"
    "5.0.0 Options IDLETIME and FREQ";
constexpr auto kScanArgs =
    args(integer("cursor"), pattern("pattern").token("MATCH").opt(), integer("count").token("COUNT").opt(),
         string("type").token("TYPE").opt().since("6.0.0"));

constexpr auto kSortBy = pattern("by-pattern").display("pattern").token("BY").keys_of(1).opt();
constexpr auto kSortLimit = block("limit", integer("offset"), integer("count")).token("LIMIT").opt();
constexpr auto kSortGet =
    pattern("get-pattern").display("pattern").token("GET").keys_of(1).opt().multiple_token();
constexpr auto kSortOrder = one_of("order", token("ASC"), token("DESC")).opt();
constexpr auto kSortAlpha = token("sorting", "ALPHA").opt();
constexpr auto kSortArgs = args(key(), kSortBy, kSortLimit, kSortGet, kSortOrder, kSortAlpha,
                                key("destination", 2).token("STORE").opt());
constexpr auto kSortRoArgs = args(key(), kSortBy, kSortLimit, kSortGet, kSortOrder, kSortAlpha);
constexpr std::string_view kSortComplexity =
    "O(N+M*log(M)) for N elements, M of them returned; O(N) when they are not sorted";
constexpr KeySpec kSortPatternKeys =
    unknown_keys(kRo | kAccess, "What BY and GET name follows from the elements");

constexpr CommandRow kObjectRows[] = {
    command("encoding", 3, kReadonly, acl::kKeyspace)
        .keys(key_at(2, kRo))
        .doc(Group::kGeneric, "2.2.3", "O(1)", "How a value is encoded")
        .tips("nondeterministic_output")
        .args(kKey),
    command("freq", 3, kReadonly, acl::kKeyspace)
        .keys(key_at(2, kRo))
        .doc(Group::kGeneric, "4.0.0", "O(1)", "How often a key is used, on a logarithmic scale")
        .tips("nondeterministic_output")
        .args(kKey),
    command("help", 2, kLoading | kStale, acl::kKeyspace)
        .doc(Group::kGeneric, "6.2.0", "O(1)", "Lists the subcommands"),
    command("idletime", 3, kReadonly, acl::kKeyspace)
        .keys(key_at(2, kRo))
        .doc(Group::kGeneric, "2.2.3", "O(1)", "Seconds since a key was last used")
        .tips("nondeterministic_output")
        .args(kKey),
    command("refcount", 3, kReadonly, acl::kKeyspace)
        .keys(key_at(2, kRo))
        .doc(Group::kGeneric, "2.2.3", "O(1)", "References to a value")
        .tips("nondeterministic_output")
        .args(kKey),
};

constexpr CommandRow kRows[] = {
    command("copy", -3, kWrite | kDenyOom, acl::kKeyspace)
        .keys(key_at(1, kRo | kAccess), key_at(2, kOw | kUpdate))
        .doc(Group::kGeneric, "6.2.0", "O(N) for N elements, O(1) for strings",
             "Copies a value to another key")
        .args(kCopyArgs),
    command("del", -2, kWrite, acl::kKeyspace)
        .keys(keys_from(1, kRm | kDelete))
        .doc(Group::kGeneric, "1.0.0", "O(N) for N keys, plus the number of elements in each collection",
             "Deletes keys")
        .tips("request_policy:multi_shard response_policy:agg_sum")
        .args(kKeys),
    command("dump", 2, kReadonly, acl::kKeyspace)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kGeneric, "2.6.0",
             "O(1) for the key and O(N*M) for N elements of M bytes on average: O(1) for small strings",
             "A value in the form that RESTORE takes")
        .tips("nondeterministic_output")
        .args(kKey),
    command("exists", -2, kReadonly | kFast, acl::kKeyspace)
        .keys(keys_from(1, kRo))
        .doc(Group::kGeneric, "1.0.0", "O(N) for N keys", "How many of the keys exist")
        .history("3.0.3 Several keys")
        .tips("request_policy:multi_shard response_policy:agg_sum")
        .args(kKeys),
    command("expire", -3, kWrite | kFast, acl::kKeyspace)
        .keys(key_at(1, kRw | kUpdate))
        .doc(Group::kGeneric, "1.0.0", "O(1)", "Lets a key expire after seconds")
        .history("7.0.0 Options NX, XX, GT, LT")
        .args(kExpireArgs),
    command("expireat", -3, kWrite | kFast, acl::kKeyspace)
        .keys(key_at(1, kRw | kUpdate))
        .doc(Group::kGeneric, "1.2.0", "O(1)", "Lets a key expire at a Unix time in seconds")
        .history("7.0.0 Options NX, XX, GT, LT")
        .args(kExpireatArgs),
    command("expiretime", 2, kReadonly | kFast, acl::kKeyspace)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kGeneric, "7.0.0", "O(1)", "When a key expires, as a Unix time in seconds")
        .args(kKey),
    command("keys", 2, kReadonly, acl::kKeyspace | acl::kDangerous)
        .doc(Group::kGeneric, "1.0.0", "O(N) for N keys in the database", "The keys that match a pattern")
        .tips("request_policy:all_shards nondeterministic_output_order")
        .args(kKeysArgs),
    command("migrate", -6, kWrite, acl::kKeyspace | acl::kDangerous)
        .keys(key_at(3, kRw | kAccess | kDelete), kMigrateMoreKeys)
        .find_keys(find_migrate_keys)
        .doc(Group::kGeneric, "2.6.0", "As DUMP and DEL here and RESTORE there, and O(N) for the N bytes in between",
             "Moves keys to another server")
        .history("3.0.0 Options COPY and REPLACE\n"
                 "3.0.6 Option KEYS\n"
                 "4.0.7 Option AUTH\n"
                 "6.0.0 Option AUTH2")
        .tips("nondeterministic_output")
        .args(kMigrateArgs),
    command("move", 3, kWrite | kFast, acl::kKeyspace)
        .keys(key_at(1, kRw | kAccess | kUpdate))
        .doc(Group::kGeneric, "1.0.0", "O(1)", "Moves a key to another database")
        .args(kMoveArgs),
    command("object", -2)
        .subcommands(kObjectRows)
        .doc(Group::kGeneric, "2.2.3", "As the subcommand", "Looks at how values are stored"),
    command("persist", 2, kWrite | kFast, acl::kKeyspace)
        .keys(key_at(1, kRw | kUpdate))
        .doc(Group::kGeneric, "2.2.0", "O(1)", "Takes the expiry off a key")
        .args(kKey),
    command("pexpire", -3, kWrite | kFast, acl::kKeyspace)
        .keys(key_at(1, kRw | kUpdate))
        .doc(Group::kGeneric, "2.6.0", "O(1)", "Lets a key expire after milliseconds")
        .history("7.0.0 Options NX, XX, GT, LT")
        .args(kPexpireArgs),
    command("pexpireat", -3, kWrite | kFast, acl::kKeyspace)
        .keys(key_at(1, kRw | kUpdate))
        .doc(Group::kGeneric, "2.6.0", "O(1)", "Lets a key expire at a Unix time in milliseconds")
        .history("7.0.0 Options NX, XX, GT, LT")
        .args(kPexpireatArgs),
    command("pexpiretime", 2, kReadonly | kFast, acl::kKeyspace)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kGeneric, "7.0.0", "O(1)", "When a key expires, as a Unix time in milliseconds")
        .args(kKey),
    command("pttl", 2, kReadonly | kFast, acl::kKeyspace)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kGeneric, "2.6.0", "O(1)", "Milliseconds until a key expires")
        .history("2.8.0 -2 for a missing key")
        .tips("nondeterministic_output")
        .args(kKey),
    command("randomkey", 1, kReadonly | kTouchesArbitraryKeys, acl::kKeyspace)
        .doc(Group::kGeneric, "1.0.0", "O(1)", "Any key of the database")
        .tips("request_policy:all_shards response_policy:special nondeterministic_output"),
    command("rename", 3, kWrite, acl::kKeyspace)
        .keys(key_at(1, kRw | kAccess | kDelete), key_at(2, kOw | kUpdate))
        .doc(Group::kGeneric, "1.0.0", "O(1)", "Gives a key another name, replacing what was there")
        .args(kRenameArgs),
    command("renamenx", 3, kWrite | kFast, acl::kKeyspace)
        .keys(key_at(1, kRw | kAccess | kDelete), key_at(2, kOw | kInsert))
        .doc(Group::kGeneric, "1.0.0", "O(1)", "Gives a key another name unless that is taken")
        .history("3.2.0 Equal names are no error")
        .args(kRenameArgs),
    command("restore", -4, kWrite | kDenyOom, acl::kKeyspace | acl::kDangerous)
        .keys(key_at(1, kOw | kUpdate))
        .doc(Group::kGeneric, "2.6.0", kRestoreComplexity, "Creates a key from what DUMP gave")
        .history(kRestoreHistory)
        .args(kRestoreArgs),
    command("restore-asking", -4, kWrite | kDenyOom | kAsking, acl::kKeyspace | acl::kDangerous)
        .keys(key_at(1, kOw | kUpdate))
        .doc(Group::kServer, "3.0.0", kRestoreComplexity, "RESTORE, of a key that moves in a cluster")
        .syscmd()
        .history(kRestoreHistory)
        .args(kRestoreArgs),
    command("scan", -2, kReadonly | kTouchesArbitraryKeys, acl::kKeyspace)
        .doc(Group::kGeneric, "2.8.0", "O(1) a call, O(N) for a whole walk over N keys",
             "Walks over the keys of the database by cursor")
        .history("6.0.0 Option TYPE")
        .tips("nondeterministic_output request_policy:special response_policy:special")
        .args(kScanArgs),
    command("sort", -2, kWrite | kDenyOom, acl::kSet | acl::kSortedSet | acl::kList | acl::kDangerous)
        .keys(key_at(1, kRo | kAccess), kSortPatternKeys,
              unknown_keys(kOw | kUpdate, "STORE may stand anywhere behind the key"))
        .find_keys(find_sort_keys)
        .doc(Group::kGeneric, "1.0.0", kSortComplexity,
             "The elements of a list, a set or a sorted set in order, replied or stored")
        .args(kSortArgs),
    command("sort_ro", -2, kReadonly, acl::kSet | acl::kSortedSet | acl::kList | acl::kDangerous)
        .keys(key_at(1, kRo | kAccess), kSortPatternKeys)
        .find_keys(find_sort_ro_keys)
        .doc(Group::kGeneric, "7.0.0", kSortComplexity,
             "The elements of a list, a set or a sorted set in order")
        .args(kSortRoArgs),
    command("touch", -2, kReadonly | kFast, acl::kKeyspace)
        .keys(keys_from(1, kRo))
        .doc(Group::kGeneric, "3.2.1", "O(N) for N keys",
             "Marks keys as used just now and counts those that exist")
        .tips("request_policy:multi_shard response_policy:agg_sum")
        .args(kKeys),
    command("ttl", 2, kReadonly | kFast, acl::kKeyspace)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kGeneric, "1.0.0", "O(1)", "Seconds until a key expires")
        .history("2.8.0 -2 for a missing key")
        .tips("nondeterministic_output")
        .args(kKey),
    command("type", 2, kReadonly | kFast, acl::kKeyspace)
        .keys(key_at(1, kRo))
        .doc(Group::kGeneric, "1.0.0", "O(1)", "The type of a value")
        .args(kKey),
    command("unlink", -2, kWrite | kFast, acl::kKeyspace)
        .keys(keys_from(1, kRm | kDelete))
        .doc(Group::kGeneric, "4.0.0", "O(1) a key, plus O(N) in the background for N allocations",
             "Deletes keys and frees their values in the background")
        .tips("request_policy:multi_shard response_policy:agg_sum")
        .args(kKeys),
};

}  // namespace

CommandFamily generic_rows() { return kRows; }

}  // namespace gyre::exec
