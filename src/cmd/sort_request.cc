#include "sort_request.h"

#include <algorithm>

#include "gyre/exec/ignore_case.h"

namespace gyre::cmd {

namespace {

std::string_view up_to_zero(std::string_view text) { return text.substr(0, text.find('\0')); }

bool plan(exec::CommandArgs args, bool read_only, exec::KeyList& keys) {
  SortRequest request;
  const bool valid = request.parse(args, read_only) == SortRequest::Problem::kNone;
  if (valid && request.looks_up()) return false;
  keys.push_back({1, exec::keyflag::kRo | exec::keyflag::kAccess});
  if (valid && request.stores())
    keys.push_back({static_cast<uint32_t>(request.store_at), exec::keyflag::kOw | exec::keyflag::kUpdate});
  return true;
}

}  // namespace

SortPattern::SortPattern(std::string_view text) : element_(up_to_zero(text) == "#") {
  constexpr std::string_view kArrow = "->";
  const std::string_view searched = up_to_zero(text);
  const size_t place = searched.find('*');
  if (place == searched.npos) return;
  has_place_ = true;
  before_ = text.substr(0, place);
  behind_ = text.substr(place + 1);
  const size_t arrow = searched.find(kArrow, place + 1);
  if (arrow == searched.npos || arrow + kArrow.size() == searched.size()) return;
  has_field_ = true;
  behind_ = text.substr(place + 1, arrow - place - 1);
  field_ = text.substr(arrow + kArrow.size());
}

std::optional<std::string_view> SortPattern::find(Db& db, std::string_view element) {
  entry_ = nullptr;
  if (element_) return element;
  if (!has_place_) return std::nullopt;
  key_.assign(before_).append(element).append(behind_);
  const Entry* entry = db.read(store::make_key(key_));
  if (!entry) return std::nullopt;
  if (has_field_) {
    if (entry->type() != store::Type::kHash) return std::nullopt;
    const std::optional<ds::PackedElement> value = HashView(*entry).find(field_);
    if (!value) return std::nullopt;
    return value->text(digits_);
  }
  if (entry->type() != store::Type::kString) return std::nullopt;
  entry_ = entry;
  return entry->text(digits_.data());
}

SortRequest::Problem SortRequest::parse(exec::CommandArgs args, bool read_only) {
  for (size_t i = 2; i < args.size(); ++i) {
    const size_t behind = args.size() - i - 1;
    const auto is = [word = args[i]](std::string_view name) { return exec::equal_ignoring_case(word, name); };
    if (is("asc")) {
      descending = false;
    } else if (is("desc")) {
      descending = true;
    } else if (is("alpha")) {
      alpha = true;
    } else if (is("limit") && behind >= 2) {
      const std::optional<int64_t> first = base::parse_int64(args[i + 1]),
                                   many = base::parse_int64(args[i + 2]);
      if (!first || !many) return Problem::kNumber;
      offset = *first;
      count = *many;
      i += 2;
    } else if (!read_only && is("store") && behind >= 1) {
      store_at = ++i;
    } else if (is("by") && behind >= 1) {
      by.emplace(args[++i]);
      // As in Redis another BY does not take this back.
      unsorted |= !by->has_keys();
    } else if (is("get") && behind >= 1) {
      gets.emplace_back(args[++i]);
    } else {
      return Problem::kSyntax;
    }
  }
  return Problem::kNone;
}

bool SortRequest::looks_up() const {
  const auto has_keys = [](const SortPattern& pattern) { return pattern.has_keys(); };
  return (by && !unsorted) || std::any_of(gets.begin(), gets.end(), has_keys);
}

bool plan_sort(exec::CommandArgs args, exec::KeyList& keys) { return plan(args, false, keys); }
bool plan_sort_ro(exec::CommandArgs args, exec::KeyList& keys) { return plan(args, true, keys); }

}  // namespace gyre::cmd
