// How a call of the C API ends: its value, or errno and a sentence that stays with the thread.
// Thread: any; each has its own last error.
#pragma once

#include <cerrno>
#include <exception>
#include <new>
#include <string>
#include <utility>

#include "common/base/errno_code.h"
#include "common/base/result.h"

namespace tusk::dfs::capi {

// Sets errno and the thread's sentence.
void SetLastError(int number, std::string sentence);
char* LastError();  // null: none yet

template <class T>
T Fail(T failure, int number, std::string sentence) {
  SetLastError(number, std::move(sentence));
  return failure;
}

// Runs `body`, which returns a Result<T>. Nothing that is thrown leaves it: the caller is C.
template <class T, class Body>
T Answer(T failure, Body&& body) {
  try {
    Result<T> result = body();
    if (result.ok()) return std::move(result).value();
    const Status status = std::move(result).status();
    return Fail(failure, ErrnoOf(status.code()), status.message());
  } catch (const std::bad_alloc&) {
    return Fail(failure, ENOMEM, "out of memory");
  } catch (const std::exception& e) {
    return Fail(failure, EIO, e.what());
  }
}

}  // namespace tusk::dfs::capi
