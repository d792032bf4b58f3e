// Many sorted segments as one sorted stream; and its records by group, for Reduce.
//
// Equal keys come in the order in which their segments were added, so the same segments give the same stream.
// Errors: Next answers false and status() tells which segment is damaged or unreadable.
// Thread: one.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mapreduce/shuffle/segment_reader.h"
#include "mapreduce/shuffle/segment_writer.h"
#include "mapreduce/task/combiner.h"
#include "mapreduce/task/loser_tree.h"
#include "mapreduce/task/progress.h"

namespace tusk::mr {

class MergeStream {
 public:
  explicit MergeStream(std::vector<std::unique_ptr<SegmentReader>> segments);

  bool Next();
  std::string_view key() const { return current_->key(); }
  std::string_view value() const { return current_->value(); }
  uint64_t prefix() const { return current_->prefix(); }
  const Status& status() const { return status_; }
  uint64_t digest() const { return digest_; }    // sum of what the segments promise
  uint64_t records() const { return records_; }  // in all

 private:
  struct Run {
    std::unique_ptr<SegmentReader> reader;
    bool ended = false;
  };
  struct Less {
    const std::vector<Run>* runs;
    bool operator()(size_t a, size_t b) const {
      const Run &x = (*runs)[a], &y = (*runs)[b];
      if (x.ended || y.ended) return x.ended == y.ended ? a < b : y.ended;
      if (x.reader->prefix() != y.reader->prefix()) return x.reader->prefix() < y.reader->prefix();
      const int order = x.reader->key().compare(y.reader->key());
      return order != 0 ? order < 0 : a < b;
    }
  };
  void Advance(Run& run);

  std::vector<Run> runs_;
  std::unique_ptr<LoserTree<Less>> tree_;  // made at the first Next
  SegmentReader* current_ = nullptr;
  uint64_t digest_ = 0;
  uint64_t records_ = 0;
  Status status_;
};

// Whether a merge keeps records or folds those of one key. With a combiner the segments must be read with Digest::kCheck: their
// digests end here and a new one begins.
struct MergeCounts {
  uint64_t records_in = 0;
  uint64_t records_out = 0;
};
Result<SegmentInfo> WriteMerged(MergeStream& stream, const Combiner* combiner, SegmentWriter& writer, MergeCounts* counts);

class GroupReader {
 public:
  // `progress`: told every 64 Ki records, from 2/3 to the end; a killed attempt gets no more groups.
  explicit GroupReader(MergeStream& stream, TaskProgress* progress = nullptr) : stream_(stream), progress_(progress) {}

  bool NextGroup();                                           // skips values of the last group that were not asked for
  bool NextValue();                                           // false at the end of the group
  std::string_view key() const { return key_; }               // until the next NextGroup
  std::string_view value() const { return stream_.value(); }  // until the next call
  // A key or value that cannot be decoded: no more groups.
  void Fail(Status status);
  Status status() const { return status_.ok() ? stream_.status() : status_; }

  uint64_t groups() const { return groups_; }
  uint64_t records() const { return records_; }

 private:
  void CountRecord() {
    if ((++records_ & 0xffff) == 0) [[unlikely]]
      Report();
  }
  void Report();

  MergeStream& stream_;
  TaskProgress* const progress_;
  std::string key_;
  uint64_t prefix_ = 0;
  bool started_ = false;
  bool has_record_ = false;  // the stream stands at a record
  bool in_group_ = false;
  bool first_ = false;
  uint64_t groups_ = 0;
  uint64_t records_ = 0;
  Status status_;
};

}  // namespace tusk::mr
