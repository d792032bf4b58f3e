// set_replication: how many replicas each block of a file shall have; the planner copies or deletes.
#include "dfs/namenode/namespace/quota.h"
#include "dfs/namenode/ops/operation.h"
#include "dfs/protocol/path.h"

namespace tusk::dfs::namenode {

Status ApplySetReplication(Transaction& tx, const EditContext& context, edit::SetReplication::Reader edit) {
  const std::string_view path = BytesOf(edit.getPath());
  TUSK_ASSIGN(Found found, FindAllowed(tx, context.who, path, {.target = kWrite}));
  if (found.inode.is_directory) {
    return Status(Code::kIsADirectory, "cannot set the replication of " + std::string(path) + ": it is a directory; name a file");
  }
  if (found.inode.replication == edit.getReplication()) return OkStatus();
  const Usage before = CountTree(tx, found.id, found.inode);
  found.inode.replication = edit.getReplication();
  PutInode(tx, found.id, found.inode);
  Charge(tx, found.inode.parent, {0, CountTree(tx, found.id, found.inode).space - before.space});
  uint32_t index = 0;
  for (BlockRecord& block : FileBlocks(tx, found.id)) {
    block.replication = edit.getReplication();
    PutBlock(tx, found.id, index++, block);
    tx.effects.blocks.push_back({BlockChange::Kind::kChanged, found.id, block, {}});
  }
  return OkStatus();
}

Task<Status> SetReplication(Core& core, const CallContext&, wire::SetReplicationRequest::Reader request,
                            wire::SetReplicationReply::Builder) {
  TUSK_CO_ASSIGN(const std::string path, NormalizePath(ToView(request.getPath())));
  if (request.getReplication() == 0 || request.getReplication() > kMaxReplication) {
    co_return InvalidArgument("cannot set the replication of " + path + " to " + std::to_string(request.getReplication()) +
                              "; it must be 1 to " + std::to_string(kMaxReplication));
  }
  TUSK_CO_TRY(co_await Mutate(core, request.getCaller(), [&](edit::Edit::Builder edit) {
    auto set = edit.initSetReplication();
    set.setPath(DataOf(path));
    set.setReplication(request.getReplication());
    return OkStatus();
  }));
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
