#include "mapreduce/task/segment_store.h"

#include <algorithm>

#include "common/base/try.h"

namespace tusk::mr {

SegmentStore::SegmentStore(Options options) : options_(std::move(options)) {}
SegmentStore::~SegmentStore() = default;

void SegmentStore::Cancel() {
  std::lock_guard lock(mutex_);
  cancelled_ = true;
  changed_.notify_all();
}

void SegmentStore::Signal() {
  // Under the lock: a waiter between its look and its sleep would miss it.
  std::lock_guard lock(mutex_);
  changed_.notify_all();
}

bool SegmentStore::NeedsMergeLocked() const { return !held_.empty() && (waiting_ > 0 || used_ > options_.memory_bytes / 3 * 2); }

bool SegmentStore::NeedsMerge() const {
  std::lock_guard lock(mutex_);
  return NeedsMergeLocked();
}

void SegmentStore::Wait(const std::function<bool()>& done, std::chrono::milliseconds at_most) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, at_most, [&] { return cancelled_ || NeedsMergeLocked() || done(); });
}

Status SegmentStore::Put(uint32_t map, const SegmentInfo& info, const SegmentReceiver::ReadBytes& read) {
  if (info.records == 0 && info.bytes == 0) return OkStatus();
  if (info.bytes > options_.memory_bytes / 4) return ToDisk(info, read);
  return ToMemory(map, info, read);
}

Status SegmentStore::ToMemory(uint32_t map, const SegmentInfo& info, const SegmentReceiver::ReadBytes& read) {
  {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return cancelled_ || used_ + info.bytes <= options_.memory_bytes; });
    --waiting_;
    if (cancelled_) return Cancelled("the fetch was cancelled");
    used_ += info.bytes;
  }
  Held held;
  held.map = map;
  held.info = info;
  held.bytes.reset(new char[info.bytes]);
  Status status = read(std::span<char>(held.bytes.get(), info.bytes));
  for (uint64_t at = 0; status.ok() && at < info.bytes;) {
    if (info.bytes - at < kBlockHeaderBytes) {
      status = Corruption("a segment of map output ends inside a block header");
      break;
    }
    const uint64_t size = kBlockHeaderBytes + uint64_t{DecodeBlockHeader(held.bytes.get() + at).payload};
    if (size > info.bytes - at) {
      status = Corruption("a segment of map output ends inside a block");
      break;
    }
    status = CheckBlock({held.bytes.get() + at, size});
    at += size;
  }
  std::lock_guard lock(mutex_);
  if (!status.ok()) {
    used_ -= info.bytes;
  } else {
    counts_.shuffle_bytes += info.bytes;
    held.info.offset = 0;
    held_.push_back(std::move(held));
  }
  changed_.notify_all();
  return status;
}

Result<SegmentStore::DiskRun> SegmentStore::NewRun() {
  DiskRun run;
  {
    std::lock_guard lock(mutex_);
    run.path = storage::JoinPath(options_.directory, "run" + std::to_string(next_run_++) + ".seg");
  }
  TUSK_ASSIGN(run.file, options_.disk->Open(run.path, storage::OpenMode::kTruncate));
  return run;
}

Status SegmentStore::ToDisk(const SegmentInfo& info, const SegmentReceiver::ReadBytes& read) {
  TUSK_ASSIGN(DiskRun run, NewRun());
  std::vector<char> block;
  Status status;
  for (uint64_t at = 0; status.ok() && at < info.bytes;) {
    block.resize(kBlockHeaderBytes);
    if (info.bytes - at < kBlockHeaderBytes) {
      status = Corruption("a segment of map output ends inside a block header");
      break;
    }
    status = read(std::span<char>(block.data(), kBlockHeaderBytes));
    if (!status.ok()) break;
    const uint64_t size = kBlockHeaderBytes + uint64_t{DecodeBlockHeader(block.data()).payload};
    if (size > info.bytes - at) {
      status = Corruption("a segment of map output ends inside a block");
      break;
    }
    block.resize(size);
    status = read(std::span<char>(block.data() + kBlockHeaderBytes, size - kBlockHeaderBytes));
    if (status.ok()) status = CheckBlock({block.data(), block.size()});
    if (status.ok()) status = run.file->WriteAt(at, std::as_bytes(std::span<const char>(block)));
    at += size;
  }
  if (!status.ok()) {
    run.file.reset();
    static_cast<void>(options_.disk->Remove(run.path));  // the first error is the one to tell
    return status;
  }
  std::lock_guard lock(mutex_);
  counts_.shuffle_bytes += info.bytes;
  run.info = info;
  run.info.offset = 0;
  runs_.push_back(std::move(run));
  changed_.notify_all();
  return OkStatus();
}

