// hadoopReadZero: libhdfs's reads into memory of the library. The bytes are copied here: they are verified chunk by chunk, and a
// mapping of a replica would show what the DataNode writes into its file later.
#include <algorithm>
#include <vector>

#include "common/base/try.h"
#include "dfs/capi/handles.h"

struct hadoopRzOptions {};  // none of them changes anything here

struct hadoopRzBuffer {
  std::vector<std::byte> bytes;
};

namespace capi = tusk::dfs::capi;
using tusk::Result;
using tusk::dfs::InputStream;

namespace {

capi::HandleTable<hadoopRzOptions>& Options() {
  static auto* const options = new capi::HandleTable<hadoopRzOptions>();
  return *options;
}
capi::HandleTable<hadoopRzBuffer>& Buffers() {
  static auto* const buffers = new capi::HandleTable<hadoopRzBuffer>();
  return *buffers;
}

int CheckOptions(const hadoopRzOptions* opts) {
  return Options().Find(opts) ? 0 : capi::Fail(-1, EINVAL, "the hadoopRzOptions are none: make some with hadoopRzOptionsAlloc");
}

}  // namespace

struct hadoopRzOptions* hadoopRzOptionsAlloc(void) {
  return capi::Answer<hadoopRzOptions*>(
      nullptr, []() -> Result<hadoopRzOptions*> { return Options().Add(std::make_shared<hadoopRzOptions>()); });
}

int hadoopRzOptionsSetSkipChecksum(struct hadoopRzOptions* opts, int) { return CheckOptions(opts); }

int hadoopRzOptionsSetByteBufferPool(struct hadoopRzOptions* opts, const char*) { return CheckOptions(opts); }

void hadoopRzOptionsFree(struct hadoopRzOptions* opts) { Options().Remove(opts); }

struct hadoopRzBuffer* hadoopReadZero(hdfsFile file, struct hadoopRzOptions* opts, int32_t maxLength) {
  return capi::OnInput<hadoopRzBuffer*>(
      file, nullptr, EINVAL, [&](hdfsFile_internal& open, InputStream& in) -> Result<hadoopRzBuffer*> {
        if (CheckOptions(opts) != 0) return nullptr;
        if (maxLength < 0) return tusk::InvalidArgument("cannot read " + std::to_string(maxLength) + " bytes of " + open.path);
        auto buffer = std::make_shared<hadoopRzBuffer>();
        std::lock_guard lock(open.mutex);
        buffer->bytes.resize(std::min<uint64_t>(static_cast<uint64_t>(maxLength), in.length() - in.position()));
        TUSK_ASSIGN(const size_t count, in.Read(buffer->bytes));
        buffer->bytes.resize(count);
        open.bytes_read += count;
        return Buffers().Add(std::move(buffer));
      });
}

int32_t hadoopRzBufferLength(const struct hadoopRzBuffer* buffer) {
  const auto found = Buffers().Find(buffer);
  if (!found) return capi::Fail<int32_t>(-1, EINVAL, "the hadoopRzBuffer is none: hadoopReadZero makes them");
  return static_cast<int32_t>(found->bytes.size());
}

const void* hadoopRzBufferGet(const struct hadoopRzBuffer* buffer) {
  const auto found = Buffers().Find(buffer);
  if (!found) return capi::Fail<const void*>(nullptr, EINVAL, "the hadoopRzBuffer is none: hadoopReadZero makes them");
  return found->bytes.empty() ? nullptr : found->bytes.data();
}

void hadoopRzBufferFree(hdfsFile, struct hadoopRzBuffer* buffer) { Buffers().Remove(buffer); }
