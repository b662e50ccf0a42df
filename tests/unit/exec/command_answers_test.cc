// The bytes of COMMAND's answers, for rows whose facts are spelled out here.
#include "gyre/exec/command_answers.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "gyre/exec/row_notation.h"

namespace gyre::exec {
namespace {

using namespace flag;
using namespace keyflag;
using namespace notation;

constexpr auto kTakeArgs =
    args(key(), key("other", 1),
         one_of("mode", token("NX"), string("Tag").token("AS").display("t")).opt().since("1.5"),
         block("pair", integer("n"), number("x").deprecated("3")).token("PAIR").opt().multiple_token());
constexpr CommandRow kBoxRows[] = {
    command("open", 3, kWrite, acl::kKeyspace).keys(key_at(2, kRw)).doc(Group::kServer, "2.0", "", "Opens"),
};
constexpr CommandRow kRows[] = {
    command("take", -3, kWrite | kFast | kSentinel, acl::kString)
        .keys(key_at(1, kRw | kAccess, "why"), keys_from(2, kOw))
        .doc(Group::kString, "1.0", "O(1)", "Takes")
        .history("1.5 Mode\n2.0 All of it")
        .tips("a b:c")
        .deprecated("3", "GIVE")
        .syscmd()
        .args(kTakeArgs),
    command("box", -2).subcommands(kBoxRows).doc(Group::kSortedSet, "2.0", "As below", "Boxes"),
    command("count", -3, kNoMandatoryKeys)
        .keys(counted_keys(1, kRo))
        .doc(Group::kGeneric, "2.0", "", "Counts"),
};
const CommandFamily kFamilies[] = {kRows};

/// RESP on one line: CR LF becomes a space, and bulk headers go.
std::string readable(const std::string& resp) {
  std::istringstream in(resp);
  std::string text;
  for (std::string line; std::getline(in, line);) {
    line.pop_back();
    if (line[0] == '$' && line != "$-1") continue;
    text += (text.empty() ? "" : " ") + line;
  }
  return text;
}

class CommandAnswers : public testing::Test {
 protected:
  using Answer = void (*)(const CommandTable&, CommandArgs, resp::ReplyWriter&);
  std::string ask(Answer answer, std::vector<std::string_view> args, int version = 2) {
    base::OutBuffer out;
    resp::ReplyWriter reply(out, version);
    answer(table_, args, reply);
    std::string scratch;
    return readable(std::string(out.flatten(scratch)));
  }
  CommandTable table_{kFamilies};
};

TEST_F(CommandAnswers, InfoResp2) {
  EXPECT_EQ(ask(answer_command_info, {"command", "info", "TAKE"}),
            "*1 *10 take :-3 *2 +write +fast :1 :-1 :1 *3 +@write +@string +@fast *2 a b:c "
            "*2 *8 notes why flags *2 +RW +access begin_search *4 type index spec *2 index :1 "
            "find_keys *4 type range spec *6 lastkey :0 keystep :1 limit :0 "
            "*6 flags *1 +OW begin_search *4 type index spec *2 index :2 "
            "find_keys *4 type range spec *6 lastkey :-1 keystep :1 limit :0 *0");
}

TEST_F(CommandAnswers, InfoResp3) {
  EXPECT_EQ(ask(answer_command_info, {"command", "info", "box", "nosuch", "box|open"}, 3),
            "*3 *10 box :-2 ~0 :0 :0 :0 ~1 +@slow ~0 ~0 "
            "*1 *10 box|open :3 ~1 +write :2 :2 :1 ~3 +@keyspace +@write +@slow ~0 "
            "~1 %3 flags ~1 +RW begin_search %2 type index spec %1 index :2 "
            "find_keys %2 type range spec %3 lastkey :0 keystep :1 limit :0 ~0 "
            "_ "
            "*10 box|open :3 ~1 +write :2 :2 :1 ~3 +@keyspace +@write +@slow ~0 "
            "~1 %3 flags ~1 +RW begin_search %2 type index spec %1 index :2 "
            "find_keys %2 type range spec %3 lastkey :0 keystep :1 limit :0 ~0");
}

TEST_F(CommandAnswers, InfoOfCountedKeys) {
  EXPECT_EQ(ask(answer_command_info, {"command", "info", "count"}, 3),
            "*1 *10 count :-3 ~2 +no_mandatory_keys +movablekeys :0 :0 :0 ~1 +@slow ~0 "
            "~1 %3 flags ~1 +RO begin_search %2 type index spec %1 index :1 "
            "find_keys %2 type keynum spec %3 keynumidx :0 firstkey :1 keystep :1 ~0");
}

TEST_F(CommandAnswers, DocsResp3) {
  EXPECT_EQ(
      ask(answer_command_docs, {"command", "docs", "nosuch", "take"}, 3),
      "%1 take %9 summary Takes since 1.0 group string complexity O(1) doc_flags ~2 +deprecated +syscmd "
      "deprecated_since 3 replaced_by GIVE history ~2 *2 1.5 Mode *2 2.0 All of it arguments *4 "
      "%4 name key type key display_text key key_spec_index :0 "
      "%4 name other type key display_text other key_spec_index :1 "
      "%5 name mode type oneof since 1.5 flags ~1 +optional arguments *2 "
      "%4 name nx type pure-token display_text nx token NX "
      "%4 name Tag type string display_text t token AS "
      "%5 name pair type block token PAIR flags ~3 +optional +multiple +multiple_token arguments *2 "
      "%3 name n type integer display_text n "
      "%4 name x type double display_text x deprecated_since 3");
}

TEST_F(CommandAnswers, DocsResp2OfContainer) {
  EXPECT_EQ(ask(answer_command_docs, {"command", "docs", "box"}),
            "*2 box *10 summary Boxes since 2.0 group sorted-set complexity As below subcommands "
            "*2 box|open *6 summary Opens since 2.0 group server");
  EXPECT_EQ(ask(answer_command_docs, {"command", "docs", "nosuch"}), "*0");
}

TEST_F(CommandAnswers, List) {
  const auto list = [&](std::vector<std::string_view> rest) {
    rest.insert(rest.begin(), {"command", "list"});
    return ask(answer_command_list, rest);
  };
  EXPECT_EQ(list({}), "*4 take box count box|open");
  EXPECT_EQ(list({"FILTERBY", "aclcat", "WRITE"}), "*2 take box|open");
  EXPECT_EQ(list({"filterby", "aclcat", "nosuch"}), "*0");
  EXPECT_EQ(list({"filterby", "PATTERN", "BOX*"}), "*2 box box|open");
  EXPECT_EQ(list({"filterby", "module", "x"}), "*0");
  EXPECT_EQ(list({"filterby", "x", "y"}), "-ERR syntax error");
  EXPECT_EQ(list({"filterby", "pattern"}), "-ERR syntax error");
  EXPECT_EQ(list({"filterby", "pattern", "a", "b"}), "-ERR syntax error");
}

TEST_F(CommandAnswers, GetKeys) {
  const auto keys = [&](std::vector<std::string_view> rest) {
    rest.insert(rest.begin(), {"command", "getkeys"});
    return ask(answer_command_getkeys, rest);
  };
  EXPECT_EQ(keys({"take", "a", "b", "c"}), "*3 a b c");
  EXPECT_EQ(keys({"box", "open", "a"}), "*1 a");
  EXPECT_EQ(keys({"count", "0", "a"}), "*0");
  EXPECT_EQ(keys({"count", "x", "a"}), "*0");
  EXPECT_EQ(keys({"nosuch", "a"}), "-ERR Invalid command specified");
  EXPECT_EQ(keys({"box", "nosuch"}), "-ERR Invalid command specified");
  EXPECT_EQ(keys({"box"}), "-ERR The command has no key arguments");
  EXPECT_EQ(keys({"take", "a"}), "-ERR Invalid number of arguments specified for command");
  EXPECT_EQ(ask(answer_command_getkeysandflags, {"command", "getkeysandflags", "take", "a", "b"}, 3),
            "*2 *2 a ~2 +RW +access *2 b ~1 +OW");
}

TEST(CommandAnswersOfServer, CoverEveryCommand) {
  const CommandTable table;
  for (const int version : {2, 3}) {
    base::OutBuffer out;
    resp::ReplyWriter reply(out, version);
    answer_command(table, reply);
    answer_command_count(table, reply);
    std::string scratch;
    const std::string_view resp = out.flatten(scratch);
    const std::string count = std::to_string(table.commands().size());
    EXPECT_TRUE(resp.starts_with("*" + count + "\r\n"));
    EXPECT_TRUE(resp.ends_with(":" + count + "\r\n"));
  }
}

TEST(CommandAnswersOfServer, Help) {
  base::OutBuffer out;
  resp::ReplyWriter reply(out);
  const std::string_view args[] = {"coMMand", "help"};
  answer_command_help(args, reply);
  std::string scratch;
  const std::string text = readable(std::string(out.flatten(scratch)));
  EXPECT_TRUE(
      text.starts_with("*17 +COMMAND <subcommand> [<arg> [value] [opt] ...]. Subcommands are: +(no "));
  EXPECT_TRUE(text.ends_with("+HELP +    Print this help."));
}

}  // namespace
}  // namespace gyre::exec
