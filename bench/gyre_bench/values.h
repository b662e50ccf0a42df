// Sizes and contents of values. Contents are slices of a pool made before the run, so that a request costs a
// copy and no more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gyre/base/random.h"

namespace gyre::bench {

/// "32", "16-1024" (uniform), or a list of either with weights: "32:70,1024:25,4096-16384:5".
class ValueSizes {
 public:
  static constexpr uint64_t kMaxBytes = uint64_t{512} << 20;
  bool parse(std::string_view text, std::string* error);
  size_t draw(base::Random& random) const;
  bool fixed() const { return choices_.size() == 1 && choices_[0].smallest == choices_[0].largest; }
  size_t largest() const { return largest_; }

 private:
  struct Choice {
    size_t smallest, largest;
    double upto;  // sum of weights up to this one, of 1
  };
  std::vector<Choice> choices_{{3, 3, 1.0}};
  size_t largest_ = 3;
};

class ValuePool {
 public:
  /// Letters and digits at random, or all 'x'.
  ValuePool(size_t largest, bool random, uint64_t seed);
  const char* slice(base::Random& random) const {
    return pool_.data() + (spread_ == 0 ? 0 : random.below(spread_));
  }

 private:
  std::string pool_;
  size_t spread_;
};

}  // namespace gyre::bench
