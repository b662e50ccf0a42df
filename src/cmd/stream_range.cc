// Commands that read a stream by ranges.
#include "stream_commands.h"
#include "stream_value.h"

namespace gyre::cmd {

namespace {

void range(CommandContext& c, StreamRange::Direction direction) {
  const bool forward = direction == StreamRange::Direction::kForward;
  StreamId from, to;
  if (!get_range_start(c, forward ? 2 : 3, &from) || !get_range_end(c, forward ? 3 : 2, &to)) return;
  int64_t count = -1;
  for (size_t i = 4; i < c.argc(); i += 2) {
    if (i + 1 == c.argc() || !is_word(c, i, "count")) return c.syntax_error();
    if (!c.get_int64(i + 1, &count)) return;
    if (count < 0) count = 0;
  }
  const Entry* entry = c.db().read(c.key(1));
  if (!entry) return c.reply.array(0);
  if (!check_stream(c, entry)) return;
  if (count == 0) return c.reply.null_array();
  reply_entries(c, StreamRange(stream_of(*entry), from, to, direction),
                count == -1 ? 0 : static_cast<uint64_t>(count));
}

}  // namespace

void xrange(CommandContext& c) { range(c, StreamRange::Direction::kForward); }
void xrevrange(CommandContext& c) { range(c, StreamRange::Direction::kBackward); }

void xlen(CommandContext& c) {
  const Entry* entry = c.db().read(c.key(1));
  if (!check_stream(c, entry)) return;
  c.reply.integer(entry ? static_cast<int64_t>(stream_of(*entry).size()) : 0);
}

}  // namespace gyre::cmd
