// create: a file under construction, with a lease for its writer; its first block, too, for a writer that goes on at once.
#include "dfs/namenode/file_recovery.h"
#include "dfs/namenode/ops/operation.h"
#include "dfs/protocol/convert.h"
#include "dfs/protocol/path.h"

namespace tusk::dfs::namenode {
namespace {

constexpr uint64_t kMaxBlockSize = 1ull << 40;

// Of the directories that are made for a file: whoever may read it may reach it, and its owner may do more in them.
uint16_t DirectoryMode(uint16_t file) { return file | (file & 0444) >> 2 | 0300; }

Status CheckExisting(const View& view, const EditContext& context, std::string_view path, const Walk& walk, bool overwrite) {
  const std::string what = "cannot create " + std::string(path) + ": ";
  if (walk.last_is_directory()) return Status(Code::kIsADirectory, what + "it is a directory; choose another path");
  const auto lease = FindLease(view, walk.inode());
  if (lease && !(overwrite && lease->holder == context.client)) {
    return Status(Code::kLeaseConflict,
                  what + HolderName(*lease) + " is writing it; wait until that has ended, or delete the file");
  }
  if (!overwrite) return AlreadyExists(what + "the file exists; choose another path, or overwrite it");
  return OkStatus();
}

Status CheckRequest(wire::CreateRequest::Reader request, const std::string& path) {
  if (request.getReplication() > kMaxReplication) {
    return InvalidArgument("cannot create " + path + ": replication is " + std::to_string(request.getReplication()) +
                           "; it must be 1 to " + std::to_string(kMaxReplication));
  }
  const uint64_t size = request.getBlockSize();
  if (size != 0 && (size < kMinBlockSize || size > kMaxBlockSize || size % 512 != 0)) {
    return InvalidArgument("cannot create " + path + ": block size is " + std::to_string(size) +
                           " bytes; it must be a multiple of 512, from 1 KiB to 1 TiB");
  }
  return OkStatus();
}

}  // namespace

Status ApplyCreate(Transaction& tx, const EditContext& context, edit::Create::Reader edit, Answer& answer) {
  const std::string_view path = BytesOf(edit.getPath());
  TUSK_ASSIGN(Walk walk, WalkPath(tx, path));
  TUSK_TRY(CheckAccess(tx, context.who, path, {.target = kWrite, .parent = kWrite}));
  if (walk.exists()) {
    TUSK_TRY(CheckExisting(tx, context, path, walk, edit.getOverwrite()));
    RemoveTree(tx, walk.inode(), context.time_ms);
    walk.StepBack();
  }
  if (!walk.parent_exists() && !edit.getCreateParents()) {
    return NotFound("cannot create " + std::string(path) + ": " + std::string(PathParent(path)) +
                    " does not exist; make the directory first");
  }
  const uint16_t unmasked = edit.getUnmasked() != 0 ? edit.getUnmasked() : edit.getMode();
  AddMissingParents(tx, walk, {context.who.user, DirectoryMode(edit.getMode()), context.time_ms, DirectoryMode(unmasked)});
  Inode file;
  file.replication = edit.getReplication();
  file.block_size = edit.getBlockSize();
  file.under_construction = true;
  file.block_count = edit.getTargets().size() > 0 ? 1 : 0;
  const InodeId id = AddFile(tx, walk.inode(), walk.name(), {context.who.user, edit.getMode(), context.time_ms, unmasked}, file);
  GrantLease(tx, id, {context.client, std::string(context.who.user), std::string(context.host)});
  if (file.block_count > 0) AllocateBlock(tx, id, file, 0, edit.getTargets(), answer);
  answer.inode = id;
  answer.record = std::move(file);
  return OkStatus();
}

namespace {

// Not in Create: what is hardly ever needed would make the frame of each create larger.
Task<Status> Preempt(Core& core, const std::string& path, wire::CallerId::Reader caller) {
  std::optional<Answer> kept;
  TUSK_CO_TRY(Admit(core, caller, kept));
  if (kept) co_return OkStatus();
  TUSK_CO_TRY(CheckMayWrite(core, caller, path));
  co_return co_await PreemptSilentWriter(core, path, ClientOf(caller));
}

void FillCreate(Core& core, const CallContext& call, const std::string& path, wire::CreateRequest::Reader request,
                edit::Create::Builder edit) {
  edit.setPath(DataOf(path));
  edit.setOverwrite(request.getOverwrite());
  edit.setCreateParents(request.getCreateParents());
  edit.setReplication(request.getReplication() != 0 ? request.getReplication() : core.options.replication);
  edit.setBlockSize(request.getBlockSize() != 0 ? request.getBlockSize() : core.options.block_size);
  edit.setMode(request.getMode() & 07777);
  edit.setUnmasked(request.getUnmasked() & 07777);
  if (!request.getFirstBlock()) return;
  // Without nodes for it the file is there all the same: its writer is told why when it asks for the block.
  const auto targets =
      core.blocks.ChooseTargets(HostOf(request.getCaller(), call), edit.getReplication(), edit.getBlockSize(), {});
  if (targets.ok()) SetTargets(*targets, edit.initTargets(static_cast<unsigned>(targets->size())));
}

}  // namespace

Task<Status> Create(Core& core, const CallContext& call, wire::CreateRequest::Reader request, wire::CreateReply::Builder reply) {
  TUSK_CO_ASSIGN(const std::string path, NormalizePath(ToView(request.getPath())));
  TUSK_CO_TRY(CheckRequest(request, path));
  TUSK_CO_TRY(CheckNewPath(core, path));
  const auto caller = request.getCaller();
  TUSK_CO_TRY(CheckWriter(caller));
  if (MayPreempt(core, path, ClientOf(caller))) {
    TUSK_CO_TRY(co_await Preempt(core, path, caller));
  }
  TUSK_CO_ASSIGN(const Answer& answer, co_await Mutate(core, caller, [&](edit::Edit::Builder edit) {
                   FillCreate(core, call, path, request, edit.initCreate());
                   return OkStatus();
                 }));
  if (!answer.record) co_return Internal("the kept answer is not that of a create; the client used one sequence number twice");
  StatusToWire(answer.inode, *answer.record, path, reply.initStatus());
  if (answer.block.id == BlockId()) co_return OkStatus();
  co_return TellAllocated(core, request.getCaller(), answer, reply.initFirst());
}

}  // namespace tusk::dfs::namenode
