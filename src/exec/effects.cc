#include "gyre/exec/effects.h"

#include <algorithm>
#include <cstring>

#include "gyre/base/numbers.h"
#include "gyre/exec/dispatcher.h"
#include "gyre/exec/key_wait.h"

namespace gyre::exec {

namespace {

constexpr std::string_view kMulti = "*1\r\n$5\r\nMULTI\r\n";
constexpr std::string_view kExec = "*1\r\n$4\r\nEXEC\r\n";
constexpr size_t kFirstBytes = 4096;
/// What a large unit took beyond this is given back after it.
constexpr size_t kKeptBytes = 256 * 1024;
/// "$", a number, "\r\n".
constexpr size_t kHeaderMax = 1 + base::kInt64TextMax + 2;

/// The buffer behind an argument of the command, which a body may have passed on.
base::Blob blob_behind(const CommandContext& context, std::string_view argument) {
  for (size_t i = 0; i < context.argc(); ++i)
    if (context.arg(i).data() == argument.data() && context.arg(i).size() == argument.size())
      return context.arg_blob(i);
  return {};
}

constexpr size_t digits(size_t n) {
  size_t count = 1;
  for (; n >= 10; n /= 10) ++count;
  return count;
}

/// Whether the request is, byte for byte, what append_argument() would make of its arguments. The parser has seen to
/// canonical numbers; it does not look at line ends behind bodies, nor at the LF of length lines.
bool is_wire_form(std::string_view request, CommandArgs args) {
  if (request.empty() || request[0] != '*') return false;
  size_t bytes = 1 + digits(args.size()) + 2;
  if (request.size() < bytes || request[bytes - 1] != '\n') return false;
  for (const std::string_view arg : args) {
    bytes += 1 + digits(arg.size()) + 2;
    // Elsewhere: a blob. Otherwise they lie one behind the other, and a difference of one is one of all that follow.
    if (bytes + arg.size() + 2 > request.size() || arg.data() != request.data() + bytes) return false;
    const char* end = arg.data() + arg.size();
    if (arg.data()[-1] != '\n' || end[0] != '\r' || end[1] != '\n') return false;
    bytes += arg.size() + 2;
  }
  return bytes == request.size();
}

}  // namespace

bool Effects::propagating() const {
  return dispatcher_ && dispatcher_->propagating.load(std::memory_order_relaxed);
}

void Effects::deleted(unsigned db, std::string_view key, store::Deletion why) {
  if (!propagating()) return;
  begin(db, 2);
  append_argument(dispatcher_->deletion_name(why));
  append_argument(key);
  if (CommandContext* running = reactor_.running.load(std::memory_order_relaxed)) {
    running->effects |= effect::kGathered;
  } else {
    hand_over(/*apart=*/true);
  }
}

void Effects::awaited(unsigned db, std::string_view key, uint64_t hash) {
  if (CommandContext* running = reactor_.running.load(std::memory_order_relaxed)) {
    running->effects |= effect::kAwaited;
    AwaitedKey awaited{db, std::string(key), hash};
    if (std::find(awaited_keys.begin(), awaited_keys.end(), awaited) == awaited_keys.end())
      awaited_keys.push_back(std::move(awaited));
  } else if (dispatcher_) {
    dispatcher_->poke_waiters(db, {key, hash});
  }
}

void Effects::add(CommandContext& context, CommandArgs args) {
  begin(context.db().index(), args.size());
  const bool as_sent = args.data() == context.args.data();
  for (size_t i = 0; i < args.size(); ++i) {
    const std::string_view argument = args[i];
    base::Blob blob;
    if (argument.size() >= journal::Journal::kReferenceBytes) [[unlikely]]
      blob = as_sent ? context.arg_blob(i) : blob_behind(context, argument);
    if (!blob) [[likely]] {
      append_argument(argument);
      continue;
    }
    append_header('$', argument.size());
    inserts_.push_back({size_, argument, std::move(blob)});
    append("\r\n");
  }
  context.effects |= effect::kGathered;
}

void Effects::add_changed(CommandContext& context, std::span<const ArgumentChange> changes) {
  changed_.assign(context.args.begin(), context.args.end());
  for (const ArgumentChange& change : changes) {
    if (change.position < changed_.size()) {
      changed_[change.position] = change.value;
    } else {
      changed_.push_back(change.value);
    }
  }
  add(context, changed_);
}

void Effects::end_command(CommandContext& context, uint64_t changes, bool outermost) {
  const bool itself = (changes != 0 && context.row->has(flag::kWrite | flag::kMayReplicate)) ||
                      (context.effects & effect::kForced);
  if (itself && !(context.effects & effect::kReplaced)) {
    // Most are alone in their unit and came as they go: from the input into the journal, without a copy between.
    if (outermost && count_ == 0 && context.in_batch) {
      const ParsedCommand& parsed = *context.in_batch;
      const std::string_view request = reactor_.input.substr(parsed.begin, parsed.end - parsed.begin);
      if (is_wire_form(request, context.args)) return hand_over_request(context, request);
    }
    add(context, context.args);
  }
  if (!outermost || count_ == 0) return;
  hand_over(context.row->has(flag::kTouchesArbitraryKeys));
  context.session.last_write_offset = offset_;
}

void Effects::hand_over_request(CommandContext& context, std::string_view request) {
  const EffectRecord::Piece piece{request, {}};
  EffectRecord record;
  record.first_db = record.last_db = static_cast<int>(context.db().index());
  record.pieces = {&piece, 1};
  context.session.last_write_offset = offset_ = dispatcher_->propagation->propagate(reactor_.index, record);
}

void Effects::hand_over(bool apart) {
  if (count_ == 0) return;
  EffectRecord record;
  if (count_ > 1 && !apart) {
    record.prefix = kMulti;
    append(kExec);
  }
  record.first_db = static_cast<int>(first_db_);
  record.last_db = static_cast<int>(last_db_);
  size_t done = 0;
  for (Insert& insert : inserts_) {
    pieces_.push_back({{text_.get() + done, insert.at - done}, {}});
    pieces_.push_back({insert.bytes, std::move(insert.blob)});
    done = insert.at;
  }
  pieces_.push_back({{text_.get() + done, size_ - done}, {}});
  record.pieces = pieces_;
  offset_ = dispatcher_->propagation->propagate(reactor_.index, record);
  forget();
}

void Effects::forget() {
  count_ = 0;
  size_ = 0;
  inserts_.clear();
  pieces_.clear();
  if (capacity_ > kKeptBytes) [[unlikely]] {
    text_.reset();
    capacity_ = 0;
  }
}

void Effects::begin(unsigned db, size_t argc) {
  if (count_++ == 0) {
    first_db_ = db;
  } else if (db != last_db_) {
    char digits[base::kInt64TextMax];
    append("*2\r\n$6\r\nSELECT\r\n");
    append_argument({digits, base::format_uint64(db, digits)});
  }
  last_db_ = db;
  append_header('*', argc);
}

void Effects::append(std::string_view bytes) {
  std::memcpy(room(bytes.size()), bytes.data(), bytes.size());
  size_ += bytes.size();
}

void Effects::append_header(char kind, size_t number) {
  char* at = room(kHeaderMax);
  *at++ = kind;
  at += base::format_uint64(number, at);
  *at++ = '\r';
  *at++ = '\n';
  size_ = static_cast<size_t>(at - text_.get());
}

void Effects::append_argument(std::string_view argument) {
  (void)room(kHeaderMax + argument.size() + 2);
  append_header('$', argument.size());
  if (!argument.empty()) append(argument);
  append("\r\n");
}

char* Effects::room(size_t bytes) {
  if (capacity_ - size_ < bytes) [[unlikely]] {
    const size_t wanted = std::max({kFirstBytes, size_ + bytes, capacity_ * 2});
    auto larger = std::make_unique_for_overwrite<char[]>(wanted);
    if (size_ != 0) std::memcpy(larger.get(), text_.get(), size_);
    text_ = std::move(larger);
    capacity_ = wanted;
  }
  return text_.get() + size_;
}

}  // namespace gyre::exec
