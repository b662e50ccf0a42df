// What must hold for every row, whatever family it is in, and a few rows spelled out.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <string>

#include "gyre/exec/command_table.h"
#include "gyre/exec/key_extraction.h"

namespace gyre::exec {
namespace {

std::string names_of(uint64_t flags, std::span<const FlagName> names) {
  std::string text;
  for (const FlagName& name : names) {
    if (flags & name.flag) text.append(text.empty() ? "" : " ").append(name.name);
  }
  return text;
}

TEST(Rows, NamesAreLowerCaseAndUnique) {
  const CommandTable table;
  std::set<std::string_view> seen;
  for (const CommandRow& row : table.all()) {
    EXPECT_TRUE(seen.insert(row.full_name).second) << row.full_name;
    for (const char c : row.name)
      EXPECT_TRUE((c >= 'a' && c <= 'z') || c == '-' || c == '_') << row.full_name;
  }
}

TEST(Rows, AreDocumented) {
  const CommandTable table;
  for (const CommandRow& row : table.all()) {
    SCOPED_TRACE(row.full_name);
    EXPECT_FALSE(row.doc.summary.empty());
    EXPECT_FALSE(row.doc.since.empty());
    EXPECT_EQ(row.doc.deprecated_since.empty(), !(row.doc.flags & docflag::kDeprecated));
    EXPECT_EQ(row.doc.deprecated_since.empty(), row.doc.replaced_by.empty());
    std::istringstream history{std::string(row.doc.history)};
    for (std::string line; std::getline(history, line);) {
      EXPECT_TRUE(line[0] >= '1' && line[0] <= '9' && line.find(' ') != std::string::npos) << line;
    }
  }
}

/// Counts the key arguments that name each spec and checks the rest of the tree on the way.
void check_args(ArgDocs forest, std::vector<int>& spec_uses) {
  std::set<std::string_view> names;
  for_each_arg(forest, [&](const ArgDoc& arg, ArgDocs children) {
    EXPECT_FALSE(arg.name.empty() && arg.token.empty());
    if (!arg.name.empty()) EXPECT_TRUE(names.insert(arg.name).second) << arg.name;
    const bool branch = arg.type == ArgType::kOneOf || arg.type == ArgType::kBlock;
    EXPECT_EQ(branch, !children.empty()) << arg.name;
    // Patterns (SORT) lead to keys as well.
    if (arg.type != ArgType::kPattern)
      EXPECT_EQ(arg.type == ArgType::kKey, arg.key_spec_index >= 0) << arg.name;
    // MIGRATE's stands for an argument that is empty.
    if (arg.type == ArgType::kPureToken && arg.name != "empty-string") EXPECT_FALSE(arg.token.empty());
    if (arg.multiple_token) EXPECT_TRUE(arg.multiple && !arg.token.empty());
    if (arg.key_spec_index >= 0) {
      ASSERT_LT(static_cast<size_t>(arg.key_spec_index), spec_uses.size());
      ++spec_uses[static_cast<size_t>(arg.key_spec_index)];
    }
    check_args(children, spec_uses);
  });
}

TEST(Rows, ArgumentsAndKeySpecsAgree) {
  const CommandTable table;
  for (const CommandRow& row : table.all()) {
    SCOPED_TRACE(row.full_name);
    std::vector<int> spec_uses(row.keys.size());
    check_args(row.doc.args, spec_uses);
    for (size_t i = 0; i < spec_uses.size(); ++i) {
      if (!(row.keys[i].flags & keyflag::kNotKey)) EXPECT_GT(spec_uses[i], 0) << "spec " << i;
    }
  }
}

TEST(Rows, KeySpecsFitArityAndFlags) {
  const CommandTable table;
  for (const CommandRow& row : table.all()) {
    SCOPED_TRACE(row.full_name);
    uint16_t all = 0;
    for (const KeySpec& spec : row.keys) {
      all |= spec.flags;
      const uint16_t access = spec.flags & (keyflag::kRo | keyflag::kRw | keyflag::kOw | keyflag::kRm);
      EXPECT_EQ(std::popcount(access), (spec.flags & keyflag::kNotKey) ? 0 : 1);
      if (spec.begin == KeySpec::Begin::kIndex && !row.has(flag::kNoMandatoryKeys)) {
        EXPECT_TRUE(row.accepts(static_cast<size_t>(spec.begin_at) + 1) ||
                    spec.begin_at < std::abs(row.arity));
      }
    }
    const bool changes_keys = (all & (keyflag::kRw | keyflag::kOw | keyflag::kRm)) != 0;
    // PFCOUNT keeps what it has worked out in the value, and yet is a reading command.
    const bool keeps_estimate = row.has(flag::kReadonly) && row.has(flag::kMayReplicate);
    if (changes_keys) EXPECT_TRUE(row.has(flag::kWrite) || keeps_estimate);
    if (row.has(flag::kReadonly) && !keeps_estimate) EXPECT_FALSE(changes_keys);
    if (row.is_container() && !row.accepts(1)) EXPECT_TRUE(row.keys.empty());
  }
}

TEST(Rows, ShortestCallsYieldTheirKeys) {
  const CommandTable table;
  const std::vector<std::string_view> args(16, "1");
  KeyList keys;
  for (const CommandRow& row : table.all()) {
    SCOPED_TRACE(row.full_name);
    const CommandArgs shortest(args.data(), static_cast<size_t>(std::abs(row.arity)));
    ASSERT_TRUE(keys_of(row, shortest, keys));
    // Keys behind a word are where that word stands.
    const bool behind_word = std::any_of(row.keys.begin(), row.keys.end(), [](const KeySpec& spec) {
      return spec.begin == KeySpec::Begin::kKeyword;
    });
    if (!behind_word) EXPECT_EQ(keys.empty(), !may_have_keys(row));
    if (row.key_shape == KeyShape::kSingle) {
      ASSERT_EQ(keys.size(), 1u);
      EXPECT_EQ(keys[0].position, row.single_key_index);
    }
    for (const KeyRef& key : keys) EXPECT_LT(key.position, shortest.size());
  }
}

TEST(Rows, CategoriesFollowFromFlags) {
  const CommandTable table;
  for (const CommandRow& row : table.all()) {
    SCOPED_TRACE(row.full_name);
    const uint64_t categories = row.acl_categories;
    EXPECT_EQ((categories & acl::kFast) != 0, row.has(flag::kFast));
    EXPECT_NE((categories & acl::kFast) != 0, (categories & acl::kSlow) != 0);
    if (row.has(flag::kWrite)) EXPECT_TRUE(categories & acl::kWrite);
    if (row.has(flag::kReadonly) && !(categories & acl::kScripting)) EXPECT_TRUE(categories & acl::kRead);
    if (row.has(flag::kAdmin)) {
      EXPECT_EQ(categories & (acl::kAdmin | acl::kDangerous), acl::kAdmin | acl::kDangerous);
    }
    if (row.has(flag::kPubsub)) EXPECT_TRUE(categories & acl::kPubsub);
    if (row.has(flag::kBlocking)) EXPECT_TRUE(categories & acl::kBlocking);
  }
}

struct Expected {
  std::string_view name;
  int arity;
  std::string_view flags;
  std::string_view categories;
  int first, last, step;
};

TEST(Rows, MatchRedis) {
  const Expected expected[] = {
      {"get", 2, "readonly fast", "read string fast", 1, 1, 1},
      {"set", -3, "write denyoom", "write string slow", 1, 1, 1},
      {"getdel", 2, "write fast", "write string fast", 1, 1, 1},
      {"mset", -3, "write denyoom", "write string slow", 1, -1, 2},
      {"mget", -2, "readonly fast", "read string fast", 1, -1, 1},
      {"lcs", -3, "readonly", "read string slow", 1, 2, 1},
      {"copy", -3, "write denyoom", "keyspace write slow", 1, 2, 1},
      {"rename", 3, "write", "keyspace write slow", 1, 2, 1},
      {"del", -2, "write", "keyspace write slow", 1, -1, 1},
      {"keys", 2, "readonly", "keyspace read slow dangerous", 0, 0, 0},
      {"object", -2, "", "slow", 0, 0, 0},
      {"object|freq", 3, "readonly", "keyspace read slow", 2, 2, 1},
      {"exec", 1, "noscript loading stale skip_slowlog", "slow transaction", 0, 0, 0},
      {"watch", -2, "noscript loading stale fast allow_busy", "fast transaction", 1, -1, 1},
      {"hello", -1, "noscript loading stale fast no_auth allow_busy", "fast connection", 0, 0, 0},
      {"ping", -1, "fast", "fast connection", 0, 0, 0},
      {"client|kill", -3, "admin noscript loading stale", "admin slow dangerous connection", 0, 0, 0},
      {"config|set", -4, "admin noscript loading stale", "admin slow dangerous", 0, 0, 0},
      {"debug", -2, "admin noscript loading stale", "admin slow dangerous", 0, 0, 0},
      {"flushall", -1, "write", "keyspace write slow dangerous", 0, 0, 0},
      {"info", -1, "loading stale", "slow dangerous", 0, 0, 0},
      {"shutdown", -1, "admin noscript loading stale no_multi allow_busy", "admin slow dangerous", 0, 0, 0},
      {"memory|usage", -3, "readonly", "read slow", 2, 2, 1},
      {"command|getkeys", -3, "loading stale", "slow connection", 0, 0, 0},
  };
  const CommandTable table;
  for (const Expected& want : expected) {
    SCOPED_TRACE(want.name);
    const CommandRow* row = table.find_full(want.name);
    ASSERT_NE(row, nullptr);
    EXPECT_EQ(row->arity, want.arity);
    EXPECT_EQ(names_of(row->flags, command_flag_names()), want.flags);
    EXPECT_EQ(names_of(row->acl_categories, acl_category_names()), want.categories);
    EXPECT_EQ(row->first_key, want.first);
    EXPECT_EQ(row->last_key, want.last);
    EXPECT_EQ(row->key_step, want.step);
  }
}

TEST(Rows, CategoryNamesInAnyCase) {
  EXPECT_EQ(acl_category_by_name("HyperLogLog"), acl::kHyperLogLog);
  EXPECT_EQ(acl_category_by_name("scripting"), acl::kScripting);
  EXPECT_EQ(acl_category_by_name("@read"), 0u);
  EXPECT_EQ(acl_category_by_name(""), 0u);
  EXPECT_EQ(acl_category_names().size(), 21u);
}

TEST(Rows, EnumNames) {
  EXPECT_EQ(group_name(Group::kGeneric), "generic");
  EXPECT_EQ(group_name(Group::kSortedSet), "sorted-set");
  EXPECT_EQ(group_name(Group::kServer), "server");
  EXPECT_EQ(group_name(Group::kBitmap), "bitmap");
  EXPECT_EQ(arg_type_name(ArgType::kString), "string");
  EXPECT_EQ(arg_type_name(ArgType::kUnixTime), "unix-time");
  EXPECT_EQ(arg_type_name(ArgType::kBlock), "block");
}

}  // namespace
}  // namespace gyre::exec
