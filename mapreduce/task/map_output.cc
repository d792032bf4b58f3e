#include "mapreduce/task/map_output.h"

#include <algorithm>

#include "common/base/try.h"
#include "mapreduce/task/merge.h"

namespace tusk::mr {
namespace {

constexpr size_t kPrefetchAhead = 12;

}  // namespace

Result<std::unique_ptr<storage::File>> MapOutput::NewFile(SpillFile* spill) {
  spill->path = storage::JoinPath(options_.directory, "spill" + std::to_string(next_name_++) + ".seg");
  return options_.disk->Open(spill->path, storage::OpenMode::kTruncate);
}

Status MapOutput::WriteBatch(Batch& batch, const char* base, bool fold, SegmentWriter& writer, SegmentInfo* info) {
  auto& refs = batch.refs;
  SortRefs(refs.data(), refs.size(), base);
  uint64_t written = 0;
  uint64_t digest = batch.digest;
  if (!fold || options_.combiner == nullptr) {
    for (size_t i = 0; i < refs.size(); ++i) {
      if (i + kPrefetchAhead < refs.size()) __builtin_prefetch(base + refs[i + kPrefetchAhead].offset());
      const char* record = base + refs[i].offset();
      writer.Add(RecordKey(record), RecordValue(record));
    }
    written = refs.size();
  } else {
    std::string folded;
    digest = 0;
    for (size_t i = 0; i < refs.size();) {
      const char* first = base + refs[i].offset();
      const std::string_view key = RecordKey(first);
      size_t next = i + 1;
      std::string_view value = RecordValue(first);
      for (; next < refs.size() && refs[next].prefix == refs[i].prefix && RecordKey(base + refs[next].offset()) == key; ++next) {
        if (next == i + 1) folded.assign(value);
        if (!options_.combiner->Fold(&folded, RecordValue(base + refs[next].offset()))) {
          return Internal("a value that Map emitted cannot be decoded for Combine");
        }
        value = folded;
      }
      writer.Add(key, value);
      digest += RecordHash(key, value);
      ++written;
      i = next;
    }
    counts_.combine_in += refs.size();
    counts_.combine_out += written;
  }
  counts_.spilled_records += written;
  TUSK_ASSIGN(*info, writer.EndPartition(digest));
  refs.clear();
  batch.digest = 0;
  return OkStatus();
}

Status MapOutput::Spill(std::vector<Batch>& batches, const char* base, bool fold) {
  SpillFile spill;
  TUSK_ASSIGN(auto file, NewFile(&spill));
  SegmentWriter writer(*file);
  spill.partitions.resize(options_.partitions);
  for (uint32_t p = 0; p < options_.partitions; ++p) {
    TUSK_TRY(WriteBatch(batches[p], base, fold, writer, &spill.partitions[p]));
  }
  TUSK_TRY(writer.Flush());
  ++counts_.spills;
  spills_.push_back(std::move(spill));
  return OkStatus();
}

Status MapOutput::SpillLarge(uint32_t partition, std::string_view key, std::string_view value) {
  SpillFile spill;
  TUSK_ASSIGN(auto file, NewFile(&spill));
  SegmentWriter writer(*file);
  spill.partitions.resize(options_.partitions);
  for (uint32_t p = 0; p < options_.partitions; ++p) {
    if (p == partition) writer.Add(key, value);
    TUSK_ASSIGN(spill.partitions[p], writer.EndPartition(p == partition ? RecordHash(key, value) : 0));
  }
  TUSK_TRY(writer.Flush());
  ++counts_.spills;
  ++counts_.spilled_records;
  spills_.push_back(std::move(spill));
  return OkStatus();
}

Status MapOutput::MergeSpills(size_t first, size_t count) {
  std::vector<std::unique_ptr<storage::File>> files;
  for (size_t i = 0; i < count; ++i) {
    TUSK_ASSIGN(auto file, options_.disk->Open(spills_[first + i].path, storage::OpenMode::kRead));
    files.push_back(std::move(file));
  }
  SpillFile merged;
  TUSK_ASSIGN(auto out, NewFile(&merged));
  SegmentWriter writer(*out);
  // Without a combiner the records go on as they are and the reducer checks their digest; a combiner ends it here.
  const auto digest = options_.combiner != nullptr ? SegmentReader::Digest::kCheck : SegmentReader::Digest::kIgnore;
  MergeCounts counts;
  for (uint32_t p = 0; p < options_.partitions; ++p) {
    std::vector<std::unique_ptr<SegmentReader>> readers;
    for (size_t i = 0; i < count; ++i) {
      const SegmentInfo& info = spills_[first + i].partitions[p];
      if (info.records > 0) readers.push_back(std::make_unique<SegmentReader>(*files[i], info, digest));
    }
    MergeStream stream(std::move(readers));
    TUSK_ASSIGN(const SegmentInfo info, WriteMerged(stream, options_.combiner, writer, &counts));
    merged.partitions.push_back(info);
  }
  TUSK_TRY(writer.Flush());
  counts_.spilled_records += counts.records_out;
  if (options_.combiner != nullptr) {
    counts_.combine_in += counts.records_in;
    counts_.combine_out += counts.records_out;
  }
  for (size_t i = 0; i < count; ++i) TUSK_TRY(options_.disk->Remove(spills_[first + i].path));
  // In their place: the order of equal keys stays the order of the spills.
  const auto at = spills_.begin() + static_cast<ptrdiff_t>(first);
  *at = std::move(merged);
  spills_.erase(at + 1, at + static_cast<ptrdiff_t>(count));
  return OkStatus();
}

Result<std::vector<SegmentInfo>> MapOutput::Finish() {
  if (spills_.empty()) {
    std::vector<Batch> nothing(options_.partitions);
    TUSK_TRY(Spill(nothing, nullptr, false));
  }
  while (spills_.size() > 1) {
    for (size_t first = 0; first < spills_.size(); ++first) {
      const size_t count = std::min(spills_.size() - first, options_.fan_in);
      if (count > 1) TUSK_TRY(MergeSpills(first, count));
    }
  }
  std::vector<SegmentInfo> partitions = std::move(spills_.front().partitions);
  TUSK_TRY(options_.disk->Rename(spills_.front().path, storage::JoinPath(options_.directory, kSegmentFile)));
  const std::string index_path = storage::JoinPath(options_.directory, kIndexFile);
  const std::string bytes = EncodeIndex(partitions);
  TUSK_ASSIGN(auto index, options_.disk->Open(index_path + ".tmp", storage::OpenMode::kTruncate));
  TUSK_TRY(index->WriteAt(0, std::as_bytes(std::span<const char>(bytes))));
  TUSK_TRY(options_.disk->Rename(index_path + ".tmp", index_path));
  spills_.clear();
  return partitions;
}

}  // namespace tusk::mr
