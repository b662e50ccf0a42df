#include "gyre/base/sha1.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace gyre::base {

namespace {

uint32_t load_be32(const uint8_t* p) {
  return uint32_t{p[0]} << 24 | uint32_t{p[1]} << 16 | uint32_t{p[2]} << 8 | uint32_t{p[3]};
}

void store_be32(uint8_t* p, uint32_t v) {
  for (int i = 0; i < 4; ++i) p[i] = static_cast<uint8_t>(v >> (24 - 8 * i));
}

}  // namespace

void Sha1::block(const uint8_t* bytes) {
  uint32_t w[80];
  for (int i = 0; i < 16; ++i) w[i] = load_be32(bytes + 4 * i);
  for (int i = 16; i < 80; ++i) w[i] = std::rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
  auto [a, b, c, d, e] = state_;
  for (int i = 0; i < 80; ++i) {
    uint32_t f, k;
    if (i < 20) {
      f = (b & c) | (~b & d);
      k = 0x5a827999;
    } else if (i < 40) {
      f = b ^ c ^ d;
      k = 0x6ed9eba1;
    } else if (i < 60) {
      f = (b & c) | (b & d) | (c & d);
      k = 0x8f1bbcdc;
    } else {
      f = b ^ c ^ d;
      k = 0xca62c1d6;
    }
    const uint32_t next = std::rotl(a, 5) + f + e + k + w[i];
    e = d;
    d = c;
    c = std::rotl(b, 30);
    b = a;
    a = next;
  }
  state_[0] += a;
  state_[1] += b;
  state_[2] += c;
  state_[3] += d;
  state_[4] += e;
}

void Sha1::update(std::string_view bytes) {
  const auto* at = reinterpret_cast<const uint8_t*>(bytes.data());
  size_t left = bytes.size();
  size_t filled = bytes_ % pending_.size();
  bytes_ += left;
  while (left > 0) {
    if (filled == 0 && left >= pending_.size()) {
      block(at);
      at += pending_.size();
      left -= pending_.size();
      continue;
    }
    const size_t take = std::min(left, pending_.size() - filled);
    std::memcpy(pending_.data() + filled, at, take);
    filled += take;
    at += take;
    left -= take;
    if (filled == pending_.size()) {
      block(pending_.data());
      filled = 0;
    }
  }
}

Sha1::Digest Sha1::finish() {
  const uint64_t bits = bytes_ * 8;
  const size_t filled = bytes_ % pending_.size();
  // One bit, then zeroes up to eight bytes before the end of a block, where the length goes.
  static constexpr char kPadding[64] = {'\x80'};
  update({kPadding, filled < 56 ? 56 - filled : 120 - filled});
  char length[8];
  for (int i = 0; i < 8; ++i) length[i] = static_cast<char>(bits >> (56 - 8 * i));
  update({length, sizeof(length)});
  Digest digest;
  for (size_t i = 0; i < state_.size(); ++i) store_be32(digest.data() + 4 * i, state_[i]);
  return digest;
}

Sha1::Digest Sha1::of(std::string_view bytes) {
  Sha1 sha;
  sha.update(bytes);
  return sha.finish();
}

}  // namespace gyre::base
