// What DataNodes and clients send each other and keep beside a block: packets, acks, checksum files, the folder's identity.
#include <glog/logging.h>

#include "common/storage/crc32c.h"
#include "common/storage/memory_disk.h"
#include "dfs/datanode/store/chunk_checksums.h"
#include "dfs/datanode/store/folder_identity.h"
#include "dfs/datanode/store/meta_file.h"
#include "dfs/datanode/store/scrub_cursor.h"
#include "dfs/protocol/block_token.h"
#include "dfs/protocol/packet.h"
#include "tests/fuzz/seeds.h"

namespace tusk::fuzz {
namespace {

using namespace dfs;  // NOLINT(google-build-using-namespace)

// The first N bytes with the crc32c of what stands before it at N - 4, where all three formats have it.
template <size_t N>
std::array<std::byte, N> Record(std::string_view input, bool seal) {
  auto bytes = Fixed<N>(input);
  if (seal) {
    const uint32_t crc = storage::Crc32c(bytes.data(), N - 4);
    std::memcpy(bytes.data() + N - 4, &crc, sizeof(crc));
  }
  return bytes;
}

template <size_t N>
void CheckCrc(const std::array<std::byte, N>& bytes) {
  CHECK_EQ(GetAt<uint32_t>(Text(bytes), N - 4), SlowCrc32c(Text(bytes).substr(0, N - 4)));
}

void CheckPacket(std::string_view input, bool seal) {
  const auto bytes = Record<kPacketHeaderBytes>(input, seal);
  const auto header = DecodePacketHeader(bytes);
  if (!header.ok()) return;
  CheckCrc(bytes);
  CHECK_LE(header->payload_bytes, kMaxPacketBytes);
  CHECK_LE(header->checksum_count, kMaxPacketBytes / kMinChunkBytes + 2);
  CHECK_GE(header->offset + header->payload_bytes, header->offset) << "the offset overflows";
  CHECK_LE(ChecksumCount(header->offset, header->payload_bytes, kMinChunkBytes), kMaxPacketBytes / kMinChunkBytes + 1);
  std::array<std::byte, kPacketHeaderBytes> again{};
  EncodePacketHeader(*header, again);
  CHECK(again == bytes);
}

void CheckAck(std::string_view input, bool seal) {
  const auto bytes = Record<kAckBytes>(input, seal);
  const auto ack = DecodeAck(bytes);
  if (!ack.ok()) return;
  CheckCrc(bytes);
  CHECK(!CodeName(ack->code).empty());
  std::array<std::byte, kAckBytes> again{};
  EncodeAck(*ack, again);
  CHECK(again == bytes);
}

// Whatever is taken for a token has its form, and only the one that was signed is believed.
void CheckToken(std::string_view input) {
  const BlockKey key{.id = 7, .secret = std::string(kBlockSecretBytes, 'k'), .expires_ms = 1'000};
  const auto token = DecodeToken(input);
  if (!token.ok()) {
    CHECK(token.status().code() == Code::kPermissionDenied);
    return;
  }
  const std::string minted = MintToken(*token, key);
  CHECK_EQ(minted.size(), input.size());
  const bool believed = VerifyToken(input, *token, key, token->block, 0xFF, 0).ok();
  CHECK(!believed || minted == input || token->key != key.id);
}

void CheckMetaHeader(std::string_view input, bool seal) {
  const auto bytes = Record<datanode::kMetaHeaderBytes>(input, seal);
  const auto header = datanode::DecodeMetaHeader(bytes);
  if (!header.ok()) return;
  CheckCrc(bytes);
  CHECK(datanode::CheckChunkBytes(header->chunk_bytes).ok());
  std::array<std::byte, datanode::kMetaHeaderBytes> again{};
  datanode::EncodeMetaHeader(*header, again);
  CHECK(again == bytes);
  if (header->length < (uint64_t{1} << 60)) {
    CHECK_GE(datanode::MetaFileBytes(header->length, header->chunk_bytes),
             datanode::MetaOffset(header->length, header->chunk_bytes));
  }
}

void CheckScrubCursor(std::string_view input, bool seal) {
  std::string bytes(input);
  if (seal && bytes.size() >= 36) PutAt<uint32_t>(&bytes, 32, SlowCrc32c(bytes.substr(0, 32)));
  const auto cursor = datanode::DecodeScrubCursor(Bytes(bytes));
  if (cursor) {
    CHECK_EQ(GetAt<uint32_t>(bytes, 32), SlowCrc32c(bytes.substr(0, 32)));
    CHECK(Text(datanode::EncodeScrubCursor(*cursor)) == bytes);
  }
  storage::MemoryDisk disk;
  CHECK(storage::WriteFileAtomically(disk, "/scrub", bytes).ok());
  CHECK(datanode::LoadScrubCursor(disk, "/scrub") == cursor);
}

// The first four bytes choose offset and chunk; the rest is cut into data and checksums.
void CheckChunks(std::string_view input) {
  if (input.size() < 4) return;
  const uint64_t offset = GetAt<uint16_t>(input, 0);
  const uint32_t chunk = kMinChunkBytes * (1 + GetAt<uint8_t>(input, 2) % 4);
  const std::string_view data = input.substr(4);
  const auto crcs = datanode::ComputeChunks(Bytes(data), offset, chunk);
  CHECK_EQ(crcs.size(), 4 * size_t{ChecksumCount(offset, data.size(), chunk)});
  CHECK(datanode::VerifyChunks(Bytes(data), offset, chunk, crcs).ok());
  const std::string_view given = data.substr(0, data.size() * GetAt<uint8_t>(input, 3) / 256);
  const Status wrong = datanode::VerifyChunks(Bytes(data), offset, chunk, Bytes(given));
  CHECK(!wrong.ok() || Text(crcs) == given);
}

// The input as the folder's two text files, cut at the first NUL.
void CheckIdentity(std::string_view input) {
  const size_t cut = std::min(input.find('\0'), input.size());
  storage::MemoryDisk disk;
  const datanode::Layout layout("/data");
  CHECK(disk.CreateDirectories("/data").ok());
  const auto write = [&](const std::string& path, std::string_view text) {
    auto file = disk.Open(path, storage::OpenMode::kTruncate);
    CHECK(file.ok() && (*file)->WriteAt(0, Bytes(text)).ok());
  };
  write(layout.Identity(), input.substr(0, cut));
  if (cut < input.size()) write(layout.Epoch(), input.substr(cut + 1));
  const auto identity = datanode::FolderIdentity::Open(disk, layout);
  if (!identity.ok()) return;
  CHECK_NE((*identity)->node().value(), 0u);
  const uint64_t epoch = (*identity)->epoch();
  if (epoch > 0) CHECK((*identity)->Obey(epoch - 1).code() == Code::kStaleEpoch);
  if (epoch < UINT64_MAX) CHECK((*identity)->Obey(epoch + 1).ok());
  const auto again = datanode::FolderIdentity::Open(disk, layout);
  CHECK(again.ok() && (*again)->node() == (*identity)->node() && (*again)->epoch() == (*identity)->epoch()) << again.status();
}

std::string Identity() {
  storage::MemoryDisk disk;
  const datanode::Layout layout("/data");
  const auto identity = datanode::FolderIdentity::Open(disk, layout);
  CHECK(identity.ok() && (*identity)->BindCluster(12345).ok() && (*identity)->Obey(7).ok());
  const auto text = storage::ReadFile(disk, layout.Identity());
  const auto epoch = storage::ReadFile(disk, layout.Epoch());
  CHECK(text.ok() && epoch.ok());
  // The node's number is random; seeds are not.
  const size_t node = text->find("node ", text->find('\n')) + 5;
  return text->substr(0, node) + "77" + text->substr(text->find('\n', node)) + std::string(1, '\0') + *epoch;
}

}  // namespace

std::vector<std::string> Seeds() {
  std::vector<std::string> seeds;
  std::array<std::byte, kPacketHeaderBytes> packet{};
  EncodePacketHeader({.payload_bytes = 65536, .checksum_count = 4, .offset = 1 << 20, .sequence = 9, .flags = 0}, packet);
  AddOrdered(Text(packet), &seeds);
  EncodePacketHeader({.payload_bytes = 0, .checksum_count = 0, .offset = 77, .sequence = 10, .flags = kLastPacket}, packet);
  AddOrdered(Text(packet), &seeds);
  std::array<std::byte, kAckBytes> ack{};
  EncodeAck({.sequence = 9, .code = Code::kNoSpace, .failed = 1}, ack);
  AddOrdered(Text(ack), &seeds);
  AddOrdered(MintToken({.expires_ms = 900, .block = BlockId(5), .modes = kReadAccess, .user = "ann"},
                       {.id = 7, .secret = std::string(kBlockSecretBytes, 'k'), .expires_ms = 1'000}),
             &seeds);
  std::array<std::byte, datanode::kMetaHeaderBytes> meta{};
  datanode::EncodeMetaHeader({.block = BlockId(1 << 30), .length = 123456, .chunk_bytes = 16384}, meta);
  AddOrdered(Text(meta), &seeds);
  datanode::EncodeMetaHeader({.block = BlockId(5), .length = datanode::kUnfinishedLength, .chunk_bytes = 512}, meta);
  AddOrdered(Text(meta), &seeds);
  AddOrdered(Text(datanode::EncodeScrubCursor({BlockId(77), 1'700'000'000'000, 3})), &seeds);
  AddOrdered(Identity(), &seeds);
  AddOrdered(std::string("\x07\x00\x01\x10", 4) + std::string(3000, 'd'), &seeds);
  return seeds;
}

}  // namespace tusk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tusk::fuzz;
  const auto [seal, bytes] = Order(data, size);
  CheckPacket(bytes, seal);
  CheckAck(bytes, seal);
  CheckMetaHeader(bytes, seal);
  CheckScrubCursor(std::string_view(bytes).substr(0, 8192), seal);
  CheckChunks(std::string_view(bytes).substr(0, 8192));
  CheckToken(bytes);
  CheckIdentity(bytes);
  return 0;
}
