#include "dfs/capi/last_error.h"

#include "dfs/capi/hdfs.h"

namespace tusk::dfs::capi {
namespace {

thread_local std::string last_sentence;

}  // namespace

void SetLastError(int number, std::string sentence) {
  last_sentence = std::move(sentence);
  errno = number;
}

char* LastError() { return last_sentence.empty() ? nullptr : last_sentence.data(); }

}  // namespace tusk::dfs::capi

char* hdfsGetLastExceptionRootCause(void) { return tusk::dfs::capi::LastError(); }
char* hdfsGetLastExceptionStackTrace(void) { return tusk::dfs::capi::LastError(); }
