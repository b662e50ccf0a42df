#include "gyre/server/slowlog.h"

#include <algorithm>

namespace gyre::server {

namespace {

std::string clipped(std::string_view arg) {
  if (arg.size() <= Slowlog::kMaxArgBytes) return std::string(arg);
  return std::string(arg.substr(0, Slowlog::kMaxArgBytes)) + "... (" + std::to_string(arg.size() - Slowlog::kMaxArgBytes) +
         " more bytes)";
}

}  // namespace

void Slowlog::add(int64_t time_s, int64_t duration_us, exec::CommandArgs args, std::string peer, std::string client_name,
                  size_t max_items) {
  Item item{0, time_s, duration_us, {}, std::move(peer), std::move(client_name)};
  const size_t shown = std::min(args.size(), kMaxArgs);
  for (size_t i = 0; i < shown; ++i) {
    if (shown != args.size() && i == shown - 1) {
      item.args.push_back("... (" + std::to_string(args.size() - shown + 1) + " more arguments)");
    } else {
      item.args.push_back(clipped(args[i]));
    }
  }
  std::lock_guard lock(mutex_);
  item.id = next_id_++;
  items_.push_front(std::move(item));
  while (items_.size() > max_items) items_.pop_back();
}

size_t Slowlog::size() const {
  std::lock_guard lock(mutex_);
  return items_.size();
}

void Slowlog::reset() {
  std::lock_guard lock(mutex_);
  items_.clear();
}

std::vector<Slowlog::Item> Slowlog::newest(size_t count) const {
  std::lock_guard lock(mutex_);
  return {items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(std::min(count, items_.size()))};
}

void Slowlog::trim(size_t max_items) {
  std::lock_guard lock(mutex_);
  while (items_.size() > max_items) items_.pop_back();
}

}  // namespace gyre::server
