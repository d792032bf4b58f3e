#include "coordination/log/segment_scan.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "common/base/try.h"
#include "common/storage/crc32c.h"

namespace tusk::coordination {

Result<std::span<const std::byte>> SpanSource::Get(uint64_t offset, uint64_t want) {
  if (offset >= bytes_.size()) return std::span<const std::byte>();
  return bytes_.subspan(offset, std::min<uint64_t>(want, bytes_.size() - offset));
}

Result<std::span<const std::byte>> FileSource::Get(uint64_t offset, uint64_t want) {
  if (offset >= size_) return std::span<const std::byte>();
  want = std::min(want, size_ - offset);
  if (offset < buffer_offset_ || offset + want > buffer_offset_ + buffered_) {
    const uint64_t n = std::min(std::max<uint64_t>(want, window_), size_ - offset);
    if (buffer_.size() < n) buffer_.resize(n);
    buffered_ = 0;
    TUSK_ASSIGN(buffered_, file_.ReadAt(offset, std::span(buffer_).first(n)));
    buffer_offset_ = offset;
  }
  const auto held = std::span<const std::byte>(buffer_).first(buffered_);
  return held.subspan(std::min<uint64_t>(offset - buffer_offset_, held.size()));
}

bool RecordCursor::Bad(std::string problem) {
  problem_ = "entry " + std::to_string(place_.index) + ": " + std::move(problem);
  payload_ = {};
  return false;
}

Result<bool> RecordCursor::Next() {
  TUSK_ASSIGN(auto bytes, source_.Get(place_.offset, kRecordHeaderBytes));
  if (bytes.size() < kRecordHeaderBytes) return Bad("the file ends");
  const auto header = DecodeRecordHeader(bytes, salt_);
  if (!header) return Bad("no readable record header");
  if (header->index != place_.index) return Bad("the record found is entry " + std::to_string(header->index));
  if (header->term < place_.prev_term) return Bad("its term is below that of the entry before it");
  if (place_.chain && header->chain_crc != *place_.chain) return Bad("it does not follow the record before it");
  const uint64_t total = RecordBytes(header->length);
  if (total > source_.size() - place_.offset) return Bad("it is longer than the file");  // before anything is allocated
  TUSK_ASSIGN(bytes, source_.Get(place_.offset, total));
  if (bytes.size() < total) return Bad("the file ends within it");
  const auto padded = bytes.subspan(kRecordHeaderBytes, PaddedLength(header->length));
  if (storage::Crc32c(padded) != header->payload_crc) return Bad("payload checksum mismatch");
  header_ = *header;
  payload_ = padded.first(header->length);
  place_ = {.offset = place_.offset + total, .index = header->index + 1, .prev_term = header->term, .chain = header->header_crc};
  return true;
}

Tail JudgeTail(LogIndex bad_index, bool is_last, LogIndex durable, bool remains) {
  if (!is_last || bad_index <= durable) return Tail::kCorrupt;
  return remains ? Tail::kTorn : Tail::kWhole;
}

Result<StrayHeaders> FindHeaders(ByteSource& source, uint64_t from, uint32_t salt) {
  StrayHeaders found;
  for (uint64_t offset = PaddedLength(from); offset + kRecordHeaderBytes <= source.size();) {
    TUSK_ASSIGN(const auto bytes, source.Get(offset, kRecordHeaderBytes));
    if (bytes.size() < kRecordHeaderBytes) break;
    size_t at = 0;
    // Most of a young segment is the zeros it was made of: passed over at the speed of memory.
    if (bytes[0] == std::byte{0} && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0) {
      offset += (bytes.size() - kRecordHeaderBytes) / kRecordAlignment * kRecordAlignment + kRecordAlignment;
      continue;
    }
    for (; at + kRecordHeaderBytes <= bytes.size(); at += kRecordAlignment) {
      const auto header = DecodeRecordHeader(bytes.subspan(at), salt);
      if (!header) continue;
      found.offsets.push_back(offset + at);
      found.durable = std::max(found.durable, header->durable_index);
    }
    offset += at;
  }
  return found;
}

Result<SegmentScan> ScanSegment(ByteSource& source, const ScanRequest& request) {
  SegmentScan scan;
  scan.last_index = request.first_index - 1;
  scan.durable = request.known_durable;
  const auto corrupt_header = [&](std::string problem) {
    scan.tail = Tail::kCorrupt;
    scan.problem = std::move(problem);
    return scan;
  };
  TUSK_ASSIGN(const auto page, source.Get(0, kPageBytes));
  if (page.size() < kPageBytes) return corrupt_header("the file is shorter than a segment header");
  auto header = DecodeSegmentHeader(page.first<kPageBytes>());
  if (!header.ok()) {
    if (header.status().code() == Code::kUnimplemented) return header.status();
    return corrupt_header(header.status().message());
  }
  scan.header = std::move(header).value();
  if (scan.header.identity != request.identity) {
    return FailedPrecondition("the segment belongs to " + ToString(scan.header.identity) + ", not to " +
                              ToString(request.identity));
  }
  if (scan.header.first_index != request.first_index) {
    return corrupt_header("the header says that it starts at entry " + std::to_string(scan.header.first_index));
  }
  if ((request.chain && *request.chain != scan.header.chain_crc) ||
      (request.prev_term && *request.prev_term != scan.header.prev_term)) {
    return corrupt_header("the header does not follow the last record of the segment before it");
  }

  scan.last_term = scan.header.prev_term;
  RecordCursor cursor(
      source, scan.header.salt,
      {.offset = kPageBytes, .index = request.first_index, .prev_term = scan.header.prev_term, .chain = scan.header.chain_crc});
  const bool is_last = request.stop_before == 0;
  bool ended = false;
  while (is_last || cursor.place().index < request.stop_before) {
    const IndexPoint here = {.index = cursor.place().index, .offset = cursor.place().offset};
    TUSK_ASSIGN(const bool read, cursor.Next());
    if (!read) {
      ended = true;
      break;
    }
    if (scan.points.empty() || here.offset - scan.points.back().offset >= kIndexPointBytes) scan.points.push_back(here);
    scan.durable = std::max(scan.durable, cursor.header().durable_index);
  }
  scan.last_index = cursor.place().index - 1;
  scan.last_term = cursor.place().prev_term;
  scan.chain = *cursor.place().chain;
  scan.end_offset = cursor.place().offset;
  if (!ended) return scan;

  if (is_last) {
    TUSK_ASSIGN(auto strays, FindHeaders(source, scan.end_offset, scan.header.salt));
    scan.durable = std::max(scan.durable, strays.durable);
    scan.stray_headers = std::move(strays.offsets);
  }
  scan.tail = JudgeTail(scan.last_index + 1, is_last, scan.durable, !scan.stray_headers.empty());
  if (scan.tail != Tail::kWhole) {
    scan.problem = cursor.problem();
    scan.problem_offset = scan.end_offset;
  }
  return scan;
}

}  // namespace tusk::coordination
