// concat: the blocks of some files become the end of another one; one entry, no byte is copied.
#include <algorithm>

#include "dfs/namenode/namespace/quota.h"
#include "dfs/namenode/ops/operation.h"
#include "dfs/protocol/path.h"

namespace tusk::dfs::namenode {
namespace {

// Bounds the work of one entry.
constexpr uint32_t kMaxConcatSources = 1000;
constexpr uint64_t kMaxConcatBlocks = 100'000;

Result<OpenFile> FindSource(const View& view, const Identity& who, const OpenFile& target, const std::vector<OpenFile>& before,
                            std::string_view path) {
  auto source = FindClosedFile(view, who, path, {.target = kRead, .parent = kWrite, .removal = true}, "concatenate");
  if (!source.ok()) {
    if (source.status().code() != Code::kLeaseConflict) return source;
    return FailedPrecondition(source.status().message());
  }
  const auto same = [&](const OpenFile& other) { return other.id == source->id; };
  if (same(target) || std::any_of(before.begin(), before.end(), same)) {
    return InvalidArgument("cannot concatenate " + std::string(path) + ": it is named twice; name each file once");
  }
  if (source->inode.replication != target.inode.replication) {
    return FailedPrecondition("cannot concatenate " + std::string(path) + ": its replication is " +
                              std::to_string(source->inode.replication) + ", that of the target " +
                              std::to_string(target.inode.replication) + "; use -setrep first");
  }
  return source;
}

}  // namespace

Status ApplyConcat(Transaction& tx, const EditContext& context, edit::Concat::Reader edit) {
  const std::string_view path = BytesOf(edit.getTarget());
  auto found = FindClosedFile(tx, context.who, path, {.target = kWrite}, "concatenate to");
  if (!found.ok()) {
    return found.status().code() == Code::kLeaseConflict ? FailedPrecondition(found.status().message()) : found.status();
  }
  OpenFile target = std::move(*found);
  std::vector<OpenFile> sources;
  uint64_t blocks = 0;
  for (const auto source : edit.getSources()) {
    TUSK_ASSIGN(OpenFile file, FindSource(tx, context.who, target, sources, BytesOf(source)));
    blocks += file.inode.block_count;
    sources.push_back(std::move(file));
  }
  if (blocks > kMaxConcatBlocks || target.inode.block_count + blocks > kMaxBlocksPerFile) {
    return ResourceExhausted("cannot concatenate to " + std::string(path) + ": " + std::to_string(blocks) +
                             " blocks would be moved; at most " + std::to_string(kMaxConcatBlocks) + " at a time, and " +
                             std::to_string(kMaxBlocksPerFile) + " in one file");
  }
  for (OpenFile& source : sources) {
    const std::vector<BlockRecord> moved = FileBlocks(tx, source.id);
    for (uint32_t i = 0; i < moved.size(); ++i) {
      tx.Delete(BlockKey(source.id, i));
      PutBlock(tx, target.id, target.inode.block_count++, moved[i]);
      target.inode.length += moved[i].length;
      Charge(tx, source.inode.parent, {0, -SpaceOf(source.inode, moved[i])});
      Charge(tx, target.inode.parent, {0, SpaceOf(target.inode, moved[i])});
      tx.effects.blocks.push_back({BlockChange::Kind::kChanged, target.id, moved[i], {}});
    }
    source.inode.block_count = 0;
    source.inode.length = 0;
    PutInode(tx, source.id, source.inode);
    RemoveTree(tx, source.id, context.time_ms);
  }
  target.inode.modified_ms = context.time_ms;
  PutInode(tx, target.id, target.inode);
  return OkStatus();
}

namespace {

// Like ApplyConcat, by the limits of this file system.
Status CheckBlocks(Core& core, const std::string& target, const std::vector<std::string>& sources) {
  const View& view = core.state->view();
  const auto to = FindPath(view, target);
  uint64_t blocks = to.ok() ? to->inode.block_count : 0;
  for (const std::string& path : sources) {
    if (const auto source = FindPath(view, path); source.ok()) blocks += source->inode.block_count;
  }
  if (blocks <= core.options.max_blocks_per_file) return OkStatus();
  return ResourceExhausted("cannot concatenate to " + target + ": it would have " + std::to_string(blocks) + " blocks; at most " +
                           std::to_string(core.options.max_blocks_per_file) + " are allowed here (dfs.max_blocks_per_file)");
}

}  // namespace

Task<Status> Concat(Core& core, const CallContext&, wire::ConcatRequest::Reader request, wire::ConcatReply::Builder) {
  TUSK_CO_ASSIGN(const std::string target, NormalizePath(ToView(request.getTarget())));
  const auto sources = request.getSources();
  if (sources.size() == 0 || sources.size() > kMaxConcatSources) {
    co_return InvalidArgument("cannot concatenate " + std::to_string(sources.size()) + " files to " + target + ": name 1 to " +
                              std::to_string(kMaxConcatSources));
  }
  std::vector<std::string> paths;
  for (const auto source : sources) {
    TUSK_CO_ASSIGN(std::string path, NormalizePath(ToView(source)));
    paths.push_back(std::move(path));
  }
  TUSK_CO_TRY(co_await Mutate(core, request.getCaller(), [&](edit::Edit::Builder edit) -> Status {
    if (Status allowed = CheckBlocks(core, target, paths); !allowed.ok()) return allowed;
    auto concat = edit.initConcat();
    concat.setTarget(DataOf(target));
    auto list = concat.initSources(static_cast<unsigned>(paths.size()));
    for (unsigned i = 0; i < paths.size(); ++i) list.set(i, DataOf(paths[i]));
    return OkStatus();
  }));
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
