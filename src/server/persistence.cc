#include "persistence.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "gyre/base/clock.h"
#include "gyre/base/log.h"
#include "gyre/cmd/value_limits.h"
#include "gyre/server/server.h"
#include "environment.h"
#include "gyre/snapshot/save.h"

namespace gyre::server {

using base::LogLevel;

namespace {

/// Not that of SAVE, which may come at the end while this one is being written.
std::string background_file_name() { return "temp-bg-" + std::to_string(::getpid()) + ".rdb"; }

/// Redis waits this long after a save in the background that failed.
constexpr int64_t kRetryAfterS = 5;

}  // namespace

Persistence::Persistence(Server& server)
    : server_(server), last_save_s_(base::wall_ms() / 1000), last_try_s_(last_save_s_.load()) {}

Persistence::~Persistence() {
  if (fd_ >= 0) ::close(fd_);
}

// ---- saving ----

bool Persistence::save() {
  ++saves_;
  return save_now();
}

bool Persistence::save_now() {
  const Config& config = server_.config();
  const repl::Settings settings = server_.image_settings();
  snapshot::SaveOptions options;
  options.fields.version = settings.rdb_version;
  options.fields.created_s = base::wall_ms() / 1000;
  options.fields.used_memory = server_.used_memory();
  const std::string id = server_.primary().id();
  if (server_.primary().journal().active())
    options.fields.replication = rdb::Replication{0, id, static_cast<int64_t>(server_.primary().offset())};
  options.compress = settings.compress;
  options.checksum = settings.checksum;
  options.access = settings.access;
  options.now_ms = base::wall_ms();
  options.key_save_delay_us = settings.key_save_delay_us;
  if (!snapshot::save_to_file(server_.keyspace(), config.dbfilename.get(), options)) return false;
  note_saved(server_.total_changes());
  last_background_ok_ = true;
  return true;
}

void Persistence::note_saved(uint64_t changes) {
  changes_saved_ = changes;
  last_save_s_ = base::wall_ms() / 1000;
}

uint64_t Persistence::changes_since_save() const { return server_.total_changes() - changes_saved_.load(); }

bool Persistence::busy() const { return saving() || server_.primary().walking(); }

bool Persistence::start_save() {
  if (busy() || saving_.exchange(true)) return false;
  ++saves_;
  changes_at_begin_ = server_.total_changes();
  begun_s_ = last_try_s_ = base::wall_ms() / 1000;
  server_.primary().save(
      {.temporary = background_file_name(),
       .done = [](void* self, bool whole) { static_cast<Persistence*>(self)->background_done(whole); },
       .context = this});
  base::log(LogLevel::kNotice, "Background saving started");
  return true;
}

void Persistence::background_done(bool whole) {
  {
    std::lock_guard lock(ending_);
    end_background(whole);
  }
  server_.update_conditions();
}

void Persistence::end_background(bool whole) {
  const bool old = std::exchange(background_is_old_, false);
  // The last save of all is newer than this one.
  whole = whole && !old && !server_.saved_at_end() &&
          snapshot::put_in_place(background_file_name(), server_.config().dbfilename.get());
  if (whole) {
    base::log(LogLevel::kNotice, "DB saved on disk");
    base::log(LogLevel::kNotice, "Background saving terminated with success");
    note_saved(changes_at_begin_);
  } else {
    ::unlink(background_file_name().c_str());
    base::log(LogLevel::kWarning, old ? "Background saving given up: all data was dropped" : "Background saving error");
  }
  last_background_s_ = base::wall_ms() / 1000 - begun_s_;
  begun_s_ = -1;
  if (!old) last_background_ok_ = whole;
  saving_ = false;
}

void Persistence::all_dropped(uint64_t uncounted) {
  std::lock_guard lock(ending_);
  if (saving()) {
    background_is_old_ = true;
    server_.primary().give_up_save();
  }
  if (has_save_points() && save_now()) note_saved(server_.total_changes() + uncounted);
}

void ServerEnvironment::all_dropped(uint64_t uncounted) const { persistence->all_dropped(uncounted); }

int64_t Persistence::current_background_s() const {
  const int64_t begun = begun_s_;
  return begun < 0 ? -1 : base::wall_ms() / 1000 - begun;
}

bool Persistence::has_save_points() const { return !server_.config().save.get().empty(); }

bool Persistence::refusing_writes() const {
  return !last_background_ok_.load(std::memory_order_relaxed) &&
         server_.config().stop_writes_on_bgsave_error && has_save_points();
}

void Persistence::cron() {
  if (loading() || busy()) return;
  if (scheduled_.exchange(false)) {
    if (!start_save()) scheduled_ = true;
    return;
  }
  const int64_t now_s = base::wall_ms() / 1000;
  if (!last_background_ok_ && now_s - last_try_s_ <= kRetryAfterS) return;
  const uint64_t changes = changes_since_save();
  for (const SavePoint& point : server_.config().save.get()) {
    if (changes < static_cast<uint64_t>(point.changes) || now_s - last_save_s_ <= point.seconds) continue;
    base::log(LogLevel::kNotice, "%d changes in %d seconds. Saving...", point.changes,
              static_cast<int>(point.seconds));
    start_save();
    return;
  }
}

}  // namespace gyre::server
