#include "gyre/ds/listpack_edit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "packed_bytes.h"
#include "test_entry.h"

namespace gyre::ds {
namespace {

// The sequence that made this in Redis 7.2.4: RPUSH a b c d, LPUSH 0 1, LINSERT BEFORE c 12345, LSET 0
// replaced, LREM b.
TEST(ListpackEdit, LeavesRedissBytesAfterEveryKindOfEdit) {
  std::string bytes = listpack_of({"a", "b", "c", "d"});
  const PackedElement front[] = {"1", "0"};
  ListpackEdit::prepend(ListpackView(bytes), front).apply_to(bytes);
  const PackedElement number[] = {int64_t{12345}};
  ListpackEdit::insert(ListpackView(bytes), ListpackView(bytes).seek(4), number).apply_to(bytes);
  const PackedElement text[] = {"replaced"};
  ListpackEdit::replace(ListpackView(bytes), ListpackView(bytes).first(), text).apply_to(bytes);
  ListpackEdit::erase(ListpackView(bytes), ListpackView(bytes).seek(3)).apply_to(bytes);
  EXPECT_EQ(to_hex(bytes), "200000000600887265706c61636564090001816102f1393003816302816402ff");
}

TEST(ListpackEdit, BuildsHashesAndSortedSetsAsRedis) {
  std::string hash = listpack_of({"name", "gyre", "port", "abc", "empty", "", "7", "seven"});
  EXPECT_EQ(
      to_hex(hash),
      "300000000800846e616d650584677972650584706f727405836162630485656d707479068001070185736576656e06ff");
  EXPECT_EQ(to_hex(listpack_of(
                {"c", "-3", "f", "0.1", "a", "1", "b", "2.5", "g", "3000000", "e", "1e+100", "d", "inf"})),
            "3d0000000e00816302dffd0281660283302e3104816102010181620283322e3504816702f2c0c62d048165028631652b"
            "3130300781"
            "640283696e6604ff");
}

TEST(ListpackEdit, TellsWhereItsElementsAre) {
  std::string bytes = listpack_of({"a", "b", "c"});
  const PackedElement two[] = {"x", std::string_view("yyyyyyyyyyyyyyyyyyyyyyyy")};
  const ListpackView before(bytes);
  const ListpackEdit edit = ListpackEdit::replace(before, before.seek(1), two);
  EXPECT_EQ(edit.old_size(), bytes.size());
  edit.apply_to(bytes);
  EXPECT_EQ(edit.new_size(), bytes.size());
  const ListpackView list(bytes);
  EXPECT_EQ(text_of(list.get(edit.at())), "x");
  EXPECT_EQ(text_of(list.get(edit.after())), "c");
  const ListpackEdit last = ListpackEdit::erase(list, list.last());
  last.apply_to(bytes);
  EXPECT_EQ(last.at(), ListpackView(bytes).end());
}

TEST(ListpackEdit, ErasesNoMoreThanThereIs) {
  std::string bytes = listpack_of({"a", "b", "c"});
  const ListpackView list(bytes);
  ListpackEdit::erase(list, list.seek(1), 100).apply_to(bytes);
  EXPECT_EQ(texts_of(bytes), Texts{"a"});
  ListpackEdit::erase(ListpackView(bytes), ListpackView(bytes).first()).apply_to(bytes);
  EXPECT_EQ(bytes, kEmptyListpack);
}

TEST(ListpackEdit, MergesAtBothEnds) {
  std::string bytes = listpack_of({"c", "4"});
  const std::string before = listpack_of({"1", "b"}), after = listpack_of({std::string(5000, 'e')});
  ListpackEdit::insert_all(ListpackView(bytes), ListpackView::begin(), ListpackView(before)).apply_to(bytes);
  ListpackEdit::insert_all(ListpackView(bytes), ListpackView(bytes).end(), ListpackView(after))
      .apply_to(bytes);
  EXPECT_EQ(bytes, listpack_of({"1", "b", "c", "4", std::string(5000, 'e')}));
}

TEST(ListpackEdit, LosesTheCountWhenItNoLongerFits) {
  const Texts texts(65534, "1");
  std::string bytes = listpack_of(texts);
  EXPECT_EQ(ListpackView(bytes).header_count(), 65534u);
  const PackedElement one[] = {"2"};
  ListpackEdit::append(ListpackView(bytes), one).apply_to(bytes);
  EXPECT_EQ(ListpackView(bytes).header_count(), kListpackCountUnknown);
  EXPECT_EQ(ListpackView(bytes).count(), 65535u);
  EXPECT_TRUE(listpack_valid(bytes, true));
  ListpackEdit::append(ListpackView(bytes), one).apply_to(bytes);
  EXPECT_EQ(ListpackView(bytes).count(), 65536u);
  // Redis does not look for the count again when elements go, but does when two listpacks merge.
  ListpackEdit::erase(ListpackView(bytes), ListpackView(bytes).first(), 65530).apply_to(bytes);
  EXPECT_EQ(ListpackView(bytes).header_count(), kListpackCountUnknown);
  EXPECT_EQ(ListpackView(bytes).count(), 6u);
  const std::string other = listpack_of({"3"});
  ListpackEdit::insert_all(ListpackView(bytes), ListpackView(bytes).end(), ListpackView(other))
      .apply_to(bytes);
  EXPECT_EQ(bytes, listpack_of({"1", "1", "1", "1", "2", "2", "3"}));
}

TEST(ListpackEdit, CountsManyElementsAddedAtOnce) {
  const std::string bytes = listpack_of(Texts(100000, "9"));
  EXPECT_EQ(ListpackView(bytes).header_count(), kListpackCountUnknown);
  EXPECT_EQ(ListpackView(bytes).count(), 100000u);
}

TEST(ListpackEdit, ErasesScatteredElementsInOnePass) {
  std::string bytes = listpack_of({"a", "b", "c", "d", "e", "f"});
  const ListpackView list(bytes);
  const uint32_t positions[] = {list.seek(0), list.seek(2), list.seek(3), list.seek(5)};
  bytes.resize(listpack_erase_all(bytes.data(), positions));
  EXPECT_EQ(bytes, listpack_of({"b", "e"}));
  EXPECT_EQ(listpack_erase_all(bytes.data(), {}), bytes.size());
}

TEST(ListpackBuilder, BuildsWhatEditsBuild) {
  const Texts texts = {"a", "17", std::string(100, 'b'), "-70000", ""};
  const std::string whole = listpack_of(texts);
  ListpackBuilder builder(100);
  for (const std::string& text : texts) builder.add(std::string_view(text));
  EXPECT_EQ(builder.size(), whole.size());
  EXPECT_EQ(builder.count(), texts.size());
  EXPECT_EQ(builder.finish(), whole);
  EXPECT_EQ(builder.finish(), kEmptyListpack);
  const ListpackView list(whole);
  builder.add_between(list, list.seek(1), list.seek(4));
  EXPECT_EQ(builder.finish(), listpack_of({"17", std::string(100, 'b'), "-70000"}));
}

std::string random_text(std::mt19937_64& random) {
  switch (random() % 6) {
    case 0:
      return std::to_string(static_cast<int64_t>(random()) >> (random() % 64));
    case 1:
      return std::to_string(random() % 200);
    case 2:
      return std::string(random() % 200, 's');
    case 3:
      return random() % 20 == 0 ? std::string(random() % 20000, 'l') : std::string("0");
    default:
      return std::string(random() % 20, static_cast<char>('a' + random() % 26));
  }
}

void random_edit(std::mt19937_64& random, std::string& bytes, Texts& model) {
  const ListpackView list(bytes);
  const size_t from = random() % (model.size() + 1);
  const size_t count = std::min<size_t>(random() % 4, model.size() - from);
  Texts texts(random() % 4);
  for (std::string& text : texts) text = random_text(random);
  const uint32_t at = from == model.size() ? list.end() : list.seek(static_cast<int64_t>(from));
  const auto place = model.begin() + static_cast<std::ptrdiff_t>(from);
  if (random() % 8 == 0) {
    const std::string other = listpack_of(texts);
    ListpackEdit::insert_all(list, at, ListpackView(other)).apply_to(bytes);
    model.insert(place, texts.begin(), texts.end());
    return;
  }
  const std::vector<PackedElement> elements = elements_of(texts);
  ListpackEdit::splice(list, at, count, elements).apply_to(bytes);
  model.insert(model.erase(place, place + static_cast<std::ptrdiff_t>(count)), texts.begin(), texts.end());
}

TEST(ListpackEdit, RandomEditsMatchAVector) {
  const uint64_t seed = test_seed();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int list = 0; list < 20; ++list) {
    std::string bytes(kEmptyListpack);
    Texts model;
    for (int i = 0; i < 150; ++i) {
      random_edit(random, bytes, model);
      ASSERT_EQ(bytes, listpack_of(model));
      ASSERT_TRUE(listpack_valid(bytes, true));
    }
    ASSERT_EQ(texts_of(bytes), model);
  }
}

}  // namespace
}  // namespace gyre::ds
