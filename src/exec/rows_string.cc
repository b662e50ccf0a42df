// The commands on strings.
#include "gyre/exec/command_rows.h"
#include "gyre/exec/key_extraction.h"
#include "gyre/exec/row_notation.h"

namespace gyre::exec {
namespace {

using namespace flag;
using namespace keyflag;
using namespace notation;

constexpr auto kKeyValue = args(key(), string("value"));
constexpr auto kKey = args(key());
constexpr auto kDecrbyArgs = args(key(), integer("decrement"));
constexpr auto kGetexArgs =
    args(key(), one_of("expiration", integer("seconds").token("EX"), integer("milliseconds").token("PX"),
                       unix_time("unix-time-seconds").token("EXAT"),
                       unix_time("unix-time-milliseconds").token("PXAT"), token("PERSIST"))
                    .opt());
constexpr auto kRangeArgs = args(key(), integer("start"), integer("end"));
constexpr auto kIncrbyArgs = args(key(), integer("increment"));
constexpr auto kIncrbyfloatArgs = args(key(), number("increment"));
constexpr auto kLcsArgs =
    args(key("key1"), key("key2"), token("LEN").opt(), token("IDX").opt(),
         integer("min-match-len").token("MINMATCHLEN").opt(), token("WITHMATCHLEN").opt());
constexpr auto kKeys = args(key().multiple());
constexpr auto kKeyValuePairs = args(block("data", key(), string("value")).multiple());
constexpr auto kPsetexArgs = args(key(), integer("milliseconds"), string("value"));
constexpr auto kSetArgs = args(
    key(), string("value"), one_of("condition", token("NX"), token("XX")).opt().since("2.6.12"),
    token("GET").opt().since("6.2.0"),
    one_of("expiration", integer("seconds").token("EX").since("2.6.12"),
           integer("milliseconds").token("PX").since("2.6.12"),
           unix_time("unix-time-seconds").token("EXAT").since("6.2.0"),
           unix_time("unix-time-milliseconds").token("PXAT").since("6.2.0"), token("KEEPTTL").since("6.0.0"))
        .opt());
constexpr auto kSetexArgs = args(key(), integer("seconds"), string("value"));
constexpr auto kSetrangeArgs = args(key(), integer("offset"), string("value"));

constexpr CommandRow kRows[] = {
    command("append", 3, kWrite | kDenyOom | kFast, acl::kString)
        .keys(key_at(1, kRw | kInsert))
        .doc(Group::kString, "2.0.0", "O(1) amortized",
             "Adds bytes to the end of a string; a missing key starts empty")
        .args(kKeyValue),
    command("decr", 2, kWrite | kDenyOom | kFast, acl::kString)
        .keys(key_at(1, kRw | kAccess | kUpdate))
        .doc(Group::kString, "1.0.0", "O(1)", "Subtracts one from an integer; a missing key counts as 0")
        .args(kKey),
    command("decrby", 3, kWrite | kDenyOom | kFast, acl::kString)
        .keys(key_at(1, kRw | kAccess | kUpdate))
        .doc(Group::kString, "1.0.0", "O(1)", "Subtracts a number from an integer; a missing key counts as 0")
        .args(kDecrbyArgs),
    command("get", 2, kReadonly | kFast, acl::kString)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kString, "1.0.0", "O(1)", "The string at a key")
        .args(kKey),
    command("getdel", 2, kWrite | kFast, acl::kString)
        .keys(key_at(1, kRw | kAccess | kDelete))
        .doc(Group::kString, "6.2.0", "O(1)", "The string at a key, which is deleted")
        .args(kKey),
    command("getex", -2, kWrite | kFast, acl::kString)
        .keys(key_at(1, kRw | kAccess | kUpdate, "changes the expiry"))
        .doc(Group::kString, "6.2.0", "O(1)", "The string at a key, whose expiry is changed")
        .args(kGetexArgs),
    command("getrange", 4, kReadonly, acl::kString)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kString, "2.4.0", "O(N) for N bytes returned", "A part of a string")
        .args(kRangeArgs),
    command("getset", 3, kWrite | kDenyOom | kFast, acl::kString)
        .keys(key_at(1, kRw | kAccess | kUpdate))
        .doc(Group::kString, "1.0.0", "O(1)", "Sets a string and returns the one before")
        .deprecated("6.2.0", "`SET` with the `!GET` argument")
        .args(kKeyValue),
    command("incr", 2, kWrite | kDenyOom | kFast, acl::kString)
        .keys(key_at(1, kRw | kAccess | kUpdate))
        .doc(Group::kString, "1.0.0", "O(1)", "Adds one to an integer; a missing key counts as 0")
        .args(kKey),
    command("incrby", 3, kWrite | kDenyOom | kFast, acl::kString)
        .keys(key_at(1, kRw | kAccess | kUpdate))
        .doc(Group::kString, "1.0.0", "O(1)", "Adds a number to an integer; a missing key counts as 0")
        .args(kIncrbyArgs),
    command("incrbyfloat", 3, kWrite | kDenyOom | kFast, acl::kString)
        .keys(key_at(1, kRw | kAccess | kUpdate))
        .doc(Group::kString, "2.6.0", "O(1)", "Adds to a floating-point number; a missing key counts as 0")
        .args(kIncrbyfloatArgs),
    command("lcs", -3, kReadonly, acl::kString)
        .keys(keys_from(1, kRo | kAccess, 1))
        .doc(Group::kString, "7.0.0", "O(N*M) for strings of N and M bytes",
             "The longest common subsequence of two strings")
        .args(kLcsArgs),
    command("mget", -2, kReadonly | kFast, acl::kString)
        .keys(keys_from(1, kRo | kAccess))
        .doc(Group::kString, "1.0.0", "O(N) for N keys", "The strings at several keys, read at one moment")
        .tips("request_policy:multi_shard")
        .args(kKeys),
    command("mset", -3, kWrite | kDenyOom, acl::kString)
        .keys(keys_from(1, kOw | kUpdate, -1, 2))
        .doc(Group::kString, "1.0.1", "O(N) for N keys", "Sets several strings at one moment")
        .tips("request_policy:multi_shard response_policy:all_succeeded")
        .args(kKeyValuePairs),
    command("msetnx", -3, kWrite | kDenyOom, acl::kString)
        .keys(keys_from(1, kOw | kInsert, -1, 2))
        .doc(Group::kString, "1.0.1", "O(N) for N keys", "Sets several strings if none of the keys exists")
        .args(kKeyValuePairs),
    command("psetex", 4, kWrite | kDenyOom, acl::kString)
        .keys(key_at(1, kOw | kUpdate))
        .doc(Group::kString, "2.6.0", "O(1)", "Sets a string that expires after milliseconds")
        .deprecated("2.6.12", "`SET` with the `PX` argument")
        .args(kPsetexArgs),
    command("set", -3, kWrite | kDenyOom, acl::kString)
        .keys(key_at(1, kRw | kAccess | kUpdate | kVariableFlags, "reads the old value only with GET"))
        .find_keys(find_set_keys)
        .doc(Group::kString, "1.0.0", "O(1)", "Sets a string, whatever the key held")
        .history("2.6.12 Options EX, PX, NX, XX\n"
                 "6.0.0 Option KEEPTTL\n"
                 "6.2.0 Options GET, EXAT, PXAT\n"
                 "7.0.0 NX and GET may be combined")
        .args(kSetArgs),
    command("setex", 4, kWrite | kDenyOom, acl::kString)
        .keys(key_at(1, kOw | kUpdate))
        .doc(Group::kString, "2.0.0", "O(1)", "Sets a string that expires after seconds")
        .deprecated("2.6.12", "`SET` with the `EX` argument")
        .args(kSetexArgs),
    command("setnx", 3, kWrite | kDenyOom | kFast, acl::kString)
        .keys(key_at(1, kOw | kInsert))
        .doc(Group::kString, "1.0.0", "O(1)", "Sets a string if the key is missing")
        .deprecated("2.6.12", "`SET` with the `NX` argument")
        .args(kKeyValue),
    command("setrange", 4, kWrite | kDenyOom, acl::kString)
        .keys(key_at(1, kRw | kUpdate))
        .doc(Group::kString, "2.2.0", "O(1) for short values, otherwise O(M) for M bytes written",
             "Overwrites a part of a string; gaps are filled with zero bytes")
        .args(kSetrangeArgs),
    command("strlen", 2, kReadonly | kFast, acl::kString)
        .keys(key_at(1, kRo))
        .doc(Group::kString, "2.2.0", "O(1)", "The length of a string")
        .args(kKey),
    command("substr", 4, kReadonly, acl::kString)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kString, "1.0.0", "O(N) for N bytes returned", "A part of a string")
        .deprecated("2.0.0", "`GETRANGE`")
        .args(kRangeArgs),
};

}  // namespace

CommandFamily string_rows() { return kRows; }

}  // namespace gyre::exec
