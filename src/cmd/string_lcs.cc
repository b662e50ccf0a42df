// LCS: the longest common subsequence of two strings, by the table of the lengths for all pairs of prefixes.
#include <cstdint>
#include <memory>
#include <new>
#include <string>

#include "gyre/exec/ignore_case.h"
#include "string_commands.h"
#include "support.h"

namespace gyre::cmd {

namespace {

struct LcsOptions {
  bool length_only = false, indexes = false, with_match_length = false;
  int64_t min_match_length = 0;
};

bool parse_lcs_options(CommandContext& c, LcsOptions* options) {
  for (size_t i = 3; i < c.argc(); ++i) {
    const std::string_view word = c.arg(i);
    if (exec::equal_ignoring_case(word, "idx")) {
      options->indexes = true;
    } else if (exec::equal_ignoring_case(word, "len")) {
      options->length_only = true;
    } else if (exec::equal_ignoring_case(word, "withmatchlen")) {
      options->with_match_length = true;
    } else if (exec::equal_ignoring_case(word, "minmatchlen") && i + 1 < c.argc()) {
      if (!c.get_int64(++i, &options->min_match_length)) return false;
    } else {
      c.syntax_error();
      return false;
    }
  }
  if (options->length_only && options->indexes) {
    c.reply.error("ERR If you want both the length and indexes, please just use IDX.");
    return false;
  }
  return true;
}

/// lengths(i, j): length of the longest common subsequence of the first i bytes of a and the first j of b.
class LengthTable {
 public:
  LengthTable(std::string_view a, std::string_view b) : a_(a), b_(b) {}
  uint64_t bytes() const { return (a_.size() + 1) * (b_.size() + 1) * sizeof(uint32_t); }
  /// False when there is no memory.
  bool fill() {
    lengths_.reset(new (std::nothrow) uint32_t[bytes() / sizeof(uint32_t)]);
    if (!lengths_) return false;
    const size_t width = b_.size() + 1;
    std::fill_n(lengths_.get(), width, 0u);
    for (size_t i = 1; i <= a_.size(); ++i) {
      const uint32_t* above = lengths_.get() + (i - 1) * width;
      uint32_t* row = lengths_.get() + i * width;
      row[0] = 0;
      for (size_t j = 1; j <= b_.size(); ++j)
        row[j] = a_[i - 1] == b_[j - 1] ? above[j - 1] + 1 : std::max(above[j], row[j - 1]);
    }
    return true;
  }
  uint32_t at(size_t i, size_t j) const { return lengths_[i * (b_.size() + 1) + j]; }
  uint32_t longest() const { return at(a_.size(), b_.size()); }

 private:
  std::string_view a_, b_;
  std::unique_ptr<uint32_t[]> lengths_;
};

/// A run of bytes that the two strings have in common, as far as the walk has come: it grows towards the
/// front.
struct Match {
  size_t a = 0, b = 0, length = 0;
};

/// Walks from the ends to the fronts. Calls common(position in the subsequence, byte) for each common byte
/// and matched(const Match&) for each longest run, the last one first.
template <class Common, class Matched>
void walk(const LengthTable& table, std::string_view a, std::string_view b, Common&& common,
          Matched&& matched) {
  size_t i = a.size(), j = b.size(), left = table.longest();
  Match match;
  auto end_match = [&] {
    if (match.length != 0) matched(match);
    match.length = 0;
  };
  while (i > 0 && j > 0) {
    if (a[i - 1] != b[j - 1]) {
      end_match();
      table.at(i - 1, j) > table.at(i, j - 1) ? --i : --j;
      continue;
    }
    common(--left, a[i - 1]);
    --i;
    --j;
    match = {i, j, match.length + 1};
  }
  end_match();
}

void reply_indexes(CommandContext& c, const LengthTable& table, std::string_view a, std::string_view b,
                   const LcsOptions& options) {
  c.reply.map(2);
  c.reply.bulk("matches");
  resp::DeferredAggregate matches(c.reply);
  uint64_t count = 0;
  walk(
      table, a, b, [](size_t, char) {},
      [&](const Match& match) {
        if (static_cast<int64_t>(match.length) < options.min_match_length) return;
        ++count;
        c.reply.array(options.with_match_length ? 3 : 2);
        for (const size_t start : {match.a, match.b}) {
          c.reply.array(2);
          c.reply.integer(static_cast<int64_t>(start));
          c.reply.integer(static_cast<int64_t>(start + match.length - 1));
        }
        if (options.with_match_length) c.reply.integer(static_cast<int64_t>(match.length));
      });
  matches.finish(count);
  c.reply.bulk("len");
  c.reply.integer(table.longest());
}

}  // namespace

void lcs(CommandContext& c) {
  const Entry* first = c.db().read(c.key(1));
  const Entry* second = c.db().read(c.key(2));
  for (const Entry* entry : {first, second}) {
    if (entry && entry->type() != store::Type::kString)
      return c.reply.error("ERR The specified keys must contain string values");
  }
  LcsOptions options;
  if (!parse_lcs_options(c, &options)) return;
  char scratch[2][base::kInt64TextMax];
  const std::string_view a = first ? first->text(scratch[0]) : "";
  const std::string_view b = second ? second->text(scratch[1]) : "";
  if (a.size() >= UINT32_MAX - 1 || b.size() >= UINT32_MAX - 1)
    return c.reply.error("ERR String too long for LCS");

  LengthTable table(a, b);
  if (table.bytes() > static_cast<uint64_t>(environment(c).max_string_bytes()))
    return c.reply.error("ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len");
  if (!table.fill())
    return c.reply.error("ERR Insufficient memory, failed allocating transient memory for LCS");
  if (options.indexes) return reply_indexes(c, table, a, b, options);
  if (options.length_only) return c.reply.integer(table.longest());
  std::string common(table.longest(), '\0');
  walk(table, a, b, [&](size_t at, char byte) { common[at] = byte; }, [](const Match&) {});
  c.reply.bulk(common);
}

}  // namespace gyre::cmd
