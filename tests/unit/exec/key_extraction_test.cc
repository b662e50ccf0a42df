// Keys among arguments, for every kind of key spec: those of the rows we have and those of later families.
#include "gyre/exec/key_extraction.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "gyre/exec/command_table.h"
#include "gyre/exec/row_notation.h"

namespace gyre::exec {
namespace {

using namespace flag;
using namespace keyflag;
using namespace notation;

KeySpec keyword_keys(std::string_view keyword, int16_t start, int16_t last, int16_t limit) {
  return {.flags = kRo,
          .begin = KeySpec::Begin::kKeyword,
          .begin_at = start,
          .last_key = last,
          .limit = limit,
          .keyword = keyword};
}

void find_first_and_last(CommandArgs args, KeyList& out) {
  out.push_back({1, kRo});
  if (args.size() > 2) out.push_back({static_cast<uint32_t>(args.size() - 1), kOw});
}

/// Rows shaped like those of later families.
std::vector<CommandRow> later_rows() {
  return {
      command("zunionstore", -4).keys(key_at(1, kOw | kUpdate), counted_keys(2, kRo | kAccess)),
      command("eval", -3, kNoMandatoryKeys).keys(counted_keys(2, kRw)),
      command("xread", -4).keys(keyword_keys("STREAMS", 1, -1, 2)),
      command("migrate", -6).keys(key_at(3, kRw), keyword_keys("KEYS", -2, -1, 0)),
      command("spublish", 3).keys(key_at(1, kNotKey)),
      command("sort", -2)
          .keys(key_at(1, kRo), KeySpec{.flags = kOw, .begin = KeySpec::Begin::kUnknown})
          .find_keys(find_first_and_last),
      command("partial", -2).keys(key_at(1, kRo | kIncomplete), KeySpec{.begin = KeySpec::Begin::kUnknown}),
  };
}

class KeyExtraction : public testing::Test {
 protected:
  /// "position:flags ..." of the keys, "invalid" when the arguments make no sense.
  std::string keys(const CommandTable& table, const std::string& line, KeySearch search = {}) {
    std::istringstream in(line);
    std::vector<std::string> words(std::istream_iterator<std::string>(in), {});
    const std::vector<std::string_view> args(words.begin(), words.end());
    const CommandRow* row = table.resolve(args);
    KeyList found;
    if (!keys_of(*row, args, found, search)) return found.empty() || search.partial ? "invalid" : "leftovers";
    std::string text;
    for (const KeyRef& key : found) {
      text += (text.empty() ? "" : " ") + std::to_string(key.position);
      for (const FlagName& name : key_flag_names()) {
        if (key.flags & name.flag)
          text.append(text.back() >= '0' && text.back() <= '9' ? ":" : "+").append(name.name);
      }
    }
    return text;
  }
  std::string positions(const CommandTable& table, const std::string& line, KeySearch search = {}) {
    std::istringstream in(keys(table, line, search));
    std::string text;
    for (std::string word; in >> word;) text += (text.empty() ? "" : " ") + word.substr(0, word.find(':'));
    return text;
  }

