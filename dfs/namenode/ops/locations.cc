// locations: the blocks of a file that intersect a range, with their live replicas, and the block being written.
#include "dfs/namenode/ops/operation.h"
#include "dfs/protocol/convert.h"
#include "dfs/protocol/path.h"

namespace tusk::dfs::namenode {

Task<Status> Locations(Core& core, const CallContext& call, wire::LocationsRequest::Reader request,
                       wire::LocationsReply::Builder reply) {
  TUSK_CO_ASSIGN(const std::string path, NormalizePath(ToView(request.getPath())));
  TUSK_CO_ASSIGN(const Identity who, Identify(core, request.getCaller()));
  TUSK_CO_ASSIGN(const Found found, FindAllowed(core.state->view(), who, path, {.target = kRead}));
  if (found.inode.is_directory) {
    co_return Status(Code::kIsADirectory, "cannot locate the blocks of " + path + ": it is a directory; name a file");
  }
  StatusToWire(found.id, found.inode, path, reply.initStatus());
  const uint64_t begin = request.getOffset();
  const uint64_t end = request.getLength() > UINT64_MAX - begin ? UINT64_MAX : begin + request.getLength();
  const std::string_view host = HostOf(request.getCaller(), call);
  std::vector<LocatedBlock> located;
  uint64_t offset = 0;
  for (const BlockRecord& block : FileBlocks(core.state->view(), found.id)) {
    if (offset >= end && !block.under_construction) break;
    if (block.under_construction) {  // its replicas may have more than is known here
      located.push_back(core.blocks.LocateOpen(block, offset, host));
      break;
    }
    if (offset + block.length > begin) located.push_back(core.blocks.Locate(block, offset, host));
    offset += block.length;
  }
  for (LocatedBlock& block : located) block.token = ReadToken(core, request.getCaller(), block.block.id);
  auto blocks = reply.initBlocks(static_cast<unsigned>(located.size()));
  for (unsigned i = 0; i < located.size(); ++i) ToWire(located[i], blocks[i]);
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
