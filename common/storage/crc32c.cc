#include "common/storage/crc32c.h"

#include <isa-l/crc.h>

#include <algorithm>
#include <array>

namespace tusk::storage {
namespace {

constexpr uint32_t kPolynomial = 0x82F63B78;  // Castagnoli, reflected: bit 31 is x^0

// a * b modulo the polynomial. a must not be 0.
constexpr uint32_t MultiplyModulo(uint32_t a, uint32_t b) {
  uint32_t product = 0;
  for (uint32_t bit = uint32_t{1} << 31;; bit >>= 1) {
    if ((a & bit) != 0) {
      product ^= b;
      if ((a & (bit - 1)) == 0) return product;
    }
    b = (b & 1) != 0 ? (b >> 1) ^ kPolynomial : b >> 1;
  }
}

// Entry n is x^(2^n). zlib wraps its table at 32 because its polynomial is primitive; Castagnoli's is not (x + 1 divides it), so
// this one holds every power that a 64-bit length in bits can need.
constexpr std::array<uint32_t, 67> kPowers = [] {
  std::array<uint32_t, 67> powers{};
  powers[0] = uint32_t{1} << 30;
  for (size_t n = 1; n < powers.size(); ++n) powers[n] = MultiplyModulo(powers[n - 1], powers[n - 1]);
  return powers;
}();

}  // namespace

uint32_t Crc32c(const void* data, size_t size, uint32_t previous) {
  // ISA-L neither inverts its argument nor its result, takes an int for the length, and a pointer it does not write through.
  auto* bytes = static_cast<unsigned char*>(const_cast<void*>(data));
  uint32_t crc = ~previous;
  while (size > 0) {
    const size_t step = std::min(size, size_t{1} << 30);
    crc = crc32_iscsi(bytes, static_cast<int>(step), crc);
    bytes += step;
    size -= step;
  }
  return ~crc;
}

uint32_t Crc32c(std::span<const std::byte> data, uint32_t previous) { return Crc32c(data.data(), data.size(), previous); }

uint32_t Crc32cCombine(uint32_t crc_a, uint32_t crc_b, uint64_t length_b) {
  uint32_t shift = uint32_t{1} << 31;  // x^0
  for (size_t n = 3; length_b != 0; ++n, length_b >>= 1) {
    if ((length_b & 1) != 0) shift = MultiplyModulo(kPowers[n], shift);
  }
  return MultiplyModulo(shift, crc_a) ^ crc_b;
}

}  // namespace tusk::storage
