#include "mapreduce/shuffle/segment.h"

#include <cstring>

#include "common/base/try.h"
#include "common/storage/crc32c.h"

namespace tusk::mr {
namespace {

constexpr std::string_view kIndexMagic = "TUSKMOX1";
constexpr size_t kIndexHead = 16;  // magic, version, partitions
constexpr size_t kIndexEntry = 32;
constexpr uint32_t kIndexVersion = 1;
constexpr uint32_t kMaxPartitions = 1 << 20;

void Put32(uint32_t v, std::string* to) { to->append(reinterpret_cast<const char*>(&v), 4); }
void Put64(uint64_t v, std::string* to) { to->append(reinterpret_cast<const char*>(&v), 8); }
uint32_t Get32(const char* p) {
  uint32_t v;
  std::memcpy(&v, p, 4);
  return v;
}
uint64_t Get64(const char* p) {
  uint64_t v;
  std::memcpy(&v, p, 8);
  return v;
}

}  // namespace

void EncodeBlockHeader(const BlockHeader& header, char* to) {
  const uint32_t fields[4] = {header.crc, header.payload, header.records, header.codec};
  std::memcpy(to, fields, kBlockHeaderBytes);
}

BlockHeader DecodeBlockHeader(const char* from) { return {Get32(from), Get32(from + 4), Get32(from + 8), Get32(from + 12)}; }

Status CheckBlock(std::string_view block) {
  if (block.size() < kBlockHeaderBytes) return Corruption("a block of map output is cut short");
  const BlockHeader header = DecodeBlockHeader(block.data());
  if (header.codec != 0) return Corruption("a block of map output has the unknown codec " + std::to_string(header.codec));
  if (header.payload != block.size() - kBlockHeaderBytes || header.records == 0) {
    return Corruption("a block of map output says it has " + std::to_string(header.payload) + " bytes and " +
                      std::to_string(header.records) + " records in " + std::to_string(block.size()) + " bytes");
  }
  if (storage::Crc32c(block.data() + 4, block.size() - 4) != header.crc) {
    return Corruption("a block of map output does not match its checksum");
  }
  return OkStatus();
}

std::string EncodeIndex(std::span<const SegmentInfo> partitions) {
  std::string bytes(kIndexMagic);
  Put32(kIndexVersion, &bytes);
  Put32(static_cast<uint32_t>(partitions.size()), &bytes);
  for (const SegmentInfo& p : partitions) {
    Put64(p.offset, &bytes);
    Put64(p.bytes, &bytes);
    Put64(p.records, &bytes);
    Put64(p.digest, &bytes);
  }
  Put32(storage::Crc32c(bytes.data(), bytes.size()), &bytes);
  return bytes;
}

Result<std::vector<SegmentInfo>> DecodeIndex(std::string_view bytes) {
  if (bytes.size() < kIndexHead + 4 || bytes.substr(0, kIndexMagic.size()) != kIndexMagic) {
    return Corruption("this is not an index of map output");
  }
  const uint32_t version = Get32(bytes.data() + 8);
  const uint32_t partitions = Get32(bytes.data() + 12);
  if (version != kIndexVersion) return Corruption("an index of map output has the unknown version " + std::to_string(version));
  if (partitions > kMaxPartitions || bytes.size() != kIndexHead + partitions * kIndexEntry + 4) {
    return Corruption("an index of map output has a wrong length");
  }
  if (storage::Crc32c(bytes.data(), bytes.size() - 4) != Get32(bytes.data() + bytes.size() - 4)) {
    return Corruption("an index of map output does not match its checksum");
  }
  std::vector<SegmentInfo> infos(partitions);
  const char* p = bytes.data() + kIndexHead;
  for (SegmentInfo& info : infos) {
    info = {Get64(p), Get64(p + 8), Get64(p + 16), Get64(p + 24)};
    p += kIndexEntry;
  }
  return infos;
}

Result<std::vector<SegmentInfo>> ReadIndex(storage::Disk& disk, const std::string& path) {
  TUSK_ASSIGN(const std::string bytes, storage::ReadFile(disk, path, kIndexHead + kMaxPartitions * kIndexEntry + 4));
  auto index = DecodeIndex(bytes);
  if (!index.ok()) return index.status().WithContext(path);
  return index;
}

}  // namespace tusk::mr
