// Damages bytes the way disks, networks, versions and adversaries do. Thread: pure but for the generator.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "common/base/random.h"

namespace tusk::fuzz {

inline constexpr size_t kMaxInputBytes = 256 << 10;

// A number that parsers get wrong: limits of the integer types, powers of two and their neighbours, small ones.
inline uint64_t InterestingNumber(Random& random) {
  switch (random.Below(5)) {
    case 0: return random.Below(34);
    case 1: return 0 - random.Below(34);
    case 2: return (uint64_t{1} << random.Below(64)) - random.Below(3) + 1;
    case 3: return uint64_t{0x7FFFFFFF} << (32 * random.Below(2));
    default: return random();
  }
}

inline void MutateOnce(Random& random, const std::string& other, std::string* bytes) {
  const size_t at = bytes->empty() ? 0 : random.Below(bytes->size());
  const auto run = [&](size_t most) { return std::min<size_t>(bytes->size() - at, 1 + random.Below(most)); };
  switch (random.Below(11)) {
    case 0:
    case 1:
      if (!bytes->empty()) (*bytes)[at] = static_cast<char>((*bytes)[at] ^ (1 << random.Below(8)));
      break;
    case 2:
      if (!bytes->empty()) (*bytes)[at] = static_cast<char>(random());
      break;
    case 3: {  // an integer of 1, 2, 4 or 8 bytes, often where integers lie
      const size_t width = size_t{1} << random.Below(4);
      uint64_t number = InterestingNumber(random);
      if (random.OneIn(4)) number = __builtin_bswap64(number) >> (64 - 8 * width);
      const size_t place = random.OneIn(4) ? at : at / width * width;
      if (place + width <= bytes->size()) std::memcpy(bytes->data() + place, &number, width);
      break;
    }
    case 4: bytes->resize(at); break;
    case 5: {
      std::string noise(1 + random.Below(16), '\0');
      for (char& c : noise) c = static_cast<char>(random());
      bytes->insert(at, noise);
      break;
    }
    case 6: bytes->insert(at, std::string(bytes->substr(at, run(64)))); break;  // again, right behind
    case 7: bytes->erase(at, run(64)); break;
    case 8: {  // a piece of another input, over or between what is there
      if (other.empty()) break;
      const size_t from = random.Below(other.size());
      const std::string piece = other.substr(from, 1 + random.Below(256));
      if (random.OneIn(2)) {
        bytes->insert(at, piece);
      } else {
        bytes->replace(at, std::min(piece.size(), bytes->size() - at), piece);
      }
      break;
    }
    case 9: {  // a piece of itself elsewhere
      if (bytes->empty()) break;
      const std::string piece = bytes->substr(at, run(256));
      const size_t to = random.Below(bytes->size());
      bytes->replace(to, std::min(piece.size(), bytes->size() - to), piece);
      break;
    }
    default:
      if (!bytes->empty())
        std::fill_n(bytes->begin() + static_cast<std::ptrdiff_t>(at), run(512), random.OneIn(2) ? '\0' : '\xff');
  }
  if (bytes->size() > kMaxInputBytes) bytes->resize(kMaxInputBytes);
}

// The input that belongs to `seed`: some parent, damaged one to eight times, now and then not at all or beyond recognition.
inline std::string Breed(uint64_t seed, const std::vector<std::string>& parents) {
  Random random(seed);
  static const std::string kNone;
  const auto pick = [&]() -> const std::string& { return parents.empty() ? kNone : parents[random.Below(parents.size())]; };
  std::string bytes = pick();
  if (random.OneIn(64)) {
    bytes.resize(random.Below(512));
    for (char& c : bytes) c = static_cast<char>(random());
    return bytes;
  }
  for (uint64_t left = random.OneIn(128) ? 0 : uint64_t{1} << random.Below(4); left > 0; --left) {
    MutateOnce(random, pick(), &bytes);
  }
  return bytes;
}

}  // namespace tusk::fuzz
