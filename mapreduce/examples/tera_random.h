// The records of the sort benchmark: 100 bytes, the first 10 the key; row n is the same whoever makes it.
//
//   0  10  the top of a 128-bit random number
//  10   2  00 11
//  12  32  the row number in hexadecimal digits
//  44   4  88 99 AA BB
//  48  48  the last 12 hexadecimal digits of the random number, each four times
//  96   4  CC DD EE FF
// The random numbers: x' = a x + c modulo 2^128 from x = 0, a = 2360ED05 1FC65DA4 4385DF64 9FCCF645, c = 4A696D47 72617952
// 49502020 20202001 (so row 0 begins with "JimGrayRIP"); row n takes the (n + 1)th. Source: gensort of the sort benchmark
// (ordinal.com/gensort.html); GenSort and Random16 of apache/hadoop; a: L'Ecuyer, Mathematics of Computation 68 (1999). Thread: a
// value.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace tusk::mr::examples {

__extension__ using Uint128 = unsigned __int128;

class TeraRandom {
 public:
  // Stands before the number of row `row`: in steps of powers of two, not one by one.
  explicit TeraRandom(uint64_t row = 0);
  Uint128 Next();

 private:
  Uint128 state_ = 0;
};

inline constexpr size_t kTeraRecord = 100;
inline constexpr size_t kTeraKey = 10;

// `random` is that of the row.
void FillTeraRecord(uint64_t row, Uint128 random, std::array<char, kTeraRecord>* record);

// crc32 as zlib computes it: what the benchmark sums over all records.
uint32_t TeraCrc(std::string_view record);
uint32_t TeraCrc(std::string_view key, std::string_view value);

// As the benchmark prints sums: hexadecimal without leading zeros.
std::string ToHex(Uint128 number);
bool ParseHex(std::string_view text, Uint128* number);

}  // namespace tusk::mr::examples
