#include "dfs/client/block_checksum.h"

#include <cstring>
#include <vector>

#include "common/base/try.h"
#include "common/net/message_stream.h"
#include "common/storage/crc32c.h"
#include "dfs/protocol/convert.h"
#include "dfs/protocol/data_transfer.capnp.h"
#include "dfs/protocol/md5_checksum.h"

namespace tusk::dfs {
namespace {

constexpr uint32_t kHdfsBytesPerCrc = 512;  // dfs.bytes-per-checksum of HDFS unless changed

struct BlockSums {
  uint32_t crc32c = 0;
  Md5Sum md5{};
};

Result<BlockSums> Ask(DataConnections& connections, const DataNodeInfo& node, const LocatedBlock& located, bool md5,
                      bool only_new, bool* stale) {
  TUSK_ASSIGN(DataConnections::Lease lease, connections.Take(node, only_new));
  *stale = lease.reused;
  capnp::MallocMessageBuilder message;
  auto envelope = message.initRoot<wire::DataRequest>();
  envelope.setToken(AsData(located.token));
  auto request = envelope.initChecksum();
  ToWire(located.block, request.initBlock());
  request.setMd5(md5);
  request.setMd5ChunkBytes(kHdfsBytesPerCrc);
  TUSK_TRY(net::WriteMessage(lease.socket, message));
  TUSK_ASSIGN(const net::ReceivedMessage received, net::ReadMessage(lease.socket));
  *stale = false;
  try {
    const auto reply = received.As<wire::DataReply>();
    if (reply.getCode() != 0) return Status(static_cast<Code>(reply.getCode()), std::string(reply.getMessage().cStr()));
    if (reply.getBlockLength() != located.block.length) {
      return IoError("the replica has " + std::to_string(reply.getBlockLength()) + " bytes; " +
                     std::to_string(located.block.length) + " are expected");
    }
    BlockSums sums{.crc32c = reply.getCrc32c()};
    const auto sum = reply.getMd5();
    if (md5 && sum.size() != sums.md5.size()) return IoError("the reply carries no MD5");
    if (md5) std::memcpy(sums.md5.data(), sum.begin(), sum.size());
    connections.GiveBack(node, std::move(lease.socket));
    return sums;
  } catch (const std::exception& e) {
    return IoError(std::string("the reply cannot be decoded: ") + e.what());
  }
}

Result<BlockSums> OfBlock(DataConnections& connections, const LocatedBlock& located, bool md5) {
  Status last = Unavailable("no DataNode that holds it is alive");
  for (const DataNodeInfo& node : located.locations) {
    bool stale = false;
    auto sums = Ask(connections, node, located, md5, /*only_new=*/false, &stale);
    if (!sums.ok() && stale) sums = Ask(connections, node, located, md5, /*only_new=*/true, &stale);
    if (sums.ok()) return sums;
    last = sums.status();
  }
  return last.WithContext("no replica of block " + std::to_string(located.block.id.value()) + " gives a checksum");
}

}  // namespace

Result<FileChecksum> ComputeChecksum(ClientContext& context, const LocatedFile& file, ChecksumKind kind) {
  FileChecksum checksum;
  const bool md5 = kind == ChecksumKind::kHdfsMd5;
  std::vector<Md5Sum> md5s;
  for (const LocatedBlock& block : file.blocks) {
    auto sums = OfBlock(context.connections(), block, md5);
    if (!sums.ok()) return sums.status().WithContext(file.status.path);
    checksum.crc32c = storage::Crc32cCombine(checksum.crc32c, sums->crc32c, block.block.length);
    md5s.push_back(sums->md5);
    checksum.length += block.block.length;
  }
  if (checksum.length != file.status.length) {
    return IoError("the blocks of " + file.status.path + " have " + std::to_string(checksum.length) + " bytes, the file " +
                   std::to_string(file.status.length) + "; it is being written or has lost blocks, see `tusk fsck " +
                   file.status.path + "`");
  }
  if (md5) {
    const uint64_t first = file.blocks.empty() ? 0 : file.blocks.front().block.length;
    TUSK_ASSIGN(const HdfsChecksum hdfs, CombineHdfsChecksum(md5s, first, kHdfsBytesPerCrc));
    checksum.algorithm = hdfs.Algorithm();
    checksum.hdfs = hdfs.Hex();
  }
  return checksum;
}

}  // namespace tusk::dfs