Status SegmentStore::WriteRun(std::vector<std::unique_ptr<SegmentReader>> readers) {
  TUSK_ASSIGN(DiskRun run, NewRun());
  MergeStream stream(std::move(readers));
  SegmentWriter writer(*run.file);
  MergeCounts counts;
  TUSK_ASSIGN(run.info, WriteMerged(stream, options_.combiner, writer, &counts));
  TUSK_TRY(writer.Flush());
  std::lock_guard lock(mutex_);
  counts_.spilled_records += counts.records_out;
  if (options_.combiner != nullptr) {
    counts_.combine_in += counts.records_in;
    counts_.combine_out += counts.records_out;
  }
  runs_.push_back(std::move(run));
  return OkStatus();
}

Status SegmentStore::MergeMemory() {
  std::vector<Held> held;
  {
    std::lock_guard lock(mutex_);
    held.swap(held_);
  }
  if (held.empty()) return OkStatus();
  std::sort(held.begin(), held.end(), [](const Held& a, const Held& b) { return a.map < b.map; });
  uint64_t bytes = 0;
  std::vector<std::unique_ptr<SegmentReader>> readers;
  for (Held& segment : held) {
    bytes += segment.info.bytes;
    readers.push_back(std::make_unique<SegmentReader>(std::move(segment.bytes), segment.info, digest()));
  }
  Status written = WriteRun(std::move(readers));
  std::lock_guard lock(mutex_);
  used_ -= bytes;
  changed_.notify_all();
  return written;
}

Status SegmentStore::MergeRuns(size_t count) {
  std::vector<DiskRun> runs;
  {
    std::lock_guard lock(mutex_);
    // The smallest first: each byte is written as seldom as can be.
    std::sort(runs_.begin(), runs_.end(), [](const DiskRun& a, const DiskRun& b) { return a.info.bytes < b.info.bytes; });
    for (size_t i = 0; i < count; ++i) runs.push_back(std::move(runs_[i]));
    runs_.erase(runs_.begin(), runs_.begin() + static_cast<ptrdiff_t>(count));
  }
  std::vector<std::unique_ptr<SegmentReader>> readers;
  for (DiskRun& run : runs) readers.push_back(std::make_unique<SegmentReader>(*run.file, run.info, digest()));
  TUSK_TRY(WriteRun(std::move(readers)));
  for (DiskRun& run : runs) {
    run.file.reset();
    TUSK_TRY(options_.disk->Remove(run.path));
  }
  return OkStatus();
}

Result<std::unique_ptr<MergeStream>> SegmentStore::Open() {
  while (runs_.size() > options_.fan_in) TUSK_TRY(MergeRuns(std::min(options_.fan_in, runs_.size() - options_.fan_in + 1)));
  std::vector<std::unique_ptr<SegmentReader>> readers;
  for (DiskRun& run : runs_) readers.push_back(std::make_unique<SegmentReader>(*run.file, run.info, digest(), 1 << 20));
  std::sort(held_.begin(), held_.end(), [](const Held& a, const Held& b) { return a.map < b.map; });
  for (Held& segment : held_) {
    readers.push_back(std::make_unique<SegmentReader>(std::move(segment.bytes), segment.info, digest()));
  }
  return std::make_unique<MergeStream>(std::move(readers));
}

SegmentStore::Counts SegmentStore::counts() const {
  std::lock_guard lock(mutex_);
  return counts_;
}

}  // namespace tusk::mr
