// A sorted set or a set as an input of ZUNION and its like: a set's members all have the score 1. Private to
// this module.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "gyre/ds/intset.h"
#include "text_arena.h"
#include "zset_value.h"

namespace gyre::cmd {

/// An input, for as long as nothing changes it.
class ZsetSource {
 public:
  /// `entry`: a sorted set, a set, or null, which is empty. `position`: where it was named.
  ZsetSource(const Entry* entry, size_t position) : entry_(entry), position_(position) {}

  double weight = 1;

  bool same_as(const ZsetSource& other) const { return entry_ == other.entry_; }
  size_t position() const { return position_; }
  uint64_t size() const;
  std::optional<double> score(std::string_view member) const;

  /// Calls visit(member, score) until it returns false. The member is valid during the call.
  template <class Visit>
  void for_each(Visit&& visit) const {
    if (!entry_) return;
    bool more = true;
    if (entry_->type() == store::Type::kZset)
      store::for_each_scored(
          *entry_, [&](std::string_view member, double score) { more = more && visit(member, score); });
    else
      store::for_each_member(*entry_, [&](std::string_view member) { more = more && visit(member, 1.0); });
  }

 private:
  const Entry* entry_;
  size_t position_;
};

}  // namespace gyre::cmd
