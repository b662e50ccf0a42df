#include "gyre/exec/command_row.h"

#include "gyre/exec/ignore_case.h"

namespace gyre::exec {
namespace {

constexpr FlagName kAclCategories[] = {
    {acl::kKeyspace, "keyspace"},
    {acl::kRead, "read"},
    {acl::kWrite, "write"},
    {acl::kSet, "set"},
    {acl::kSortedSet, "sortedset"},
    {acl::kList, "list"},
    {acl::kHash, "hash"},
    {acl::kString, "string"},
    {acl::kBitmap, "bitmap"},
    {acl::kHyperLogLog, "hyperloglog"},
    {acl::kGeo, "geo"},
    {acl::kStream, "stream"},
    {acl::kPubsub, "pubsub"},
    {acl::kAdmin, "admin"},
    {acl::kFast, "fast"},
    {acl::kSlow, "slow"},
    {acl::kBlocking, "blocking"},
    {acl::kDangerous, "dangerous"},
    {acl::kConnection, "connection"},
    {acl::kTransaction, "transaction"},
    {acl::kScripting, "scripting"},
};

constexpr FlagName kCommandFlags[] = {
    {flag::kWrite, "write"},
    {flag::kReadonly, "readonly"},
    {flag::kDenyOom, "denyoom"},
    {flag::kModule, "module"},
    {flag::kAdmin, "admin"},
    {flag::kPubsub, "pubsub"},
    {flag::kNoScript, "noscript"},
    {flag::kBlocking, "blocking"},
    {flag::kLoading, "loading"},
    {flag::kStale, "stale"},
    {flag::kSkipMonitor, "skip_monitor"},
    {flag::kSkipSlowlog, "skip_slowlog"},
    {flag::kAsking, "asking"},
    {flag::kFast, "fast"},
    {flag::kNoAuth, "no_auth"},
    {flag::kNoMandatoryKeys, "no_mandatory_keys"},
    {flag::kNoAsyncLoading, "no_async_loading"},
    {flag::kNoMulti, "no_multi"},
    {flag::kMovableKeys, "movablekeys"},
    {flag::kAllowBusy, "allow_busy"},
};

constexpr FlagName kKeyFlags[] = {
    {keyflag::kRo, "RO"},
    {keyflag::kRw, "RW"},
    {keyflag::kOw, "OW"},
    {keyflag::kRm, "RM"},
    {keyflag::kAccess, "access"},
    {keyflag::kUpdate, "update"},
    {keyflag::kInsert, "insert"},
    {keyflag::kDelete, "delete"},
    {keyflag::kNotKey, "not_key"},
    {keyflag::kIncomplete, "incomplete"},
    {keyflag::kVariableFlags, "variable_flags"},
};

constexpr FlagName kDocFlags[] = {{docflag::kDeprecated, "deprecated"}, {docflag::kSyscmd, "syscmd"}};

}  // namespace

std::span<const FlagName> acl_category_names() { return kAclCategories; }
std::span<const FlagName> command_flag_names() { return kCommandFlags; }
std::span<const FlagName> key_flag_names() { return kKeyFlags; }
std::span<const FlagName> doc_flag_names() { return kDocFlags; }

uint64_t acl_category_by_name(std::string_view name) {
  for (const FlagName& category : kAclCategories) {
    if (equal_ignoring_case(category.name, name)) return category.flag;
  }
  return 0;
}

std::string_view group_name(Group group) {
  static constexpr std::string_view kNames[] = {
      "generic", "string",       "list",       "set",    "sorted-set", "hash",
      "pubsub",  "transactions", "connection", "server", "scripting",  "hyperloglog",
      "cluster", "sentinel",     "geo",        "stream", "bitmap",
  };
  return kNames[static_cast<size_t>(group)];
}

std::string_view arg_type_name(ArgType type) {
  static constexpr std::string_view kNames[] = {
      "string", "integer", "double", "key", "pattern", "unix-time", "pure-token", "oneof", "block",
  };
  return kNames[static_cast<size_t>(type)];
}

}  // namespace gyre::exec
