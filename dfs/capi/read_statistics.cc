// How many bytes of a file came from where.
#include "dfs/capi/c_memory.h"
#include "dfs/capi/handles.h"
#include "dfs/client/input_stream.h"

namespace capi = tusk::dfs::capi;
using tusk::Result;
using tusk::dfs::InputStream;

namespace {

// Of the bytes read so far; a stream of another kind has no local replicas.
uint64_t LocalBytes(const InputStream& in) {
  const auto* stream = dynamic_cast<const tusk::dfs::DfsInputStream*>(&in);
  return stream == nullptr ? 0 : stream->local_bytes();
}

}  // namespace

int hdfsFileGetReadStatistics(hdfsFile file, struct hdfsReadStatistics** stats) {
  return capi::OnInput(file, -1, EINVAL, [&](hdfsFile_internal& open, InputStream& in) -> Result<int> {
    if (stats == nullptr) return tusk::InvalidArgument("the place for the statistics is NULL");
    auto* const found = capi::NewArray<hdfsReadStatistics>(1);
    found->totalLocalBytesRead = LocalBytes(in) - open.local_bytes_before;
    found->totalShortCircuitBytesRead = found->totalLocalBytesRead;
    found->totalBytesRead = std::max<uint64_t>(open.bytes_read, found->totalLocalBytesRead);  // a read may be under way
    *stats = found;
    return 0;
  });
}

int64_t hdfsReadStatisticsGetRemoteBytesRead(const struct hdfsReadStatistics* stats) {
  if (stats == nullptr) return capi::Fail<int64_t>(-1, EINVAL, "the statistics are NULL");
  return static_cast<int64_t>(stats->totalBytesRead - stats->totalLocalBytesRead);
}

int hdfsFileClearReadStatistics(hdfsFile file) {
  const int result = capi::OnInput(file, -1, EINVAL, [](hdfsFile_internal& open, InputStream& in) -> Result<int> {
    open.bytes_read = 0;
    open.local_bytes_before = LocalBytes(in);
    return 0;
  });
  return result == 0 ? 0 : errno;
}

void hdfsFileFreeReadStatistics(struct hdfsReadStatistics* stats) { std::free(stats); }
