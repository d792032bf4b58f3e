// Generated input: the numbers of a split's rows, for jobs that make their data. Thread: one.
#pragma once

#include "mapreduce/client/job_client.h"
#include "mapreduce/task/progress.h"

namespace tusk::mr {

class RowRangeReader {
 public:
  RowRangeReader(dfs::FileSystem&, const InputSplit& split, TaskProgress& progress)
      : next_(split.offset), first_(split.offset), end_(split.offset + split.length), progress_(progress) {}

  bool Next() {
    if (next_ == end_) return false;
    row_ = next_++;
    if ((row_ & 0xffff) == 0) [[unlikely]]
      return Report();
    return true;
  }
  // For Map(uint64_t row, Out&).
  template <class F>
  void Apply(F&& call) {
    call(row_);
  }
  const Status& status() const { return status_; }
  uint64_t records() const { return next_ - first_; }
  uint64_t bytes() const { return 0; }

 private:
  bool Report() {
    progress_.Set(static_cast<double>(row_ - first_) / static_cast<double>(end_ - first_));
    if (progress_.killed()) status_ = Cancelled("the attempt was told to stop");
    return status_.ok();
  }
  uint64_t next_, row_ = 0;
  const uint64_t first_, end_;
  TaskProgress& progress_;
  Status status_;
};

}  // namespace tusk::mr
