#include "coordination/log/log_format.h"

#include <charconv>
#include <cstring>

#include "common/storage/crc32c.h"

namespace tusk::coordination {
namespace {

using storage::Crc32c;

constexpr std::array<char, 8> kSegmentMagic = {'T', 'u', 's', 'k', 'S', 'e', 'g', '\n'};
constexpr std::array<char, 8> kMetaMagic = {'T', 'u', 's', 'k', 'M', 'e', 't', '\n'};
constexpr std::array<char, 8> kHintMagic = {'T', 'u', 's', 'k', 'H', 'n', 't', '\n'};
constexpr size_t kPageCrcOffset = kPageBytes - 4;
constexpr size_t kRecordCrcOffset = kRecordHeaderBytes - 4;
constexpr size_t kHintCrcOffset = kHintBytes - 4;

// Field offsets within a page; the meta and the segment header share the first ones.
constexpr size_t kVersionAt = 8;
constexpr size_t kGroupLengthAt = 12;
constexpr size_t kClusterAt = 16;
constexpr size_t kNodeAt = 24;
constexpr size_t kGroupAt = 32;
constexpr size_t kFieldsAt = kGroupAt + kMaxGroupBytes;

template <class T>
void Store(std::byte* at, T value) {
  std::memcpy(at, &value, sizeof(value));
}
template <class T>
T Load(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof(value));
  return value;
}

PageBytes StartPage(const std::array<char, 8>& magic, const LogIdentity& identity) {
  PageBytes page{};
  std::memcpy(page.data(), magic.data(), magic.size());
  Store(page.data() + kVersionAt, kLogVersion);
  const size_t group_length = std::min(identity.group.size(), kMaxGroupBytes);
  Store(page.data() + kGroupLengthAt, static_cast<uint32_t>(group_length));
  Store(page.data() + kClusterAt, identity.cluster_id);
  Store(page.data() + kNodeAt, identity.node_id);
  std::memcpy(page.data() + kGroupAt, identity.group.data(), group_length);
  return page;
}

void SealPage(PageBytes& page) { Store(page.data() + kPageCrcOffset, Crc32c(page.data(), kPageCrcOffset)); }

Result<LogIdentity> OpenPage(std::span<const std::byte, kPageBytes> page, const std::array<char, 8>& magic,
                             std::string_view what) {
  if (std::memcmp(page.data(), magic.data(), magic.size()) != 0) return Corruption("not " + std::string(what) + " (wrong magic)");
  if (Load<uint32_t>(page.data() + kPageCrcOffset) != Crc32c(page.data(), kPageCrcOffset)) {
    return Corruption("checksum mismatch in " + std::string(what));
  }
  const auto version = Load<uint32_t>(page.data() + kVersionAt);
  if (version != kLogVersion) {
    return Status(Code::kUnimplemented, std::string(what) + " has version " + std::to_string(version) +
                                            ", this program reads version " + std::to_string(kLogVersion));
  }
  const auto group_length = Load<uint32_t>(page.data() + kGroupLengthAt);
  if (group_length > kMaxGroupBytes) return Corruption("impossible group name in " + std::string(what));
  return LogIdentity{.cluster_id = Load<uint64_t>(page.data() + kClusterAt),
                     .node_id = Load<uint64_t>(page.data() + kNodeAt),
                     .group = std::string(reinterpret_cast<const char*>(page.data() + kGroupAt), group_length)};
}

}  // namespace

std::string ToString(const LogIdentity& identity) {
  std::array<char, 17> cluster{};
  std::to_chars(cluster.data(), cluster.data() + 16, identity.cluster_id, 16);
  return "cluster " + std::string(cluster.data()) + ", node " + std::to_string(identity.node_id) + ", group " + identity.group;
}

PageBytes EncodeSegmentHeader(const SegmentHeader& header) {
  PageBytes page = StartPage(kSegmentMagic, header.identity);
  std::byte* fields = page.data() + kFieldsAt;
  Store(fields, header.first_index);
  Store(fields + 8, header.prev_term);
  Store(fields + 16, header.chain_crc);
  Store(fields + 20, header.salt);
  SealPage(page);
  return page;
}

Result<SegmentHeader> DecodeSegmentHeader(std::span<const std::byte, kPageBytes> bytes) {
  auto identity = OpenPage(bytes, kSegmentMagic, "a segment header");
  if (!identity.ok()) return std::move(identity).status();
  const std::byte* fields = bytes.data() + kFieldsAt;
  return SegmentHeader{.identity = std::move(identity).value(),
                       .first_index = Load<uint64_t>(fields),
                       .prev_term = Load<uint64_t>(fields + 8),
                       .chain_crc = Load<uint32_t>(fields + 16),
                       .salt = Load<uint32_t>(fields + 20)};
}

