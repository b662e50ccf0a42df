// The commands on bits of strings.
#include "gyre/exec/command_rows.h"
#include "gyre/exec/key_extraction.h"
#include "gyre/exec/row_notation.h"

namespace gyre::exec {
namespace {

using namespace flag;
using namespace keyflag;
using namespace notation;

constexpr auto kUnit = one_of("unit", token("BYTE"), token("BIT")).opt().since("7.0.0");
constexpr auto kBitcountArgs = args(key(), block("range", integer("start"), integer("end"), kUnit).opt());
constexpr auto kGetFieldArgs = block("get-block", string("encoding"), integer("offset")).token("GET");
constexpr auto kBitfieldArgs = args(
    key(),
    one_of(
        "operation", kGetFieldArgs,
        block("write",
              one_of("overflow-block", token("WRAP"), token("SAT"), token("FAIL")).token("OVERFLOW").opt(),
              one_of("write-operation",
                     block("set-block", string("encoding"), integer("offset"), integer("value")).token("SET"),
                     block("incrby-block", string("encoding"), integer("offset"), integer("increment"))
                         .token("INCRBY"))))
        .opt()
        .multiple());
constexpr auto kBitfieldRoArgs = args(key(), kGetFieldArgs.opt().multiple_token());
constexpr auto kBitopArgs = args(one_of("operation", token("AND"), token("OR"), token("XOR"), token("NOT")),
                                 key("destkey"), key("key", 1).multiple());
constexpr auto kBitposArgs =
    args(key(), integer("bit"),
         block("range", integer("start"), block("end-unit-block", integer("end"), kUnit).opt()).opt());
constexpr auto kGetbitArgs = args(key(), integer("offset"));
constexpr auto kSetbitArgs = args(key(), integer("offset"), integer("value"));

constexpr CommandRow kRows[] = {
    command("bitcount", -2, kReadonly, acl::kBitmap)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kBitmap, "2.6.0", "O(N) for N bytes", "How many bits of a string are set")
        .history("7.0.0 Option BYTE|BIT")
        .args(kBitcountArgs),
    command("bitfield", -2, kWrite | kDenyOom, acl::kBitmap)
        .keys(
            key_at(1, kRw | kAccess | kUpdate | kVariableFlags, "changes the value only with SET or INCRBY"))
        .find_keys(find_bitfield_keys)
        .doc(Group::kBitmap, "3.2.0", "O(1) for each operation",
             "Reads and changes integers of any width at any bit of a string")
        .args(kBitfieldArgs),
    command("bitfield_ro", -2, kReadonly | kFast, acl::kBitmap)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kBitmap, "6.0.0", "O(1) for each operation",
             "Reads integers of any width at any bit of a string")
        .args(kBitfieldRoArgs),
    command("bitop", -4, kWrite | kDenyOom, acl::kBitmap)
        .keys(key_at(2, kOw | kUpdate), keys_from(3, kRo | kAccess))
        .doc(Group::kBitmap, "2.6.0", "O(N) for N bytes", "Combines strings bit by bit and stores the result")
        .args(kBitopArgs),
    command("bitpos", -3, kReadonly, acl::kBitmap)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kBitmap, "2.8.7", "O(N) for N bytes", "The first bit of a string that is set, or clear")
        .history("7.0.0 Option BYTE|BIT")
        .args(kBitposArgs),
    command("getbit", 3, kReadonly | kFast, acl::kBitmap)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kBitmap, "2.2.0", "O(1)", "One bit of a string")
        .args(kGetbitArgs),
    command("setbit", 4, kWrite | kDenyOom, acl::kBitmap)
        .keys(key_at(1, kRw | kAccess | kUpdate))
        .doc(Group::kBitmap, "2.2.0", "O(1)",
             "Sets or clears one bit of a string; gaps are filled with zero bytes")
        .args(kSetbitArgs),
};

}  // namespace

CommandFamily bitmap_rows() { return kRows; }

}  // namespace gyre::exec
