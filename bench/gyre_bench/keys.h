// Which keys a run touches and how they are spelt. A key is a number in [0, space); KeySource draws numbers,
// KeyFormat writes them.
//
// Zipf: rank r has a probability proportional to 1 / r^theta, sampled by rejection-inversion (W. Hörmann and
// G. Derflinger, "Rejection-inversion to generate variates from monotone discrete distributions", 1996): no
// table, any theta > 0. Ranks are then scattered over the key space by a fixed permutation, so that hot keys
// are not neighbours.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "gyre/base/random.h"

namespace gyre::bench {

/// A double in [0, 1).
inline double unit_interval(base::Random& random) {
  return static_cast<double>(random.next() >> 11) * 0x1.0p-53;
}

class ZipfSampler {
 public:
  /// n >= 1, theta > 0.
  ZipfSampler(uint64_t n, double theta);
  /// A rank in [1, n]; 1 is the most frequent.
  uint64_t sample(base::Random& random) const;

 private:
  double integral(double x) const;
  double integral_inverse(double x) const;
  double density(double x) const;
  uint64_t n_;
  double theta_;
  double from_, to_, shortcut_;
};

/// A bijection of [0, n) that scatters neighbours.
class Permutation {
 public:
  explicit Permutation(uint64_t n);
  uint64_t operator()(uint64_t i) const {
    return static_cast<uint64_t>(static_cast<unsigned __int128>(i) * multiplier_ % n_);
  }

 private:
  uint64_t n_, multiplier_;
};

enum class Distribution : uint8_t { kUniform, kZipf, kSequential };

struct KeySpec {
  Distribution distribution = Distribution::kUniform;
  uint64_t space = 1'000'000;
  double theta = 0.99;
};

/// Draws key numbers; one per thread. Sequential: each of `parts` sources walks its own part of the space,
/// again and again, so that together they touch every key once before any twice (up to rounding).
class KeySource {
 public:
  KeySource(const KeySpec& spec, unsigned part, unsigned parts);
  uint64_t next(base::Random& random) {
    switch (spec_.distribution) {
      case Distribution::kUniform:
        return random.below(spec_.space);
      case Distribution::kZipf:
        return scatter_(zipf_.sample(random) - 1);
      case Distribution::kSequential:
        break;
    }
    const uint64_t key = position_;
    if (++position_ >= end_) position_ = begin_;
    return key;
  }
  /// Keys of this source's part.
  uint64_t part_size() const { return end_ - begin_; }

 private:
  KeySpec spec_;
  ZipfSampler zipf_;
  Permutation scatter_;
  uint64_t begin_, end_, position_;
};

/// A text around one number: "key:%012d", "key:%d" or, the same, "key:N".
class KeyFormat {
 public:
  static constexpr unsigned kMaxWidth = 20;
  bool parse(std::string_view text, std::string* error);
  /// Bytes of the key with this number.
  size_t length(uint64_t number) const;
  /// Writes them; returns the end.
  char* write(char* out, uint64_t number) const;

 private:
  std::string before_, after_;
  unsigned width_ = 12;
};

unsigned decimal_digits(uint64_t number);
/// Writes `number` with leading zeroes up to `width`; returns the end.
char* write_decimal(char* out, uint64_t number, unsigned width);

}  // namespace gyre::bench
