// CONFIG SET: many directives at once, all or none.
#include "config_text.h"
#include "gyre/base/log.h"
#include "gyre/server/config.h"
#include "gyre/server/config_rows.h"

namespace gyre::server {

/// One CONFIG SET under way. Holds what is needed to take everything back.
class ConfigChange {
 public:
  ConfigChange(Config& config, const SetContext& context) : config_(config), context_(context) {}

  SetResult run(std::span<const std::pair<std::string_view, std::string_view>> pairs) {
    SetResult refused = find_rows(pairs);
    if (!refused.ok()) return refused;
    for (const Item& item : items_) old_values_.push_back(exact_value(*item.row, config_));
    for (size_t i = 0; i < items_.size(); ++i) {
      std::string error;
      const SetOutcome outcome = store(*items_[i].row, items_[i].value, error);
      if (outcome != SetOutcome::kError) error = effect_error(*items_[i].row, config_);
      if (!error.empty() || outcome == SetOutcome::kError) {
        restore(i + 1);
        return failure(items_[i].name, error);
      }
      if (outcome == SetOutcome::kChanged) collect_hooks(items_[i]);
    }
    return run_hooks();
  }

 private:
  struct Item {
    const ConfigRow* row;
    std::string_view name;  // the row's name or its alias, whichever the client used
    std::string_view value;
  };
  struct CollectedHook {
    Config::HookEntry* entry;
    std::string_view name;  // of the directive whose change made it run
  };

  static SetResult failure(std::string_view name, std::string_view reason) {
    std::string text = "CONFIG SET failed (possibly related to argument '" + std::string(name) + "')";
    if (!reason.empty()) text += " - " + std::string(reason);
    return {SetResult::Code::kError, std::move(text)};
  }

  bool may_change_protected() const {
    const Permission permission = config_.enable_protected_configs;
    return permission == Permission::kYes || (permission == Permission::kLocal && context_.local_client);
  }

  /// An immutable directive that is given the value it has, where that is no error.
  bool keeps_value(const ConfigRow& row, std::string_view name, std::string_view value) const {
    return row.has(kSameAllowed) && same_word(name, row.name) && value == get_value(row, config_);
  }

  SetResult find_rows(std::span<const std::pair<std::string_view, std::string_view>> pairs) {
    for (const auto& [name, value] : pairs) {
      const ConfigRow* row = find_config_row(name);
      if (row == nullptr || row->kind == ConfigKind::kDeclaration) {
        return {SetResult::Code::kError,
                "Unknown option or number of arguments for CONFIG SET - '" + std::string(name) + "'"};
      }
      if (keeps_value(*row, name, value)) continue;
      if (row->has(kImmutable)) return failure(name, "can't set immutable config");
      if (row->has(kProtected) && !may_change_protected()) return failure(name, "can't set protected config");
      if (context_.loading && row->has(kDenyLoading)) return {SetResult::Code::kLoading, {}};
      const std::string_view known_name = same_word(name, row->name) ? row->name : row->alias;
      // As in Redis a directive and its alias may both be there; the last wins.
      for (const Item& item : items_) {
        if (item.name == known_name) return failure(name, "duplicate parameter");
      }
      items_.push_back({row, known_name, value});
    }
    return {};
  }

  SetOutcome store(const ConfigRow& row, std::string_view value, std::string& error) {
    const std::vector<std::string> words =
        row.has(kMultiArg) ? split_at_spaces(value) : std::vector<std::string>{std::string(value)};
    return set_value(row, {config_, words, false, error});
  }

  void restore(size_t count) {
    for (size_t i = 0; i < count; ++i) {
      std::string error;
      if (store(*items_[i].row, old_values_[i], error) != SetOutcome::kError) continue;
      base::log(base::LogLevel::kWarning,
                "Failed restoring failed CONFIG SET command. Error setting %s to '%s': %s",
                std::string(items_[i].row->name).c_str(),
                items_[i].row->has(kSensitive) ? "(redacted)" : old_values_[i].c_str(), error.c_str());
    }
  }

  void collect_hooks(const Item& item) {
    for (Config::HookEntry& entry : config_.hooks_) {
      if (std::find(entry.rows.begin(), entry.rows.end(), item.row) == entry.rows.end()) continue;
      const auto same = [&](const CollectedHook& hook) { return hook.entry == &entry; };
      if (std::none_of(hooks_.begin(), hooks_.end(), same)) hooks_.push_back({&entry, item.name});
    }
  }

  SetResult run_hooks() {
    for (const CollectedHook& hook : hooks_) {
      const std::string error = hook.entry->run();
      if (error.empty()) continue;
      const std::string name(hook.name);
      base::log(base::LogLevel::kWarning,
                "Failed applying new configuration. Possibly related to new %s setting. Restoring previous "
                "settings.",
                name.c_str());
      restore(items_.size());
      // All of them, because a hook that failed half way has changed something too.
      for (const CollectedHook& again : hooks_) {
        const std::string restore_error = again.entry->run();
        if (restore_error.empty()) continue;
        base::log(base::LogLevel::kWarning, "Failed applying restored failed CONFIG SET command: %s",
                  restore_error.c_str());
      }
      return failure(name, error);
    }
    return {};
  }

  Config& config_;
  const SetContext context_;
  std::vector<Item> items_;
  std::vector<std::string> old_values_;
  std::vector<CollectedHook> hooks_;
};

SetResult Config::set(std::span<const std::pair<std::string_view, std::string_view>> pairs,
                      const SetContext& context) {
  std::lock_guard lock(change_mutex_);
  return ConfigChange(*this, context).run(pairs);
}

}  // namespace gyre::server
