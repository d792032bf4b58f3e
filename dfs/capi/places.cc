// Where the blocks of a file are, and how much room there is.
#include "common/base/try.h"
#include "dfs/capi/c_memory.h"
#include "dfs/capi/handles.h"

namespace capi = tusk::dfs::capi;
using tusk::Result;
using tusk::dfs::FsStats;
using tusk::dfs::LocatedBlock;
using tusk::dfs::LocatedFile;

namespace {

struct FreeHosts {
  void operator()(char*** hosts) const { hdfsFreeHosts(hosts); }
};

// The blocks that have a byte of the range, each with its hosts.
char*** HostsOf(const LocatedFile& file, uint64_t start, uint64_t end) {
  std::unique_ptr<char**, FreeHosts> hosts(capi::NewArray<char**>(file.blocks.size() + 1));
  size_t count = 0;
  for (const LocatedBlock& block : file.blocks) {
    if (block.offset >= end || block.offset + block.block.length <= start) continue;
    char** names = hosts.get()[count++] = capi::NewArray<char*>(block.locations.size() + 1);
    for (const auto& node : block.locations) *names++ = capi::CopyText(node.host);
  }
  return hosts.release();
}

tOffset Room(hdfsFS fs, uint64_t FsStats::*amount) {
  return capi::OnConnection<tOffset>(fs, -1, [&](hdfs_internal& connection) -> Result<tOffset> {
    TUSK_ASSIGN(const FsStats stats, connection.fs->Stats());
    return static_cast<tOffset>(stats.*amount);
  });
}

}  // namespace

char*** hdfsGetHosts(hdfsFS fs, const char* path, tOffset start, tOffset length) {
  return capi::OnPath<char***>(fs, path, nullptr, [&](hdfs_internal& connection, const std::string& absolute) -> Result<char***> {
    if (start < 0 || length < 0) {
      return tusk::InvalidArgument("cannot look for " + std::to_string(length) + " bytes of " + absolute + " at " +
                                   std::to_string(start));
    }
    const auto from = static_cast<uint64_t>(start);
    const auto count = static_cast<uint64_t>(length);
    TUSK_ASSIGN(const LocatedFile file, connection.fs->Locate(absolute, from, count));
    if (file.status.is_directory)
      return tusk::Status(tusk::Code::kIsADirectory, absolute + " is a directory; blocks are of a file");
    return HostsOf(file, from, from + count);
  });
}

void hdfsFreeHosts(char*** blockHosts) {
  if (blockHosts == nullptr) return;
  for (char*** block = blockHosts; *block != nullptr; ++block) {
    for (char** host = *block; *host != nullptr; ++host) std::free(*host);
    std::free(*block);
  }
  std::free(blockHosts);
}

tOffset hdfsGetDefaultBlockSize(hdfsFS fs) { return hdfsGetDefaultBlockSizeAtPath(fs, "/"); }

tOffset hdfsGetDefaultBlockSizeAtPath(hdfsFS fs, const char* path) {
  return capi::OnPath<tOffset>(fs, path, -1, [](hdfs_internal& connection, const std::string&) -> Result<tOffset> {
    return static_cast<tOffset>(connection.block_size);
  });
}

tOffset hdfsGetCapacity(hdfsFS fs) { return Room(fs, &FsStats::capacity); }
tOffset hdfsGetUsed(hdfsFS fs) { return Room(fs, &FsStats::used); }
