// Values of the collection types. The expected bytes are what stock's DUMP gives for the same data.
#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "collection_text.h"
#include "gyre/base/crc64.h"
#include "gyre/ds/listpack_edit.h"
#include "gyre/rdb/encoder.h"
#include "gyre/rdb/object_writer.h"
#include "gyre/store/db.h"
#include "gyre/store/list_object.h"
#include "gyre/store/zset_object.h"
#include "rdb_reader.h"

namespace gyre::rdb {
namespace {

std::string hex(std::string_view bytes) {
  std::string text;
  for (char c : bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    text += kDigits[static_cast<uint8_t>(c) >> 4];
    text += kDigits[static_cast<uint8_t>(c) & 15];
  }
  return text;
}

std::string bytes_of(ChunkBuilder& builder) {
  std::string all;
  for (const Chunk& piece : builder.take()) all += piece.view();
  return all;
}

std::string listpack(std::initializer_list<std::string_view> elements) {
  ds::ListpackBuilder builder;
  for (std::string_view element : elements) builder.add(element);
  return builder.finish();
}

std::string intset(std::initializer_list<int64_t> members) {
  std::string bytes(ds::kEmptyIntset);
  for (int64_t member : members) ds::IntsetEdit::add(ds::IntsetView(bytes), member).apply_to(bytes);
  return bytes;
}

class ValueTest : public testing::Test {
 protected:
  ValueTest() : keyspace_({}), db_(store::Held::assume(), keyspace_, 0, 1'700'000'000'000, nullptr) {}

  const store::Entry& packed(store::ValueForm form, std::string_view bytes) {
    return *db_.put_packed(key_, db_.peek(key_), form, bytes);
  }
  const store::Entry& object(std::unique_ptr<store::Object> object) {
    return *db_.put_object(key_, db_.peek(key_), std::move(object));
  }
  /// Type and value, as DUMP begins.
  static std::string dumped(const store::Entry& entry, const PairFormat& format = {.version = 11}) {
    ChunkBuilder builder;
    builder.append(static_cast<char>(value_type(entry, format.version)));
    value(builder, entry, format);
    return bytes_of(builder);
  }

