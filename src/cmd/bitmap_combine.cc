// Strings combined bit by bit.
#include <deque>
#include <vector>

#include "bitmap_commands.h"
#include "gyre/ds/bit_string.h"
#include "gyre/exec/ignore_case.h"

namespace gyre::cmd {

namespace {

std::optional<ds::BitOperation> operation_argument(std::string_view word) {
  if (exec::equal_ignoring_case(word, "and")) return ds::BitOperation::kAnd;
  if (exec::equal_ignoring_case(word, "or")) return ds::BitOperation::kOr;
  if (exec::equal_ignoring_case(word, "xor")) return ds::BitOperation::kXor;
  if (exec::equal_ignoring_case(word, "not")) return ds::BitOperation::kNot;
  return std::nullopt;
}

/// The result replaces whatever the key held and is never kept as an integer.
void store_result(CommandContext& c, const Key& target, base::Blob result) {
  Entry* const found = c.db().write(target);
  if (result.size() > store::kInlineMax) {
    c.db().set(target, found, std::move(result));
  } else {
    c.db().set_text(target, found, result.view())->set_string_encoding(store::StringEncoding::kRaw);
  }
}

}  // namespace

void bitop(CommandContext& c) {
  const std::optional<ds::BitOperation> operation = operation_argument(c.arg(1));
  if (!operation) return c.syntax_error();
  if (*operation == ds::BitOperation::kNot && c.argc() != 4)
    return c.reply.error("ERR BITOP NOT must be called with a single source key.");

  // Reading may delete what has expired, which leaves the other entries where they are.
  std::deque<StringText> texts;
  std::vector<std::string_view> sources;
  size_t size = 0;
  for (size_t i = 3; i < c.argc(); ++i) {
    const Entry* entry = c.db().read(c.key(i));
    if (!check_string(c, entry)) return;
    sources.push_back(*texts.emplace_back(entry));
    size = std::max(size, sources.back().size());
  }

  const Key target = c.key(2);
  if (size != 0) {
    base::Blob result = base::Blob::create(size);
    ds::combine_bits(*operation, sources, result.data(), size);
    store_result(c, target, std::move(result));
  } else if (Entry* const found = c.db().write(target)) {
    c.db().erase(target, found);
  }
  c.reply.integer(static_cast<int64_t>(size));
}

}  // namespace gyre::cmd
