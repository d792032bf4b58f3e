// Writing. Every call waits for the others of the same file.
#include "common/base/try.h"
#include "dfs/capi/handles.h"

namespace capi = tusk::dfs::capi;
using tusk::Result;
using tusk::dfs::OutputStream;

tSize hdfsWrite(hdfsFS, hdfsFile file, const void* buffer, tSize length) {
  return capi::OnOutput<tSize>(file, -1, EINVAL, [&](OutputStream& out) -> Result<tSize> {
    if (length < 0) return tusk::InvalidArgument("cannot write " + std::to_string(length) + " bytes");
    if (buffer == nullptr && length > 0) return tusk::InvalidArgument("the buffer to write from is NULL");
    TUSK_TRY(out.Write(std::span(static_cast<const std::byte*>(buffer), static_cast<size_t>(length))));
    return length;
  });
}

int hdfsFlush(hdfsFS fs, hdfsFile file) { return hdfsHFlush(fs, file); }

int hdfsHFlush(hdfsFS, hdfsFile file) {
  return capi::OnOutput(file, -1, EBADF, [](OutputStream& out) { return capi::Zero(out.Flush()); });
}

int hdfsHSync(hdfsFS, hdfsFile file) {
  return capi::OnOutput(file, -1, EBADF, [](OutputStream& out) { return capi::Zero(out.Sync()); });
}
