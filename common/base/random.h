// Random numbers from a seed that can be printed and replayed, and ids that must be unique in the world.
//
// Source: SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014).
// Thread: one Random belongs to one thread; SecureRandom64 may be called from any.
#pragma once

#include <cstdint>
#include <limits>

namespace tusk {

// A UniformRandomBitGenerator with the same sequence on every machine for the same seed.
class Random {
 public:
  using result_type = uint64_t;
  explicit Random(uint64_t seed) : state_(seed) {}
  static constexpr uint64_t min() { return 0; }
  static constexpr uint64_t max() { return std::numeric_limits<uint64_t>::max(); }

  uint64_t operator()() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }

  // Uniform in [0, bound); bound > 0. The bias is below 2^-32 for bounds below 2^32.
  uint64_t Below(uint64_t bound) { return static_cast<uint64_t>((static_cast<unsigned __int128>((*this)()) * bound) >> 64); }
  // Uniform in [0, 1).
  double Unit() { return static_cast<double>((*this)() >> 11) * 0x1.0p-53; }
  bool OneIn(uint64_t n) { return Below(n) == 0; }

 private:
  uint64_t state_;
};

// 64 bits from the kernel's generator: client ids, node ids, default seeds. Aborts if the kernel gives none.
uint64_t SecureRandom64();

}  // namespace tusk
