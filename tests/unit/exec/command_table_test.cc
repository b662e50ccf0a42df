// Looking commands up by name, and the life of the table.
#include "gyre/exec/command_table.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>

#include "gyre/exec/row_notation.h"

namespace gyre::exec {
namespace {

using namespace notation;

void body(CommandContext&) {}
void other_body(CommandContext&) {}

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return result;
}

TEST(CommandTable, FindsEveryNameInEveryCase) {
  const CommandTable table;
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  for (const CommandRow& row : table.commands()) {
    EXPECT_EQ(table.find(row.name), &row);
    EXPECT_EQ(table.find(upper(row.name)), &row);
    for (int i = 0; i < 20; ++i) {
      std::string mixed(row.name);
      for (char& c : mixed) {
        if (random() & 1) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      }
      EXPECT_EQ(table.find(mixed), &row) << mixed;
    }
  }
}

TEST(CommandTable, RenamesAndTakesAway) {
  using enum CommandTable::Renamed;
  CommandTable table;
  const CommandRow* dbsize = table.find("dbsize");
  const CommandRow* config = table.find("config");
  EXPECT_EQ(table.rename("DBSIZE", "HowManyOfThem"), kDone);
  EXPECT_EQ(table.find("howmanyofthem"), dbsize);
  EXPECT_EQ(table.find("howmanyofthex"), nullptr);
  EXPECT_EQ(table.find("dbsize"), nullptr);
  EXPECT_EQ(table.rename("dbsize", "x"), kNoSuchCommand);
  EXPECT_EQ(table.rename("nosuch", ""), kNoSuchCommand);
  EXPECT_EQ(table.rename("config", "get"), kNameTaken);
  EXPECT_EQ(table.rename("config", ""), kDone);
  EXPECT_EQ(table.find("config"), nullptr);
  EXPECT_FALSE(table.can_be_called(*config));
  EXPECT_FALSE(table.can_be_called(config->subcommands[0]));
  EXPECT_TRUE(table.can_be_called(*dbsize));
  // A name that has become free can be taken.
  EXPECT_EQ(table.rename("get", "config"), kDone);
  EXPECT_EQ(table.find("config")->name, "get");
}

TEST(CommandTable, MissesWhatIsClose) {
  const CommandTable table;
  std::set<std::string> names;
  for (const CommandRow& row : table.commands()) names.insert(std::string(row.name));
  for (const std::string& name : names) {
    for (size_t i = 0; i < name.size(); ++i) {
      for (int c = 0; c < 256;
           ++c) {  // every single changed byte, among them those that differ by one bit from a letter
        std::string wrong = name;
        wrong[i] = static_cast<char>(c);
        std::string lower = wrong;
        for (char& l : lower) l = static_cast<char>(l >= 'A' && l <= 'Z' ? l + 32 : l);
        EXPECT_EQ(table.find(wrong) != nullptr, names.count(lower) != 0) << wrong;
      }
    }
    EXPECT_EQ(table.find(name + std::string(1, '\0')), nullptr) << name;
    EXPECT_EQ(table.find(name.substr(0, name.size() - 1)) != nullptr,
              names.count(name.substr(0, name.size() - 1)) != 0);
  }
}

TEST(CommandTable, MissesTheEmptyAndTheHuge) {
  const CommandTable table;
  EXPECT_EQ(table.find(""), nullptr);
  EXPECT_EQ(table.find(std::string_view()), nullptr);
  EXPECT_EQ(table.find(std::string(8, '\0')), nullptr);
  EXPECT_EQ(table.find("get" + std::string(1 << 20, 'x')), nullptr);
  EXPECT_EQ(table.find("config|get"), nullptr);
}

// Names with the same length and the same first eight bytes meet in one place of the index.
TEST(CommandTable, TellsLongNamesApart) {
  static constexpr CommandRow kRows[] = {
      command("zrangebyscore", 1).doc(Group::kGeneric, "1", "", "a"),
      command("zrangebyscorf", 1).doc(Group::kGeneric, "1", "", "b"),
      command("zrangeby", 1).doc(Group::kGeneric, "1", "", "c"),
      command("georadiusbymember_ro", 1).doc(Group::kGeneric, "1", "", "d"),
  };
  const CommandFamily families[] = {kRows};
  const CommandTable table(families);
  EXPECT_EQ(table.find("ZRangeByScore")->doc.summary, "a");
  EXPECT_EQ(table.find("zrangebyscorF")->doc.summary, "b");
  EXPECT_EQ(table.find("zRANGEBY")->doc.summary, "c");
  EXPECT_EQ(table.find("GEORADIUSBYMEMBER_RO")->doc.summary, "d");
  EXPECT_EQ(table.find("zrangebyscorg"), nullptr);
}

TEST(CommandTable, FindsSubcommands) {
  const CommandTable table;
  const CommandRow* config = table.find("config");
  ASSERT_NE(config, nullptr);
  const CommandRow* get = CommandTable::find_sub(*config, "GeT");
  ASSERT_NE(get, nullptr);
  EXPECT_EQ(get->full_name, "config|get");
  EXPECT_EQ(get->parent, config);
  EXPECT_EQ(CommandTable::find_sub(*config, "ge"), nullptr);
  EXPECT_EQ(CommandTable::find_sub(*table.find("get"), "get"), nullptr);

  EXPECT_EQ(table.find_full("CONFIG|get"), get);
  EXPECT_EQ(table.find_full("config"), config);
  for (const std::string_view wrong : {"config|", "|get", "config|get|x", "get|x", "", "|"}) {
    EXPECT_EQ(table.find_full(wrong), nullptr) << wrong;
  }

  const std::string_view args[] = {"config", "GET", "x"};
  EXPECT_EQ(table.resolve(args), get);
  EXPECT_EQ(table.resolve(CommandArgs(args, 1)), config);
  const std::string_view unknown[] = {"config", "nosuch"};
  EXPECT_EQ(table.resolve(unknown), nullptr);
  EXPECT_EQ(table.resolve({}), nullptr);
}

TEST(CommandTable, IdsAreDense) {
  const CommandTable table;
  EXPECT_EQ(table.id_count(), table.all().size());
  for (size_t i = 0; i < table.all().size(); ++i) {
    EXPECT_EQ(table.all()[i].id, i);
    for (const CommandRow& sub : table.all()[i].subcommands) EXPECT_EQ(&table.all()[sub.id], &sub);
  }
}

TEST(CommandTable, BindsAndFinishes) {
  CommandTable table;
  EXPECT_NE(table.unbound().find("set setex"), std::string::npos);
  EXPECT_NE(table.unbound().find("config|get config|help"), std::string::npos);
  for (const CommandRow& row : table.all()) {
    if (!row.is_container() || row.name == "command") table.bind(row.full_name, body);
  }
  EXPECT_EQ(table.unbound(), "");
  table.finish();
  EXPECT_EQ(table.find("get")->handler, body);
  EXPECT_EQ(table.find("config")->handler, nullptr);
  EXPECT_EQ(table.find_full("config|get")->handler, body);
}

TEST(CommandTableDeathTest, RefusesMistakesAtStart) {
  CommandTable table;
  table.bind("get", body);
  EXPECT_DEATH(table.bind("get", other_body), "");
  EXPECT_DEATH(table.bind("nosuch", body), "");
  EXPECT_DEATH(table.bind("set", nullptr), "");
  EXPECT_DEATH(table.finish(), "");

  static constexpr CommandRow kTwice[] = {command("x", 1), command("x", 2)};
  static constexpr CommandRow kKeyBeyondArity[] = {command("x", 2).keys(key_at(2, keyflag::kRo))};
  const CommandFamily twice[] = {kTwice};
  const CommandFamily beyond[] = {kKeyBeyondArity};
  EXPECT_DEATH(CommandTable{twice}, "");
  EXPECT_DEATH(CommandTable{beyond}, "");
}

}  // namespace
}  // namespace gyre::exec
