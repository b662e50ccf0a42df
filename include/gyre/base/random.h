// A small fast generator (xoshiro256**) for sampling; not for secrets. One per thread, seeded from
// getrandom(2); tests make their own with a printed seed.
#pragma once

#include <cstdint>
#include <string>

namespace gyre::base {

class Random {
 public:
  explicit Random(uint64_t seed);
  uint64_t next();
  /// Uniform in [0, bound); bound > 0.
  uint64_t below(uint64_t bound);

 private:
  uint64_t state_[4];
};

/// The calling thread's generator.
Random& thread_random();
/// Hexadecimal characters from getrandom(2): run ids, replication ids.
std::string random_hex(size_t characters);

}  // namespace gyre::base
