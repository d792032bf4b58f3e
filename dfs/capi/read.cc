// Reading and positions.
#include <algorithm>
#include <limits>

#include "common/base/try.h"
#include "dfs/capi/handles.h"

namespace capi = tusk::dfs::capi;
using tusk::Result;
using tusk::dfs::InputStream;

namespace {

Result<std::span<std::byte>> Buffer(void* buffer, tSize length) {
  if (length < 0) return tusk::InvalidArgument("cannot read " + std::to_string(length) + " bytes");
  if (buffer == nullptr && length > 0) return tusk::InvalidArgument("the buffer to read into is NULL");
  return std::span(static_cast<std::byte*>(buffer), static_cast<size_t>(length));
}

Result<size_t> ReadAt(hdfsFile_internal& open, InputStream& in, tOffset position, void* buffer, tSize length) {
  TUSK_ASSIGN(const std::span<std::byte> out, Buffer(buffer, length));
  if (position < 0) return tusk::InvalidArgument("cannot read " + open.path + " at " + std::to_string(position));
  TUSK_ASSIGN(const size_t count, in.ReadAt(static_cast<uint64_t>(position), out));
  open.bytes_read += count;
  return count;
}

}  // namespace

tSize hdfsRead(hdfsFS, hdfsFile file, void* buffer, tSize length) {
  return capi::OnInput<tSize>(file, -1, EINVAL, [&](hdfsFile_internal& open, InputStream& in) -> Result<tSize> {
    TUSK_ASSIGN(const std::span<std::byte> out, Buffer(buffer, length));
    std::lock_guard lock(open.mutex);
    TUSK_ASSIGN(const size_t count, in.Read(out));
    open.bytes_read += count;
    return static_cast<tSize>(count);
  });
}

tSize hdfsPread(hdfsFS, hdfsFile file, tOffset position, void* buffer, tSize length) {
  return capi::OnInput<tSize>(file, -1, EINVAL, [&](hdfsFile_internal& open, InputStream& in) -> Result<tSize> {
    TUSK_ASSIGN(const size_t count, ReadAt(open, in, position, buffer, length));
    return static_cast<tSize>(count);
  });
}

int hdfsPreadFully(hdfsFS, hdfsFile file, tOffset position, void* buffer, tSize length) {
  return capi::OnInput(file, -1, EINVAL, [&](hdfsFile_internal& open, InputStream& in) -> Result<int> {
    TUSK_ASSIGN(const size_t count, ReadAt(open, in, position, buffer, length));
    if (count == static_cast<size_t>(length)) return 0;
    return tusk::IoError("cannot read " + std::to_string(length) + " bytes of " + open.path + " at " + std::to_string(position) +
                         ": it has " + std::to_string(in.length()));
  });
}

int hdfsSeek(hdfsFS, hdfsFile file, tOffset desiredPos) {
  return capi::OnInput(file, -1, EBADF, [&](hdfsFile_internal& open, InputStream& in) -> Result<int> {
    if (desiredPos < 0) return tusk::InvalidArgument("cannot seek to " + std::to_string(desiredPos) + " in " + open.path);
    std::lock_guard lock(open.mutex);
    return capi::Zero(in.Seek(static_cast<uint64_t>(desiredPos)));
  });
}

tOffset hdfsTell(hdfsFS, hdfsFile file) {
  return capi::OnFile<tOffset>(file, -1, [&](hdfsFile_internal& open) -> Result<tOffset> {
    std::lock_guard lock(open.mutex);
    return static_cast<tOffset>(open.in ? open.in->position() : open.out->position());
  });
}

int hdfsAvailable(hdfsFS, hdfsFile file) {
  return capi::OnInput(file, -1, EBADF, [&](hdfsFile_internal& open, InputStream& in) -> Result<int> {
    std::lock_guard lock(open.mutex);
    return static_cast<int>(std::min<uint64_t>(in.length() - in.position(), std::numeric_limits<int>::max()));
  });
}

int hdfsUnbufferFile(hdfsFile file) {
  const int result = capi::OnInput(file, -1, ENOTSUP, [&](hdfsFile_internal& open, InputStream& in) -> Result<int> {
    std::lock_guard lock(open.mutex);
    const uint64_t position = in.position();
    // A stream that is moved lets go of the replica it read and of what it asked for ahead.
    TUSK_TRY(in.Seek(0));
    TUSK_TRY(in.Seek(position));
    return 0;
  });
  return result == 0 ? 0 : errno;
}
