#include "zset_source.h"

namespace gyre::cmd {

namespace {

const ds::HashTrie& trie_of(const Entry& set) {
  return static_cast<const store::SetObject&>(set.object()).trie();
}

}  // namespace

uint64_t ZsetSource::size() const {
  if (!entry_) return 0;
  if (entry_->is_object()) return entry_->object().size();
  if (entry_->form() == store::kSetIntset) return ds::IntsetView(entry_->raw_value()).count();
  const size_t count = ds::ListpackView(entry_->raw_value()).count();
  return entry_->type() == store::Type::kZset ? count / 2 : count;
}

std::optional<double> ZsetSource::score(std::string_view member) const {
  if (!entry_) return std::nullopt;
  if (entry_->type() == store::Type::kZset) return ZsetView(*entry_).score(member);
  bool there;
  if (entry_->form() == store::kSetTable) {
    there = trie_of(*entry_).find(member).has_value();
  } else if (entry_->form() == store::kSetIntset) {
    const std::optional<int64_t> number = base::parse_int64(member);
    there = number && ds::IntsetView(entry_->raw_value()).contains(*number);
  } else {
    const ds::ListpackView list(entry_->raw_value());
    there = list.find(list.first(), member) != list.end();
  }
  return there ? std::optional(1.0) : std::nullopt;
}

}  // namespace gyre::cmd
