// CRC-32C (Castagnoli, reflected, initial and final inversion as in iSCSI, RFC 3720 appendix B.4), computed with hardware
// instructions. Thread: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace tusk::storage {

// Crc32c(b, Crc32c(a)) == Crc32c(a + b); Crc32c of nothing is 0. "123456789" gives 0xE3069283.
uint32_t Crc32c(std::span<const std::byte> data, uint32_t previous = 0);
uint32_t Crc32c(const void* data, size_t size, uint32_t previous = 0);

// The crc of a concatenation from the crcs of its parts, without the bytes: O(log length_b).
// Source: zlib's crc32_combine (Mark Adler), with the Castagnoli polynomial.
uint32_t Crc32cCombine(uint32_t crc_a, uint32_t crc_b, uint64_t length_b);

}  // namespace tusk::storage
