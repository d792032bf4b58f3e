#include "dfs/namenode/file_recovery.h"

#include <glog/logging.h>

#include "dfs/namenode/ops/operation.h"

namespace tusk::dfs::namenode {
namespace {

constexpr size_t kFilesPerRound = 100;
// A primary verifies and cuts at most a block or two, and asks nodes that may be silent.
constexpr std::chrono::seconds kAttempt{15};
// How long nodes that are away may keep a file open when the replicas found have no byte of its last block.
constexpr std::chrono::seconds kPatience{300};

}  // namespace

void FileRecoveries::Begun(Core& core, InodeId inode, Generation generation) {
  const auto lease = FindLease(core.state->view(), inode);
  const auto file = FindInode(core.state->view(), inode);
  if (!lease || !file || file->block_count == 0 || !IsRecovery(lease->holder)) return;
  const auto last = FindBlock(core.state->view(), inode, file->block_count - 1);
  if (!last || last->next_generation != generation) return;
  NodeCommand command;
  command.kind = NodeCommand::Kind::kRecover;
  command.block = {last->id, last->generation, last->length};
  command.new_generation = generation;
  if (lease->holder == kTruncateHolder) command.truncate_to = last->length;
  std::vector<DataNodeId> live;
  for (const DataNodeId id : core.blocks.MayHaveReplica(*last)) {
    // One that has not registered since the start is named too: that it does not answer must count.
    std::vector<DataNodeInfo> known = core.blocks.Nodes({id});
    if (known.empty()) {
      known.emplace_back();
      known.back().id = id;
    }
    command.targets.push_back(std::move(known.front()));
    if (core.blocks.IsLive(id)) live.push_back(id);
  }
  Attempt& attempt = attempts_[inode];
  attempt.deadline = core.clock.Now() + (live.empty() ? std::chrono::seconds(0) : kAttempt);
  if (live.empty()) return;
  attempt.primary = live[attempt.tries++ % live.size()];
  if (!attempt.since) attempt.since = core.clock.Now();
  command.give_up_absent = core.clock.Now() - *attempt.since >= kPatience;
  attempt.instance = core.blocks.LiveInstance(attempt.primary);
  core.blocks.Order(attempt.primary, std::move(command));
  LOG(INFO) << "recovery " << generation << " of block " << last->id << " of " << FullPath(core.state->view(), inode)
            << " is ordered from DataNode " << attempt.primary << ", " << live.size() << " of " << last->nodes.size()
            << " nodes are alive";
}

bool FileRecoveries::Due(Core& core, InodeId inode) const {
  const auto it = attempts_.find(inode);
  if (it == attempts_.end()) return true;
  const Attempt& attempt = it->second;
  const bool abandoned = attempt.primary != DataNodeId() && core.blocks.LiveInstance(attempt.primary) != attempt.instance;
  return abandoned || core.clock.Now() >= attempt.deadline;
}

Task<void> FileRecoveries::Drive(Core& core) {
  core.NotePause();
  if (core.safe_mode.on()) co_return;
  const auto expired = core.leases.Expired(core.clock.Now(), core.options.lease_hard_limit, kFilesPerRound);
  for (const LeaseTable::Held& held : expired) {
    LOG(INFO) << FullPath(core.state->view(), held.inode) << " is taken from its writer, which has been silent for longer than "
              << core.options.lease_hard_limit.count() << " ms";
    const auto taken = co_await TakeFile(core, held.inode, held.holder);
    if (!taken.ok()) LOG(WARNING) << "cannot recover file " << held.inode << " of a silent writer: " << taken.status();
  }
  const std::set<InodeId> recovering = core.leases.Recovering();
  std::erase_if(attempts_, [&](const auto& entry) { return !recovering.contains(entry.first); });
  size_t begun = 0;
  for (const InodeId inode : recovering) {
    if (begun == kFilesPerRound) break;
    if (!Due(core, inode)) continue;
    const auto file = FindInode(core.state->view(), inode);
    if (!file || file->block_count == 0) continue;
    const auto last = FindBlock(core.state->view(), inode, file->block_count - 1);
    if (!last || !core.blocks.AnyLive(core.blocks.MayHaveReplica(*last))) continue;
    ++begun;
    attempts_[inode].deadline = core.clock.Now() + kAttempt;  // nobody else begins one meanwhile
    const auto taken = co_await TakeFile(core, inode, ClientId());
    if (!taken.ok()) LOG(WARNING) << "cannot repeat the recovery of file " << inode << ": " << taken.status();
  }
}

Task<Result<bool>> TakeFile(Core& core, InodeId inode, ClientId holder) {
  if (core.safe_mode.on()) co_return Status(Code::kSafeMode, "files are not recovered in safe mode: " + core.safe_mode.reason());
  capnp::MallocMessageBuilder message;
  auto edit = message.initRoot<edit::Edit>();
  edit.setTimeMs(core.clock.WallMillis());
  auto begin = edit.initBeginRecovery();
  begin.setInode(inode.value());
  begin.setHolderHigh(holder.high);
  begin.setHolderLow(holder.low);
  TUSK_CO_ASSIGN(const Answer answer, co_await core.journal.Propose(message));
  if (answer.block.id == BlockId()) co_return true;
  core.recoveries.Begun(core, inode, answer.block.generation);
  co_return false;
}

bool MayPreempt(Core& core, std::string_view path, ClientId client) {
  if (!core.leases.AnySilentFor(core.clock.Now(), core.options.lease_soft_limit)) return false;
  const Result<Walk> walk = WalkPath(core.state->view(), path);
  if (!walk.ok() || !walk->exists() || walk->last_is_directory()) return false;  // the operation itself will say
  const auto holder = FindHolder(core.state->view(), walk->inode());
  return holder && *holder != client;
}

Task<Status> PreemptSilentWriter(Core& core, std::string path, ClientId client) {
  const Result<Walk> walk = WalkPath(core.state->view(), path);
  if (!walk.ok() || !walk->exists() || walk->last_is_directory()) co_return OkStatus();  // the operation itself will say
  const InodeId inode = walk->inode();
  const auto lease = FindLease(core.state->view(), inode);
  if (!lease || lease->holder == client) co_return OkStatus();
  if (!IsRecovery(lease->holder)) {
    core.NotePause();
    if (!core.leases.SilentFor(lease->holder, core.clock.Now(), core.options.lease_soft_limit)) co_return OkStatus();
    TUSK_CO_ASSIGN(const bool closed, co_await TakeFile(core, inode, lease->holder));
    if (closed) co_return OkStatus();
  }
  co_return Unavailable("the last block of " + path + " is being recovered, because its writer " + lease->user +
                        " is gone; try again in a moment");
}

}  // namespace tusk::dfs::namenode
