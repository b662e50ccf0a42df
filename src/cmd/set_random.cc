// Commands that return random members of a set, or take them out.
#include <unordered_set>
#include <vector>

#include "set_commands.h"

namespace gyre::cmd {

namespace {

/// From here on, members left times this, choosing one by one what goes costs more than going through all.
constexpr uint64_t kPopOneByOne = 5;
/// The same of members to be chosen and all.
constexpr uint64_t kChooseOneByOne = 3;

/// Tells replicas which members went, in commands of a bounded size.
class Removals {
 public:
  explicit Removals(CommandContext& c) : c_(c), telling_(c.propagating()) { c.propagate_nothing(); }
  ~Removals() { tell(); }
  Removals(const Removals&) = delete;
  Removals& operator=(const Removals&) = delete;

  void add(std::string_view member) {
    if (!telling_) return;
    ends_.push_back((text_ += member).size());
    if (ends_.size() == kMost) tell();
  }

 private:
  static constexpr size_t kMost = 1024;

  void tell() {
    if (ends_.empty()) return;
    std::vector<std::string_view> words{"SREM", c_.arg(1)};
    size_t begin = 0;
    for (const size_t end : ends_) {
      words.push_back(std::string_view(text_).substr(begin, end - begin));
      begin = end;
    }
    c_.propagate_as(words);
    text_.clear();
    ends_.clear();
  }

  CommandContext& c_;
  const bool telling_;
  std::string text_;
  std::vector<size_t> ends_;
};

void pop_one(CommandContext& c, const Key& key, Entry* entry) {
  const SetView set(*entry);
  const auto show = [&](std::string_view member) {
    c.reply.bulk(member);
    c.propagate_as({"SREM", key.name, member});
  };
  if (set.is_table() && set.size() > 1) {
    store::ObjectEdit edit = c.db().edit_object(key, entry);
    edit.as<store::SetObject>().trie().pop_random(
        base::thread_random(), [&](const ds::HashTrie::Element& element) { show(element.field); });
    return edit.changed();
  }
  set.random(base::thread_random(), [&](Member& member) {
    // Its text goes with it.
    const std::string text(member.text());
    show(text);
    Member gone(text);
    remove_member(c, key, entry, gone);
  });
}

void pop_all(CommandContext& c, const Key& key, Entry* entry) {
  const SetView set(*entry);
  const uint64_t size = set.size();
  reply_all_members(c, set);
  c.propagate_as({environment(c).lazyfree_server_del() ? "UNLINK" : "DEL", key.name});
  c.db().erase(key, entry);
  c.set_changes(size);
}

/// Fewer than there are.
void pop_some(CommandContext& c, const Key& key, Entry* entry, uint64_t count) {
  const SetView set(*entry);
  const uint64_t left = set.size() - count;
  Removals removals(c);
  c.reply.set(count);
  const auto show = [&](std::string_view member) {
    c.reply.bulk(member);
    removals.add(member);
  };
  const bool few = left * kPopOneByOne > count;
  if (set.is_table() && few) {
    store::ObjectEdit edit = c.db().edit_object(key, entry);
    ds::HashTrie& table = edit.as<store::SetObject>().trie();
    for (uint64_t i = 0; i < count; ++i)
      table.pop_random(base::thread_random(),
                       [&](const ds::HashTrie::Element& element) { show(element.field); });
    return edit.changed(count);
  }
  // What stays is put together anew. To Redis that is a set of its own, of the encoding that it would have
  // today, unless only a few go.
  constexpr SetLimits kNoLimits{UINT64_MAX, UINT64_MAX, UINT64_MAX};
  SetBuilder rest(few ? kNoLimits : environment(c).set_limits(),
                  set.is_intset() ? store::kSetIntset : store::kSetListpack);
  set.sample(base::thread_random(), count, [&](Member& member, bool chosen) {
    if (chosen) {
      show(member.text());
    } else {
      rest.add(member);
    }
  });
  rest.put(c.db(), key, entry, {Expiry::kKeep});
  c.set_changes(count);
}

/// Any number, each of all members.
void reply_with_repeats(CommandContext& c, const SetView& set, uint64_t count) {
  c.reply.array(count);
  base::Random& random = base::thread_random();
  if (set.form() != store::kSetListpack || count == 1) {
    while (count-- > 0) set.random(random, [&c](Member& member) { reply_member(c, member); });
    return;
  }
  const ds::ListpackView members = set.listpack();
  std::vector<uint32_t> places;
  for (uint32_t at = members.first(); at != members.end(); at = members.next(at)) places.push_back(at);
  while (count-- > 0) {
    Member member(members.get(places[random.below(places.size())]));
    reply_member(c, member);
  }
}

/// Fewer than there are, all different.
void reply_distinct(CommandContext& c, const SetView& set, uint64_t count) {
  c.reply.array(count);
  base::Random& random = base::thread_random();
  if (!set.is_table() || count > set.size() / kChooseOneByOne) {
    return set.sample(random, count, [&c](Member& member, bool chosen) {
      if (chosen) reply_member(c, member);
    });
  }
  std::unordered_set<std::string_view> chosen;
  chosen.reserve(count);
  while (chosen.size() < count) {
    const std::string_view member = set.table().random(random).field;
    if (chosen.insert(member).second) c.reply.bulk(member);
  }
}

void reply_some(CommandContext& c) {
  int64_t count;
  if (!c.get_int64(2, &count)) return;
  if (count == INT64_MIN)
    return c.reply.errorf("ERR value is out of range, value must between %ld and %ld", -INT64_MAX, INT64_MAX);
  const Entry* entry = c.db().read(c.key(1));
  if (!check_set(c, entry)) return;
  if (!entry || count == 0) return c.reply.array(0);
  const SetView set(*entry);
  if (count < 0 || count == 1)
    return reply_with_repeats(c, set, static_cast<uint64_t>(count < 0 ? -count : 1));
  const uint64_t size = set.size();
  if (static_cast<uint64_t>(count) < size) return reply_distinct(c, set, static_cast<uint64_t>(count));
  c.reply.array(size);
  set.for_each([&c](Member& member) { reply_member(c, member); });
}

void pop_given_number(CommandContext& c) {
  const std::optional<int64_t> count = base::parse_int64(c.arg(2));
  if (!count || *count < 0) return c.reply.error("ERR value is out of range, must be positive");
  const Key key = c.key(1);
  Entry* set = c.db().write(key);
  if (!check_set(c, set)) return;
  if (!set || *count == 0) return c.reply.set(0);
  const auto number = static_cast<uint64_t>(*count);
  number < SetView(*set).size() ? pop_some(c, key, set, number) : pop_all(c, key, set);
}

}  // namespace

void spop(CommandContext& c) {
  if (c.argc() > 3) return c.syntax_error();
  if (c.argc() == 3) return pop_given_number(c);
  const Key key = c.key(1);
  Entry* set = c.db().write(key);
  if (!check_set(c, set)) return;
  if (!set) return c.reply.null();
  pop_one(c, key, set);
}

void srandmember(CommandContext& c) {
  if (c.argc() > 3) return c.syntax_error();
  if (c.argc() == 3) return reply_some(c);
  const Entry* set = c.db().read(c.key(1));
  if (!check_set(c, set)) return;
  if (!set) return c.reply.null();
  SetView(*set).random(base::thread_random(), [&c](Member& member) { reply_member(c, member); });
}

}  // namespace gyre::cmd
