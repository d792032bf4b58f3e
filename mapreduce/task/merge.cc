#include "mapreduce/task/merge.h"

#include <algorithm>

#include "common/base/try.h"

namespace tusk::mr {

MergeStream::MergeStream(std::vector<std::unique_ptr<SegmentReader>> segments) {
  for (auto& segment : segments) {
    digest_ += segment->info().digest;
    records_ += segment->info().records;
    runs_.push_back({std::move(segment), false});
  }
}

void MergeStream::Advance(Run& run) {
  if (run.reader->Next()) return;
  run.ended = true;
  if (status_.ok()) status_ = run.reader->status();
}

bool MergeStream::Next() {
  if (!status_.ok() || runs_.empty()) return false;
  if (tree_ == nullptr) {
    for (Run& run : runs_) Advance(run);
    tree_ = std::make_unique<LoserTree<Less>>(runs_.size(), Less{&runs_});
  } else {
    Advance(runs_[tree_->winner()]);
    tree_->Replay();
  }
  const Run& winner = runs_[tree_->winner()];
  if (!status_.ok() || winner.ended) return false;
  current_ = winner.reader.get();
  return true;
}

Result<SegmentInfo> WriteMerged(MergeStream& stream, const Combiner* combiner, SegmentWriter& writer, MergeCounts* counts) {
  if (combiner == nullptr) {
    while (stream.Next()) {
      writer.Add(stream.key(), stream.value());
      ++counts->records_in;
      ++counts->records_out;
    }
    TUSK_TRY(stream.status());
    return writer.EndPartition(stream.digest());
  }
  GroupReader groups(stream);
  std::string folded;
  uint64_t digest = 0;
  while (groups.NextGroup()) {
    groups.NextValue();
    folded.assign(groups.value());
    while (groups.NextValue()) {
      if (!combiner->Fold(&folded, groups.value())) return Corruption("a value of map output cannot be decoded for Combine");
    }
    writer.Add(groups.key(), folded);
    digest += RecordHash(groups.key(), folded);
  }
  TUSK_TRY(groups.status());
  counts->records_in += groups.records();
  counts->records_out += groups.groups();
  return writer.EndPartition(digest);
}

bool GroupReader::NextGroup() {
  while (in_group_) NextValue();
  if (!started_) {
    started_ = true;
    has_record_ = stream_.Next();
  }
  if (!has_record_ || !status_.ok()) return false;
  key_.assign(stream_.key());
  prefix_ = stream_.prefix();
  in_group_ = first_ = true;
  ++groups_;
  return true;
}

bool GroupReader::NextValue() {
  if (!in_group_) return false;
  if (first_) {
    first_ = false;
    CountRecord();
    return true;
  }
  has_record_ = stream_.Next();
  if (!has_record_ || stream_.prefix() != prefix_ || stream_.key() != key_) {
    in_group_ = false;
    return false;
  }
  CountRecord();
  return true;
}

void GroupReader::Report() {
  if (progress_ == nullptr) return;
  const double share = static_cast<double>(records_) / static_cast<double>(std::max<uint64_t>(stream_.records(), 1));
  progress_->Set(0.66 + 0.34 * std::min(share, 1.0));
  if (progress_->killed()) Fail(Cancelled("the attempt was told to stop"));
}

void GroupReader::Fail(Status status) {
  if (status_.ok()) status_ = std::move(status);
  in_group_ = has_record_ = false;
}

}  // namespace tusk::mr
