#include "gyre/cluster/migrations.h"

#include <algorithm>

#include "gyre/base/clock.h"
#include "gyre/cluster/socket_cache.h"
#include "gyre/exec/key_extraction.h"

namespace gyre::cluster {

bool Transit::begin(const std::vector<std::string>& names) {
  std::lock_guard lock(mutex_);
  for (const std::string& name : names)
    if (names_.contains(name)) return false;
  names_.insert(names.begin(), names.end());
  count_.store(names_.size(), std::memory_order_seq_cst);
  return true;
}

void Transit::end(const std::vector<std::string>& names) {
  std::lock_guard lock(mutex_);
  for (const std::string& name : names) names_.erase(name);
  count_.store(names_.size(), std::memory_order_seq_cst);
}

bool Transit::has(std::string_view name) const {
  std::lock_guard lock(mutex_);
  return names_.contains(std::string(name));
}

Migrations::Migrations(MigrationSettings settings)
    : settings_(std::move(settings)), sockets_(std::make_unique<SocketCache>()) {}

Migrations::~Migrations() = default;

bool Migrations::puts_off(const exec::CommandRow& row, exec::CommandArgs args) const {
  if (!exec::may_have_keys(row)) return row.has(exec::flag::kWrite);
  exec::KeyList keys;
  exec::keys_of(row, args, keys, {.partial = true});
  return std::any_of(keys.begin(), keys.end(),
                     [&](const exec::KeyRef& key) { return transit_.has(args[key.position]); });
}

bool Migrations::puts_off(const exec::CommandContext& c) const {
  if (!c.session.has(exec::session_flag::kMulti)) return puts_off(*c.row, c.args);
  // What is queued has to wait when it is run.
  if (c.row->full_name != "exec" || !c.session.transaction) return false;
  const auto& queued = c.session.transaction->commands;
  return std::any_of(queued.begin(), queued.end(), [this](const exec::OwnedCommand& command) {
    return puts_off(*command.row(), command.args());
  });
}

void Migrations::cron() { sockets_->close_idle(base::wall_ms()); }

size_t Migrations::cached_sockets() const { return sockets_->size(); }

}  // namespace gyre::cluster
