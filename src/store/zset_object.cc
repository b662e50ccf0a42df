#include "gyre/store/zset_object.h"

#include <algorithm>
#include <vector>

#include "gyre/base/check.h"
#include "gyre/base/numbers.h"
#include "gyre/ds/listpack.h"
#include "gyre/store/hash.h"

namespace gyre::store {

namespace {

uint32_t hash_of(std::string_view member) { return static_cast<uint32_t>(hash_key_inline(member) >> 32); }

}  // namespace

double packed_score(const ds::PackedElement& element) {
  if (element.is_integer()) return static_cast<double>(element.integer());
  return base::parse_double(element.bytes()).value_or(0);
}

PackedScore::PackedScore(double score) {
  // Redis's limits for what it takes for an integer: minus zero becomes zero.
  constexpr double kLimit = 4611686018427387904.0;
  if (score >= -kLimit && score <= kLimit && static_cast<double>(static_cast<int64_t>(score)) == score) {
    integer_ = static_cast<int64_t>(score);
  } else {
    text_ = base::format_double(score);
  }
}

std::unique_ptr<ZsetObject> ZsetObject::from_packed(std::string_view bytes) {
  auto object = std::make_unique<ZsetObject>();
  ds::PackedElement::Scratch digits;
  const ds::ListpackView list(bytes);
  for (uint32_t at = list.first(); at != list.end();) {
    const uint32_t score = list.next(at);
    object->insert(list.get(at).text(digits), packed_score(list.get(score)));
    at = list.next(score);
  }
  return object;
}

std::unique_ptr<Object> ZsetObject::freeze() const {
  return std::make_unique<ZsetObject>(tree_.freeze(), index_.freeze());
}

bool ZsetObject::reclaim(size_t blocks) {
  if (!reclaimers_) reclaimers_ = std::make_unique<Reclaimers>(tree_.reclaim(), index_.detach());
  if (!reclaimers_->tree_done) {
    reclaimers_->tree_done = !reclaimers_->tree.step(blocks);
    return true;
  }
  return !reclaimers_->index.step(blocks);
}

std::optional<double> ZsetObject::score(std::string_view member) const {
  double found = 0;
  // Others may have the same hash.
  const bool there = index_.find_candidates(hash_of(member), [&](double score) {
    found = score;
    return tree_.rank(score, member).has_value();
  });
  return there ? std::optional(found) : std::nullopt;
}

uint64_t ZsetObject::scan(uint64_t cursor, size_t count, ds::ElementVisitor visit) const {
  // The index knows no members: they are found again by score and hash.
  struct Wanted {
    double score;
    uint32_t hash;
    bool operator<(const Wanted& other) const {
      return score < other.score || (score == other.score && hash < other.hash);
    }
  };
  std::vector<Wanted> wanted;
  const uint64_t next =
      index_.scan(cursor, count, [&](uint32_t hash, double score) { wanted.push_back({score, hash}); });
  std::sort(wanted.begin(), wanted.end());
  for (auto group = wanted.begin(); group != wanted.end();) {
    const double score = group->score;
    const auto end =
        std::find_if(group, wanted.end(), [&](const Wanted& other) { return other.score != score; });
    ds::ScoreCursor at = tree_.at(tree_.lower_rank(score, {}));
    for (auto left = end - group; left > 0; at.next()) {
      const std::string_view member = at.member();
      if (!std::binary_search(group, end, Wanted{score, hash_of(member)})) continue;
      visit(at.score(), member);
      --left;
    }
    group = end;
  }
  return next;
}

void ZsetObject::insert(std::string_view member, double score) {
  tree_.insert(score, member);
  index_.insert(hash_of(member), score);
}

void ZsetObject::update(std::string_view member, double from, double to) {
  GYRE_CHECK(tree_.update(from, member, to));
  GYRE_CHECK(index_.update(hash_of(member), from, to));
}

bool ZsetObject::erase(std::string_view member) {
  const std::optional<double> at = score(member);
  if (!at) return false;
  tree_.erase(*at, member);
  GYRE_CHECK(index_.erase(hash_of(member), *at));
  return true;
}

uint64_t ZsetObject::erase_ranks(ds::RankRange range, ds::ElementVisitor visitor) {
  auto forget = [&](double score, std::string_view member) {
    visitor(score, member);
    GYRE_CHECK(index_.erase(hash_of(member), score));
  };
  return tree_.erase_ranks(range, forget);
}

uint64_t ZsetObject::pop_min(uint64_t count, ds::ElementVisitor visitor) {
  return erase_ranks({0, std::min(count, size())}, visitor);
}

uint64_t ZsetObject::pop_max(uint64_t count, ds::ElementVisitor visitor) {
  auto forget = [&](double score, std::string_view member) {
    visitor(score, member);
    GYRE_CHECK(index_.erase(hash_of(member), score));
  };
  return tree_.pop_max(count, forget);
}

}  // namespace gyre::store
