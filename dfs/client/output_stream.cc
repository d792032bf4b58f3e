#include "dfs/client/output_stream.h"

#include "common/base/try.h"
#include "dfs/protocol/convert.h"

namespace tusk::dfs {

DfsOutputStream::DfsOutputStream(std::shared_ptr<ClientContext> context, const FileStatus& file, bool durable)
    : context_(std::move(context)),
      path_(file.path),
      inode_(file.inode),
      block_size_(file.block_size),
      writer_(context_, file.path, file.inode, {.replication = file.replication, .durable = durable}),
      position_(file.length) {
  context_->Register(this);
}

std::unique_ptr<OutputStream> DfsOutputStream::Begin(std::shared_ptr<ClientContext> context, const FileStatus& file,
                                                     LocatedBlock first, bool durable) {
  auto stream = std::make_unique<DfsOutputStream>(std::move(context), file, durable);
  if (first.block.id != BlockId()) stream->writer_.BeginWith(std::move(first));
  return stream;
}

Result<std::unique_ptr<OutputStream>> DfsOutputStream::Continue(std::shared_ptr<ClientContext> context, const FileStatus& file,
                                                                const LocatedBlock& last, Generation generation) {
  auto stream = std::make_unique<DfsOutputStream>(context, file, context->options().durable_close);
  if (last.block.id != BlockId()) {
    stream->block_bytes_ = last.block.length;
    TUSK_TRY(stream->writer_.Continue(last, generation));
  }
  return std::unique_ptr<OutputStream>(std::move(stream));
}

DfsOutputStream::~DfsOutputStream() { context_->Unregister(this); }

Status DfsOutputStream::Keep(Status status) {
  if (!status.ok()) failed_ = status;
  return status;
}

Status DfsOutputStream::Write(std::span<const std::byte> data) {
  if (!failed_.ok()) return failed_;
  if (closed_) return FailedPrecondition(path_ + " is closed; it cannot be written any more");
  return Keep(WriteBytes(data));
}

Status DfsOutputStream::WriteBytes(std::span<const std::byte> data) {
  while (!data.empty()) {
    if (!current_) BeginPacket();
    const size_t taken = current_->Append(data);
    data = data.subspan(taken);
    position_ += taken;
    block_bytes_ += taken;
    if (block_bytes_ == block_size_) {
      TUSK_TRY(ShipCurrent(kLastPacket));  // its finalisation overlaps with what the caller does next
      block_bytes_ = 0;
    } else if (current_->room() == 0) {
      TUSK_TRY(ShipCurrent(0));
    }
  }
  return OkStatus();
}

void DfsOutputStream::BeginPacket() {
  current_ = writer_.TakeBuffer();
  current_->Begin(block_bytes_, block_size_ - block_bytes_);
}

Status DfsOutputStream::ShipCurrent(uint16_t flags) {
  if (!current_) BeginPacket();
  current_->set_flags(flags);
  return writer_.Ship(std::move(current_));
}

Status DfsOutputStream::SettleWith(uint16_t flags) {
  if (!failed_.ok()) return failed_;
  if (closed_) return FailedPrecondition(path_ + " is closed; nothing is left to flush");
  writer_.Promise();
  const bool unsynced = (flags & kSyncPacket) != 0 && writer_.in_block();
  if (current_ || unsynced) TUSK_TRY(Keep(ShipCurrent(flags)));
  return Keep(writer_.Settle());
}

Status DfsOutputStream::Flush() { return SettleWith(0); }
Status DfsOutputStream::Sync() { return SettleWith(kSyncPacket); }

Status DfsOutputStream::Close() {
  if (closed_) return failed_;
  closed_ = true;
  const Status status = failed_.ok() ? Keep(Complete()) : failed_;
  context_->Unregister(this);
  return status;
}

Status DfsOutputStream::Complete() {
  if (current_ || writer_.in_block()) TUSK_TRY(ShipCurrent(kLastPacket));
  TUSK_TRY(writer_.Settle());
  TUSK_TRY(writer_.GiveBackUnused());
  const Block last = writer_.previous();
  const Status completed = context_->namenode().Change(
      kComplete,
      [&](auto request) {
        request.setInode(inode_.value());
        ToWire(last, request.initLast());
      },
      NameNodeLink::SafeMode::kWait);
  return completed.ok() ? completed : completed.WithContext("cannot close " + path_);
}

}  // namespace tusk::dfs
