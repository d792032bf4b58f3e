// publish: the commit of a job. All of its output appears in one entry, or nothing does.
#include "dfs/namenode/namespace/byte_codec.h"
#include "dfs/namenode/ops/operation.h"
#include "dfs/protocol/path.h"

namespace tusk::dfs::namenode {
namespace {

Status CheckFence(const View& view, std::string_view job, uint64_t epoch) {
  const auto bytes = view.Find(FenceKey(job));
  const uint64_t highest = bytes ? ByteReader(*bytes).Number() : 0;
  if (epoch >= highest) return OkStatus();
  return Status(Code::kStaleEpoch, "job " + std::string(job) + " cannot publish with epoch " + std::to_string(epoch) +
                                       ": epoch " + std::to_string(highest) +
                                       " has published it; a newer JobTracker is in charge");
}

Status MoveOne(Transaction& tx, const EditContext& context, InodeId directory, const std::string& what, std::string_view from,
               std::string_view name) {
  TUSK_ASSIGN(const Walk source, WalkPath(tx, from));
  TUSK_TRY(CheckAccess(tx, context.who, from, {.parent = kWrite, .removal = true}));
  if (!source.exists()) return NotFound(what + std::string(from) + " does not exist; nothing was changed");
  if (source.last_is_directory()) return Status(Code::kIsADirectory, what + std::string(from) + " is a directory, not a file");
  if (FindLease(tx, source.inode()))
    return FailedPrecondition(what + std::string(from) + " is still being written; close it first");
  if (FindDirent(tx, directory, name)) return AlreadyExists(what + "two files would be named " + std::string(name));
  Move(tx, source.inode(), directory, name, context.time_ms);
  return OkStatus();
}

// One component of a path; what NormalizePath says about it.
Status CheckName(std::string_view name) {
  if (name.empty()) return InvalidArgument("a published file has no name; name each of them");
  TUSK_ASSIGN(const std::string path, NormalizePath("/" + std::string(name)));
  if (PathName(path) != name) return InvalidArgument("\"" + std::string(name) + "\" is not a file name; use one without slashes");
  return OkStatus();
}

}  // namespace

Status ApplyPublish(Transaction& tx, const EditContext& context, edit::Publish::Reader edit) {
  const std::string_view job = BytesOf(edit.getJob());
  const std::string_view path = BytesOf(edit.getDirectory());
  const std::string_view doomed = BytesOf(edit.getDeleteTree());
  const std::string what = "cannot publish " + std::string(path) + ": ";
  TUSK_TRY(CheckFence(tx, job, edit.getEpoch()));
  TUSK_ASSIGN(Walk walk, WalkPath(tx, path));
  TUSK_TRY(CheckAccess(tx, context.who, path, {.parent = kWrite}));
  if (walk.exists()) return AlreadyExists(what + "it exists; choose another output, or delete it first");
  const Attributes attributes{context.who.user, 0755, context.time_ms, 0777};
  AddMissingDirectories(tx, walk, attributes);
  const InodeId directory = walk.inode();
  for (const auto move : edit.getMoves()) {
    TUSK_TRY(MoveOne(tx, context, directory, what, BytesOf(move.getFrom()), BytesOf(move.getName())));
  }
  for (const auto marker : edit.getMarkers()) {
    const std::string_view name = BytesOf(marker);
    if (FindDirent(tx, directory, name)) return AlreadyExists(what + "two files would be named " + std::string(name));
    Inode file;
    file.replication = 1;
    file.block_size = 128 << 20;
    AddFile(tx, directory, name, {context.who.user, 0644, context.time_ms, 0666}, file);
  }
  if (!doomed.empty()) {
    TUSK_ASSIGN(const Walk staging, WalkPath(tx, doomed));
    TUSK_TRY(CheckAccess(tx, context.who, doomed, {.parent = kWrite, .removal = true}));
    if (staging.exists()) {
      if (IsBelow(tx, directory, staging.inode())) {
        return InvalidArgument(what + "it lies below " + std::string(doomed) + ", which would be deleted");
      }
      RemoveTree(tx, staging.inode(), context.time_ms);
    }
  }
  ByteWriter fence;
  fence.Number(edit.getEpoch());
  tx.Put(FenceKey(job), fence.Take());
  return OkStatus();
}

namespace {

Status FillPublish(const Core& core, wire::PublishRequest::Reader request, edit::Publish::Builder edit) {
  TUSK_ASSIGN(const std::string directory, NormalizePath(ToView(request.getDirectory())));
  TUSK_TRY(CheckNewPath(core, directory));
  if (request.getJob().size() == 0) return InvalidArgument("cannot publish " + directory + ": the job has no name");
  edit.setJob(DataOf(ToView(request.getJob())));
  edit.setEpoch(request.getEpoch());
  edit.setDirectory(DataOf(directory));
  auto moves = edit.initMoves(request.getMoves().size());
  for (unsigned i = 0; i < moves.size(); ++i) {
    const auto move = request.getMoves()[i];
    TUSK_ASSIGN(const std::string from, NormalizePath(ToView(move.getFrom())));
    TUSK_TRY(CheckName(ToView(move.getName())));
    TUSK_TRY(CheckNewPath(core, JoinDfsPath(directory, ToView(move.getName()))));
    moves[i].setFrom(DataOf(from));
    moves[i].setName(DataOf(ToView(move.getName())));
  }
  auto markers = edit.initMarkers(request.getMarkers().size());
  for (unsigned i = 0; i < markers.size(); ++i) {
    const std::string_view name = ToView(request.getMarkers()[i]);
    TUSK_TRY(CheckName(name));
    TUSK_TRY(CheckNewPath(core, JoinDfsPath(directory, name)));
    markers.set(i, DataOf(name));
  }
  if (request.getDeleteTree().size() > 0) {
    TUSK_ASSIGN(const std::string doomed, NormalizePath(ToView(request.getDeleteTree())));
    if (doomed == "/") return InvalidArgument("cannot publish " + directory + ": the staging tree cannot be the root directory");
    edit.setDeleteTree(DataOf(doomed));
  }
  return OkStatus();
}

}  // namespace

Task<Status> Publish(Core& core, const CallContext&, wire::PublishRequest::Reader request, wire::PublishReply::Builder) {
  TUSK_CO_TRY(co_await Mutate(core, request.getCaller(),
                              [&](edit::Edit::Builder edit) { return FillPublish(core, request, edit.initPublish()); }));
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
