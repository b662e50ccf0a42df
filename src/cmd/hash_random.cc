// HRANDFIELD.
#include <unordered_set>
#include <vector>

#include "gyre/exec/ignore_case.h"
#include "hash_commands.h"

namespace gyre::cmd {

namespace {

using ds::PackedElement;

/// From here on, of all fields this times fewer to be chosen, choosing one by one costs less than going
/// through all.
constexpr uint64_t kChooseOneByOne = 3;

/// Replies fields, with their values or without.
class Reply {
 public:
  Reply(CommandContext& c, bool with_values) : c_(c), with_values_(with_values) {}
  void begin(uint64_t count) { c_.reply.array(with_values_ && c_.reply.version() == 2 ? 2 * count : count); }
  void operator()(const PackedElement& field, const PackedElement& value) {
    if (with_values_ && c_.reply.version() > 2) c_.reply.array(2);
    reply_element(c_, field);
    if (with_values_) reply_element(c_, value);
  }

 private:
  CommandContext& c_;
  const bool with_values_;
};

/// Any number, each of all fields.
void reply_with_repeats(const HashView& hash, uint64_t count, Reply& reply) {
  base::Random& random = base::thread_random();
  reply.begin(count);
  if (!hash.packed() || count == 1) {
    while (count-- > 0) hash.random(random, reply);
    return;
  }
  const ds::ListpackView list = hash.list();
  std::vector<uint32_t> fields;
  for (uint32_t at = list.first(); at != list.end(); at = list.skip(at, 2)) fields.push_back(at);
  while (count-- > 0) {
    const uint32_t at = fields[random.below(fields.size())];
    reply(list.get(at), list.get(list.next(at)));
  }
}

/// All different. Requires: count <= size.
void reply_distinct(const HashView& hash, uint64_t count, Reply& reply) {
  base::Random& random = base::thread_random();
  uint64_t left = hash.size();
  reply.begin(count);
  if (hash.packed() || count > left / kChooseOneByOne) {
    // Each in turn is taken with the chance that leaves all choices equal.
    return hash.for_each([&](const PackedElement& field, const PackedElement& value) {
      if (count == 0 || random.below(left--) >= count) return;
      --count;
      reply(field, value);
    });
  }
  std::unordered_set<std::string_view> chosen;
  chosen.reserve(count);
  while (chosen.size() < count) {
    const ds::HashTrie::Element pair = hash.table().random(random);
    if (chosen.insert(pair.field).second)
      reply(PackedElement::raw(pair.field), PackedElement::raw(pair.value));
  }
}

void reply_some(CommandContext& c) {
  int64_t count;
  if (!c.get_int64(2, &count)) return;
  if (count == INT64_MIN)
    return c.reply.errorf("ERR value is out of range, value must between %ld and %ld", -INT64_MAX, INT64_MAX);
  const bool with_values = c.argc() == 4;
  if (c.argc() > 4 || (with_values && !exec::equal_ignoring_case(c.arg(3), "withvalues")))
    return c.syntax_error();
  if (with_values && (count < -INT64_MAX / 2 || count > INT64_MAX / 2))
    return c.reply.error("ERR value is out of range");
  const Entry* entry = c.db().read(c.key(1));
  if (!check_hash(c, entry)) return;
  if (!entry || count == 0) return c.reply.array(0);
  const HashView hash(*entry);
  Reply reply(c, with_values);
  if (count < 0 || count == 1)
    return reply_with_repeats(hash, static_cast<uint64_t>(count < 0 ? -count : 1), reply);
  reply_distinct(hash, std::min(static_cast<uint64_t>(count), hash.size()), reply);
}

}  // namespace

void hrandfield(CommandContext& c) {
  if (c.argc() > 2) return reply_some(c);
  const Entry* hash = c.db().read(c.key(1));
  if (!check_hash(c, hash)) return;
  if (!hash) return c.reply.null();
  HashView(*hash).random(base::thread_random(),
                         [&c](const PackedElement& field, const PackedElement&) { reply_element(c, field); });
}

}  // namespace gyre::cmd
