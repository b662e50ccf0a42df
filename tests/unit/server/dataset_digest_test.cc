// The expected digests are what stock's DEBUG DIGEST-VALUE and DEBUG DIGEST give for the same data.
#include "gyre/server/dataset_digest.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "gyre/ds/intset.h"
#include "gyre/ds/listpack_edit.h"
#include "gyre/store/db.h"
#include "gyre/store/list_object.h"
#include "gyre/store/trie_object.h"
#include "gyre/store/zset_object.h"

namespace gyre::server {
namespace {

class DigestTest : public testing::Test {
 protected:
  DigestTest() : keyspace_({}), db_(store::Held::assume(), keyspace_, 0, 1'700'000'000'000, nullptr) {}

  using Texts = std::initializer_list<std::string_view>;
  std::string put(std::string_view name, store::ValueForm form, const Texts& texts) {
    ds::ListpackBuilder builder;
    for (std::string_view text : texts) builder.add(text);
    return value_digest(db_.put_packed(store::make_key(name), nullptr, form, builder.finish()));
  }
  std::string put_hash(std::string_view name, const Texts& texts, int64_t expiry = -1) {
    auto hash = std::make_unique<store::HashObject>();
    for (auto at = texts.begin(); at != texts.end(); at += 2) hash->trie().insert_or_assign(at[0], at[1]);
    return value_digest(db_.put_object(store::make_key(name), nullptr, std::move(hash), {expiry}));
  }
  std::string put_set(std::string_view name, const Texts& texts) {
    auto set = std::make_unique<store::SetObject>();
    for (std::string_view text : texts) set->trie().insert(text);
    return value_digest(db_.put_object(store::make_key(name), nullptr, std::move(set)));
  }
  std::string put_intset(std::string_view name, std::initializer_list<int64_t> members) {
    std::string bytes(ds::kEmptyIntset);
    for (int64_t member : members) ds::IntsetEdit::add(ds::IntsetView(bytes), member).apply_to(bytes);
    return value_digest(db_.put_packed(store::make_key(name), nullptr, store::kSetIntset, bytes));
  }

  store::Keyspace keyspace_;
  store::Db db_;
};

TEST_F(DigestTest, SetsAndHashesAsStock) {
  const std::string x30(30, 'x'), x65(65, 'x'), y65(65, 'y'), z300(300, 'z');
  EXPECT_EQ(put("h", store::kHashListpack, {"a", "1", "17", "text", "", x30}),
            "758a36ca49f7145250db708f360765740da28be1");
  EXPECT_EQ(put_hash("hl", {"f", x65}), "4167a732860530249276d3e47807adb1e9e613a5");
  EXPECT_EQ(put("hn", store::kHashListpack, {"12345", "-7", "12345678901", "1234567890123"}),
            "92bab3ad36ae146b3a53fae204442d38bfee180a");
  EXPECT_EQ(put_hash("hm", {"12345", "-7"}), "285944dbb05d30e88a1a02342aaafa6facf61780");
  EXPECT_EQ(put_intset("i", {1, -5, 300}), "11b5fb7d4cf5c7b10c5be214fc76a5083c758810");
  EXPECT_EQ(put_intset("i4", {100000, -5}), "862804a91d0ed842b0f8e041e894423e90140688");
  EXPECT_EQ(put("sl", store::kSetListpack, {"a", "12", "-300", "bcd"}),
            "31f022f43b8b282796c1202fb4c8d0e1d32213d8");
  EXPECT_EQ(put_set("st", {y65}), "a66d6aa34a6c56383f2bc838e5e7bfae9ae30beb");
  EXPECT_EQ(put_set("st2", {"-129"}), "69f43fa35ac263c8ee2f76bdfaebb0f448922b0d");
  EXPECT_EQ(put_hash("big", {"f", z300, "g", "v"}, 1'800'000'000'000),
            "ac9d732bdf2967d498e9dfe63b7077606908ae41");
  store::Db third = db_.other(3);
  third.set(store::make_key("s"), nullptr, "text");
  EXPECT_EQ(dataset_digest(keyspace_), "4f07d40e26660b3060fd716226c91232746ef482");
}

TEST_F(DigestTest, SortedSetsAsStock) {
  EXPECT_EQ(put("z", store::kZsetListpack, {"a", "1.5", "b", "2"}),
            "445b877af3c3ec83af30529ddbbdda3185172254");
  EXPECT_EQ(put("zp", store::kZsetListpack, {"f", "-inf",  "b", "-2",  "g", "0", "h", "3e-10",
                                             "e", "0.1",   "a", "1.5", "y", "2", "c", "1000000000000000",
                                             "i", "1e+22", "d", "inf"}),
            "8652c8bc0d61452b474b8d7ebf4c2b3f3b60b89f");
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  auto zset = std::make_unique<store::ZsetObject>();
  const std::pair<std::string, double> elements[] = {
      {"a", 1.5},        {"b", -2},   {"c", 1e15},  {"d", kInfinity}, {"e", 0.1}, {std::string(65, 'y'), 2},
      {"f", -kInfinity}, {"g", -0.0}, {"h", 3e-10}, {"-12345", 1e22}};
  for (const auto& [member, score] : elements) zset->insert(member, score);
  EXPECT_EQ(value_digest(db_.put_object(store::make_key("zs"), nullptr, std::move(zset))),
            "134b25aa6ba1fb73c41b9acca9341a93d7a4ef9c");
}

TEST_F(DigestTest, ListsAsStock) {
  EXPECT_EQ(put("l", store::kListListpack, {"a", "1", "bb"}), "3e69a7772f4a0e2ac5ae9eb9043fe68db8295ad3");
  auto list = std::make_unique<store::ListObject>(store::ListLimits::of(2, 0));
  for (std::string_view text : {"a", "-1", "ccc", "4", "e"}) list->push_back(text);
  EXPECT_EQ(value_digest(db_.put_object(store::make_key("ql"), nullptr, std::move(list))),
            "31cf58831d92226fda4b2644e121ad888795305f");
}

TEST_F(DigestTest, TheFormDoesNotMatter) {
  EXPECT_EQ(put("h1", store::kHashListpack, {"1", "a", "2", "b", "3", "c"}),
            put_hash("h2", {"3", "c", "1", "a", "2", "b"}));
  EXPECT_EQ(put("s1", store::kSetListpack, {"3", "1", "2"}), put_intset("s2", {1, 2, 3}));
  EXPECT_EQ(put_intset("s3", {1, 2, 3}), put_set("s4", {"2", "3", "1"}));
}

}  // namespace
}  // namespace gyre::server