uint32_t EncodeRecordHeader(const RecordHeader& header, uint32_t salt, std::byte* out) {
  Store(out, header.length);
  Store(out + 4, static_cast<uint8_t>(header.type));
  Store(out + 5, uint8_t{0});   // flags
  Store(out + 6, uint16_t{0});  // reserved
  Store(out + 8, header.index);
  Store(out + 16, header.term);
  Store(out + 24, header.durable_index);
  Store(out + 32, header.chain_crc);
  Store(out + 36, header.payload_crc);
  Store(out + 40, uint32_t{0});  // reserved
  const uint32_t crc = Crc32c(out, kRecordCrcOffset, salt);
  Store(out + kRecordCrcOffset, crc);
  return crc;
}

std::optional<RecordHeader> DecodeRecordHeader(std::span<const std::byte> bytes, uint32_t salt) {
  if (bytes.size() < kRecordHeaderBytes) return std::nullopt;
  const std::byte* in = bytes.data();
  const auto type = Load<uint8_t>(in + 4);
  // The cheap tests first: a search for headers comes here for every 8 bytes.
  if (type > static_cast<uint8_t>(EntryType::kConfiguration) || Load<uint8_t>(in + 5) != 0 || Load<uint16_t>(in + 6) != 0 ||
      Load<uint32_t>(in + 40) != 0 || Load<uint64_t>(in + 8) == 0) {
    return std::nullopt;
  }
  const auto crc = Load<uint32_t>(in + kRecordCrcOffset);
  if (crc != Crc32c(in, kRecordCrcOffset, salt)) return std::nullopt;
  return RecordHeader{.length = Load<uint32_t>(in),
                      .type = static_cast<EntryType>(type),
                      .index = Load<uint64_t>(in + 8),
                      .term = Load<uint64_t>(in + 16),
                      .durable_index = Load<uint64_t>(in + 24),
                      .chain_crc = Load<uint32_t>(in + 32),
                      .payload_crc = Load<uint32_t>(in + 36),
                      .header_crc = crc};
}

uint32_t PayloadCrc(std::span<const std::byte> payload) {
  static constexpr std::array<std::byte, kRecordAlignment> kZeroes{};
  return Crc32c(kZeroes.data(), PaddedLength(payload.size()) - payload.size(), Crc32c(payload));
}

PageBytes EncodeMeta(const LogMeta& meta, const LogIdentity& identity) {
  PageBytes page = StartPage(kMetaMagic, identity);
  std::byte* fields = page.data() + kFieldsAt;
  Store(fields, meta.sequence);
  Store(fields + 8, meta.hard_state.term);
  Store(fields + 16, meta.hard_state.voted_for);
  Store(fields + 24, meta.durable_index);
  Store(fields + 32, meta.first_index);
  Store(fields + 40, meta.last_segment);
  Store(fields + 48, meta.truncate_from);
  Store(fields + 56, meta.truncations);
  SealPage(page);
  return page;
}

Result<DecodedMeta> DecodeMeta(std::span<const std::byte, kPageBytes> bytes) {
  auto identity = OpenPage(bytes, kMetaMagic, "a meta slot");
  if (!identity.ok()) return std::move(identity).status();
  const std::byte* fields = bytes.data() + kFieldsAt;
  return DecodedMeta{.meta = {.sequence = Load<uint64_t>(fields),
                              .hard_state = {.term = Load<uint64_t>(fields + 8), .voted_for = Load<uint64_t>(fields + 16)},
                              .durable_index = Load<uint64_t>(fields + 24),
                              .first_index = Load<uint64_t>(fields + 32),
                              .last_segment = Load<uint64_t>(fields + 40),
                              .truncate_from = Load<uint64_t>(fields + 48),
                              .truncations = Load<uint64_t>(fields + 56)},
                     .identity = std::move(identity).value()};
}

std::array<std::byte, kHintBytes> EncodeHint(const DurableHint& hint) {
  std::array<std::byte, kHintBytes> bytes{};
  std::memcpy(bytes.data(), kHintMagic.data(), kHintMagic.size());
  Store(bytes.data() + 8, hint.truncations);
  Store(bytes.data() + 16, hint.durable_index);
  Store(bytes.data() + kHintCrcOffset, Crc32c(bytes.data(), kHintCrcOffset));
  return bytes;
}

std::optional<DurableHint> DecodeHint(std::span<const std::byte, kHintBytes> bytes) {
  if (std::memcmp(bytes.data(), kHintMagic.data(), kHintMagic.size()) != 0) return std::nullopt;
  if (Load<uint32_t>(bytes.data() + kHintCrcOffset) != Crc32c(bytes.data(), kHintCrcOffset)) return std::nullopt;
  return DurableHint{.truncations = Load<uint64_t>(bytes.data() + 8), .durable_index = Load<uint64_t>(bytes.data() + 16)};
}

std::string SegmentFileName(LogIndex first_index) {
  std::string name(16, '0');
  for (size_t digit = name.size(); digit-- > 0; first_index >>= 4) name[digit] = "0123456789abcdef"[first_index & 15];
  return name + ".seg";
}

std::optional<LogIndex> ParseSegmentFileName(std::string_view name) {
  LogIndex index = 0;
  if (name.size() != 20) return std::nullopt;
  const auto parsed = std::from_chars(name.data(), name.data() + 16, index, 16);
  if (parsed.ec != std::errc() || SegmentFileName(index) != name) return std::nullopt;
  return index;
}

}  // namespace tusk::coordination
