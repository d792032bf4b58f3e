// Numbers in files and packets are little endian. Thread: pure functions.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tusk::dfs::datanode {

static_assert(std::endian::native == std::endian::little, "a big-endian machine needs byte swaps here");

template <class T>
T LoadLe(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

template <class T>
void StoreLe(std::byte* at, T value) {
  std::memcpy(at, &value, sizeof(T));
}

}  // namespace tusk::dfs::datanode
