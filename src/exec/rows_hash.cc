// The commands on hashes.
#include "gyre/exec/command_rows.h"
#include "gyre/exec/row_notation.h"

namespace gyre::exec {
namespace {

using namespace flag;
using namespace keyflag;
using namespace notation;

constexpr auto kKey = args(key());
constexpr auto kKeyField = args(key(), string("field"));
constexpr auto kKeyFields = args(key(), string("field").multiple());
constexpr auto kKeyPairs = args(key(), block("data", string("field"), string("value")).multiple());
constexpr auto kHsetnxArgs = args(key(), string("field"), string("value"));
constexpr auto kHincrbyArgs = args(key(), string("field"), integer("increment"));
constexpr auto kHincrbyfloatArgs = args(key(), string("field"), number("increment"));
constexpr auto kHrandfieldArgs =
    args(key(), block("options", integer("count"), token("WITHVALUES").opt()).opt());
constexpr auto kHscanArgs = args(key(), integer("cursor"), pattern("pattern").token("MATCH").opt(),
                                 integer("count").token("COUNT").opt());

constexpr std::string_view kSizeComplexity = "O(N) for N fields";

constexpr CommandRow kRows[] = {
    command("hdel", -3, kWrite | kFast, acl::kHash)
        .keys(key_at(1, kRw | kDelete))
        .doc(Group::kHash, "2.0.0", "O(N) for N fields given",
             "Takes fields out of a hash; without fields the key goes")
        .history("2.4.0 Several fields")
        .args(kKeyFields),
    command("hexists", 3, kReadonly | kFast, acl::kHash)
        .keys(key_at(1, kRo))
        .doc(Group::kHash, "2.0.0", "O(1)", "Whether a hash has a field")
        .args(kKeyField),
    command("hget", 3, kReadonly | kFast, acl::kHash)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kHash, "2.0.0", "O(1)", "The value of a field")
        .args(kKeyField),
    command("hgetall", 2, kReadonly, acl::kHash)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kHash, "2.0.0", kSizeComplexity, "All fields of a hash with their values")
        .tips("nondeterministic_output_order")
        .args(kKey),
    command("hincrby", 4, kWrite | kDenyOom | kFast, acl::kHash)
        .keys(key_at(1, kRw | kAccess | kUpdate))
        .doc(Group::kHash, "2.0.0", "O(1)", "Adds to the integer that a field has; a missing one counts as 0")
        .args(kHincrbyArgs),
    command("hincrbyfloat", 4, kWrite | kDenyOom | kFast, acl::kHash)
        .keys(key_at(1, kRw | kAccess | kUpdate))
        .doc(Group::kHash, "2.6.0", "O(1)", "Adds to the number that a field has; a missing one counts as 0")
        .args(kHincrbyfloatArgs),
    command("hkeys", 2, kReadonly, acl::kHash)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kHash, "2.0.0", kSizeComplexity, "All fields of a hash")
        .tips("nondeterministic_output_order")
        .args(kKey),
    command("hlen", 2, kReadonly | kFast, acl::kHash)
        .keys(key_at(1, kRo))
        .doc(Group::kHash, "2.0.0", "O(1)", "How many fields a hash has")
        .args(kKey),
    command("hmget", -3, kReadonly | kFast, acl::kHash)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kHash, "2.0.0", "O(N) for N fields given", "The values of several fields")
        .args(kKeyFields),
    command("hmset", -4, kWrite | kDenyOom | kFast, acl::kHash)
        .keys(key_at(1, kRw | kUpdate))
        .doc(Group::kHash, "2.0.0", "O(N) for N fields given", "Sets the values of several fields")
        .deprecated("4.0.0", "`HSET` with multiple field-value pairs")
        .args(kKeyPairs),
    command("hrandfield", -2, kReadonly, acl::kHash)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kHash, "6.2.0", "O(N) for N fields returned", "Random fields of a hash")
        .tips("nondeterministic_output")
        .args(kHrandfieldArgs),
    command("hscan", -3, kReadonly, acl::kHash)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kHash, "2.8.0", "O(1) a call, O(N) for a whole walk over N fields",
             "Walks over the fields and values of a hash by cursor")
        .tips("nondeterministic_output")
        .args(kHscanArgs),
    command("hset", -4, kWrite | kDenyOom | kFast, acl::kHash)
        .keys(key_at(1, kRw | kUpdate))
        .doc(Group::kHash, "2.0.0", "O(N) for N fields given",
             "Sets the values of fields; a missing key starts empty")
        .history("4.0.0 Several fields")
        .args(kKeyPairs),
    command("hsetnx", 4, kWrite | kDenyOom | kFast, acl::kHash)
        .keys(key_at(1, kRw | kInsert))
        .doc(Group::kHash, "2.0.0", "O(1)", "Sets the value of a field that is not there")
        .args(kHsetnxArgs),
    command("hstrlen", 3, kReadonly | kFast, acl::kHash)
        .keys(key_at(1, kRo))
        .doc(Group::kHash, "3.2.0", "O(1)", "The length of a field's value")
        .args(kKeyField),
    command("hvals", 2, kReadonly, acl::kHash)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kHash, "2.0.0", kSizeComplexity, "All values of a hash")
        .tips("nondeterministic_output_order")
        .args(kKey),
};

}  // namespace

CommandFamily hash_rows() { return kRows; }

}  // namespace gyre::exec
