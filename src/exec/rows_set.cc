// The commands on sets.
#include "gyre/exec/command_rows.h"
#include "gyre/exec/row_notation.h"

namespace gyre::exec {
namespace {

using namespace flag;
using namespace keyflag;
using namespace notation;

constexpr auto kKey = args(key());
constexpr auto kKeys = args(key().multiple());
constexpr auto kKeyMember = args(key(), string("member"));
constexpr auto kKeyMembers = args(key(), string("member").multiple());
constexpr auto kStoreArgs = args(key("destination"), key("key", 1).multiple());
constexpr auto kSintercardArgs =
    args(integer("numkeys"), key().multiple(), integer("limit").token("LIMIT").opt());
constexpr auto kSmoveArgs = args(key("source"), key("destination", 1), string("member"));
constexpr auto kSpopArgs = args(key(), integer("count").opt().since("3.2.0"));
constexpr auto kSrandmemberArgs = args(key(), integer("count").opt().since("2.6.0"));
constexpr auto kSscanArgs = args(key(), integer("cursor"), pattern("pattern").token("MATCH").opt(),
                                 integer("count").token("COUNT").opt());

constexpr std::string_view kInterComplexity = "O(N*M) at worst for N members in the smallest of M sets";
constexpr std::string_view kTotalComplexity = "O(N) for N members in all sets together";

constexpr CommandRow kRows[] = {
    command("sadd", -3, kWrite | kDenyOom | kFast, acl::kSet)
        .keys(key_at(1, kRw | kInsert))
        .doc(Group::kSet, "1.0.0", "O(N) for N members given",
             "Adds members to a set; a missing key starts empty")
        .history("2.4.0 Several members")
        .args(kKeyMembers),
    command("scard", 2, kReadonly | kFast, acl::kSet)
        .keys(key_at(1, kRo))
        .doc(Group::kSet, "1.0.0", "O(1)", "How many members a set has")
        .args(kKey),
    command("sdiff", -2, kReadonly, acl::kSet)
        .keys(keys_from(1, kRo | kAccess))
        .doc(Group::kSet, "1.0.0", kTotalComplexity, "The members of the first set that no other one has")
        .tips("nondeterministic_output_order")
        .args(kKeys),
    command("sdiffstore", -3, kWrite | kDenyOom, acl::kSet)
        .keys(key_at(1, kOw | kUpdate), keys_from(2, kRo | kAccess))
        .doc(Group::kSet, "1.0.0", kTotalComplexity,
             "Stores the members of the first set that no other one has")
        .args(kStoreArgs),
    command("sinter", -2, kReadonly, acl::kSet)
        .keys(keys_from(1, kRo | kAccess))
        .doc(Group::kSet, "1.0.0", kInterComplexity, "The members that all sets have")
        .tips("nondeterministic_output_order")
        .args(kKeys),
    command("sintercard", -3, kReadonly, acl::kSet)
        .keys(counted_keys(1, kRo | kAccess))
        .doc(Group::kSet, "7.0.0", kInterComplexity, "How many members all sets have, counted up to a limit")
        .args(kSintercardArgs),
    command("sinterstore", -3, kWrite | kDenyOom, acl::kSet)
        .keys(key_at(1, kRw | kUpdate), keys_from(2, kRo | kAccess))
        .doc(Group::kSet, "1.0.0", kInterComplexity, "Stores the members that all sets have")
        .args(kStoreArgs),
    command("sismember", 3, kReadonly | kFast, acl::kSet)
        .keys(key_at(1, kRo))
        .doc(Group::kSet, "1.0.0", "O(1)", "Whether a set has a member")
        .args(kKeyMember),
    command("smembers", 2, kReadonly, acl::kSet)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kSet, "1.0.0", "O(N) for N members", "All members of a set")
        .tips("nondeterministic_output_order")
        .args(kKey),
    command("smismember", -3, kReadonly | kFast, acl::kSet)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kSet, "6.2.0", "O(N) for N members given", "Which of some members a set has")
        .args(kKeyMembers),
    command("smove", 4, kWrite | kFast, acl::kSet)
        .keys(key_at(1, kRw | kAccess | kDelete), key_at(2, kRw | kInsert))
        .doc(Group::kSet, "1.0.0", "O(1)", "Moves a member from one set to another")
        .args(kSmoveArgs),
    command("spop", -2, kWrite | kFast, acl::kSet)
        .keys(key_at(1, kRw | kAccess | kDelete))
        .doc(Group::kSet, "1.0.0", "O(1) for one member, O(N) for N of them",
             "Takes random members out of a set and returns them")
        .history("3.2.0 Argument count")
        .tips("nondeterministic_output")
        .args(kSpopArgs),
    command("srandmember", -2, kReadonly, acl::kSet)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kSet, "1.0.0", "O(1) for one member, O(N) for N of them", "Random members of a set")
        .history("2.6.0 Argument count")
        .tips("nondeterministic_output")
        .args(kSrandmemberArgs),
    command("srem", -3, kWrite | kFast, acl::kSet)
        .keys(key_at(1, kRw | kDelete))
        .doc(Group::kSet, "1.0.0", "O(N) for N members given",
             "Takes members out of a set; without members the key goes")
        .history("2.4.0 Several members")
        .args(kKeyMembers),
    command("sscan", -3, kReadonly, acl::kSet)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kSet, "2.8.0", "O(1) a call, O(N) for a whole walk over N members",
             "Walks over the members of a set by cursor")
        .tips("nondeterministic_output")
        .args(kSscanArgs),
    command("sunion", -2, kReadonly, acl::kSet)
        .keys(keys_from(1, kRo | kAccess))
        .doc(Group::kSet, "1.0.0", kTotalComplexity, "The members that any of the sets has")
        .tips("nondeterministic_output_order")
        .args(kKeys),
    command("sunionstore", -3, kWrite | kDenyOom, acl::kSet)
        .keys(key_at(1, kOw | kUpdate), keys_from(2, kRo | kAccess))
        .doc(Group::kSet, "1.0.0", kTotalComplexity, "Stores the members that any of the sets has")
        .args(kStoreArgs),
};

}  // namespace

CommandFamily set_rows() { return kRows; }

}  // namespace gyre::exec
