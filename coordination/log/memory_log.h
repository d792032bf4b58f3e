// A Log without a disk, for unit tests of what stands on one: nothing survives it, nothing fails.
//
// Thread:     any; completions run on the thread that makes the entries durable: the appender's, or Flush's.
#pragma once

#include <memory>

#include "coordination/log/log.h"

namespace tusk::coordination {

enum class MemoryCompletion {
  kAtOnce,   // each entry is durable, and its completion has run, when Append returns
  kOnFlush,  // entries wait for Flush: a test decides when they become durable
};

std::unique_ptr<Log> OpenMemoryLog(MemoryCompletion completion = MemoryCompletion::kAtOnce);

}  // namespace tusk::coordination
