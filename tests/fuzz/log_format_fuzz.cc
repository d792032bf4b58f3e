// Single pages and headers of the log: segment header, meta slot, durable hint, record header, and a whole meta file.
#include <glog/logging.h>

#include "common/storage/crc32c.h"
#include "common/storage/memory_disk.h"
#include "coordination/log/log_format.h"
#include "coordination/log/meta_slots.h"
#include "tests/fuzz/seeds.h"

namespace tusk::fuzz {
namespace {

using namespace coordination;  // NOLINT(google-build-using-namespace)

const LogIdentity kIdentity{.cluster_id = 0xC1, .node_id = 7, .group = "main"};
constexpr uint32_t kSalt = 0x5A17;

void SealPage(std::string* bytes, size_t page) {
  if (bytes->size() >= page + kPageBytes) {
    PutAt(bytes, page + kPageBytes - 4, storage::Crc32c(bytes->data() + page, kPageBytes - 4));
  }
}

bool HasRightCrc(std::string_view bytes, size_t covered, uint32_t salt = 0) {
  return GetAt<uint32_t>(bytes, covered) == SlowCrc32c(bytes.substr(0, covered), salt);
}

void CheckPages(const std::string& bytes) {
  const auto page = Fixed<kPageBytes>(bytes);
  if (const auto header = DecodeSegmentHeader(page); header.ok()) {
    CHECK(HasRightCrc(Text(page), kPageBytes - 4));
    const auto again = DecodeSegmentHeader(EncodeSegmentHeader(*header));
    CHECK(again.ok() && again->identity == header->identity && again->first_index == header->first_index &&
          again->prev_term == header->prev_term && again->chain_crc == header->chain_crc && again->salt == header->salt);
  }
  if (const auto meta = DecodeMeta(page); meta.ok()) {
    CHECK(HasRightCrc(Text(page), kPageBytes - 4));
    CHECK_LE(meta->identity.group.size(), kMaxGroupBytes);
    const auto again = DecodeMeta(EncodeMeta(meta->meta, meta->identity));
    CHECK(again.ok() && again->meta == meta->meta && again->identity == meta->identity);
  }
}

void CheckHint(std::string bytes, bool seal) {
  bytes.resize(kHintBytes);
  if (seal) PutAt(&bytes, kHintBytes - 4, storage::Crc32c(bytes.data(), kHintBytes - 4));
  const auto hint = DecodeHint(Fixed<kHintBytes>(bytes));
  if (!hint) return;
  CHECK(HasRightCrc(bytes, kHintBytes - 4));
  const auto again = DecodeHint(EncodeHint(*hint));
  CHECK(again && again->truncations == hint->truncations && again->durable_index == hint->durable_index);
}

void CheckRecordHeader(std::string bytes, bool seal) {
  if (seal) {
    bytes.resize(kRecordHeaderBytes);
    PutAt(&bytes, kRecordHeaderBytes - 4, storage::Crc32c(bytes.data(), kRecordHeaderBytes - 4, kSalt));
  }
  const auto header = DecodeRecordHeader(Bytes(bytes), kSalt);
  if (!header) return;
  CHECK_GE(bytes.size(), kRecordHeaderBytes);
  CHECK(HasRightCrc(bytes, kRecordHeaderBytes - 4, kSalt));
  std::array<std::byte, kRecordHeaderBytes> again{};
  CHECK_EQ(EncodeRecordHeader(*header, kSalt, again.data()), header->header_crc);
  CHECK_EQ(Text(again), bytes.substr(0, kRecordHeaderBytes)) << "a record header that is read differs from the one written";
}

// The whole file: the slot with the higher sequence counts, and only a slot whose checksum holds.
void CheckMetaFile(const std::string& bytes) {
  static storage::MemoryDisk disk;
  {
    auto file = disk.Open("/meta", storage::OpenMode::kTruncate);
    CHECK(file.ok() && (*file)->WriteAt(0, Bytes(bytes)).ok());
  }
  const auto meta = MetaSlots::Open(disk, "/meta", kIdentity);
  if (!meta.ok()) return;
  CHECK_GE(bytes.size(), kMetaFileBytes);
  std::optional<LogMeta> best;
  for (size_t slot = 0; slot < 2; ++slot) {
    const std::string page = bytes.substr(slot * kPageBytes, kPageBytes);
    if (!HasRightCrc(page, kPageBytes - 4)) continue;
    const auto decoded = DecodeMeta(Fixed<kPageBytes>(page));
    if (decoded.ok() && (!best || decoded->meta.sequence > best->sequence)) best = decoded->meta;
  }
  CHECK(best && (*meta)->current() == *best);
  CHECK_GE((*meta)->durable_at_open(), best->durable_index);
}

}  // namespace

std::vector<std::string> Seeds() {
  std::vector<std::string> seeds;
  const SegmentHeader header{.identity = kIdentity, .first_index = 42, .prev_term = 3, .chain_crc = 0xABCD, .salt = kSalt};
  AddOrdered(Text(EncodeSegmentHeader(header)), &seeds);
  LogMeta meta;
  meta.sequence = 9;
  meta.hard_state = {.term = 4, .voted_for = 7};
  meta.durable_index = 99;
  meta.last_segment = 42;
  meta.truncations = 2;
  std::string file = Text(EncodeMeta(meta, kIdentity));
  AddOrdered(file, &seeds);
  meta.sequence = 10;
  file += Text(EncodeMeta(meta, kIdentity));
  const std::string hint = Text(EncodeHint({.truncations = 2, .durable_index = 120}));
  AddOrdered(hint, &seeds);
  file += hint;
  file.resize(kMetaFileBytes);
  AddOrdered(file, &seeds);
  std::array<std::byte, kRecordHeaderBytes> record{};
  EncodeRecordHeader({.length = 5, .index = 43, .term = 3, .durable_index = 42, .chain_crc = 1, .payload_crc = 2}, kSalt,
                     record.data());
  AddOrdered(Text(record), &seeds);
  return seeds;
}

}  // namespace tusk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto [seal, bytes] = tusk::fuzz::Order(data, size);
  tusk::fuzz::CheckHint(bytes, seal);
  tusk::fuzz::CheckRecordHeader(bytes, seal);
  if (seal) {
    tusk::fuzz::SealPage(&bytes, 0);
    tusk::fuzz::SealPage(&bytes, tusk::coordination::kPageBytes);
  }
  tusk::fuzz::CheckPages(bytes);
  tusk::fuzz::CheckMetaFile(bytes);
  return 0;
}
