// Texts that a command gathers before it goes on. Private to this module.
#pragma once

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace gyre::cmd {

/// Copies of texts that stay where they are for as long as the object lives.
class TextArena {
 public:
  std::string_view add(std::string_view text) {
    char* const copy = take(text.size());
    std::copy(text.begin(), text.end(), copy);
    return {copy, text.size()};
  }
  /// The same with a NUL behind it.
  std::string_view add_terminated(std::string_view text) {
    char* const copy = take(text.size() + 1);
    *std::copy(text.begin(), text.end(), copy) = '\0';
    return {copy, text.size()};
  }

 private:
  char* take(size_t size) {
    if (size > left_) {
      left_ = std::max(kChunk, size);
      chunks_.push_back(std::make_unique_for_overwrite<char[]>(left_));
      at_ = chunks_.back().get();
    }
    left_ -= size;
    return std::exchange(at_, at_ + size);
  }

  static constexpr size_t kChunk = 16 * 1024;
  std::vector<std::unique_ptr<char[]>> chunks_;
  char* at_ = nullptr;
  size_t left_ = 0;
};

}  // namespace gyre::cmd