  store::Keyspace keyspace_;
  store::Db db_;
  const store::Key key_ = store::make_key("key");
};

TEST_F(ValueTest, Listpacks) {
  const std::string fields = listpack({"a", "1", "17", "text", "", std::string(30, 'x')});
  EXPECT_EQ(hex(dumped(packed(store::kHashListpack, fields))),
            "10c31e36163600000006008161020101110184746578740580019e78e01400011fff");
  EXPECT_EQ(hex(dumped(packed(store::kHashListpack, fields), {.version = 11, .compress = false})),
            "10363600000006008161020101110184746578740580019e787878787878787878787878787878787878787878787878"
            "787878787878"
            "1fff");
  EXPECT_EQ(
      hex(dumped(packed(store::kHashListpack, listpack({"12345", "-7", "12345678901", "1234567890123"})))),
      "1022220000000400f1393003dff902f4351cdcdf0200000009f4cb04fb711f01000009ff");
  EXPECT_EQ(hex(dumped(packed(store::kListListpack, listpack({"a", "1", "bb"})))),
            "12010210100000000300816102010182626203ff");
  EXPECT_EQ(hex(dumped(packed(store::kZsetListpack, listpack({"a", "1.5", "b", "2"})))),
            "111414000000040081610283312e35048162020201ff");
}

TEST_F(ValueTest, Intsets) {
  EXPECT_EQ(hex(dumped(packed(store::kSetIntset, intset({1, -5, 300})))), "0b0e0200000003000000fbff01002c01");
  EXPECT_EQ(hex(dumped(packed(store::kSetIntset, intset({100000, -5})))),
            "0b100400000002000000fbffffffa0860100");
}

TEST_F(ValueTest, SetsInAListpackAreTablesInVersion10) {
  const store::Entry& entry = packed(store::kSetListpack, listpack({"a", "12", "-300", "bcd"}));
  EXPECT_EQ(hex(dumped(entry)), "14141400000004008161020c01ded4028362636404ff");
  EXPECT_EQ(hex(dumped(entry, {.version = 10})), "02040161c00cc1d4fe03626364");
}

TEST_F(ValueTest, Tables) {
  auto hash = std::make_unique<store::HashObject>();
  hash->trie().insert_or_assign("f", std::string(65, 'x'));
  EXPECT_EQ(hex(dumped(object(std::move(hash)))), "04010166c3094041017878e03400017878");
  hash = std::make_unique<store::HashObject>();
  hash->trie().insert_or_assign("12345", "-7");
  EXPECT_EQ(hex(dumped(object(std::move(hash)))), "0401c13930c0f9");
  hash = std::make_unique<store::HashObject>();
  hash->trie().insert_or_assign("f", std::string(300, 'z'));
  EXPECT_EQ(hex(dumped(object(std::move(hash)))), "04010166c30c412c017a7ae0ff00e01700017a7a");
  auto set = std::make_unique<store::SetObject>();
  set->trie().insert(std::string(65, 'y'));
  EXPECT_EQ(hex(dumped(object(std::move(set)))), "0201c3094041017979e03400017979");
  set = std::make_unique<store::SetObject>();
  set->trie().insert("-129");
  EXPECT_EQ(hex(dumped(object(std::move(set)))), "0201c17fff");
}

TEST_F(ValueTest, SortedSets) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  auto zset = std::make_unique<store::ZsetObject>();
  const std::pair<std::string, double> elements[] = {
      {"a", 1.5},        {"b", -2},   {"c", 1e15},  {"d", kInfinity}, {"e", 0.1}, {std::string(65, 'y'), 2},
      {"f", -kInfinity}, {"g", -0.0}, {"h", 3e-10}, {"-12345", 1e22}};
  for (const auto& [member, score] : elements) zset->insert(member, score);
  EXPECT_EQ(hex(dumped(object(std::move(zset)))),
            "050a0164000000000000f07fc1c7cf92d54d06cff08044016300003426f56b0c43c3094041017979e034000179790000"
            "000000000040"
            "0161000000000000f83f01659a9999999999b93f01684cce61e3a79df43d016700000000000000800162000000000000"
            "00c00166000000"
            "000000f0ff");
}

TEST_F(ValueTest, Lists) {
  auto list = std::make_unique<store::ListObject>(store::ListLimits::of(2, 0));
  for (std::string_view text : {"a", "-1", "ccc", "4", "e"}) list->push_back(text);
  EXPECT_EQ(hex(dumped(object(std::move(list)))),
            "1203020d0d0000000200816102dfff02ff020e0e000000020083636363040401ff020a0a0000000100816502ff");
  list = std::make_unique<store::ListObject>(store::ListLimits{.bytes = 40});
  const std::string plain(50, 'x');
  for (std::string_view text : {std::string_view("a"), std::string_view(plain), std::string_view("b")})
    list->push_back(text);
  EXPECT_EQ(hex(dumped(object(std::move(list)))),
            "1203020a0a0000000100816102ff01c30932017878e02500017878020a0a0000000100816202ff");
}

TEST_F(ValueTest, CompressedNodesAreWrittenAsTheyAre) {
  auto list = std::make_unique<store::ListObject>(store::ListLimits::of(1, 1));
  const std::string text(60, 'x');
  for (std::string_view element : {std::string_view("a"), std::string_view(text), std::string_view("b")})
    list->push_back(element);
  EXPECT_EQ(list->compressed_nodes(), 1u);
  // As Redis: also without compression of strings.
  const std::string bytes = dumped(object(std::move(list)), {.compress = false});
  EXPECT_NE(hex(bytes).find("02c3"), std::string::npos) << hex(bytes);
}

TEST_F(ValueTest, LargePackedValuesAreReferredTo) {
  std::string large(kReferenceFrom, 'x');
  const store::Entry& entry = packed(store::kHashListpack, listpack({"f", large}));
  ChunkBuilder builder;
  pair(builder, entry, {}, {});
  const std::vector<Chunk> pieces = builder.take();
  ASSERT_EQ(pieces.size(), 2u);
  EXPECT_EQ(pieces[1].blob.data(), entry.raw_value().data());
}

TEST_F(ValueTest, ObjectsComeByPieces) {
  auto hash = std::make_unique<store::HashObject>();
  for (uint64_t i = 0; i < 3000; ++i) {
    std::string value(base::crc64(i, "size") % 60, static_cast<char>('a' + i % 26));
    if (i % 500 == 0) value.assign(100'000 + i, 'L');
    hash->trie().insert_or_assign("field:" + std::to_string(i), value);
  }
  hash->trie().insert_or_assign(std::string(200'000, 'F'), "large field");
  const store::Entry& entry = object(std::move(hash));
  const std::string whole = dumped(entry);
  RdbReader reader(std::string_view(whole).substr(1));
  EXPECT_EQ(reader.value(static_cast<uint8_t>(whole[0])), value_text(entry));
  EXPECT_TRUE(reader.at_end());
  const std::unique_ptr<store::Object> frozen = entry.object().freeze();
  for (size_t about : {50, 1000, 16'000, 150'000}) {
    ObjectWriter writer(*frozen, /*compress=*/true);
    std::string pieces;
    for (bool more = true; more;) {
      ChunkBuilder builder(16'000);
      more = writer.step(builder, about);
      const std::string piece = bytes_of(builder);
      EXPECT_LT(piece.size(), about + 100);
      if (more) EXPECT_GE(piece.size(), about);
      pieces += piece;
    }
    EXPECT_EQ(pieces == whole.substr(1), true) << about;
  }
}

}  // namespace
}  // namespace gyre::rdb
