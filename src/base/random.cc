#include "gyre/base/random.h"

#include <errno.h>
#include <sys/random.h>

#include <bit>

#include "gyre/base/check.h"

namespace gyre::base {
namespace {

// SplitMix64, the generator that xoshiro's authors give for filling its state from one word.
uint64_t split_mix(uint64_t& state) {
  state += 0x9e3779b97f4a7c15;
  uint64_t mixed = state;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31);
}

void fill_from_system(void* out, size_t bytes) {
  auto* at = static_cast<char*>(out);
  while (bytes > 0) {
    const ssize_t got = getrandom(at, bytes, 0);
    if (got < 0) {
      GYRE_CHECK(errno == EINTR);
      continue;
    }
    at += got;
    bytes -= static_cast<size_t>(got);
  }
}

uint64_t system_seed() {
  uint64_t seed;
  fill_from_system(&seed, sizeof(seed));
  return seed;
}

}  // namespace

Random::Random(uint64_t seed) {
  for (uint64_t& word : state_) word = split_mix(seed);
}

uint64_t Random::next() {
  const uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

uint64_t Random::below(uint64_t bound) {
  // Lemire's method: the high word of a product is uniform once the few low words that would favour some
  // results are rejected. The division is reached rarely.
  auto product = static_cast<unsigned __int128>(next()) * bound;
  auto low = static_cast<uint64_t>(product);
  if (low < bound) {
    const uint64_t reject_below = (0 - bound) % bound;
    while (low < reject_below) {
      product = static_cast<unsigned __int128>(next()) * bound;
      low = static_cast<uint64_t>(product);
    }
  }
  return static_cast<uint64_t>(product >> 64);
}

Random& thread_random() {
  thread_local Random generator(system_seed());
  return generator;
}

std::string random_hex(size_t characters) {
  std::string text((characters + 1) / 2, '\0');
  fill_from_system(text.data(), text.size());
  std::string hex(characters, '\0');
  for (size_t i = 0; i < characters; ++i) {
    const auto byte = static_cast<unsigned char>(text[i / 2]);
    hex[i] = "0123456789abcdef"[i % 2 == 0 ? byte >> 4 : byte & 15];
  }
  return hex;
}

}  // namespace gyre::base
