#include "coordination/log/meta_slots.h"

#include <glog/logging.h>
#include <sys/file.h>

#include <algorithm>
#include <array>
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

  std::array<std::optional<LogMeta>, 2> slots;
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
    slots[slot] = decoded->meta;
  }
  if (!slots[0] && !slots[1]) {
    return Corruption("the log's meta file " + path + " has no readable slot (" + problems +
                      "): its term and vote are unknown; restore it from a backup, or rebuild this node from its peers");
  }
  if (!problems.empty()) LOG(WARNING) << path << ": " << problems << "; the other slot is used";

  const size_t newest = !slots[0] || (slots[1] && slots[1]->sequence > slots[0]->sequence) ? 1 : 0;
  const size_t other = 1 - newest;

  std::unique_ptr<MetaSlots> meta(new MetaSlots(std::move(file), identity));
  meta->meta_ = *slots[newest];
  meta->durable_at_open_ = slots[newest]->durable_index;
  // The newest slot is believed from now on, so it must be durable, and there must be a second copy of it before Update
  // overwrites either: were the only copy torn, the log would fall back behind what it has already acted on.
  TUSK_TRY(meta->file_->Sync());
  if (slots[other] != slots[newest]) {
    TUSK_TRY(meta->file_->WriteAt(other * kPageBytes, EncodeMeta(meta->meta_, identity)));
    TUSK_TRY(meta->file_->Sync());
  }
  const auto hint = DecodeHint(std::span<const std::byte>(bytes).subspan(kHintOffset).first<kHintBytes>());
  if (hint && hint->truncations == meta->meta_.truncations) {
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
