// Who may do what, and the declarations that other parts act on.
#include "config_row_builders.h"

namespace gyre::server::rows {
namespace {

using enum Effect;

constexpr EnumName kPubsubNames[] = {named("allchannels", PubsubDefault::kAllChannels),
                                     named("resetchannels", PubsubDefault::kResetChannels)};
constexpr EnumName kPermissionNames[] = {named("no", Permission::kNo), named("yes", Permission::kYes),
                                         named("local", Permission::kLocal)};

constinit const ConfigRow kRows[] = {
    text<&Config::requirepass>("requirepass", "", kSensitive | kEmptyIsNull, kExists,
                               "Password of the default user."),
    text<&Config::aclfile>("aclfile", "", kImmutable, kRequired, "File with the users and their rights."),
    choice<&Config::acl_pubsub_default>("acl-pubsub-default", kPubsubNames, 0, kModifiable, kHarmless,
                                        "Channels a new user may use."),
    number<&Config::acllog_max_len>("acllog-max-len", 128, {0, kAny}, kModifiable, kHarmless,
                                    "Entries that ACL LOG keeps."),
    choice<&Config::enable_protected_configs>("enable-protected-configs", kPermissionNames, 0, kImmutable,
                                              kExists, "Whether CONFIG SET may change dir and dbfilename."),
    choice<&Config::enable_debug_command>("enable-debug-command", kPermissionNames, 0, kImmutable, kExists,
                                          "Whether DEBUG may be used."),
    choice<&Config::enable_module_command>("enable-module-command", kPermissionNames, 0, kImmutable, kExists,
                                           "Whether MODULE may be used."),

    declaration("include", kExists, "Read another file, or all files that a pattern matches, at this place."),
    declaration("rename-command", kExists, "Give a command another name, or with \"\" take it away."),
    declaration("user", kRequired, "Define a user and its rights, in the words of ACL SETUSER."),
    declaration("loadmodule", kRequired, "Load a module."),
    declaration("sentinel", kExists, "Settings of Sentinel; only for a server started as one."),
};

}  // namespace

std::span<const ConfigRow> security_rows() { return kRows; }

}  // namespace gyre::server::rows
