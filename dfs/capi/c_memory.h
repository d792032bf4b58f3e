// Memory that a C program gets and gives back through a function of the API: malloc, zeroed. Errors: std::bad_alloc. Thread: any.
#pragma once

#include <cstdlib>
#include <cstring>
#include <new>
#include <string_view>

namespace tusk::dfs::capi {

template <class T>
T* NewArray(size_t count) {
  void* const memory = std::calloc(count == 0 ? 1 : count, sizeof(T));
  if (memory == nullptr) throw std::bad_alloc();
  return static_cast<T*>(memory);
}

inline char* CopyText(std::string_view text) {
  char* const copy = NewArray<char>(text.size() + 1);
  std::memcpy(copy, text.data(), text.size());
  return copy;
}

}  // namespace tusk::dfs::capi
