// What each log entry does to the namespace. One function per kind of entry, each in the file of its operation.
//
// Deterministic: the result depends on the transaction's state and the entry, on nothing else. A status that is not ok drops the
// transaction's changes. Thread: namespace loop.
#pragma once

#include <string_view>

#include "dfs/namenode/journal/edit.capnp.h"
#include "dfs/namenode/namespace/permission.h"
#include "dfs/namenode/namespace/tree.h"

namespace tusk::dfs::namenode {

struct EditContext {
  ClientId client;
  Identity who;
  int64_t time_ms = 0;
  std::string_view host;  // of the client
};

Status ApplyEdit(Transaction& tx, const EditContext& context, edit::Edit::Reader edit, Answer& answer);

Status ApplyMkdirs(Transaction& tx, const EditContext& context, edit::Mkdirs::Reader edit);
Status ApplyCreate(Transaction& tx, const EditContext& context, edit::Create::Reader edit, Answer& answer);
Status ApplyAddBlock(Transaction& tx, const EditContext& context, edit::AddBlock::Reader edit, Answer& answer);
Status ApplyAbandonBlock(Transaction& tx, const EditContext& context, edit::BlockOfFile::Reader edit);
Status ApplyBumpGeneration(Transaction& tx, const EditContext& context, edit::BlockOfFile::Reader edit, Answer& answer);
Status ApplyUpdatePipeline(Transaction& tx, const EditContext& context, edit::BlockOfFile::Reader edit);
Status ApplyComplete(Transaction& tx, const EditContext& context, edit::BlockOfFile::Reader edit, Answer& answer);
Status ApplyRename(Transaction& tx, const EditContext& context, edit::Rename::Reader edit);
Status ApplyDelete(Transaction& tx, const EditContext& context, edit::Delete::Reader edit, Answer& answer);
Status ApplySetReplication(Transaction& tx, const EditContext& context, edit::SetReplication::Reader edit);
Status ApplySetTimes(Transaction& tx, const EditContext& context, edit::SetTimes::Reader edit);
Status ApplySetPermission(Transaction& tx, const EditContext& context, edit::SetPermission::Reader edit);
Status ApplySetOwner(Transaction& tx, const EditContext& context, edit::SetOwner::Reader edit);
Status ApplySetAcl(Transaction& tx, const EditContext& context, edit::SetAcl::Reader edit);
Status ApplySetXattr(Transaction& tx, const EditContext& context, edit::SetXattr::Reader edit);
Status ApplySetQuota(Transaction& tx, const EditContext& context, edit::SetQuota::Reader edit);
Status ApplyPublish(Transaction& tx, const EditContext& context, edit::Publish::Reader edit);
Status ApplyNodeAdmin(Transaction& tx, const EditContext& context, edit::NodeAdmin::Reader edit);
Status ApplyCloseExpired(Transaction& tx, const EditContext& context, edit::CloseExpired::Reader edit);
Status ApplyAppend(Transaction& tx, const EditContext& context, edit::Append::Reader edit, Answer& answer);
Status ApplyTruncate(Transaction& tx, const EditContext& context, edit::Truncate::Reader edit, Answer& answer);
Status ApplyConcat(Transaction& tx, const EditContext& context, edit::Concat::Reader edit);
Status ApplyBeginRecovery(Transaction& tx, const EditContext& context, edit::BeginRecovery::Reader edit, Answer& answer);
Status ApplyCommitRecovery(Transaction& tx, const EditContext& context, edit::CommitRecovery::Reader edit);
Status ApplyReclaim(Transaction& tx, edit::Reclaim::Reader edit);

// Shared by the operations on a file that is being written (open_file.cc).
struct OpenFile {
  InodeId id;
  Inode inode;
  std::optional<BlockRecord> last;   // of its blocks
  std::optional<ClientId> holder{};  // of its lease, where it was looked up
};
// kNotFound: deleted; kLeaseConflict: not this client's, or closed.
Result<OpenFile> FindOpenFile(const View& view, InodeId id, const ClientId& client);
// The last block, which must be under construction and be this one, with the generation now valid. kFailedPrecondition.
Status CheckLastBlock(const View& view, const OpenFile& file, const Block& block);
// The next block of the file, its index-th, is under construction on these nodes; the answer tells it. The caller counts it in
// the inode.
void AllocateBlock(Transaction& tx, InodeId file, const Inode& inode, uint32_t index, capnp::List<uint64_t>::Reader nodes,
                   Answer& answer);
// Ends the construction of the last block: it has this length from now on.
void FinishLastBlock(Transaction& tx, OpenFile& file, const Block& block);
// The file ends before its last block, which is no more.
void DropLastBlock(Transaction& tx, OpenFile& file);
// The last block, finished until now, is under construction again: these nodes go on with it under a new generation, which
// becomes the valid one by updatePipeline or commitRecovery.
void ReopenLastBlock(Transaction& tx, OpenFile& file, capnp::List<uint64_t>::Reader nodes);
void CloseFile(Transaction& tx, const EditContext& context, OpenFile& file);
// A closed file, with its last block. kNotFound, kPermissionDenied, kIsADirectory, kLeaseConflict (names the holder).
Result<OpenFile> FindClosedFile(const View& view, const Identity& who, std::string_view path, Wanted wanted,
                                std::string_view what);
// "alice at 10.0.0.7 (client 12ab-34cd)"
std::string HolderName(const Lease& lease);

inline Block FromEdit(edit::Block::Reader block) {
  return {BlockId(block.getId()), Generation(block.getGeneration()), block.getLength()};
}
inline std::string_view BytesOf(capnp::Data::Reader data) { return {reinterpret_cast<const char*>(data.begin()), data.size()}; }
inline capnp::Data::Reader DataOf(std::string_view bytes) {
  return {reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()};
}

}  // namespace tusk::dfs::namenode
