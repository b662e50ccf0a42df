#include "gyre/exec/command_table.h"

#include <algorithm>
#include <bit>

#include "gyre/base/check.h"
#include "gyre/exec/ignore_case.h"

namespace gyre::exec {
namespace {

/// A command that can be called has a body; a container cannot, unless its arity lets it stand alone
/// (COMMAND).
bool needs_handler(const CommandRow& row) { return !row.is_container() || row.accepts(1); }

/// The categories that follow from the flags. Scripts that only read stay out of @read, since it is the keys
/// they are called with that decide.
uint64_t implied_categories(const CommandRow& row) {
  uint64_t categories = row.acl_categories;
  if (row.has(flag::kWrite)) categories |= acl::kWrite;
  if (row.has(flag::kReadonly) && !(categories & acl::kScripting)) categories |= acl::kRead;
  if (row.has(flag::kAdmin)) categories |= acl::kAdmin | acl::kDangerous;
  if (row.has(flag::kPubsub)) categories |= acl::kPubsub;
  if (row.has(flag::kBlocking)) categories |= acl::kBlocking;
  return categories | (row.has(flag::kFast) ? acl::kFast : acl::kSlow);
}

bool is_index_range(const KeySpec& spec) {
  return spec.begin == KeySpec::Begin::kIndex && spec.find == KeySpec::Find::kRange;
}

int16_t absolute_last(const KeySpec& spec) {
  return spec.last_key >= 0 ? static_cast<int16_t>(spec.last_key + spec.begin_at) : spec.last_key;
}

/// First, last and step as older clients know them: the union of the specs when they are adjacent ranges.
/// What they leave out makes the keys "movable".
void set_legacy_range(CommandRow& row) {
  if (row.keys.empty()) return;
  if (row.keys.size() == 1 && is_index_range(row.keys[0])) {
    const KeySpec& spec = row.keys[0];
    row.first_key = spec.begin_at;
    row.last_key = absolute_last(spec);
    row.key_step = spec.key_step;
    if (spec.flags & keyflag::kIncomplete) row.flags |= flag::kMovableKeys;
    return;
  }
  for (const KeySpec& spec : row.keys) {
    const bool adjacent = row.last_key == 0 || row.last_key == spec.begin_at - 1;
    if (!is_index_range(spec) || spec.key_step != 1 || !adjacent) {
      row.flags |= flag::kMovableKeys;
      continue;
    }
    if (spec.flags & keyflag::kIncomplete) row.flags |= flag::kMovableKeys;
    if (row.first_key == 0) row.first_key = spec.begin_at;
    // Unsigned, so that "up to the end" (negative) is later than any position.
    row.last_key = static_cast<int16_t>(
        std::max(static_cast<uint16_t>(row.last_key), static_cast<uint16_t>(absolute_last(spec))));
    row.key_step = 1;
  }
  if (row.first_key == 0) row.flags |= flag::kMovableKeys;
}

void set_key_shape(CommandRow& row) {
  const auto is_key = [](const KeySpec& spec) { return !(spec.flags & keyflag::kNotKey); };
  if (row.find_keys == nullptr && std::none_of(row.keys.begin(), row.keys.end(), is_key)) return;
  row.key_shape = KeyShape::kSpecs;
  if (row.keys.size() != 1 || !is_key(row.keys[0])) return;
  const KeySpec& spec = row.keys[0];
  if (is_index_range(spec) && spec.last_key == 0 && !(spec.flags & keyflag::kIncomplete)) {
    row.key_shape = KeyShape::kSingle;
    row.single_key_index = static_cast<uint8_t>(spec.begin_at);
  }
}

/// A row that contradicts itself is a mistake in the source: better no start than a wrong lock set.
void check_row(const CommandRow& row) {
  GYRE_CHECK(!row.name.empty() && row.arity != 0);
  GYRE_CHECK(!(row.has(flag::kWrite) && row.has(flag::kReadonly)));
  const int required = row.arity < 0 ? -row.arity : row.arity;
  GYRE_CHECK(row.single_key_index < required);
  for (const KeySpec& spec : row.keys) {
    if (spec.begin != KeySpec::Begin::kIndex) continue;
    GYRE_CHECK(spec.begin_at > 0);
    // The first key is always there, except where keys are optional; those of further specs may be absent (PFMERGE).
    GYRE_CHECK(spec.begin_at < required || row.has(flag::kNoMandatoryKeys) || &spec != row.keys.begin());
  }
  for (const CommandRow& sub : row.subcommands) GYRE_CHECK(sub.subcommands.empty());
}

}  // namespace

CommandTable::CommandTable(std::span<const CommandFamily> families) {
  add_rows(families);
  for (CommandRow& row : rows_) complete_row(row);
  for (const CommandRow& row : commands()) called_.emplace_back(row.name);
  build_index();
}

void CommandTable::add_rows(std::span<const CommandFamily> families) {
  size_t total = 0;
  for (const CommandFamily& family : families) {
    top_level_ += family.size();
    for (const CommandRow& row : family) total += 1 + row.subcommands.size();
  }
  GYRE_CHECK(total < UINT16_MAX);
  rows_.reserve(total);  // rows point at each other: they must not move
  for (const CommandFamily& family : families) rows_.insert(rows_.end(), family.begin(), family.end());
  for (size_t i = 0; i < top_level_; ++i) {
    CommandRow& container = rows_[i];
    const size_t first = rows_.size();
    for (const CommandRow& sub : container.subcommands) rows_.emplace_back(sub).parent = &container;
    container.subcommands = std::span<const CommandRow>(rows_).subspan(first);
  }
}

void CommandTable::complete_row(CommandRow& row) {
  row.id = static_cast<uint16_t>(&row - rows_.data());
  row.full_name = row.name;
  if (row.parent != nullptr) {
    names_.push_back(
        std::make_unique<std::string>(std::string(row.parent->name) + "|" + std::string(row.name)));
    row.full_name = *names_.back();
  }
  row.acl_categories = implied_categories(row);
  set_legacy_range(row);
  set_key_shape(row);
  check_row(row);
}

void CommandTable::build_index() {
  for (size_t i = 0; i < top_level_; ++i) {
    for (size_t j = 0; j < i; ++j) GYRE_CHECK(rows_[i].name != rows_[j].name);
  }
  // At most a quarter full; of some multipliers the one with the fewest probes. Fixed ones, so that every
  // start is alike.
  const size_t size = std::bit_ceil(std::max<size_t>(16, top_level_ * 4));
  slots_.resize(size);
  mask_ = size - 1;
  shift_ = 64 - std::countr_zero(size);
  uint64_t candidate = 0x9e3779b97f4a7c15ull;
  uint64_t best = candidate;
  size_t fewest = SIZE_MAX;
  for (int attempt = 0; attempt < 64 && fewest > 0; ++attempt) {
    const size_t extra = fill_slots(candidate);
    if (extra < fewest) {
      fewest = extra;
      best = candidate;
    }
    candidate = (candidate * 0xd1342543de82ef95ull + 0x2545f4914f6cdd1dull) | 1;
  }
  fill_slots(best);
}

/// Returns how many probes beyond the first the names need in total.
size_t CommandTable::fill_slots(uint64_t multiplier) {
  multiplier_ = multiplier;
  std::fill(slots_.begin(), slots_.end(), Slot{});
  size_t extra = 0;
  for (size_t i = 0; i < top_level_; ++i) {
    const std::string_view name = called_[i];
    if (name.empty()) continue;
    const uint64_t word = lower_prefix(name);
    size_t at = slot_of(word, name.size());
    for (; slots_[at].length != kFree; at = (at + 1) & mask_) ++extra;
    slots_[at] = {word, static_cast<uint32_t>(name.size()), static_cast<uint32_t>(i)};
  }
  return extra;
}

bool CommandTable::same_name(std::string_view row_name, std::string_view name) {
  return equal_ignoring_case(row_name, name);
}

void CommandTable::bind(std::string_view full_name, Handler handler) {
  GYRE_CHECK(!finished_ && handler != nullptr);
  const auto row =
      std::find_if(rows_.begin(), rows_.end(), [&](const CommandRow& r) { return r.full_name == full_name; });
  if (row == rows_.end())
    base::check_failed(__FILE__, __LINE__, ("bind: no row " + std::string(full_name)).c_str());
  if (row->handler != nullptr) {
    base::check_failed(__FILE__, __LINE__, ("bind: bound twice: " + std::string(full_name)).c_str());
  }
  row->handler = handler;
}

CommandTable::Renamed CommandTable::rename(std::string_view name, std::string_view to) {
  GYRE_CHECK(!finished_);
  const CommandRow* row = find(name);
  if (row == nullptr) return Renamed::kNoSuchCommand;
  const CommandRow* other = find(to);
  if (other != nullptr && other != row) return Renamed::kNameTaken;
  called_[row->id] = to;
  build_index();
  return Renamed::kDone;
}

std::string CommandTable::unbound() const {
  std::string names;
  for (const CommandRow& row : rows_) {
    if (row.handler == nullptr && needs_handler(row))
      names.append(names.empty() ? "" : " ").append(row.full_name);
  }
  return names;
}

void CommandTable::finish() {
  const std::string names = unbound();
  if (!names.empty())
    base::check_failed(__FILE__, __LINE__, ("commands without a handler: " + names).c_str());
  finished_ = true;
}

const CommandRow* CommandTable::find_sub(const CommandRow& container, std::string_view name) {
  for (const CommandRow& sub : container.subcommands) {
    if (equal_ignoring_case(sub.name, name)) return &sub;
  }
  return nullptr;
}

const CommandRow* CommandTable::find_full(std::string_view full_name) const {
  const size_t bar = full_name.find('|');
  const CommandRow* row = find(full_name.substr(0, bar));
  if (row == nullptr || bar == std::string_view::npos) return row;
  return find_sub(*row, full_name.substr(bar + 1));
}

const CommandRow* CommandTable::resolve(CommandArgs args) const {
  if (args.empty()) return nullptr;
  const CommandRow* row = find(args[0]);
  if (row == nullptr || !row->is_container() || args.size() == 1) return row;
  return find_sub(*row, args[1]);
}

}  // namespace gyre::exec
