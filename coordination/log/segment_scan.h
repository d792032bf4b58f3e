// Walks the records of one segment and judges what it finds at the end: a write that never finished, or damage.
//
// The judgement: entries are synced batch by batch, one batch at a time, and every record says up to where the log was durable
// when it was written. So an unreadable record at index k was certainly acknowledged if anything says durable >= k: the meta, the
// hint, any readable record, before or after it, or a later segment. Then it is corruption. Otherwise k belongs to the last
// batch, whose sync was never answered; disks write its sectors in any order, so readable records of the same batch behind it
// prove nothing, and the tail is cut at k.
//
// Thread: a pure function of its source's bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/storage/disk.h"
#include "coordination/log/log_format.h"

namespace tusk::coordination {

// Bytes by offset, with a window of bounded size over a file, or in memory.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual uint64_t size() const = 0;
  // `want` bytes or more from `offset`, fewer only at the end; valid until the next call.
  virtual Result<std::span<const std::byte>> Get(uint64_t offset, uint64_t want) = 0;
};

class SpanSource final : public ByteSource {
 public:
  explicit SpanSource(std::span<const std::byte> bytes) : bytes_(bytes) {}
  uint64_t size() const override { return bytes_.size(); }
  Result<std::span<const std::byte>> Get(uint64_t offset, uint64_t want) override;

 private:
  std::span<const std::byte> bytes_;
};

// The file must outlive the source. Holds max(window, largest request) bytes.
class FileSource final : public ByteSource {
 public:
  FileSource(storage::File& file, uint64_t size, size_t window) : file_(file), size_(size), window_(window) {}
  uint64_t size() const override { return size_; }
  Result<std::span<const std::byte>> Get(uint64_t offset, uint64_t want) override;

 private:
  storage::File& file_;
  uint64_t size_;
  size_t window_;
  std::vector<std::byte> buffer_;
  uint64_t buffer_offset_ = 0;
  size_t buffered_ = 0;
};

// One record after another from a given place.
class RecordCursor {
 public:
  struct Place {
    uint64_t offset = kPageBytes;
    LogIndex index = 1;               // of the record at the offset
    Term prev_term = 0;               // of the one before
    std::optional<uint32_t> chain{};  // unknown when starting in the middle of a segment
  };
  RecordCursor(ByteSource& source, uint32_t salt, Place place) : source_(source), salt_(salt), place_(place) {}

  // True: header() and payload() are the next record. False: problem() says what stands at place() instead; stays there.
  // An error: the source could not be read.
  Result<bool> Next();
  const RecordHeader& header() const { return header_; }
  std::span<const std::byte> payload() const { return payload_; }  // until Next
  const Place& place() const { return place_; }                    // of the record that comes next
  const std::string& problem() const { return problem_; }

 private:
  bool Bad(std::string problem);

  ByteSource& source_;
  uint32_t salt_;
  Place place_;
  RecordHeader header_;
  std::span<const std::byte> payload_;
  std::string problem_;
};

// Where an entry starts; kept every kIndexPointBytes so that a read need not walk a whole segment.
struct IndexPoint {
  LogIndex index = 0;
  uint64_t offset = 0;
};
inline constexpr uint64_t kIndexPointBytes = 64 << 10;

enum class Tail {
  kWhole,    // the last record is followed by nothing of this segment
  kTorn,     // remains of an unfinished batch follow, none of it acknowledged: to be erased
  kCorrupt,  // an acknowledged record cannot be read
};

// `bad_index` cannot be read; `is_last`: no segment follows; `durable`: the highest durable index that anything has told;
// `remains`: something of this segment stands there or behind.
Tail JudgeTail(LogIndex bad_index, bool is_last, LogIndex durable, bool remains);

struct ScanRequest {
  LogIdentity identity;
  LogIndex first_index = 1;
  std::optional<uint32_t> chain{};  // what the segment before ended with
  std::optional<Term> prev_term{};  // likewise
  LogIndex stop_before = 0;         // first index of the segment after; 0: this is the last one
  LogIndex known_durable = 0;       // from the meta and the hint
};

struct SegmentScan {
  SegmentHeader header;
  LogIndex last_index = 0;  // first_index - 1 if there is no record
  Term last_term = 0;
  uint32_t chain = 0;       // for the next record
  uint64_t end_offset = 0;  // where it goes
  LogIndex durable = 0;     // the highest told, at least known_durable
  std::vector<IndexPoint> points;
  Tail tail = Tail::kWhole;
  std::string problem;                  // of kTorn and kCorrupt
  uint64_t problem_offset = 0;          // likewise
  std::vector<uint64_t> stray_headers;  // offsets at or behind end_offset, to be zeroed before anything is appended
};

// kFailedPrecondition: the segment is another log's; kUnimplemented: a later version; else only the source's errors. Damage is
// an answer, not an error.
Result<SegmentScan> ScanSegment(ByteSource& source, const ScanRequest& request);

// The offsets (multiples of 8, from `from` on) of every header written with this salt, and the highest durable index among them.
struct StrayHeaders {
  std::vector<uint64_t> offsets;
  LogIndex durable = 0;
};
Result<StrayHeaders> FindHeaders(ByteSource& source, uint64_t from, uint32_t salt);

}  // namespace tusk::coordination
