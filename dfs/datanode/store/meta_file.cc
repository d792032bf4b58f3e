#include "dfs/datanode/store/meta_file.h"

#include "common/base/try.h"
#include "common/storage/crc32c.h"
#include "dfs/datanode/store/little_endian.h"
#include "dfs/protocol/packet.h"

namespace tusk::dfs::datanode {
namespace {

constexpr uint32_t kMagic = 0x4D424B54;  // "TKBM" as bytes
constexpr uint16_t kVersion = 1;
constexpr uint16_t kCrc32c = 1;

}  // namespace

void EncodeMetaHeader(const MetaHeader& header, std::span<std::byte, kMetaHeaderBytes> out) {
  StoreLe<uint32_t>(&out[0], kMagic);
  StoreLe<uint16_t>(&out[4], kVersion);
  StoreLe<uint16_t>(&out[6], kCrc32c);
  StoreLe<uint64_t>(&out[8], header.block.value());
  StoreLe<uint64_t>(&out[16], header.length);
  StoreLe<uint32_t>(&out[24], header.chunk_bytes);
  StoreLe<uint32_t>(&out[28], storage::Crc32c(out.first<28>()));
}

Result<MetaHeader> DecodeMetaHeader(std::span<const std::byte, kMetaHeaderBytes> bytes) {
  if (LoadLe<uint32_t>(&bytes[0]) != kMagic) return Corruption("not a block checksum file: the first bytes are not TKBM");
  if (LoadLe<uint32_t>(&bytes[28]) != storage::Crc32c(bytes.first<28>())) {
    return Corruption("the header of the block checksum file does not match its crc32c");
  }
  if (const auto version = LoadLe<uint16_t>(&bytes[4]); version != kVersion) {
    return Status(Code::kUnimplemented, "block checksum file of version " + std::to_string(version) + "; this program reads " +
                                            std::to_string(kVersion) + ": use the program that wrote it");
  }
  if (const auto kind = LoadLe<uint16_t>(&bytes[6]); kind != kCrc32c) {
    return Status(Code::kUnimplemented,
                  "block checksum file with checksums of kind " + std::to_string(kind) + "; this program knows only 1 (crc32c)");
  }
  MetaHeader header;
  header.block = BlockId(LoadLe<uint64_t>(&bytes[8]));
  header.length = LoadLe<uint64_t>(&bytes[16]);
  header.chunk_bytes = LoadLe<uint32_t>(&bytes[24]);
  if (Status chunk = CheckChunkBytes(header.chunk_bytes); !chunk.ok()) return Corruption(chunk.message());
  return header;
}

Status CheckChunkBytes(uint64_t chunk_bytes) {
  if (chunk_bytes >= kMinChunkBytes && chunk_bytes <= kMaxChunkBytes && chunk_bytes % 512 == 0) return OkStatus();
  return InvalidArgument(std::to_string(chunk_bytes) + " bytes per checksum: must be a multiple of 512 from " +
                         std::to_string(kMinChunkBytes) + " to " + std::to_string(kMaxChunkBytes));
}

}  // namespace tusk::dfs::datanode
