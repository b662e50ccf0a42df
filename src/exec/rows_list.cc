// The commands on lists.
#include "gyre/exec/command_rows.h"
#include "gyre/exec/row_notation.h"

namespace gyre::exec {
namespace {

using namespace flag;
using namespace keyflag;
using namespace notation;

constexpr auto kLeftOrRight = [](std::string_view name) consteval {
  return one_of(name, token("LEFT"), token("RIGHT"));
};
constexpr auto kCount = integer("count").token("COUNT").opt();
constexpr auto kTimeout = number("timeout");

constexpr auto kKey = args(key());
constexpr auto kPushArgs = args(key(), string("element").multiple());
constexpr auto kPopArgs = args(key(), integer("count").opt().since("6.2.0"));
constexpr auto kLindexArgs = args(key(), integer("index"));
constexpr auto kLsetArgs = args(key(), integer("index"), string("element"));
constexpr auto kRangeArgs = args(key(), integer("start"), integer("stop"));
constexpr auto kLremArgs = args(key(), integer("count"), string("element"));
constexpr auto kLinsertArgs =
    args(key(), one_of("where", token("BEFORE"), token("AFTER")), string("pivot"), string("element"));
constexpr auto kLposArgs =
    args(key(), string("element"), integer("rank").token("RANK").opt(),
         integer("num-matches").token("COUNT").opt(), integer("len").token("MAXLEN").opt());
constexpr auto kLmoveArgs =
    args(key("source"), key("destination", 1), kLeftOrRight("wherefrom"), kLeftOrRight("whereto"));
constexpr auto kBlmoveArgs =
    args(key("source"), key("destination", 1), kLeftOrRight("wherefrom"), kLeftOrRight("whereto"), kTimeout);
constexpr auto kRpoplpushArgs = args(key("source"), key("destination", 1));
constexpr auto kBrpoplpushArgs = args(key("source"), key("destination", 1), kTimeout);
constexpr auto kLmpopArgs = args(integer("numkeys"), key().multiple(), kLeftOrRight("where"), kCount);
constexpr auto kBlmpopArgs =
    args(kTimeout, integer("numkeys"), key().multiple(), kLeftOrRight("where"), kCount);
constexpr auto kBlpopArgs = args(key().multiple(), kTimeout);

constexpr std::string_view kPushCost = "O(N) for N elements given";
constexpr std::string_view kSeveral2 = "2.4.0 Several elements";
constexpr std::string_view kSeveral4 = "4.0.0 Several elements";
constexpr std::string_view kMoreThanInteger = "6.0.0 The timeout may have a fraction";

constexpr CommandRow kRows[] = {
    command("blmove", 6, kWrite | kDenyOom | kBlocking, acl::kList)
        .keys(key_at(1, kRw | kAccess | kDelete), key_at(2, kRw | kInsert))
        .doc(Group::kList, "6.2.0", "O(1)",
             "Moves an element from list to list as LMOVE does; waits until there is one")
        .args(kBlmoveArgs),
    command("blmpop", -5, kWrite | kBlocking, acl::kList)
        .keys(counted_keys(2, kRw | kAccess | kDelete))
        .doc(Group::kList, "7.0.0", "O(N+M) for N keys and M elements",
             "Takes elements out of the first list that there is; waits until there is one")
        .args(kBlmpopArgs),
    command("blpop", -3, kWrite | kBlocking, acl::kList)
        .keys(keys_from(1, kRw | kAccess | kDelete, -2))
        .doc(Group::kList, "2.0.0", "O(N) for N keys",
             "Takes the head off the first list that there is; waits until there is one")
        .history(kMoreThanInteger)
        .args(kBlpopArgs),
    command("brpop", -3, kWrite | kBlocking, acl::kList)
        .keys(keys_from(1, kRw | kAccess | kDelete, -2))
        .doc(Group::kList, "2.0.0", "O(N) for N keys",
             "Takes the tail off the first list that there is; waits until there is one")
        .history(kMoreThanInteger)
        .args(kBlpopArgs),
    command("brpoplpush", 4, kWrite | kDenyOom | kBlocking, acl::kList)
        .keys(key_at(1, kRw | kAccess | kDelete), key_at(2, kRw | kInsert))
        .doc(Group::kList, "2.2.0", "O(1)",
             "Moves the last element of a list in front of another one; waits until there is one")
        .history(kMoreThanInteger)
        .deprecated("6.2.0", "`BLMOVE` with the `RIGHT` and `LEFT` arguments")
        .args(kBrpoplpushArgs),
    command("lindex", 3, kReadonly, acl::kList)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kList, "1.0.0", "O(log(N)) for N elements", "The element at an index of a list")
        .args(kLindexArgs),
    command("linsert", 5, kWrite | kDenyOom, acl::kList)
        .keys(key_at(1, kRw | kInsert))
        .doc(Group::kList, "2.2.0", "O(N) for N elements before the one that is looked for",
             "Puts an element before or behind another one")
        .args(kLinsertArgs),
    command("llen", 2, kReadonly | kFast, acl::kList)
        .keys(key_at(1, kRo))
        .doc(Group::kList, "1.0.0", "O(1)", "How many elements a list has")
        .args(kKey),
    command("lmove", 5, kWrite | kDenyOom, acl::kList)
        .keys(key_at(1, kRw | kAccess | kDelete), key_at(2, kRw | kInsert))
        .doc(Group::kList, "6.2.0", "O(1)", "Moves an element from an end of a list to an end of another one")
        .args(kLmoveArgs),
    command("lmpop", -4, kWrite, acl::kList)
        .keys(counted_keys(1, kRw | kAccess | kDelete))
        .doc(Group::kList, "7.0.0", "O(N+M) for N keys and M elements",
             "Takes elements out of the first list that there is")
        .args(kLmpopArgs),
    command("lpop", -2, kWrite | kFast, acl::kList)
        .keys(key_at(1, kRw | kAccess | kDelete))
        .doc(Group::kList, "1.0.0", "O(N) for N elements", "Takes elements off the head of a list")
        .history("6.2.0 Argument count")
        .args(kPopArgs),
    command("lpos", -3, kReadonly, acl::kList)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kList, "6.0.6", "O(N) for N elements that are looked at",
             "The indexes of an element in a list")
        .args(kLposArgs),
    command("lpush", -3, kWrite | kDenyOom | kFast, acl::kList)
        .keys(key_at(1, kRw | kInsert))
        .doc(Group::kList, "1.0.0", kPushCost, "Puts elements in front of a list; a missing key starts empty")
        .history(kSeveral2)
        .args(kPushArgs),
    command("lpushx", -3, kWrite | kDenyOom | kFast, acl::kList)
        .keys(key_at(1, kRw | kInsert))
        .doc(Group::kList, "2.2.0", kPushCost, "Puts elements in front of a list that is there")
        .history(kSeveral4)
        .args(kPushArgs),
    command("lrange", 4, kReadonly, acl::kList)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kList, "1.0.0", "O(log(N)+M) for M elements out of N",
             "The elements in a range of indexes")
        .args(kRangeArgs),
    command("lrem", 4, kWrite, acl::kList)
        .keys(key_at(1, kRw | kDelete))
        .doc(Group::kList, "1.0.0", "O(N+M) for N elements, of which M are removed",
             "Takes elements out of a list by what they are")
        .args(kLremArgs),
    command("lset", 4, kWrite | kDenyOom, acl::kList)
        .keys(key_at(1, kRw | kUpdate))
        .doc(Group::kList, "1.0.0", "O(log(N)) for N elements", "Replaces the element at an index of a list")
        .args(kLsetArgs),
    command("ltrim", 4, kWrite, acl::kList)
        .keys(key_at(1, kRw | kDelete))
        .doc(Group::kList, "1.0.0", "O(N) for N elements removed",
             "Keeps the elements in a range of indexes and removes the others")
        .args(kRangeArgs),
    command("rpop", -2, kWrite | kFast, acl::kList)
        .keys(key_at(1, kRw | kAccess | kDelete))
        .doc(Group::kList, "1.0.0", "O(N) for N elements", "Takes elements off the tail of a list")
        .history("6.2.0 Argument count")
        .args(kPopArgs),
    command("rpoplpush", 3, kWrite | kDenyOom, acl::kList)
        .keys(key_at(1, kRw | kAccess | kDelete), key_at(2, kRw | kInsert))
        .doc(Group::kList, "1.2.0", "O(1)", "Moves the last element of a list in front of another one")
        .deprecated("6.2.0", "`LMOVE` with the `RIGHT` and `LEFT` arguments")
        .args(kRpoplpushArgs),
    command("rpush", -3, kWrite | kDenyOom | kFast, acl::kList)
        .keys(key_at(1, kRw | kInsert))
        .doc(Group::kList, "1.0.0", kPushCost, "Puts elements behind a list; a missing key starts empty")
        .history(kSeveral2)
        .args(kPushArgs),
    command("rpushx", -3, kWrite | kDenyOom | kFast, acl::kList)
        .keys(key_at(1, kRw | kInsert))
        .doc(Group::kList, "2.2.0", kPushCost, "Puts elements behind a list that is there")
        .history(kSeveral4)
        .args(kPushArgs),
};

}  // namespace

CommandFamily list_rows() { return kRows; }

}  // namespace gyre::exec
