// The commands on sorted sets.
#include "gyre/exec/command_rows.h"
#include "gyre/exec/row_notation.h"

namespace gyre::exec {
namespace {

using namespace flag;
using namespace keyflag;
using namespace notation;

constexpr auto kKey = args(key());
constexpr auto kScoresArgs = args(key(), number("min"), number("max"));
constexpr auto kMembersArgs = args(key(), string("min"), string("max"));
constexpr auto kMemberList = args(key(), string("member").multiple());
constexpr auto kMember = args(key(), string("member"));
constexpr auto kRankArgs = args(key(), string("member"), token("WITHSCORE").opt());
constexpr auto kWithScores = token("WITHSCORES").opt();
constexpr auto kLimit = block("limit", integer("offset"), integer("count")).token("LIMIT").opt();
constexpr auto kSortBy = one_of("sortby", token("BYSCORE"), token("BYLEX")).opt();
constexpr auto kWeights = integer("weight").token("WEIGHTS").opt().multiple();
constexpr auto kAggregate =
    one_of("aggregate", token("SUM"), token("MIN"), token("MAX")).token("AGGREGATE").opt();

constexpr auto kZaddArgs =
    args(key(), one_of("condition", token("NX"), token("XX")).opt().since("3.0.2"),
         one_of("comparison", token("GT"), token("LT")).opt().since("6.2.0"),
         token("change", "CH").opt().since("3.0.2"), token("increment", "INCR").opt().since("3.0.2"),
         block("data", number("score"), string("member")).multiple());
constexpr auto kZincrbyArgs = args(key(), integer("increment"), string("member"));
constexpr auto kCombineArgs = args(integer("numkeys"), key().multiple(), kWeights, kAggregate, kWithScores);
constexpr auto kCombineStoreArgs =
    args(key("destination"), integer("numkeys"), key("key", 1).multiple(), kWeights, kAggregate);
constexpr auto kZdiffArgs = args(integer("numkeys"), key().multiple(), kWithScores);
constexpr auto kZdiffstoreArgs = args(key("destination"), integer("numkeys"), key("key", 1).multiple());
constexpr auto kZintercardArgs =
    args(integer("numkeys"), key().multiple(), integer("limit").token("LIMIT").opt());
constexpr auto kZmpopArgs =
    args(integer("numkeys"), key().multiple(), one_of("where", token("MIN"), token("MAX")),
         integer("count").token("COUNT").opt());
constexpr auto kBzmpopArgs =
    args(number("timeout"), integer("numkeys"), key().multiple(), one_of("where", token("MIN"), token("MAX")),
         integer("count").token("COUNT").opt());
constexpr auto kPopArgs = args(key(), integer("count").opt());
constexpr auto kBzpopArgs = args(key().multiple(), number("timeout"));
constexpr std::string_view kFractions = "6.0.0 The timeout may have a fraction";
constexpr auto kZrandmemberArgs = args(key(), block("options", integer("count"), kWithScores).opt());
constexpr auto kZrangeArgs = args(key(), string("start"), string("stop"), kSortBy.since("6.2.0"),
                                  token("REV").opt().since("6.2.0"), kLimit.since("6.2.0"), kWithScores);
constexpr auto kZrangestoreArgs =
    args(key("dst"), key("src", 1), string("min"), string("max"), kSortBy, token("REV").opt(), kLimit);
constexpr auto kZrangebylexArgs = args(key(), string("min"), string("max"), kLimit);
constexpr auto kZrevrangebylexArgs = args(key(), string("max"), string("min"), kLimit);
constexpr auto kZrangebyscoreArgs =
    args(key(), number("min"), number("max"), kWithScores.since("2.0.0"), kLimit);
constexpr auto kZrevrangebyscoreArgs = args(key(), number("max"), number("min"), kWithScores, kLimit);
constexpr auto kRanksArgs = args(key(), integer("start"), integer("stop"));
constexpr auto kZrevrangeArgs = args(key(), integer("start"), integer("stop"), kWithScores);
constexpr auto kZscanArgs = args(key(), integer("cursor"), pattern("pattern").token("MATCH").opt(),
                                 integer("count").token("COUNT").opt());

constexpr std::string_view kRangeCost = "O(log(N)+M) for N elements, of which M are returned";
constexpr std::string_view kRemoveCost = "O(log(N)+M) for N elements, of which M are removed";
constexpr std::string_view kDiffCost =
    "O(L+(N-K)*log(N)) at worst for L elements in all sets, N in the first and K in the result";
constexpr std::string_view kInterCost =
    "O(N*K)+O(M*log(M)) at worst for K sets, N elements in the smallest and M in the result";
constexpr std::string_view kUnionCost = "O(N)+O(M*log(M)) for N elements in all sets and M in the result";

constexpr CommandRow kRows[] = {
    command("bzmpop", -5, kWrite | kBlocking, acl::kSortedSet)
        .keys(counted_keys(2, kRw | kAccess | kDelete))
        .doc(Group::kSortedSet, "7.0.0", "O(K)+O(M*log(N)) for K keys and M elements taken out of N",
             "Takes the lowest or highest members out of the first sorted set that there is; waits until "
             "there is one")
        .args(kBzmpopArgs),
    command("bzpopmax", -3, kWrite | kFast | kBlocking, acl::kSortedSet)
        .keys(keys_from(1, kRw | kAccess | kDelete, -2))
        .doc(Group::kSortedSet, "5.0.0", "O(log(N)) for N elements",
             "Takes the highest member out of the first sorted set that there is; waits until there is one")
        .history(kFractions)
        .args(kBzpopArgs),
    command("bzpopmin", -3, kWrite | kFast | kBlocking, acl::kSortedSet)
        .keys(keys_from(1, kRw | kAccess | kDelete, -2))
        .doc(Group::kSortedSet, "5.0.0", "O(log(N)) for N elements",
             "Takes the lowest member out of the first sorted set that there is; waits until there is one")
        .history(kFractions)
        .args(kBzpopArgs),
    command("zadd", -4, kWrite | kDenyOom | kFast, acl::kSortedSet)
        .keys(key_at(1, kRw | kUpdate))
        .doc(Group::kSortedSet, "1.2.0", "O(log(N)) for each member, in a set of N",
             "Adds members with scores, or changes the scores of those that are there")
        .history("2.4.0 Several members\n"
                 "3.0.2 Options XX, NX, CH, INCR\n"
                 "6.2.0 Options GT, LT")
        .args(kZaddArgs),
    command("zcard", 2, kReadonly | kFast, acl::kSortedSet)
        .keys(key_at(1, kRo))
        .doc(Group::kSortedSet, "1.2.0", "O(1)", "How many members a sorted set has")
        .args(kKey),
    command("zcount", 4, kReadonly | kFast, acl::kSortedSet)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kSortedSet, "2.0.0", "O(log(N)) for N elements",
             "How many members have scores in a range")
        .args(kScoresArgs),
    command("zdiff", -3, kReadonly, acl::kSortedSet)
        .keys(counted_keys(1, kRo | kAccess))
        .doc(Group::kSortedSet, "6.2.0", kDiffCost,
             "The members of the first sorted set that no other one has")
        .args(kZdiffArgs),
    command("zdiffstore", -4, kWrite | kDenyOom, acl::kSortedSet)
        .keys(key_at(1, kOw | kUpdate), counted_keys(2, kRo | kAccess))
        .doc(Group::kSortedSet, "6.2.0", kDiffCost,
             "Stores the members of the first sorted set that no other one has")
        .args(kZdiffstoreArgs),
    command("zincrby", 4, kWrite | kDenyOom | kFast, acl::kSortedSet)
        .keys(key_at(1, kRw | kAccess | kUpdate))
        .doc(Group::kSortedSet, "1.2.0", "O(log(N)) for N elements",
             "Adds to the score of a member; a missing one counts as 0")
        .args(kZincrbyArgs),
    command("zinter", -3, kReadonly, acl::kSortedSet)
        .keys(counted_keys(1, kRo | kAccess))
        .doc(Group::kSortedSet, "6.2.0", kInterCost, "The members that all of several sorted sets have")
        .args(kCombineArgs),
    command("zintercard", -3, kReadonly, acl::kSortedSet)
        .keys(counted_keys(1, kRo | kAccess))
        .doc(Group::kSortedSet, "7.0.0", "O(N*K) at worst for K sets, the smallest of which has N elements",
             "How many members all of several sorted sets have")
        .args(kZintercardArgs),
    command("zinterstore", -4, kWrite | kDenyOom, acl::kSortedSet)
        .keys(key_at(1, kOw | kUpdate), counted_keys(2, kRo | kAccess))
        .doc(Group::kSortedSet, "2.0.0", kInterCost,
             "Stores the members that all of several sorted sets have")
        .args(kCombineStoreArgs),
    command("zlexcount", 4, kReadonly | kFast, acl::kSortedSet)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kSortedSet, "2.8.9", "O(log(N)) for N elements",
             "How many members are in a range of names")
        .args(kMembersArgs),
    command("zmpop", -4, kWrite, acl::kSortedSet)
        .keys(counted_keys(1, kRw | kAccess | kDelete))
        .doc(Group::kSortedSet, "7.0.0", "O(K)+O(M*log(N)) for K keys and M elements taken out of N",
             "Takes the lowest or highest members out of the first sorted set that there is")
        .args(kZmpopArgs),
    command("zmscore", -3, kReadonly | kFast, acl::kSortedSet)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kSortedSet, "6.2.0", "O(N) for N members", "The scores of several members")
        .args(kMemberList),
    command("zpopmax", -2, kWrite | kFast, acl::kSortedSet)
        .keys(key_at(1, kRw | kAccess | kDelete))
        .doc(Group::kSortedSet, "5.0.0", "O(log(N)*M) for M elements taken out of N",
             "Takes the highest members out of a sorted set")
        .args(kPopArgs),
    command("zpopmin", -2, kWrite | kFast, acl::kSortedSet)
        .keys(key_at(1, kRw | kAccess | kDelete))
        .doc(Group::kSortedSet, "5.0.0", "O(log(N)*M) for M elements taken out of N",
             "Takes the lowest members out of a sorted set")
        .args(kPopArgs),
    command("zrandmember", -2, kReadonly, acl::kSortedSet)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kSortedSet, "6.2.0", "O(N) for N members returned", "Random members of a sorted set")
        .tips("nondeterministic_output")
        .args(kZrandmemberArgs),
    command("zrange", -4, kReadonly, acl::kSortedSet)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kSortedSet, "1.2.0", kRangeCost, "The members in a range of ranks, scores or names")
        .history("6.2.0 Options REV, BYSCORE, BYLEX, LIMIT")
        .args(kZrangeArgs),
    command("zrangebylex", -4, kReadonly, acl::kSortedSet)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kSortedSet, "2.8.9", kRangeCost, "The members in a range of names")
        .deprecated("6.2.0", "`ZRANGE` with the `BYLEX` argument")
        .args(kZrangebylexArgs),
    command("zrangebyscore", -4, kReadonly, acl::kSortedSet)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kSortedSet, "1.0.5", kRangeCost, "The members with scores in a range")
        .history("2.0.0 Option WITHSCORES")
        .deprecated("6.2.0", "`ZRANGE` with the `BYSCORE` argument")
        .args(kZrangebyscoreArgs),
    command("zrangestore", -5, kWrite | kDenyOom, acl::kSortedSet)
        .keys(key_at(1, kOw | kUpdate), key_at(2, kRo | kAccess))
        .doc(Group::kSortedSet, "6.2.0", "O(log(N)+M) for N elements, of which M are stored",
             "Stores the members in a range of a sorted set")
        .args(kZrangestoreArgs),
    command("zrank", -3, kReadonly | kFast, acl::kSortedSet)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kSortedSet, "2.0.0", "O(log(N))", "The rank of a member, from the lowest score up")
        .history("7.2.0 Option WITHSCORE")
        .args(kRankArgs),
    command("zrem", -3, kWrite | kFast, acl::kSortedSet)
        .keys(key_at(1, kRw | kDelete))
        .doc(Group::kSortedSet, "1.2.0", "O(M*log(N)) for M members taken out of N",
             "Takes members out of a sorted set")
        .history("2.4.0 Several members")
        .args(kMemberList),
    command("zremrangebylex", 4, kWrite, acl::kSortedSet)
        .keys(key_at(1, kRw | kDelete))
        .doc(Group::kSortedSet, "2.8.9", kRemoveCost, "Removes the members in a range of names")
        .args(kMembersArgs),
    command("zremrangebyrank", 4, kWrite, acl::kSortedSet)
        .keys(key_at(1, kRw | kDelete))
        .doc(Group::kSortedSet, "2.0.0", kRemoveCost, "Removes the members in a range of ranks")
        .args(kRanksArgs),
    command("zremrangebyscore", 4, kWrite, acl::kSortedSet)
        .keys(key_at(1, kRw | kDelete))
        .doc(Group::kSortedSet, "1.2.0", kRemoveCost, "Removes the members with scores in a range")
        .args(kScoresArgs),
    command("zrevrange", -4, kReadonly, acl::kSortedSet)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kSortedSet, "1.2.0", kRangeCost,
             "The members in a range of ranks, from the highest score down")
        .deprecated("6.2.0", "`ZRANGE` with the `REV` argument")
        .args(kZrevrangeArgs),
    command("zrevrangebylex", -4, kReadonly, acl::kSortedSet)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kSortedSet, "2.8.9", kRangeCost, "The members in a range of names, backwards")
        .deprecated("6.2.0", "`ZRANGE` with the `REV` and `BYLEX` arguments")
        .args(kZrevrangebylexArgs),
    command("zrevrangebyscore", -4, kReadonly, acl::kSortedSet)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kSortedSet, "2.2.0", kRangeCost,
             "The members with scores in a range, from the highest down")
        .history("2.1.6 Exclusive bounds")
        .deprecated("6.2.0", "`ZRANGE` with the `REV` and `BYSCORE` arguments")
        .args(kZrevrangebyscoreArgs),
    command("zrevrank", -3, kReadonly | kFast, acl::kSortedSet)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kSortedSet, "2.0.0", "O(log(N))", "The rank of a member, from the highest score down")
        .history("7.2.0 Option WITHSCORE")
        .args(kRankArgs),
    command("zscan", -3, kReadonly, acl::kSortedSet)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kSortedSet, "2.8.0", "O(1) for a call, O(N) for a whole walk over N elements",
             "Walks over members and scores")
        .tips("nondeterministic_output")
        .args(kZscanArgs),
    command("zscore", 3, kReadonly | kFast, acl::kSortedSet)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kSortedSet, "1.2.0", "O(1)", "The score of a member")
        .args(kMember),
    command("zunion", -3, kReadonly, acl::kSortedSet)
        .keys(counted_keys(1, kRo | kAccess))
        .doc(Group::kSortedSet, "6.2.0", kUnionCost, "The members that any of several sorted sets has")
        .args(kCombineArgs),
    command("zunionstore", -4, kWrite | kDenyOom, acl::kSortedSet)
        .keys(key_at(1, kOw | kUpdate), counted_keys(2, kRo | kAccess))
        .doc(Group::kSortedSet, "2.0.0", kUnionCost, "Stores the members that any of several sorted sets has")
        .args(kCombineStoreArgs),
};

}  // namespace

CommandFamily zset_rows() { return kRows; }

}  // namespace gyre::exec
