// Early return on error, for plain functions and for coroutines. These four and TUSK_FAULT_POINT are the only macros of the code
// base.
//
//   TUSK_TRY(disk.SyncDirectory(path));
//   TUSK_ASSIGN(auto file, disk.Open(path, mode));
//   TUSK_CO_TRY(co_await channel.Close());
//   TUSK_CO_ASSIGN(auto reply, co_await client.Call(...));
#pragma once

#include "common/base/result.h"

namespace tusk::try_internal {
inline Status ToStatus(Status status) { return status; }
template <class T>
Status ToStatus(Result<T>&& result) {
  return std::move(result).status();
}
}  // namespace tusk::try_internal

#define TUSK_TRY_CONCAT_(a, b) a##b
#define TUSK_TRY_NAME_(a, b) TUSK_TRY_CONCAT_(a, b)

#define TUSK_TRY(expression)                                                                                     \
  do {                                                                                                           \
    if (auto tusk_status_ = ::tusk::try_internal::ToStatus(expression); !tusk_status_.ok()) return tusk_status_; \
  } while (false)

#define TUSK_CO_TRY(expression)                                                                                     \
  do {                                                                                                              \
    if (auto tusk_status_ = ::tusk::try_internal::ToStatus(expression); !tusk_status_.ok()) co_return tusk_status_; \
  } while (false)

#define TUSK_ASSIGN(declaration, expression) TUSK_ASSIGN_(TUSK_TRY_NAME_(tusk_result_, __LINE__), declaration, expression, return)
#define TUSK_CO_ASSIGN(declaration, expression) \
  TUSK_ASSIGN_(TUSK_TRY_NAME_(tusk_result_, __LINE__), declaration, expression, co_return)
#define TUSK_ASSIGN_(result, declaration, expression, return_word) \
  auto result = (expression);                                      \
  if (!result.ok()) return_word std::move(result).status();        \
  declaration = std::move(result).value()
