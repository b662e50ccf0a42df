// The commands on positions on Earth, which are sorted sets.
#include "gyre/exec/command_rows.h"
#include "gyre/exec/key_extraction.h"
#include "gyre/exec/row_notation.h"

namespace gyre::exec {
namespace {

using namespace flag;
using namespace keyflag;
using namespace notation;

/// The key behind a word among the options.
constexpr KeySpec key_behind(std::string_view word, int16_t position) {
  return {.flags = kOw | kUpdate, .begin = KeySpec::Begin::kKeyword, .begin_at = position, .keyword = word};
}

constexpr auto kUnit =
    one_of("unit", token("M"), token("KM"), token("FT"), token("MI"));
constexpr auto kOrder = one_of("order", token("ASC"), token("DESC")).opt();
constexpr auto kWithCoord = token("WITHCOORD").opt();
constexpr auto kWithDist = token("WITHDIST").opt();
constexpr auto kWithHash = token("WITHHASH").opt();
constexpr auto kCount = block("count-block", integer("count").token("COUNT"), token("ANY").opt()).opt();
constexpr auto kCountAnySince =
    block("count-block", integer("count").token("COUNT"), token("ANY").opt().since("6.2.0")).opt();
constexpr auto kStore = one_of("store", key("storekey", 1).token("STORE").display("key"),
                               key("storedistkey", 2).token("STOREDIST").display("key"))
                            .opt();
constexpr auto kFrom =
    one_of("from", string("member").token("FROMMEMBER"),
           block("fromlonlat", number("longitude"), number("latitude")).token("FROMLONLAT"));
constexpr auto kBy = one_of("by", block("circle", number("radius").token("BYRADIUS"), kUnit),
                            block("box", number("width").token("BYBOX"), number("height"), kUnit));

constexpr auto kGeoaddArgs =
    args(key(), one_of("condition", token("NX"), token("XX")).opt().since("6.2.0"),
         token("change", "CH").opt().since("6.2.0"),
         block("data", number("longitude"), number("latitude"), string("member")).multiple());
constexpr auto kGeodistArgs = args(key(), string("member1"), string("member2"), kUnit.opt());
constexpr auto kMembersArgs = args(key(), string("member").multiple().opt());
constexpr auto kGeoradiusRoArgs = args(key(), number("longitude"), number("latitude"), number("radius"),
                                       kUnit, kWithCoord, kWithDist, kWithHash, kCountAnySince, kOrder);
constexpr auto kGeoradiusArgs = args(key(), number("longitude"), number("latitude"), number("radius"), kUnit,
                                     kWithCoord, kWithDist, kWithHash, kCountAnySince, kOrder, kStore);
constexpr auto kByMemberRoArgs =
    args(key(), string("member"), number("radius"), kUnit, kWithCoord, kWithDist, kWithHash, kCount, kOrder);
constexpr auto kByMemberArgs = args(key(), string("member"), number("radius"), kUnit, kWithCoord, kWithDist,
                                    kWithHash, kCount, kOrder, kStore);
constexpr auto kGeosearchArgs = args(key(), kFrom, kBy, kOrder, kCount, kWithCoord, kWithDist, kWithHash);
constexpr auto kGeosearchstoreArgs =
    args(key("destination"), key("source", 1), kFrom, kBy, kOrder, kCount, token("STOREDIST").opt());

constexpr std::string_view kSearchCost =
    "O(N+log(M)) for N elements in the areas that are searched, out of M elements";
constexpr std::string_view kUpperCaseUnits = "7.0.0 Units in upper case";
constexpr std::string_view kAny = "6.2.0 Option ANY of COUNT";
constexpr std::string_view kAnyAndUnits = "6.2.0 Option ANY of COUNT\n7.0.0 Units in upper case";

constexpr CommandRow kRows[] = {
    command("geoadd", -5, kWrite | kDenyOom, acl::kGeo)
        .keys(key_at(1, kRw | kUpdate))
        .doc(Group::kGeo, "3.2.0", "O(log(N)) for each member, in a set of N",
             "Adds members with positions, or changes the positions of those that are there")
        .history("6.2.0 Options CH, NX, XX")
        .args(kGeoaddArgs),
    command("geodist", -4, kReadonly, acl::kGeo)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kGeo, "3.2.0", "O(1)", "The distance between two members")
        .args(kGeodistArgs),
    command("geohash", -2, kReadonly, acl::kGeo)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kGeo, "3.2.0", "O(1) for each member", "The positions of members as geohash texts")
        .args(kMembersArgs),
    command("geopos", -2, kReadonly, acl::kGeo)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kGeo, "3.2.0", "O(1) for each member", "Longitude and latitude of members")
        .args(kMembersArgs),
    command("georadius", -6, kWrite | kDenyOom, acl::kGeo)
        .keys(key_at(1, kRo | kAccess), key_behind("STORE", 6), key_behind("STOREDIST", 6))
        .find_keys(find_georadius_keys)
        .doc(Group::kGeo, "3.2.0", kSearchCost, "The members around a position; they can be stored")
        .history(kAnyAndUnits)
        .deprecated("6.2.0", "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument")
        .args(kGeoradiusArgs),
    command("georadius_ro", -6, kReadonly, acl::kGeo)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kGeo, "3.2.10", kSearchCost, "The members around a position")
        .history(kAny)
        .deprecated("6.2.0", "`GEOSEARCH` with the `BYRADIUS` argument")
        .args(kGeoradiusRoArgs),
    command("georadiusbymember", -5, kWrite | kDenyOom, acl::kGeo)
        .keys(key_at(1, kRo | kAccess), key_behind("STORE", 5), key_behind("STOREDIST", 5))
        .find_keys(find_georadius_keys)
        .doc(Group::kGeo, "3.2.0", kSearchCost, "The members around one of them; they can be stored")
        .history(kUpperCaseUnits)
        .deprecated("6.2.0",
                    "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments")
        .args(kByMemberArgs),
    command("georadiusbymember_ro", -5, kReadonly, acl::kGeo)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kGeo, "3.2.10", kSearchCost, "The members around one of them")
        .deprecated("6.2.0", "`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments")
        .args(kByMemberRoArgs),
    command("geosearch", -7, kReadonly, acl::kGeo)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kGeo, "6.2.0", kSearchCost, "The members inside a circle or a box")
        .history(kUpperCaseUnits)
        .args(kGeosearchArgs),
    command("geosearchstore", -8, kWrite | kDenyOom, acl::kGeo)
        .keys(key_at(1, kOw | kUpdate), key_at(2, kRo | kAccess))
        .doc(Group::kGeo, "6.2.0", kSearchCost, "Stores the members inside a circle or a box")
        .history(kUpperCaseUnits)
        .args(kGeosearchstoreArgs),
};

}  // namespace

CommandFamily geo_rows() { return kRows; }

}  // namespace gyre::exec
