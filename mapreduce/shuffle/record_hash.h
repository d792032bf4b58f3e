// The 64-bit hash of keys and records: chooses the reducer of a key, fills the combine table, and adds up to the digest of a
// segment.
//
// The digest of a set of records is the sum of their hashes modulo 2^64: independent of order, and changed by a record that is
// lost, added or altered. It is part of the segment format (docs/formats/map-output.md): the function never changes.
// Source: the folded 64 x 64 multiplication of wyhash (Wang Yi, public domain).
// Thread: pure functions.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace tusk::mr {

namespace hash_internal {
inline constexpr uint64_t kA = 0xa0761d6478bd642f, kB = 0xe7037ed1a0b428db, kC = 0x8ebc6af09c88c6e3;

inline uint64_t Fold(uint64_t a, uint64_t b) {
  const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}
inline uint64_t Load8(const char* p) {
  uint64_t v;
  std::memcpy(&v, p, 8);
  return v;
}
inline uint64_t Load4(const char* p) {
  uint32_t v;
  std::memcpy(&v, p, 4);
  return v;
}
}  // namespace hash_internal

inline uint64_t Hash64(std::string_view bytes, uint64_t seed = 0) {
  using namespace hash_internal;
  const char* p = bytes.data();
  size_t n = bytes.size();
  seed ^= Fold(seed ^ kA, kB);
  uint64_t a = 0, b = 0;
  if (n <= 16) {
    if (n >= 4) {
      const size_t middle = (n >> 3) << 2;
      a = (Load4(p) << 32) | Load4(p + middle);
      b = (Load4(p + n - 4) << 32) | Load4(p + n - 4 - middle);
    } else if (n > 0) {
      a = (uint64_t{static_cast<unsigned char>(p[0])} << 16) | (uint64_t{static_cast<unsigned char>(p[n >> 1])} << 8) |
          static_cast<unsigned char>(p[n - 1]);
    }
  } else {
    for (; n > 32; p += 32, n -= 32) {
      seed = Fold(Load8(p) ^ kB, Load8(p + 8) ^ seed) ^ Fold(Load8(p + 16) ^ kC, Load8(p + 24) ^ seed);
    }
    if (n > 16) {
      seed = Fold(Load8(p) ^ kB, Load8(p + 8) ^ seed);
    }
    a = Load8(p + n - 16);
    b = Load8(p + n - 8);
  }
  return Fold(kC ^ bytes.size(), Fold(a ^ kB, b ^ seed));
}

// Of a record whose key hash is already known.
inline uint64_t RecordHash(uint64_t key_hash, std::string_view value) { return Hash64(value, key_hash); }
inline uint64_t RecordHash(std::string_view key, std::string_view value) { return RecordHash(Hash64(key), value); }

}  // namespace tusk::mr