  CommandTable table_;
  std::vector<CommandRow> later_ = later_rows();
  std::vector<CommandFamily> families_{later_};
  CommandTable later_table_{families_};
};

TEST_F(KeyExtraction, RowsOfTheServer) {
  EXPECT_EQ(keys(table_, "get a"), "1:RO+access");
  EXPECT_EQ(keys(table_, "del a b c"), "1:RM+delete 2:RM+delete 3:RM+delete");
  EXPECT_EQ(keys(table_, "rename a b"), "1:RW+access+delete 2:OW+update");
  EXPECT_EQ(keys(table_, "copy a b db 1 replace"), "1:RO+access 2:OW+update");
  EXPECT_EQ(positions(table_, "mset a 1 b 2"), "1 3");
  EXPECT_EQ(positions(table_, "mset a 1 b"), "1 3");  // the command itself reports the missing value
  EXPECT_EQ(positions(table_, "lcs a b IDX"), "1 2");
  EXPECT_EQ(positions(table_, "object encoding a"), "2");
  EXPECT_EQ(positions(table_, "memory usage a samples 5"), "2");
  EXPECT_EQ(positions(table_, "watch a b"), "1 2");
  EXPECT_EQ(keys(table_, "ping"), "");
  EXPECT_EQ(keys(table_, "config get a"), "");
}

TEST_F(KeyExtraction, SetReadsOnlyWithGet) {
  EXPECT_EQ(keys(table_, "set a b"), "1:OW+update");
  EXPECT_EQ(keys(table_, "set get get"), "1:OW+update");
  EXPECT_EQ(keys(table_, "set a b nx GeT"), "1:RW+access+update");
  EXPECT_EQ(keys(table_, "set a b getx"), "1:OW+update");
}

TEST_F(KeyExtraction, MigrateTakesTheFirstKeysThatIsNoArgument) {
  EXPECT_EQ(keys(table_, "migrate h 1 a 0 9"), "3:RW+access+delete");
  EXPECT_EQ(positions(table_, "migrate h 1 a 0 9 copy auth keys"), "3");
  // A spec that searches backwards would find the last one.
  const std::vector<std::string_view> args = {"migrate", "h",    "1",    "",  "0",    "9",
                                              "auth",    "keys", "keys", "x", "KEYS", "y"};
  const CommandRow& row = *table_.find("migrate");
  for (const bool partial : {false, true}) {
    KeyList found;
    EXPECT_TRUE(keys_of(row, args, found, {.include_not_keys = true, .partial = partial}));
    ASSERT_EQ(found.size(), 3u);
    EXPECT_EQ(found[0].position, 9u);
    EXPECT_EQ(found[2].position, 11u);
  }
}

TEST_F(KeyExtraction, CountedKeys) {
  EXPECT_EQ(positions(later_table_, "zunionstore d 2 a b"), "1 3 4");
  EXPECT_EQ(positions(later_table_, "zunionstore d 2 a b weights 1 2"), "1 3 4");
  for (const char* wrong :
       {"zunionstore d 3 a b", "zunionstore d 0 a", "zunionstore d -1 a", "zunionstore d x a",
        "zunionstore d 99999999999999999999 a", "zunionstore d 9223372036854775807 a"}) {
    EXPECT_EQ(keys(later_table_, wrong), "invalid") << wrong;
  }
  EXPECT_EQ(positions(later_table_, "eval s 2 a b c"), "3 4");
  EXPECT_EQ(keys(later_table_, "eval s 0"), "");
  EXPECT_EQ(keys(later_table_, "eval s 0 a"), "");
  EXPECT_EQ(keys(later_table_, "eval s 1"), "");
}

TEST_F(KeyExtraction, CountsThatAreReadAsCReadsThem) {
  // The counted ones first, and no flags.
  EXPECT_EQ(keys(later_table_, "zunionstore d 02 a b"), "3 4 1");
  EXPECT_EQ(keys(later_table_, "zunionstore d 1.5 a b"), "3 1");
  EXPECT_EQ(keys(later_table_, "zunionstore d 4294967297 a b"), "3 1");
  EXPECT_EQ(keys(later_table_, "zunionstore d +2 a b"), "3 4 1");
  EXPECT_EQ(keys(later_table_, "zunionstore d 2x a"), "invalid");
  EXPECT_EQ(keys(later_table_, "zunionstore d -1x a"), "invalid");
  EXPECT_EQ(keys(later_table_, "eval s 1x a"), "3");
  EXPECT_EQ(keys(later_table_, "eval s x a"), "");
}

TEST_F(KeyExtraction, KeywordKeys) {
  EXPECT_EQ(positions(later_table_, "xread count 1 STREAMS a b 0 0"), "4 5");
  EXPECT_EQ(positions(later_table_, "xread streams a 0"), "2");
  EXPECT_EQ(keys(later_table_, "xread count 1 block 1"), "");
  EXPECT_EQ(positions(later_table_, "migrate h 1 a 0 9"), "3");
  EXPECT_EQ(positions(later_table_, "migrate h 1 x 0 9 copy keys a b"), "3 8 9");
  EXPECT_EQ(positions(later_table_, "migrate h 1 x 0 9 keys"), "3");  // nothing can follow it
}

TEST_F(KeyExtraction, NotKeysOnlyOnRequest) {
  EXPECT_EQ(keys(later_table_, "spublish c m"), "");
  EXPECT_EQ(keys(later_table_, "spublish c m", {.include_not_keys = true}), "1:not_key");
  EXPECT_FALSE(may_have_keys(*later_table_.find("spublish")));
  EXPECT_EQ(later_table_.find("spublish")->single_key_index, 0);
}

TEST_F(KeyExtraction, FallsBackWhenSpecsDoNotSuffice) {
  EXPECT_EQ(keys(later_table_, "sort a"), "1:RO");
  EXPECT_EQ(keys(later_table_, "sort a store b"), "1:RO 3:OW");
  EXPECT_EQ(keys(later_table_, "partial a"), "invalid");
  EXPECT_EQ(keys(later_table_, "partial a", {.partial = true}), "1:RO+incomplete");
}

TEST_F(KeyExtraction, AppendsBehindWhatIsThere) {
  KeyList out{{7, kRw}};
  const std::string_view good[] = {"zunionstore", "d", "1", "a"};
  const std::string_view bad[] = {"zunionstore", "d", "5", "a"};
  const CommandRow& row = *later_table_.find("zunionstore");
  EXPECT_FALSE(append_keys(row, bad, out));
  EXPECT_EQ(out.size(), 1u);
  EXPECT_TRUE(append_keys(row, good, out));
  ASSERT_EQ(out.size(), 3u);
  EXPECT_EQ(out[2].position, 3u);
}

TEST_F(KeyExtraction, ShapesAndLegacyRanges) {
  EXPECT_EQ(table_.find("get")->key_shape, KeyShape::kSingle);
  EXPECT_EQ(single_key(*table_.find("get")), 1u);
  EXPECT_EQ(table_.find("set")->key_shape, KeyShape::kSingle);
  EXPECT_EQ(single_key(*table_.find_full("object|freq")), 2u);
  EXPECT_EQ(table_.find("mget")->key_shape, KeyShape::kSpecs);
  EXPECT_EQ(table_.find("ping")->key_shape, KeyShape::kNone);
  EXPECT_FALSE(table_.find("set")->has(kMovableKeys));

  const CommandRow& store = *later_table_.find("zunionstore");
  EXPECT_TRUE(store.has(kMovableKeys));
  EXPECT_EQ(store.first_key, 1);
  EXPECT_EQ(store.last_key, 1);
  EXPECT_EQ(store.key_step, 1);
  const CommandRow& eval = *later_table_.find("eval");
  EXPECT_TRUE(eval.has(kMovableKeys));
  EXPECT_EQ(eval.first_key, 0);
}

}  // namespace
}  // namespace gyre::exec
