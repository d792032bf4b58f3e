#include "coordination/log/meta_slots.h"

#include <glog/logging.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "common/base/try.h"

namespace tusk::coordination {

Status MetaSlots::Create(storage::Disk& disk, const std::string& path, const LogIdentity& identity) {
  std::string bytes(kMetaFileBytes, '\0');
  const PageBytes slot = EncodeMeta({.sequence = 1, .first_index = 1}, identity);
  std::copy(slot.begin(), slot.end(), reinterpret_cast<std::byte*>(bytes.data()));
  std::copy(slot.begin(), slot.end(), reinterpret_cast<std::byte*>(bytes.data() + kPageBytes));
  return storage::WriteFileAtomically(disk, path, bytes);
}

Result<std::unique_ptr<MetaSlots>> MetaSlots::Open(storage::Disk& disk, const std::string& path, const LogIdentity& identity) {
  TUSK_ASSIGN(auto file, disk.Open(path, storage::OpenMode::kReadWrite));
  if (file->fd() >= 0 && ::flock(file->fd(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return FromErrno(errno, "cannot lock " + path);
    return FailedPrecondition("cannot open the log of " + path + ": another process uses it; stop that one first");
  }
  std::vector<std::byte> bytes(kMetaFileBytes);
  TUSK_ASSIGN(const size_t read, file->ReadAt(0, bytes));
  if (read < bytes.size()) return Corruption("the log's meta file " + path + " is too short; restore it from a backup");

  std::optional<LogMeta> newest;
  std::string problems;
  for (size_t slot = 0; slot < 2; ++slot) {
    const auto decoded = DecodeMeta(std::span<const std::byte>(bytes).subspan(slot * kPageBytes).first<kPageBytes>());
    if (decoded.status().code() == Code::kUnimplemented) return decoded.status().WithContext(path);
    if (!decoded.ok()) {
      problems += std::string(problems.empty() ? "" : "; ") + (slot == 0 ? "slot A: " : "slot B: ") + decoded.status().message();
      continue;
    }
    if (decoded->identity != identity) {
      return FailedPrecondition("the log of " + path + " belongs to " + ToString(decoded->identity) + ", not to " +
                                ToString(identity) + "; use its own folder or remove it");
    }
    if (!newest || decoded->meta.sequence > newest->sequence) newest = decoded->meta;
  }
  if (!newest) {
    return Corruption("the log's meta file " + path + " has no readable slot (" + problems +
                      "): its term and vote are unknown; restore it from a backup, or rebuild this node from its peers");
  }
  if (!problems.empty()) LOG(WARNING) << path << ": " << problems << "; the other slot is used";

  std::unique_ptr<MetaSlots> meta(new MetaSlots(std::move(file), identity));
  meta->meta_ = *newest;
  meta->durable_at_open_ = newest->durable_index;
  const auto hint = DecodeHint(std::span<const std::byte>(bytes).subspan(kHintOffset).first<kHintBytes>());
  if (hint && hint->truncations == newest->truncations) {
    meta->durable_at_open_ = std::max(meta->durable_at_open_, hint->durable_index);
  }
  return meta;
}

LogMeta MetaSlots::current() const {
  const std::lock_guard lock(mutex_);
  return meta_;
}

Status MetaSlots::Update(const std::function<void(LogMeta&)>& change) {
  const std::lock_guard lock(mutex_);
  LogMeta next = meta_;
  change(next);
  ++next.sequence;
  const PageBytes bytes = EncodeMeta(next, identity_);
  for (uint64_t slot = 0; slot < 2; ++slot) {
    TUSK_TRY(file_->WriteAt(slot * kPageBytes, bytes));
    TUSK_TRY(file_->Sync());
  }
  meta_ = next;
  return OkStatus();
}

Status MetaSlots::WriteHint(LogIndex durable) {
  const std::lock_guard lock(mutex_);
  return file_->WriteAt(kHintOffset, EncodeHint({.truncations = meta_.truncations, .durable_index = durable}));
}

}  // namespace tusk::coordination
