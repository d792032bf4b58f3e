// What a fuzz target gives its driver: good inputs, made by the real encoders, from which damaged ones are bred.
//
// A target is one file with
//   extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)   which CHECKs what must hold for any input, and
//   std::vector<std::string> tusk::fuzz::Seeds()
// and is linked with driver.cc. Where a checksum would stop nearly every damaged input at the door, the target takes the input's
// first byte as an order to put the checksums right before it decodes (Order), so that the checks behind them are reached too.
// Thread: one.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tusk::fuzz {

std::vector<std::string> Seeds();

// The input of a target that reads an order first: odd: seal what was damaged with right checksums.
struct Input {
  bool seal = false;
  std::string bytes;
};
inline Input Order(const uint8_t* data, size_t size) {
  if (size == 0) return {};
  return {(data[0] & 1) != 0, std::string(reinterpret_cast<const char*>(data) + 1, size - 1)};
}
// A seed for such a target, as it is and with the order to seal.
inline void AddOrdered(std::string_view bytes, std::vector<std::string>* seeds) {
  seeds->push_back(std::string(1, '\0').append(bytes));
  seeds->push_back(std::string(1, '\1').append(bytes));
}

inline std::string_view Part(std::string_view bytes, size_t from, size_t size) {
  return from < bytes.size() ? bytes.substr(from, size) : std::string_view();
}
inline std::span<const std::byte> Bytes(std::string_view text) { return std::as_bytes(std::span(text)); }
inline std::string Text(std::span<const std::byte> bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
inline std::string_view View(const uint8_t* data, size_t size) { return {reinterpret_cast<const char*>(data), size}; }

// The first N bytes, filled up with zeroes.
template <size_t N>
std::array<std::byte, N> Fixed(std::string_view bytes) {
  std::array<std::byte, N> out{};
  std::memcpy(out.data(), bytes.data(), std::min(N, bytes.size()));
  return out;
}

template <class T>
void PutAt(std::string* bytes, size_t at, T value) {
  if (at + sizeof(T) <= bytes->size()) std::memcpy(bytes->data() + at, &value, sizeof(T));
}
template <class T>
T GetAt(std::string_view bytes, size_t at) {
  T value{};
  if (at + sizeof(T) <= bytes.size()) std::memcpy(&value, bytes.data() + at, sizeof(T));
  return value;
}

// CRC-32C from its definition, a byte at a time: a second opinion on what the code under test accepts.
inline uint32_t SlowCrc32c(std::string_view bytes, uint32_t previous = 0) {
  static constexpr auto kTable = [] {
    std::array<uint32_t, 256> table{};
    for (uint32_t i = 0; i < 256; ++i) {
      table[i] = i;
      for (int bit = 0; bit < 8; ++bit) table[i] = (table[i] >> 1) ^ (0x82F63B78 & (0 - (table[i] & 1)));
    }
    return table;
  }();
  uint32_t crc = ~previous;
  for (const char c : bytes) crc = (crc >> 8) ^ kTable[(crc ^ static_cast<uint8_t>(c)) & 0xFF];
  return ~crc;
}

}  // namespace tusk::fuzz
