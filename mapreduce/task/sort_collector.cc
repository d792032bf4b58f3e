#include "mapreduce/task/collector.h"

#include <algorithm>

#include "common/base/try.h"
#include "mapreduce/task/staged_records.h"

namespace tusk::mr {
namespace {

constexpr uint64_t kMaxRecordBytes = uint64_t{1} << 30;

class SortCollector final : public Collector {
 public:
  explicit SortCollector(CollectorOptions options)
      : options_(Checked(std::move(options))),
        output_(options_.output),
        arena_(options_.sort_bytes),
        batches_(options_.output.partitions),
        pieces_(options_.output.partitions),
        // Pieces of each partition side by side; a quarter of the memory may be lost to open ones.
        piece_bytes_(std::clamp<size_t>(options_.sort_bytes / (4 * options_.output.partitions), 256, 256 << 10)) {}

  Status Drain(std::span<const char> staged, uint64_t records) override {
    counts_.records += records;
    StagedRecords it(staged);
    while (it.Next()) TUSK_TRY(Add(it.key(), it.value()));
    return OkStatus();
  }

  Result<std::vector<SegmentInfo>> Finish() override {
    if (refs_ > 0) TUSK_TRY(Spill());
    return output_.Finish();
  }

  CollectorCounts counts() const override {
    CollectorCounts counts = counts_;
    counts.combine_in = output_.counts().combine_in;
    counts.combine_out = output_.counts().combine_out;
    counts.spilled_records = output_.counts().spilled_records;
    return counts;
  }

 private:
  struct Piece {
    uint64_t at = 0, end = 0;
  };

  static CollectorOptions Checked(CollectorOptions options) {
    options.output.partitions = options.partitioner->partitions();
    return options;
  }

  Status Add(std::string_view key, std::string_view value) {
    const uint64_t key_hash = Hash64(key);
    const uint32_t partition = options_.partitioner->Of(key, key_hash);
    const size_t bytes = kRecordHead + key.size() + value.size();
    counts_.bytes += key.size() + value.size();
    Piece& piece = pieces_[partition];
    if (piece.end - piece.at < bytes || arena_.used() + (refs_ + 1) * sizeof(RecordRef) > options_.sort_bytes) [[unlikely]] {
      if (bytes > kMaxRecordBytes) {
        return ResourceExhausted("a record of " + std::to_string(bytes) +
                                 " bytes is beyond the limit of 1 GiB; emit smaller ones");
      }
      bool fits = NewPiece(piece, bytes);
      if (!fits && refs_ > 0) {
        TUSK_TRY(Spill());
        fits = NewPiece(piece, bytes);
      }
      if (!fits) return output_.SpillLarge(partition, key, value);
    }
    char* at = arena_.base() + piece.at;
    PutRecord(at, key, value);
    Batch& batch = batches_[partition];
    batch.refs.push_back(MakeRef(key, piece.at));
    batch.digest += RecordHash(key_hash, value);
    piece.at += bytes;
    ++refs_;
    return OkStatus();
  }

  bool NewPiece(Piece& piece, size_t bytes) {
    if (arena_.used() + (refs_ + 1) * sizeof(RecordRef) > options_.sort_bytes) return false;
    if (piece.end - piece.at >= bytes) return true;
    const size_t wanted = std::max(piece_bytes_, bytes);
    const size_t size = wanted <= arena_.left() ? wanted : bytes;
    if (size > arena_.left() || arena_.used() + size + (refs_ + 1) * sizeof(RecordRef) > options_.sort_bytes) return false;
    piece.at = arena_.Take(size);
    piece.end = piece.at + size;
    return true;
  }

  Status Spill() {
    TUSK_TRY(output_.Spill(batches_, arena_.base(), true));
    arena_.Clear();
    refs_ = 0;
    std::fill(pieces_.begin(), pieces_.end(), Piece{});
    return OkStatus();
  }

  using Batch = MapOutput::Batch;
  const CollectorOptions options_;
  MapOutput output_;
  RecordArena arena_;
  std::vector<Batch> batches_;
  std::vector<Piece> pieces_;
  const size_t piece_bytes_;
  uint64_t refs_ = 0;
  CollectorCounts counts_;
};

}  // namespace

std::unique_ptr<Collector> MakeSortCollector(CollectorOptions options) {
  return std::make_unique<SortCollector>(std::move(options));
}

std::unique_ptr<Collector> MakeCollector(CollectorOptions options) {
  const Combiner* combiner = options.output.combiner;
  if (combiner != nullptr && combiner->fixed_value_bytes() > 0) return MakeCombineCollector(std::move(options));
  return MakeSortCollector(std::move(options));
}

}  // namespace tusk::mr
