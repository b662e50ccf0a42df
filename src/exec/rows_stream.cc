// The commands on streams.
#include "gyre/exec/command_rows.h"
#include "gyre/exec/ignore_case.h"
#include "gyre/exec/row_notation.h"

namespace gyre::exec {
namespace {

using namespace flag;
using namespace keyflag;
using namespace notation;

constexpr auto kKey = args(key());
constexpr auto kGroup = args(key(), string("group"));
constexpr auto kConsumer = args(key(), string("group"), string("consumer"));
constexpr auto kIds = args(key(), string("id").multiple());
constexpr auto kCount = integer("count").token("COUNT").opt();
constexpr auto kIdOrEnd = one_of("id-selector", string("id"), token("new-id", "$"));
constexpr auto kTrim = block("trim", one_of("strategy", token("MAXLEN"), token("MINID").since("6.2.0")),
                             one_of("operator", token("equal", "="), token("approximately", "~")).opt(),
                             string("threshold"), integer("count").token("LIMIT").opt().since("6.2.0"));
constexpr auto kStreams = block("streams", key().multiple(), string("id").multiple()).token("STREAMS");

constexpr auto kXackArgs = args(key(), string("group"), string("id").multiple());
constexpr auto kXaddArgs = args(key(), token("NOMKSTREAM").opt().since("6.2.0"), kTrim.opt(),
                                one_of("id-selector", token("auto-id", "*"), string("id")),
                                block("data", string("field"), string("value")).multiple());
constexpr auto kXautoclaimArgs = args(key(), string("group"), string("consumer"), string("min-idle-time"),
                                      string("start"), kCount, token("JUSTID").opt());
constexpr auto kXclaimArgs =
    args(key(), string("group"), string("consumer"), string("min-idle-time"), string("id").multiple(),
         integer("ms").token("IDLE").opt(), unix_time("unix-time-milliseconds").token("TIME").opt(),
         integer("count").token("RETRYCOUNT").opt(), token("FORCE").opt(), token("JUSTID").opt(),
         string("lastid").token("LASTID").opt());
constexpr auto kCreateArgs = args(key(), string("group"), kIdOrEnd, token("MKSTREAM").opt(),
                                  integer("entries-read").token("ENTRIESREAD").opt());
constexpr auto kSetidArgs = args(key(), string("group"), kIdOrEnd,
                                 integer("entriesread").display("entries-read").token("ENTRIESREAD").opt());
constexpr auto kInfoStreamArgs = args(key(), block("full-block", token("FULL"), kCount).opt());
constexpr auto kXpendingArgs =
    args(key(), string("group"),
         block("filters", integer("min-idle-time").token("IDLE").opt().since("6.2.0"), string("start"),
               string("end"), integer("count"), string("consumer").opt())
             .opt());
constexpr auto kXrangeArgs = args(key(), string("start"), string("end"), kCount);
constexpr auto kXrevrangeArgs = args(key(), string("end"), string("start"), kCount);
constexpr auto kBlock = integer("milliseconds").token("BLOCK").opt();
constexpr auto kXreadArgs = args(kCount, kBlock, kStreams);
constexpr auto kXreadgroupArgs =
    args(block("group-block", string("group"), string("consumer")).token("GROUP"), kCount, kBlock,
         token("NOACK").opt(), kStreams);
constexpr auto kXsetidArgs =
    args(key(), string("last-id"), integer("entries-added").token("ENTRIESADDED").opt().since("7.0.0"),
         string("max-deleted-id").token("MAXDELETEDID").opt().since("7.0.0"));
constexpr auto kXtrimArgs = args(key(), kTrim);

/// The first half of what follows the word STREAMS.
constexpr KeySpec keys_behind_streams(int16_t from) {
  return {.flags = kRo | kAccess,
          .begin = KeySpec::Begin::kKeyword,
          .begin_at = from,
          .last_key = -1,
          .limit = 2,
          .keyword = "STREAMS"};
}

/// As the commands read their options, for locks: a group may be called "streams", which the specs take for
/// the keyword.
void find_read_keys(CommandArgs args, KeyList& out) {
  const auto is = [&](size_t i, std::string_view word) { return equal_ignoring_case(args[i], word); };
  for (size_t i = 1; i < args.size(); ++i) {
    if (is(i, "block") || is(i, "count")) {
      ++i;
    } else if (is(i, "group")) {
      i += 2;
    } else if (is(i, "streams")) {
      const size_t keys = (args.size() - i - 1) / 2;
      for (size_t k = 1; k <= keys; ++k) out.push_back({static_cast<uint32_t>(i + k), kRo | kAccess});
      return;
    } else if (!is(i, "noack")) {
      return;
    }
  }
}

constexpr CommandRow kXgroupRows[] = {
    command("create", -5, kWrite | kDenyOom, acl::kStream)
        .keys(key_at(2, kRw | kInsert))
        .doc(Group::kStream, "5.0.0", "O(1)", "Makes a consumer group")
        .history("7.0.0 Option ENTRIESREAD")
        .args(kCreateArgs),
    command("createconsumer", 5, kWrite | kDenyOom, acl::kStream)
        .keys(key_at(2, kRw | kInsert))
        .doc(Group::kStream, "6.2.0", "O(1)", "Makes a consumer of a group")
        .args(kConsumer),
    command("delconsumer", 5, kWrite, acl::kStream)
        .keys(key_at(2, kRw | kDelete))
        .doc(Group::kStream, "5.0.0", "O(1)", "Drops a consumer of a group, with what is pending for it")
        .args(kConsumer),
    command("destroy", 4, kWrite, acl::kStream)
        .keys(key_at(2, kRw | kDelete))
        .doc(Group::kStream, "5.0.0", "O(N) for N pending entries of the group", "Drops a consumer group")
        .args(kGroup),
    command("help", 2, kLoading | kStale, acl::kStream)
        .doc(Group::kStream, "5.0.0", "O(1)", "Lists the subcommands"),
    command("setid", -5, kWrite, acl::kStream)
        .keys(key_at(2, kRw | kUpdate))
        .doc(Group::kStream, "5.0.0", "O(1)", "Sets the ID up to which a group has been given entries")
        .history("7.0.0 Option ENTRIESREAD")
        .args(kSetidArgs),
};

constexpr CommandRow kXinfoRows[] = {
    command("consumers", 4, kReadonly, acl::kStream)
        .keys(key_at(2, kRo | kAccess))
        .doc(Group::kStream, "5.0.0", "O(1)", "The consumers of a group")
        .history("7.2.0 Field inactive")
        .tips("nondeterministic_output")
        .args(kGroup),
    command("groups", 3, kReadonly, acl::kStream)
        .keys(key_at(2, kRo | kAccess))
        .doc(Group::kStream, "5.0.0", "O(1)", "The consumer groups of a stream")
        .history("7.0.0 Fields entries-read and lag")
        .args(kKey),
    command("help", 2, kLoading | kStale, acl::kStream)
        .doc(Group::kStream, "5.0.0", "O(1)", "Lists the subcommands"),
    command("stream", -3, kReadonly, acl::kStream)
        .keys(key_at(2, kRo | kAccess))
        .doc(Group::kStream, "5.0.0", "O(1)", "What is known of a stream")
        .history(
            "6.0.0 Option FULL\n"
            "7.0.0 Fields max-deleted-entry-id, entries-added, recorded-first-entry-id, entries-read, lag\n"
            "7.2.0 Field active-time; seen-time means something else")
        .args(kInfoStreamArgs),
};

constexpr CommandRow kRows[] = {
    command("xack", -4, kWrite | kFast, acl::kStream)
        .keys(key_at(1, kRw | kUpdate))
        .doc(Group::kStream, "5.0.0", "O(1) for each ID", "Entries are done with: they are pending no more")
        .args(kXackArgs),
    command("xadd", -5, kWrite | kDenyOom | kFast, acl::kStream)
        .keys(key_at(1, kRw | kUpdate, "UPDATE instead of INSERT because of the optional trimming feature"))
        .doc(Group::kStream, "5.0.0", "O(1), and O(N) for N entries that are trimmed away",
             "Adds an entry to a stream, which is made if it is not there")
        .history("6.2.0 Options NOMKSTREAM, MINID, LIMIT\n"
                 "7.0.0 IDs <ms>-*")
        .tips("nondeterministic_output")
        .args(kXaddArgs),
    command("xautoclaim", -6, kWrite | kFast, acl::kStream)
        .keys(key_at(1, kRw | kDelete))
        .doc(Group::kStream, "6.2.0", "O(1) for a small COUNT",
             "Gives a consumer entries that have been pending for long, as if by XCLAIM")
        .history("7.0.0 The reply names deleted entries, which are pending no more")
        .tips("nondeterministic_output")
        .args(kXautoclaimArgs),
    command("xclaim", -6, kWrite | kFast, acl::kStream)
        .keys(key_at(1, kRw | kUpdate))
        .doc(Group::kStream, "5.0.0", "O(log N) for N pending entries of the group",
             "Gives a consumer entries that are pending for another")
        .tips("nondeterministic_output")
        .args(kXclaimArgs),
    command("xdel", -3, kWrite | kFast, acl::kStream)
        .keys(key_at(1, kRw | kDelete))
        .doc(Group::kStream, "5.0.0", "O(1) for each entry, however long the stream",
             "Deletes entries by their IDs")
        .args(kIds),
    command("xgroup", -2)
        .subcommands(kXgroupRows)
        .doc(Group::kStream, "5.0.0", "By subcommand", "Consumer groups"),
    command("xinfo", -2)
        .subcommands(kXinfoRows)
        .doc(Group::kStream, "5.0.0", "By subcommand", "About streams and consumer groups"),
    command("xlen", 2, kReadonly | kFast, acl::kStream)
        .keys(key_at(1, kRo))
        .doc(Group::kStream, "5.0.0", "O(1)", "How many entries a stream has")
        .args(kKey),
    command("xpending", -3, kReadonly, acl::kStream)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kStream, "5.0.0", "O(N) for N entries returned, or passed over because of IDLE",
             "What is pending in a consumer group")
        .history("6.2.0 Option IDLE, ranges that exclude their ends")
        .tips("nondeterministic_output")
        .args(kXpendingArgs),
    command("xrange", -4, kReadonly, acl::kStream)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kStream, "5.0.0", "O(N) for N entries returned", "The entries between two IDs")
        .history("6.2.0 Ranges that exclude their ends")
        .args(kXrangeArgs),
    command("xread", -4, kBlocking | kReadonly, acl::kStream)
        .keys(keys_behind_streams(1))
        .find_keys(find_read_keys)
        .doc(Group::kStream, "5.0.0", "",
             "The entries of several streams behind given IDs; waits for some if asked to")
        .args(kXreadArgs),
    command("xreadgroup", -7, kBlocking | kWrite, acl::kStream)
        .keys(keys_behind_streams(4))
        .find_keys(find_read_keys)
        .doc(Group::kStream, "5.0.0", "O(M) for M entries returned, of each stream",
             "Gives a consumer the entries that nobody of its group has been given, or again those pending "
             "for it")
        .args(kXreadgroupArgs),
    command("xrevrange", -4, kReadonly, acl::kStream)
        .keys(key_at(1, kRo | kAccess))
        .doc(Group::kStream, "5.0.0", "O(N) for N entries returned",
             "The entries between two IDs, from the last down")
        .history("6.2.0 Ranges that exclude their ends")
        .args(kXrevrangeArgs),
    command("xsetid", -3, kWrite | kDenyOom | kFast, acl::kStream)
        .keys(key_at(1, kRw | kUpdate))
        .doc(Group::kStream, "5.0.0", "O(1)", "Sets the last ID of a stream (for replication)")
        .history("7.0.0 Options ENTRIESADDED, MAXDELETEDID")
        .args(kXsetidArgs),
    command("xtrim", -4, kWrite, acl::kStream)
        .keys(key_at(1, kRw | kDelete))
        .doc(Group::kStream, "5.0.0", "O(N) for N entries that go, most of them by whole nodes",
             "Takes away the first entries of a stream, down to a length or up to an ID")
        .history("6.2.0 Options MINID, LIMIT")
        .tips("nondeterministic_output")
        .args(kXtrimArgs),
};

}  // namespace

CommandFamily stream_rows() { return kRows; }

}  // namespace gyre::exec
