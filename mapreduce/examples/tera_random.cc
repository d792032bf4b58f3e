#include "mapreduce/examples/tera_random.h"

#include <zlib.h>

namespace tusk::mr::examples {
namespace {

constexpr Uint128 Wide(uint64_t high, uint64_t low) { return (static_cast<Uint128>(high) << 64) | low; }
constexpr Uint128 kA = Wide(0x2360ed051fc65da4, 0x4385df649fccf645);
constexpr Uint128 kC = Wide(0x4a696d4772617952, 0x4950202020202001);
constexpr char kDigits[] = "0123456789ABCDEF";

}  // namespace

TeraRandom::TeraRandom(uint64_t row) {
  // x -> a x + c applied 2^k times is again of that form: square it for each bit of the row.
  Uint128 a = kA, c = kC;
  for (; row > 0; row >>= 1) {
    if (row & 1) state_ = a * state_ + c;
    c = (a + 1) * c;
    a = a * a;
  }
}

Uint128 TeraRandom::Next() { return state_ = kA * state_ + kC; }

void FillTeraRecord(uint64_t row, Uint128 random, std::array<char, kTeraRecord>* record) {
  char* at = record->data();
  for (int i = 0; i < 10; ++i) *at++ = static_cast<char>(random >> (120 - 8 * i));
  *at++ = 0x00;
  *at++ = 0x11;
  for (int i = 0; i < 16; ++i) *at++ = '0';
  for (int shift = 60; shift >= 0; shift -= 4) *at++ = kDigits[(row >> shift) & 15];
  for (const unsigned byte : {0x88u, 0x99u, 0xAAu, 0xBBu}) *at++ = static_cast<char>(byte);
  for (int shift = 44; shift >= 0; shift -= 4) {
    const char digit = kDigits[static_cast<unsigned>(random >> shift) & 15];
    for (int i = 0; i < 4; ++i) *at++ = digit;
  }
  for (const unsigned byte : {0xCCu, 0xDDu, 0xEEu, 0xFFu}) *at++ = static_cast<char>(byte);
}

uint32_t TeraCrc(std::string_view key, std::string_view value) {
  const auto bytes = [](std::string_view text) { return reinterpret_cast<const Bytef*>(text.data()); };
  const uLong crc = ::crc32(0, bytes(key), static_cast<uInt>(key.size()));
  return static_cast<uint32_t>(::crc32(crc, bytes(value), static_cast<uInt>(value.size())));
}

uint32_t TeraCrc(std::string_view record) { return TeraCrc(record.substr(0, kTeraKey), record.substr(kTeraKey)); }

std::string ToHex(Uint128 number) {
  if (number == 0) return "0";
  std::string text;
  for (; number > 0; number >>= 4) text.insert(text.begin(), "0123456789abcdef"[static_cast<unsigned>(number) & 15]);
  return text;
}

bool ParseHex(std::string_view text, Uint128* number) {
  *number = 0;
  if (text.empty() || text.size() > 32) return false;
  for (const char c : text) {
    unsigned digit = 16;
    if (c >= '0' && c <= '9') digit = static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') digit = static_cast<unsigned>(c - 'a') + 10;
    if (c >= 'A' && c <= 'F') digit = static_cast<unsigned>(c - 'A') + 10;
    if (digit == 16) return false;
    *number = (*number << 4) | digit;
  }
  return true;
}

}  // namespace tusk::mr::examples
