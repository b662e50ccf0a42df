// DEBUG: the table of its subcommands, and those that act on the process.
#include <errno.h>
#include <sys/mman.h>
#include <time.h>

#include <cstdlib>

#include "debug_commands.h"
#include "environment.h"
#include "gyre/base/check.h"
#include "gyre/base/log.h"
#include "gyre/base/memory.h"
#include "gyre/base/numbers.h"
#include "gyre/exec/command_answers.h"
#include "gyre/server/command_families.h"
#include "gyre/server/crash_report.h"
#include "persistence.h"
#include "support.h"

namespace gyre::server {

namespace {

using base::LogLevel;
using exec::CommandContext;

/// Stops this thread with the gate closed, so that nobody is served, as a busy Redis would serve nobody.
void debug_sleep(CommandContext& c) {
  const double seconds = std::strtod(std::string(c.arg(2)).c_str(), nullptr);
  const auto us = static_cast<int64_t>(seconds * 1e6);
  if (us > 0) {
    timespec left{.tv_sec = us / 1'000'000, .tv_nsec = us % 1'000'000 * 1000};
    while (::nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
  }
  c.reply.ok();
}

void debug_set_active_expire(CommandContext& c) {
  server_of(c).keyspace().active_expire = c.arg(2) != "0";
  c.reply.ok();
}

void debug_log(CommandContext& c) {
  base::log(LogLevel::kWarning, "DEBUG LOG: %.*s", printed(c.arg(2)), c.arg(2).data());
  c.reply.ok();
}

void debug_change_repl_id(CommandContext& c) {
  base::log(LogLevel::kNotice, "Changing replication IDs after receiving DEBUG change-repl-id");
  server_of(c).primary().change_id();
  c.reply.ok();
}

void debug_config_rewrite_force_all(CommandContext& c) {
  const std::string error = server_of(c).config().rewrite(/*force_all=*/true);
  error.empty() ? c.reply.ok() : c.reply.error("ERR CONFIG-REWRITE-FORCE-ALL failed: " + error);
}

void debug_quicklist_packed_threshold(CommandContext& c) {
  constexpr uint64_t kLimit = uint64_t{4} << 30;
  const auto bytes = base::parse_memory(c.arg(2));
  if (!bytes || *bytes > kLimit)
    return c.reply.error("ERR argument must be a memory value bigger than 1 and smaller than 4gb");
  c.reply.ok();
}

void debug_reload(CommandContext& c) {
  Persistence::ReloadOptions options;
  for (size_t i = 2; i < c.argc(); ++i) {
    if (is_word(c, i, "merge")) {
      options.merge = true;
    } else if (is_word(c, i, "noflush")) {
      options.flush = false;
    } else if (is_word(c, i, "nosave")) {
      options.save = false;
    } else {
      return c.reply.error("ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.");
    }
  }
  server_of(c).persistence().reload(options)
      ? c.reply.ok()
      : c.reply.error("ERR Error trying to load the RDB dump, check server logs.");
}

void debug_skip_checksums(CommandContext& c) {
  server_of(c).environment().skip_checksums = c.arg(2) != "0";
  c.reply.ok();
}

void debug_loadaof(CommandContext& c) {
  c.reply.error("ERR DEBUG LOADAOF: this server writes no AOF files; nothing was changed");
}

/// For what tunes or tests parts that this server does without.
void accept(CommandContext& c) { c.reply.ok(); }

void debug_segfault(CommandContext& c) {
  void* page = ::mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  *static_cast<volatile char*>(page) = 'x';
  c.reply.ok();
}

void debug_panic(CommandContext& c) {
  panic(__FILE__, __LINE__, ("DEBUG PANIC called at Unix time " + std::to_string(c.now_ms() / 1000)).c_str());
}

void debug_assert(CommandContext& c) { GYRE_CHECK(c.argc() == 0); }

void debug_oom(CommandContext& c) {
  base::deallocate(base::allocate(SIZE_MAX / 2));
  c.reply.ok();
}

void debug_help(CommandContext& c) {
  static constexpr std::string_view kLines[] = {
      "ASSERT",
      "    Crash by a failed assertion.",
      "CHANGE-REPL-ID",
      "    Take a new replication id.",
      "CONFIG-REWRITE-FORCE-ALL",
      "    CONFIG REWRITE with every directive, those at their defaults included.",
      "DIGEST",
      "    A fingerprint of the whole data set.",
      "DIGEST-VALUE <key> [<key> ...]",
      "    A fingerprint of each of these values.",
      "ERROR <string>",
      "    Reply with this error.",
      "HTSTATS <dbid>",
      "    Sizes of the tables of a database.",
      "LOG <message>",
      "    Write a message to the server's log.",
      "OBJECT <key>",
      "    How a value is stored.",
      "OOM",
      "    Crash by an allocation that cannot succeed.",
      "PANIC",
      "    Crash.",
      "POPULATE <count> [<prefix>] [<size>]",
      "    Create <count> strings <prefix>:<number>, where they do not exist.",
      "PROTOCOL <type>",
      "    Reply with a value of this type: string, integer, double, bignum, null, array,",
      "    set, map, attrib, push, verbatim, true, false.",
      "RELOAD [MERGE] [NOFLUSH] [NOSAVE]",
      "    Save, empty the data set and load it again; without saving or emptying it first; keys that are",
      "    there may be replaced.",
      "SDSLEN <key>",
      "    Lengths of a key and its string.",
      "SEGFAULT",
      "    Crash by writing where nobody may.",
      "SET-ACTIVE-EXPIRE <0|1>",
      "    Whether keys are expired in the background.",
      "SET-SKIP-CHECKSUM-VALIDATION <0|1>",
      "    Whether checksums of payloads and files are believed.",
      "SLEEP <seconds>",
      "    Stop the whole server for so long. Decimals allowed.",
  };
  exec::reply_help(c.reply, c.arg(0), kLines);
}

struct Subcommand {
  std::string_view name;
  size_t least, most;  // arguments, DEBUG and the subcommand included
  exec::Handler run;
};

constexpr size_t kAny = SIZE_MAX;
constexpr Subcommand kSubcommands[] = {
    {"sleep", 3, 3, debug_sleep},
    {"set-active-expire", 3, 3, debug_set_active_expire},
    {"object", 3, 3, debug_object},
    {"sdslen", 3, 3, debug_sdslen},
    {"listpack", 3, 3, debug_listpack},
    {"quicklist", 3, 4, debug_quicklist},
    {"htstats", 3, kAny, debug_htstats},
    {"htstats-key", 3, kAny, debug_htstats_key},
    {"populate", 3, 5, debug_populate},
    {"digest", 2, 2, debug_digest},
    {"digest-value", 2, kAny, debug_digest_value},
    {"protocol", 3, 3, debug_protocol},
    {"error", 3, 3, debug_error},
    {"log", 3, 3, debug_log},
    {"leak", 3, 3, accept},
    {"change-repl-id", 2, 2, debug_change_repl_id},
    {"config-rewrite-force-all", 2, 2, debug_config_rewrite_force_all},
    {"quicklist-packed-threshold", 3, 3, debug_quicklist_packed_threshold},
    {"set-disable-deny-scripts", 3, 3, accept},
    {"set-skip-checksum-validation", 3, 3, debug_skip_checksums},
    {"dict-resizing", 3, 3, accept},
    {"pause-cron", 3, 3, accept},
    {"replybuffer", 4, 4, accept},
    {"client-enforce-reply-list", 3, 3, accept},
    {"aof-flush-sleep", 3, 3, accept},
    {"stringmatch-len", 3, 4, accept},
    {"reload", 2, kAny, debug_reload},
    {"loadaof", 2, 2, debug_loadaof},
    {"segfault", 2, kAny, debug_segfault},
    {"panic", 2, kAny, debug_panic},
    {"assert", 2, kAny, debug_assert},
    {"oom", 2, kAny, debug_oom},
    {"help", 2, 2, debug_help},
};

void debug(CommandContext& c) {
  for (const Subcommand& sub : kSubcommands) {
    if (c.argc() < sub.least || c.argc() > sub.most || !is_word(c, 1, sub.name)) continue;
    return sub.run(c);
  }
  wrong_subcommand(c);
}

}  // namespace

void bind_debug_commands(exec::CommandTable& table) { table.bind("debug", debug); }

}  // namespace gyre::server
