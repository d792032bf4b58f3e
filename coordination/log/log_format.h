// The bytes of the log on disk, encoded and decoded without any I/O. docs/formats/log.md shows them with an example.
//
// All integers are little endian. Every checksum is CRC-32C.
//   segment file   4 KiB header, then records, each starting at a multiple of 8; what follows the last record means nothing
//   record         48-byte header, payload, zeroes up to a multiple of 8
//   meta file      slot A (4 KiB), slot B (4 KiB), durable hint (in the first sector of the last 4 KiB)
//
// Invariants: a record is believed only if its header checksum, salted with its segment's random salt, holds, its chain value is
// the header checksum of the record before it, its index follows, its term does not fall, and its payload checksum holds. So
// neither stale records of a recycled file, nor lost or misdirected writes, nor records quoted inside payloads pass.
// Thread: pure functions.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "coordination/log/log.h"

namespace tusk::coordination {

static_assert(std::endian::native == std::endian::little, "headers are copied, not converted");

inline constexpr uint32_t kLogVersion = 1;
inline constexpr size_t kPageBytes = 4096;  // of a segment header and of a meta slot
inline constexpr size_t kRecordHeaderBytes = 48;
inline constexpr size_t kRecordAlignment = 8;
inline constexpr size_t kMaxGroupBytes = 64;
inline constexpr uint64_t kMaxSegmentBytes = uint64_t{4} << 30;
inline constexpr uint64_t kMetaFileBytes = 3 * kPageBytes;
inline constexpr uint64_t kHintOffset = 2 * kPageBytes;
inline constexpr size_t kHintBytes = 32;

using PageBytes = std::array<std::byte, kPageBytes>;

// Whose log it is: a file of another is refused.
struct LogIdentity {
  uint64_t cluster_id = 0;
  uint64_t node_id = 0;
  std::string group;  // at most kMaxGroupBytes
  bool operator==(const LogIdentity&) const = default;
};
std::string ToString(const LogIdentity& identity);

struct SegmentHeader {
  LogIdentity identity;
  LogIndex first_index = 1;
  Term prev_term = 0;      // of the entry before the first; 0 if there is none
  uint32_t chain_crc = 0;  // what the first record must carry
  uint32_t salt = 0;       // drawn anew each time the file is put to use
};
PageBytes EncodeSegmentHeader(const SegmentHeader& header);
// kCorruption: not a header, or damaged; kUnimplemented: a later version.
Result<SegmentHeader> DecodeSegmentHeader(std::span<const std::byte, kPageBytes> bytes);

struct RecordHeader {
  uint32_t length = 0;  // of the payload
  EntryType type = EntryType::kData;
  LogIndex index = 0;
  Term term = 0;
  LogIndex durable_index = 0;  // everything up to here was synced before this record was written
  uint32_t chain_crc = 0;      // header_crc of the previous record
  uint32_t payload_crc = 0;    // of the payload and its padding
  uint32_t header_crc = 0;     // set by encoding
};
// Writes kRecordHeaderBytes to `out` and returns the header's checksum: the chain value of the next record.
uint32_t EncodeRecordHeader(const RecordHeader& header, uint32_t salt, std::byte* out);
// Nothing if the checksum fails or a field has a value that version 1 never writes.
std::optional<RecordHeader> DecodeRecordHeader(std::span<const std::byte> bytes, uint32_t salt);

constexpr uint64_t PaddedLength(uint64_t length) { return (length + kRecordAlignment - 1) & ~uint64_t{kRecordAlignment - 1}; }
constexpr uint64_t RecordBytes(uint64_t length) { return kRecordHeaderBytes + PaddedLength(length); }
// As stored in RecordHeader::payload_crc, from the payload without its padding.
uint32_t PayloadCrc(std::span<const std::byte> payload);

// What is true of the log as a whole; see meta_slots.h for when it is written.
struct LogMeta {
  uint64_t sequence = 0;
  HardState hard_state{};
  LogIndex durable_index = 0;
  LogIndex first_index = 1;    // segments that lie below are leftovers
  LogIndex last_segment = 0;   // first index of the newest segment known to exist; 0 before there is one
  LogIndex truncate_from = 0;  // not 0: entries from here on are being removed
  uint64_t truncations = 0;    // how many suffixes were removed; a hint counts only with the same number
  bool operator==(const LogMeta&) const = default;
};
PageBytes EncodeMeta(const LogMeta& meta, const LogIdentity& identity);
struct DecodedMeta {
  LogMeta meta;
  LogIdentity identity;
};
Result<DecodedMeta> DecodeMeta(std::span<const std::byte, kPageBytes> bytes);

struct DurableHint {
  uint64_t truncations = 0;
  LogIndex durable_index = 0;
};
std::array<std::byte, kHintBytes> EncodeHint(const DurableHint& hint);
std::optional<DurableHint> DecodeHint(std::span<const std::byte, kHintBytes> bytes);

// "000000000000002a.seg" and back; nothing for other names.
std::string SegmentFileName(LogIndex first_index);
std::optional<LogIndex> ParseSegmentFileName(std::string_view name);

}  // namespace tusk::coordination
