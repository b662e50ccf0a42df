#include "gyre/server/config.h"

#include "config_text.h"
#include "gyre/base/check.h"
#include "gyre/base/glob.h"
#include "gyre/server/config_environment.h"
#include "gyre/server/config_rows.h"

namespace gyre::server {
namespace {

void set_default(const ConfigRow& row, Config& config) {
  switch (row.kind) {
    case ConfigKind::kBool:
      row.flag(config).set(row.initial != 0);
      break;
    case ConfigKind::kNumber:
      row.number(config).set_raw(row.initial);
      break;
    case ConfigKind::kText:
      row.text(config).set(std::string(row.initial_text));
      break;
    case ConfigKind::kEnum:
      row.choice(config).set_raw(static_cast<int>(row.initial));
      break;
    case ConfigKind::kSpecial: {
      // An empty list is how these fields start.
      if (row.initial_text.empty()) break;
      std::string error;
      const auto words = split_at_spaces(row.initial_text);
      GYRE_CHECK(set_value(row, {config, words, false, error}) != SetOutcome::kError);
      break;
    }
    case ConfigKind::kDeclaration:
      break;
  }
}

std::string value_under(const ConfigRow& row, std::string_view name, const Config& config) {
  const bool by_alias = !row.alias.empty() && same_word(name, row.alias);
  if (by_alias && row.special != nullptr && row.special->get_alias != nullptr)
    return row.special->get_alias(config);
  return get_value(row, config);
}

}  // namespace

Config::Config(ConfigEnvironment* environment)
    : own_environment_(environment == nullptr ? std::make_unique<ConfigEnvironment>() : nullptr),
      environment_(environment == nullptr ? own_environment_.get() : environment) {
  for (const ConfigRow* row : config_rows()) set_default(*row, *this);
}

Config::~Config() = default;

std::vector<std::string> Config::warnings() const {
  std::vector<std::string> lines;
  for (const ConfigRow* row : config_rows()) {
    if (row->effect != Effect::kWarn) continue;
    const std::string value = get_value(*row, *this);
    if (value.empty() || value == "no" || value == "0") continue;
    lines.push_back("The directive '" + std::string(row->name) + "' is set to '" + value +
                    "' but has no effect in this version of Gyre: " + std::string(row->summary));
  }
  return lines;
}

void Config::on_change(std::vector<std::string> names, Hook hook) {
  HookEntry entry;
  for (const std::string& name : names) {
    const ConfigRow* row = find_config_row(name);
    GYRE_CHECK(row != nullptr);
    entry.rows.push_back(row);
  }
  entry.run = std::move(hook);
  hooks_.push_back(std::move(entry));
}

void Config::on_rewrite(std::string name, std::function<std::vector<std::string>()> lines) {
  rewrite_sources_.emplace_back(std::move(name), std::move(lines));
}

std::vector<Config::NameValue> Config::get(std::span<const std::string_view> patterns) const {
  std::vector<NameValue> found;
  std::unordered_map<std::string, bool> seen;
  const auto add = [&](std::string_view name, const ConfigRow& row) {
    if (seen.emplace(to_lower(name), true).second) found.emplace_back(name, value_under(row, name, *this));
  };
  for (std::string_view pattern : patterns) {
    if (pattern.find_first_of("[*?") == std::string_view::npos) {
      const ConfigRow* row = find_config_row(pattern);
      if (row != nullptr && row->kind != ConfigKind::kDeclaration) add(pattern, *row);
      continue;
    }
    for (const ConfigRow* row : config_rows()) {
      if (row->kind == ConfigKind::kDeclaration || row->has(kHidden)) continue;
      if (base::glob_match(pattern, row->name, true)) add(row->name, *row);
      if (!row->alias.empty() && base::glob_match(pattern, row->alias, true)) add(row->alias, *row);
    }
  }
  return found;
}

std::optional<std::string> Config::get_one(std::string_view name) const {
  const ConfigRow* row = find_config_row(name);
  if (row == nullptr || row->kind == ConfigKind::kDeclaration) return std::nullopt;
  return value_under(*row, name, *this);
}

bool Config::is_sensitive(std::string_view name) {
  const ConfigRow* row = find_config_row(name);
  return row != nullptr && row->has(kSensitive);
}

int Config::thread_count() const { return threads != 0 ? threads.get() : environment_->usable_cores(); }

uint64_t Config::maxmemory_clients_bytes() const {
  const int64_t limit = maxmemory_clients;
  if (limit >= 0) return static_cast<uint64_t>(limit);
  // In this order it cannot overflow; what is lost is below one hundred bytes.
  return maxmemory.get() / 100 * static_cast<uint64_t>(-limit);
}

}  // namespace gyre::server
