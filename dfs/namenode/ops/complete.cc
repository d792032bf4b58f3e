// complete: closes a file once DataNodes have reported enough replicas of each of its blocks.
#include <algorithm>

#include "dfs/namenode/ops/operation.h"
#include "dfs/protocol/convert.h"

namespace tusk::dfs::namenode {
namespace {

Status CheckNoOpenBlock(const View& view, const OpenFile& file) {
  if (!file.last || !file.last->under_construction) return OkStatus();
  return FailedPrecondition("cannot close " + FullPath(view, file.id) + ": its last block is still being written");
}

}  // namespace

Status ApplyComplete(Transaction& tx, const EditContext& context, edit::BlockOfFile::Reader edit, Answer& answer) {
  TUSK_ASSIGN(OpenFile && file, FindOpenFile(tx, InodeId(edit.getInode()), context.client));
  const Block last = FromEdit(edit.getBlock());
  if (last.id != BlockId()) {
    TUSK_TRY(CheckLastBlock(tx, file, last));
    FinishLastBlock(tx, file, last);
  } else {
    TUSK_TRY(CheckNoOpenBlock(tx, file));
  }
  CloseFile(tx, context, file);
  answer.inode = file.id;
  answer.record = file.inode;
  return OkStatus();
}

namespace {

// Leaves the caller time to hear that it must ask again.
TimePoint WaitUntil(const Clock& clock, const CallContext& call) {
  const TimePoint now = clock.Now();
  const Duration left = call.deadline > now ? call.deadline - now : Duration(0);
  return now + left - std::min<Duration>(left / 4, std::chrono::seconds(1));
}

std::vector<BlockId> LackingBlocks(Core& core, const OpenFile& file, const Block& last) {
  std::vector<BlockId> lacking;
  if (file.inode.block_count == 0) return lacking;
  for (const BlockRecord& block : FileBlocks(core.state->view(), file.id)) {
    if (!core.blocks.HasEnough(block.id, &last)) lacking.push_back(block.id);
  }
  return lacking;
}

// Whether anything has to be looked at before the entry is written: applying it tells all the rest.
bool HasBlocks(Core& core, wire::CompleteRequest::Reader request) {
  if (request.getLast().getId() != 0) return true;
  const auto file = core.state->view().Look(InodeKey(InodeId(request.getInode())));
  return !file || ReadCount(*file) != 0;
}

// The blocks that must be reported first.
Result<std::vector<BlockId>> CheckComplete(Core& core, wire::CompleteRequest::Reader request) {
  const View& view = core.state->view();
  const Block last = FromRequest(request.getLast());
  TUSK_ASSIGN(const OpenFile& file, FindOpenFile(view, InodeId(request.getInode()), ClientOf(request.getCaller())));
  if (last.id != BlockId()) TUSK_TRY(CheckLastBlock(view, file, last));
  if (last.id == BlockId()) TUSK_TRY(CheckNoOpenBlock(view, file));
  return LackingBlocks(core, file, last);
}

Task<Status> WaitForReplicas(Core& core, const CallContext& call, wire::CompleteRequest::Reader request,
                             std::vector<BlockId> lacking) {
  std::optional<Answer> kept;
  TUSK_CO_TRY(Admit(core, request.getCaller(), kept));
  if (kept) co_return OkStatus();
  const Block last = FromRequest(request.getLast());
  std::function<bool()> ready = [&core, &lacking, &last] {
    while (!lacking.empty() && core.blocks.HasEnough(lacking.back(), &last)) lacking.pop_back();
    return lacking.empty();
  };
  co_return co_await core.waiters.Wait(lacking, ready, WaitUntil(core.clock, call));
}

}  // namespace

Task<Status> Complete(Core& core, const CallContext& call, wire::CompleteRequest::Reader request,
                      wire::CompleteReply::Builder reply) {
  const auto caller = request.getCaller();
  if (HasBlocks(core, request) && !core.state->HasAnswered(ClientOf(caller), caller.getSequence())) {
    TUSK_CO_ASSIGN(std::vector<BlockId> lacking, CheckComplete(core, request));
    if (!lacking.empty()) {
      TUSK_CO_TRY(co_await WaitForReplicas(core, call, request, std::move(lacking)));
    }
  }
  TUSK_CO_ASSIGN(const Answer& answer, co_await Mutate(core, caller, [&](edit::Edit::Builder edit) {
                   auto complete = edit.initComplete();
                   complete.setInode(request.getInode());
                   SetEditBlock(FromRequest(request.getLast()), complete.initBlock());
                   return OkStatus();
                 }));
  if (!answer.record) co_return Internal("the kept answer is not that of a complete; the client used one sequence number twice");
  const std::string path = FullPath(core.state->view(), answer.inode);
  StatusToWire(answer.inode, *answer.record, path, reply.initStatus());
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
