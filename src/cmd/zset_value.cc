#include "zset_value.h"

#include <algorithm>

#include "gyre/ds/listpack_edit.h"

namespace gyre::cmd {

namespace {

using ds::ListpackEdit;
using ds::ListpackView;
using ds::PackedElement;
using store::packed_score;
using store::PackedScore;

/// What an element takes besides its member, at most.
constexpr size_t kMaxExtraBytes = 64;

struct MakeEdit {
  Db& db;
  const Key& key;
  Entry* entry;
  operator store::ObjectEdit() const { return db.edit_object(key, entry); }  // NOLINT: builds in place
};

std::string_view text_at(const ListpackView& list, uint32_t at, PackedElement::Scratch& digits) {
  return list.get(at).text(digits);
}

}  // namespace

std::optional<double> ZsetView::score(std::string_view member) const {
  if (!packed()) return object().score(member);
  const ListpackView list = this->list();
  const uint32_t at = list.find(list.first(), member, 1);
  if (at == list.end()) return std::nullopt;
  return packed_score(list.get(list.next(at)));
}

std::optional<RankedScore> ZsetView::find(std::string_view member) const {
  if (!packed()) {
    const std::optional<double> score = object().score(member);
    if (!score) return std::nullopt;
    return RankedScore{*object().elements().rank(*score, member), *score};
  }
  const ListpackView list = this->list();
  const uint32_t at = list.find(list.first(), member, 1);
  if (at == list.end()) return std::nullopt;
  return RankedScore{list.count_between(list.first(), at) / 2, packed_score(list.get(list.next(at)))};
}

ds::RankRange ZsetView::ranks(const ds::ScoreRange& range) const {
  if (!packed()) return object().elements().ranks(range);
  ds::RankRange found;
  const ListpackView list = this->list();
  for (uint32_t at = list.first(); at != list.end();) {
    const uint32_t score_at = list.next(at);
    const double score = packed_score(list.get(score_at));
    if (!range.below_max(score)) break;
    ++found.end;
    if (!range.above_min(score)) ++found.begin;
    at = list.next(score_at);
  }
  return found;
}

ds::RankRange ZsetView::ranks(const ds::LexRange& range, Order order) const {
  if (!packed()) return object().elements().ranks(range);
  const ListpackView list = this->list();
  PackedElement::Scratch digits;
  if (list.empty() || !range.above_min(text_at(list, list.seek(-2), digits)) ||
      !range.below_max(text_at(list, list.first(), digits)))
    return {};
  if (order == Order::kAscending) {
    uint64_t rank = 0;
    uint32_t at = list.first();
    for (; at != list.end() && !range.above_min(text_at(list, at, digits)); ++rank) at = list.skip(at, 2);
    ds::RankRange found{rank, rank};
    for (; at != list.end() && range.below_max(text_at(list, at, digits)); ++found.end) at = list.skip(at, 2);
    return found;
  }
  const auto before = [&list](uint32_t at) {
    return at == list.first() ? list.end() : list.prev(list.prev(at));
  };
  uint64_t end = list.count() / 2;
  uint32_t at = list.seek(-2);
  for (; at != list.end() && !range.below_max(text_at(list, at, digits)); --end) at = before(at);
  ds::RankRange found{end, end};
  for (; at != list.end() && range.above_min(text_at(list, at, digits)); --found.begin) at = before(at);
  return found;
}

void ZsetEdit::expect(uint64_t count, size_t first_bytes) {
  if (!entry_) {
    as_object_ = count > limits_.entries || first_bytes > limits_.value_bytes;
  } else if (packed() && count > limits_.entries) {
    convert();
  }
}

bool ZsetEdit::fits(std::string_view member) const {
  if (member.size() > limits_.value_bytes || as_object_) return false;
  if (!entry_) return limits_.entries > 0;
  const ListpackView list(entry_->raw_value());
  return list.count() / 2 < limits_.entries &&
         ds::listpack_safe_to_add(list.size(), member.size() + kMaxExtraBytes);
}

void ZsetEdit::convert() {
  entry_ = db_.put_object(key_, entry_, store::ZsetObject::from_packed(entry_->raw_value()), {Expiry::kKeep});
}

store::ZsetObject& ZsetEdit::object() {
  if (!edit_) edit_.emplace(MakeEdit{db_, key_, entry_});
  return edit_->as<store::ZsetObject>();
}

/// Where an element that is not there belongs.
uint32_t ZsetEdit::place_of(std::string_view member, double score) const {
  const ListpackView list(entry_->raw_value());
  PackedElement::Scratch digits;
  for (uint32_t at = list.first(); at != list.end();) {
    const uint32_t score_at = list.next(at);
    const double other = packed_score(list.get(score_at));
    if (other > score || (other == score && text_at(list, at, digits) > member)) return at;
    at = list.next(score_at);
  }
  return list.end();
}

void ZsetEdit::insert(std::string_view member, double score) {
  if (packed()) {
    if (fits(member)) {
      if (!entry_) {
        ds::ListpackBuilder builder;
        builder.add(member);
        builder.add(PackedScore(score).element());
        entry_ = db_.put_packed(key_, nullptr, store::kZsetListpack, builder.finish());
        return;
      }
      const PackedScore packed(score);
      const PackedElement pair[] = {member, packed.element()};
      const ListpackView list(entry_->raw_value());
      entry_ = db_.change_packed(key_, entry_, ListpackEdit::insert(list, place_of(member, score), pair));
      return;
    }
    if (!entry_) {
      auto fresh = std::make_unique<store::ZsetObject>();
      fresh->insert(member, score);
      entry_ = db_.put_object(key_, nullptr, std::move(fresh));
      return;
    }
    convert();
  }
  object().insert(member, score);
  edit_->changed();
}

void ZsetEdit::update(std::string_view member, double from, double to) {
  if (!packed()) {
    object().update(member, from, to);
    return edit_->changed();
  }
  const ListpackView list(entry_->raw_value());
  const PackedScore packed(to);
  const uint32_t at = list.find(list.first(), member, 1), score_at = list.next(at),
                 behind = list.next(score_at);
  const uint32_t place = place_of(member, to);
  if (place == at || place == behind) {
    const PackedElement score[] = {packed.element()};
    entry_ = db_.change_packed(key_, entry_, ListpackEdit::replace(list, score_at, score));
    return;
  }
  entry_ = db_.change_packed(key_, entry_, ListpackEdit::erase(list, at, 2));
  const PackedElement pair[] = {member, packed.element()};
  const ListpackView rest(entry_->raw_value());
  entry_ = db_.change_packed(key_, entry_,
                             ListpackEdit::insert(rest, place < at ? place : place - (behind - at), pair));
}

bool ZsetEdit::erase(std::string_view member) {
  if (!packed()) {
    // Whoever only looks leaves the image of a snapshot alone.
    if (!edit_ && !ZsetView(*entry_).score(member)) return false;
    if (!object().erase(member)) return false;
    edit_->changed();
    return true;
  }
  if (!entry_) return false;
  const ListpackView list(entry_->raw_value());
  const uint32_t at = list.find(list.first(), member, 1);
  if (at == list.end()) return false;
  entry_ = db_.change_packed(key_, entry_, ListpackEdit::erase(list, at, 2));
  return true;
}

void ZsetEdit::erase_ranks(ds::RankRange range) {
  if (range.begin >= range.end) return;
  if (range.size() == size()) {
    // Large ones are freed elsewhere.
    edit_.reset();
    db_.erase(key_, std::exchange(entry_, nullptr));
    return;
  }
  if (packed()) {
    const ListpackView list(entry_->raw_value());
    const uint32_t at = list.seek(static_cast<int64_t>(2 * range.begin));
    entry_ = db_.change_packed(key_, entry_, ListpackEdit::erase(list, at, 2 * range.size()));
    return;
  }
  auto ignore = [](double, std::string_view) {};
  object().erase_ranks(range, ignore);
  edit_->changed(range.size());
}

bool ZsetEdit::finish() {
  if (!entry_ || size() != 0) return !entry_;
  edit_.reset();
  db_.erase(key_, std::exchange(entry_, nullptr));
  return true;
}

void store_zset(CommandContext& c, size_t key_at, const std::vector<ScoredMember>& elements, bool object) {
  const Key key = c.key(key_at);
  Entry* found = c.db().write(key);
  if (elements.empty()) {
    if (found) c.db().erase(key, found);
    c.set_changes(found ? 1 : 0);
    return c.reply.integer(0);
  }
  const PackedLimits limits = environment(c).zset_limits();
  size_t longest = 0, total = 0;
  for (const ScoredMember& element : elements) {
    longest = std::max(longest, element.member.size());
    total += element.member.size();
  }
  if (object || elements.size() > limits.entries || longest > limits.value_bytes ||
      !ds::listpack_safe_to_add(0, total)) {
    auto fresh = std::make_unique<store::ZsetObject>();
    for (const ScoredMember& element : elements) fresh->insert(element.member, element.score);
    c.db().put_object(key, found, std::move(fresh));
  } else {
    ds::ListpackBuilder builder(total + elements.size() * 12);
    for (const ScoredMember& element : elements) {
      builder.add(element.member);
      builder.add(PackedScore(element.score).element());
    }
    c.db().put_packed(key, found, store::kZsetListpack, builder.finish());
  }
  c.set_changes(1);
  c.reply.integer(static_cast<int64_t>(elements.size()));
}

}  // namespace gyre::cmd
