// The wrong bodies of planted bugs. The linker leads every call of these functions from another object to the body here
// (--wrap, CMakeLists.txt); without its bug, a body calls the real one.
#include <cstring>

#include "dfs/client/packet_window.h"
#include "dfs/datanode/store/block_store.h"
#include "dfs/datanode/store/meta_file.h"
#include "dfs/datanode/store/packed_store.h"
#include "dfs/datanode/store/startup_scan.h"
#include "dfs/namenode/namespace/retry_answers.h"
#include "dfs/namenode/ops/apply.h"
#include "tests/simulation/planted_bugs.h"

// `wrong` is the body that callers reach, `real` the one they meant. A member function takes its object first, as the ABI has it.
#define WRAPPED_(result, name, symbol, ...)             \
  result Real##name(__VA_ARGS__) asm("__real_" symbol); \
  result Wrong##name(__VA_ARGS__) asm("__wrap_" symbol)

namespace tusk::sim {
namespace {

using dfs::Block;
using dfs::BlockId;
using dfs::Generation;
using dfs::datanode::BlockStore;
using dfs::datanode::FoundReplica;
using dfs::datanode::MetaHeader;
using dfs::datanode::PackedStore;
using dfs::datanode::ReplicaWriter;
using dfs::namenode::Answer;
using dfs::namenode::EditContext;
using dfs::namenode::OpenFile;
using dfs::namenode::RetryAnswers;
using dfs::namenode::Transaction;
using Bytes = std::span<const std::byte>;

}  // namespace

WRAPPED_(Status, Sync, "_ZN4tusk3dfs8datanode13ReplicaWriter4SyncEv", ReplicaWriter* self);
WRAPPED_(Result<Block>, Finalize, "_ZN4tusk3dfs8datanode13ReplicaWriter8FinalizeEb", ReplicaWriter* self, bool durable);
WRAPPED_(Status, Append, "_ZN4tusk3dfs8datanode13ReplicaWriter6AppendEmSt4spanIKSt4byteLm18446744073709551615EES6_",
         ReplicaWriter* self, uint64_t offset, Bytes data, Bytes crcs);
WRAPPED_(Result<std::unique_ptr<ReplicaWriter>>, Recover,
         "_ZN4tusk3dfs8datanode10BlockStore7RecoverERKNS0_5BlockENS_8StrongIdINS0_13GenerationTagEmEEmj", BlockStore* self,
         const Block& block, Generation oldest, uint64_t resume_at, uint32_t chunk_bytes);
WRAPPED_(Status, Invalidate, "_ZN4tusk3dfs8datanode10BlockStore10InvalidateERKNS0_5BlockE", BlockStore* self, const Block& block);
WRAPPED_(Status, Acknowledge, "_ZN4tusk3dfs12PacketWindow11AcknowledgeEm", dfs::PacketWindow* self, uint64_t sequence);
WRAPPED_(void, Keep, "_ZN4tusk3dfs8namenode12RetryAnswers4KeepERNS1_11TransactionENS1_8ClientIdEmNS1_9RetryMarkERKNS1_6AnswerE",
         RetryAnswers* self, Transaction& tx, dfs::namenode::ClientId client, uint64_t sequence, dfs::namenode::RetryMark mark,
         const Answer& answer);
WRAPPED_(Status, Bump,
         "_ZN4tusk3dfs8namenode19ApplyBumpGenerationERNS1_11TransactionERKNS1_11EditContextENS0_4edit11BlockOfFile6ReaderERNS1_"
         "6AnswerE",
         Transaction& tx, const EditContext& context, dfs::edit::BlockOfFile::Reader edit, Answer& answer);
WRAPPED_(Status, Update,
         "_ZN4tusk3dfs8namenode19ApplyUpdatePipelineERNS1_11TransactionERKNS1_11EditContextENS0_4edit11BlockOfFile6ReaderE",
         Transaction& tx, const EditContext& context, dfs::edit::BlockOfFile::Reader edit);
WRAPPED_(void, Finish, "_ZN4tusk3dfs8namenode15FinishLastBlockERNS1_11TransactionERNS1_8OpenFileERKNS0_5BlockE", Transaction& tx,
         OpenFile& file, const Block& block);
WRAPPED_(std::string, EncodeMeta, "_ZN4tusk3dfs8namenode6EncodeB5cxx11ERKNS1_4MetaE", const dfs::namenode::Meta& meta);
WRAPPED_(uint32_t, Combine, "_ZN4tusk7storage13Crc32cCombineEjjm", uint32_t first, uint32_t second, uint64_t second_bytes);
WRAPPED_(void, EncodeHeader, "_ZN4tusk3dfs8datanode16EncodeMetaHeaderERKNS1_10MetaHeaderESt4spanISt4byteLm32EE",
         const MetaHeader& header, std::span<std::byte, dfs::datanode::kMetaHeaderBytes> out);
WRAPPED_(Result<std::vector<FoundReplica>>, Scan, "_ZN4tusk3dfs8datanode10ScanFolderERNS_7storage4DiskERKNS1_6LayoutE",
         storage::Disk& disk, const dfs::datanode::Layout& layout);
WRAPPED_(Status, Rename, "_ZN4tusk3dfs8namenode11ApplyRenameERNS1_11TransactionERKNS1_11EditContextENS0_4edit6Rename6ReaderE",
         Transaction& tx, const EditContext& context, dfs::edit::Rename::Reader edit);
WRAPPED_(Status, Delete,
         "_ZN4tusk3dfs8namenode11ApplyDeleteERNS1_11TransactionERKNS1_11EditContextENS0_4edit6Delete6ReaderERNS1_6AnswerE",
         Transaction& tx, const EditContext& context, dfs::edit::Delete::Reader edit, Answer& answer);

Status WrongSync(ReplicaWriter* self) { return Planted("hsync_ignored") ? OkStatus() : RealSync(self); }

Result<Block> WrongFinalize(ReplicaWriter* self, bool durable) {
  return RealFinalize(self, durable && !Planted("ack_before_sync"));
}

Status WrongAppend(ReplicaWriter* self, uint64_t offset, Bytes data, Bytes crcs) {
  if (!Planted("replica_of_wrong_bytes") || data.empty()) return RealAppend(self, offset, data, crcs);
  std::vector<std::byte> wrong(data.begin(), data.end());
  wrong.front() ^= std::byte{1};
  return RealAppend(self, offset, wrong, crcs);
}

Result<std::unique_ptr<ReplicaWriter>> WrongRecover(BlockStore* self, const Block& block, Generation oldest, uint64_t resume_at,
                                                    uint32_t chunk_bytes) {
  if (!Planted("recovery_cuts_too_much")) return RealRecover(self, block, oldest, resume_at, chunk_bytes);
  return RealRecover(self, block, oldest, resume_at - resume_at / 4, chunk_bytes);
}

Status WrongInvalidate(BlockStore* self, const Block& block) {
  Block wrong = block;
  if (Planted("invalidate_newer")) wrong.generation = Generation(UINT64_MAX);
  return RealInvalidate(self, wrong);
}

Status WrongAcknowledge(dfs::PacketWindow* self, uint64_t sequence) {
  const Status first = RealAcknowledge(self, sequence);
  if (!Planted("two_acks_for_one") || !first.ok() || !self->awaiting_ack()) return first;
  return RealAcknowledge(self, sequence + 1);
}

void WrongKeep(RetryAnswers* self, Transaction& tx, dfs::namenode::ClientId client, uint64_t sequence,
               dfs::namenode::RetryMark mark, const Answer& answer) {
  if (!Planted("retry_answer_forgotten")) RealKeep(self, tx, client, sequence, mark, answer);
}

Status WrongBump(Transaction& tx, const EditContext& context, dfs::edit::BlockOfFile::Reader edit, Answer& answer) {
  if (!Planted("generation_not_raised")) return RealBump(tx, context, edit, answer);
  answer.block = dfs::namenode::FromEdit(edit.getBlock());
  return OkStatus();
}

Status WrongUpdate(Transaction& tx, const EditContext& context, dfs::edit::BlockOfFile::Reader edit) {
  if (Planted("generation_not_raised") || Planted("pipeline_update_lost")) return OkStatus();
  return RealUpdate(tx, context, edit);
}

void WrongFinish(Transaction& tx, OpenFile& file, const Block& block) {
  Block wrong = block;
  if (Planted("wrong_block_length") && wrong.length > 1) --wrong.length;
  RealFinish(tx, file, wrong);
}

std::string WrongEncodeMeta(const dfs::namenode::Meta& meta) {
  dfs::namenode::Meta wrong = meta;
  if (Planted("applied_index_ahead")) ++wrong.applied;
  return RealEncodeMeta(wrong);
}

uint32_t WrongCombine(uint32_t first, uint32_t second, uint64_t second_bytes) {
  return Planted("joined_crc_wrong") ? second : RealCombine(first, second, second_bytes);
}

void WrongEncodeHeader(const MetaHeader& header, std::span<std::byte, dfs::datanode::kMetaHeaderBytes> out) {
  MetaHeader wrong = header;
  if (Planted("checksum_header_wrong")) wrong.block = BlockId(header.block.value() + 1);
  RealEncodeHeader(wrong, out);
}

Result<std::vector<FoundReplica>> WrongScan(storage::Disk& disk, const dfs::datanode::Layout& layout) {
  auto found = RealScan(disk, layout);
  if (found.ok() && Planted("startup_forgets"))
    std::erase_if(*found, [](const FoundReplica& replica) { return replica.finalized; });
  return found;
}

Status WrongRename(Transaction& tx, const EditContext& context, dfs::edit::Rename::Reader edit) {
  return Planted("rename_not_done") ? OkStatus() : RealRename(tx, context, edit);
}

Status WrongDelete(Transaction& tx, const EditContext& context, dfs::edit::Delete::Reader edit, Answer& answer) {
  if (!Planted("delete_not_done")) return RealDelete(tx, context, edit, answer);
  answer.deleted = true;
  return OkStatus();
}

}  // namespace tusk::sim
