// A segment of the log from its header to its torn or damaged end.
//
// Whatever lies there, the scan may only believe records that a second, simpler reading of docs/formats/log.md believes too; and
// a window over a file must see what a view of the whole sees.
#include <glog/logging.h>

#include "common/storage/crc32c.h"
#include "common/storage/memory_disk.h"
#include "coordination/log/segment_scan.h"
#include "tests/fuzz/seeds.h"

namespace tusk::fuzz {
namespace {

using namespace coordination;  // NOLINT(google-build-using-namespace)

const LogIdentity kIdentity{.cluster_id = 0xC1, .node_id = 7, .group = "main"};
constexpr LogIndex kFirst = 42;
constexpr size_t kMostBytes = 32 << 10;
constexpr size_t kSaltAt = 32 + kMaxGroupBytes + 20;

// Puts the checksums right, record after record as the lengths lead, and the chain if asked.
void Seal(std::string* bytes, bool link) {
  if (bytes->size() < kPageBytes) return;
  const auto salt = GetAt<uint32_t>(*bytes, kSaltAt);
  auto chain = GetAt<uint32_t>(*bytes, kSaltAt - 4);
  PutAt(bytes, kPageBytes - 4, storage::Crc32c(bytes->data(), kPageBytes - 4));
  for (uint64_t at = kPageBytes; at + kRecordHeaderBytes <= bytes->size();) {
    const uint64_t total = RecordBytes(GetAt<uint32_t>(*bytes, at));
    if (total > bytes->size() - at) return;
    if (link) PutAt(bytes, at + 32, chain);
    PutAt(bytes, at + 36, storage::Crc32c(bytes->data() + at + kRecordHeaderBytes, total - kRecordHeaderBytes));
    chain = storage::Crc32c(bytes->data() + at, kRecordHeaderBytes - 4, salt);
    PutAt(bytes, at + kRecordHeaderBytes - 4, chain);
    at += total;
  }
}

// Every record that the scan counts, read once more by the letter of the format.
void CheckBelieved(std::string_view bytes, const SegmentScan& scan) {
  CHECK_EQ(GetAt<uint32_t>(bytes, kPageBytes - 4), SlowCrc32c(bytes.substr(0, kPageBytes - 4)));
  uint64_t at = kPageBytes;
  uint32_t chain = scan.header.chain_crc;
  Term term = scan.header.prev_term;
  for (LogIndex index = kFirst; index <= scan.last_index; ++index) {
    CHECK_LE(at + kRecordHeaderBytes, bytes.size());
    const std::string_view header = bytes.substr(at, kRecordHeaderBytes);
    const auto crc = GetAt<uint32_t>(header, 44);
    CHECK_EQ(crc, SlowCrc32c(header.substr(0, 44), scan.header.salt)) << "entry " << index << " has a wrong checksum";
    CHECK_EQ(GetAt<uint64_t>(header, 8), index);
    CHECK_GE(GetAt<uint64_t>(header, 16), term) << "the term falls at entry " << index;
    CHECK_EQ(GetAt<uint32_t>(header, 32), chain) << "entry " << index << " does not follow the one before";
    const uint64_t padded = PaddedLength(GetAt<uint32_t>(header, 0));
    CHECK_LE(at + kRecordHeaderBytes + padded, bytes.size());
    CHECK_EQ(GetAt<uint32_t>(header, 36), SlowCrc32c(bytes.substr(at + kRecordHeaderBytes, padded)))
        << "the payload of entry " << index << " has a wrong checksum";
    term = GetAt<uint64_t>(header, 16);
    chain = crc;
    at += kRecordHeaderBytes + padded;
  }
  CHECK_EQ(at, scan.end_offset);
  CHECK_EQ(term, scan.last_term);
  CHECK_EQ(chain, scan.chain);
}

void CheckScan(std::string_view bytes, const ScanRequest& request) {
  SpanSource source(Bytes(bytes));
  const auto scan = ScanSegment(source, request);

  static storage::MemoryDisk disk;
  auto file = disk.Open("/segment", storage::OpenMode::kTruncate);
  CHECK(file.ok() && (*file)->WriteAt(0, Bytes(bytes)).ok());
  FileSource window(**file, bytes.size(), 512);
  const auto same = ScanSegment(window, request);
  CHECK_EQ(scan.ok(), same.ok());
  if (!scan.ok()) {
    CHECK(scan.status().code() == Code::kFailedPrecondition || scan.status().code() == Code::kUnimplemented) << scan.status();
    return;
  }
  CHECK_EQ(scan->last_index, same->last_index);
  CHECK_EQ(scan->end_offset, same->end_offset);
  CHECK_EQ(scan->problem, same->problem);
  CHECK(scan->tail == same->tail && scan->durable == same->durable && scan->stray_headers == same->stray_headers);

  CHECK_GE(scan->durable, request.known_durable);
  if (scan->end_offset == 0) {  // not even the header is good
    CHECK(scan->tail == Tail::kCorrupt && !scan->problem.empty());
    return;
  }
  CheckBelieved(bytes, *scan);
  CHECK_EQ(scan->tail == Tail::kWhole, scan->problem.empty());
  // Nothing that anybody called durable may be cut silently.
  if (scan->tail != Tail::kCorrupt) CHECK(request.stop_before != 0 || scan->last_index >= scan->durable) << scan->last_index;
  for (const uint64_t offset : scan->stray_headers) {
    CHECK(offset >= scan->end_offset && offset % kRecordAlignment == 0 && offset + kRecordHeaderBytes <= bytes.size());
  }
  for (const IndexPoint& point : scan->points) {
    RecordCursor cursor(source, scan->header.salt, {.offset = point.offset, .index = point.index});
    const auto read = cursor.Next();
    CHECK(read.ok() && *read && cursor.header().index == point.index) << "an index point leads to no record";
  }
}

std::string Segment(const std::vector<size_t>& payloads, Term term, size_t unused) {
  const SegmentHeader header{.identity = kIdentity, .first_index = kFirst, .prev_term = 2, .chain_crc = 0x1234, .salt = 0xBEEF};
  std::string bytes = Text(EncodeSegmentHeader(header));
  uint32_t chain = header.chain_crc;
  LogIndex index = kFirst;
  for (const size_t size : payloads) {
    std::string payload(size, static_cast<char>('a' + index % 26));
    std::array<std::byte, kRecordHeaderBytes> record{};
    chain = EncodeRecordHeader({.length = static_cast<uint32_t>(size),
                                .index = index,
                                .term = term,
                                .durable_index = index - std::min<LogIndex>(index - kFirst, 3) - 1,
                                .chain_crc = chain,
                                .payload_crc = PayloadCrc(Bytes(payload))},
                               header.salt, record.data());
    payload.resize(PaddedLength(size));
    bytes += Text(record) + payload;
    ++index;
  }
  return bytes.append(unused, '\0');
}

}  // namespace

std::vector<std::string> Seeds() {
  std::vector<std::string> seeds;
  AddOrdered(Segment({}, 2, 512), &seeds);
  AddOrdered(Segment({1, 8, 0, 100, 7}, 3, 256), &seeds);
  AddOrdered(Segment(std::vector<size_t>(40, 24), 3, 64), &seeds);
  AddOrdered(Segment({3000, 40, 5000, 16}, 5, 0), &seeds);
  // A record quoted inside a payload must stay a payload.
  std::string quoting = Segment({200, 48}, 3, 128);
  quoting.replace(kPageBytes + 64, 48, quoting.substr(kPageBytes, 48));
  AddOrdered(quoting, &seeds);
  // Sealed, but with the chain as it is found.
  seeds.push_back("\x09" + Segment(std::vector<size_t>(20, 16), 3, 64));
  return seeds;
}

}  // namespace tusk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tusk::fuzz;
  auto [seal, bytes] = Order(data, std::min(size, kMostBytes));
  const uint8_t how = size > 0 ? data[0] : 0;
  if (seal) Seal(&bytes, (how & 8) == 0);
  tusk::coordination::ScanRequest request{.identity = kIdentity, .first_index = kFirst};
  if ((how & 2) != 0) request.known_durable = kFirst + 1;
  if ((how & 4) != 0) request.stop_before = kFirst + 4;
  CheckScan(bytes, request);
  return 0;
}
