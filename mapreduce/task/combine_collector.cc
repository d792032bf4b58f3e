// The hash table of a map task with Combine.
//
// Slots are 8 bytes {tag: upper half of the key's hash, entry: offset / 8 in the arena, plus one}; an entry is the key's hash,
// then a record as RecordArena has it (sizes, value, key), so that a spill can sort entries like any records. A buffer of records
// is looked up in two passes, slots fetched ahead of use; the folds of a buffer go to the job's code in one call.
#include <algorithm>
#include <bit>

#include "common/base/try.h"
#include "mapreduce/task/collector.h"
#include "mapreduce/task/staged_records.h"

namespace tusk::mr {
namespace {

constexpr size_t kFirstSlots = 1 << 14;
constexpr uint64_t kTrial = 65'536;  // records before the first look at the hit rate
constexpr uint64_t kWorthPercent = 10;
constexpr size_t kAhead = 8;

// Both sides may be read up to 8 bytes beyond their end (slack of arena and staging buffer).
bool SameKey(const char* a, const char* b, size_t size) {
  while (size > 8) {
    if (hash_internal::Load8(a) != hash_internal::Load8(b)) return false;
    a += 8;
    b += 8;
    size -= 8;
  }
  if (size == 0) return true;
  return ((hash_internal::Load8(a) ^ hash_internal::Load8(b)) << (64 - 8 * size)) == 0;
}

class CombineCollector final : public Collector {
 public:
  explicit CombineCollector(CollectorOptions options)
      : options_(Checked(std::move(options))),
        value_bytes_(options_.output.combiner->fixed_value_bytes()),
        output_(options_.output),
        arena_(std::make_unique<RecordArena>(std::max<uint64_t>(options_.sort_bytes, kMinArena))),
        slots_(kFirstSlots) {}

  Status Drain(std::span<const char> staged, uint64_t records) override {
    if (bypass_ != nullptr) return bypass_->Drain(staged, records);
    keys_.resize(records);
    size_t n = 0;
    for (StagedRecords it(staged); it.Next(); ++n) {
      Probe& probe = keys_[n];
      probe.hash = Hash64(it.key());
      probe.key = it.key();
      probe.value = it.value().data();
      __builtin_prefetch(&slots_[probe.hash & Mask()]);
      records_bytes_ += it.key().size() + value_bytes_;
    }
    for (size_t i = 0; i < n; ++i) {
      if (i + kAhead < n) {
        if (const Slot& ahead = slots_[keys_[i + kAhead].hash & Mask()]; ahead.entry != 0) {
          __builtin_prefetch(arena_->base() + Offset(ahead));
        }
      }
      TUSK_TRY(Put(keys_[i]));
    }
    Fold();
    records_ += records;
    return Judge();
  }

  Result<std::vector<SegmentInfo>> Finish() override {
    if (bypass_ != nullptr) return bypass_->Finish();
    TUSK_TRY(Spill());
    return output_.Finish();
  }

  CollectorCounts counts() const override {
    CollectorCounts counts;
    if (bypass_ != nullptr) counts = bypass_->counts();
    counts.records = records_ + (bypass_ != nullptr ? counts.records - handed_on_ : 0);
    counts.bytes = records_bytes_ + (bypass_ != nullptr ? counts.bytes - handed_on_bytes_ : 0);
    counts.combine_in += table_in_ + output_.counts().combine_in;
    counts.combine_out += table_out_ + output_.counts().combine_out;
    counts.spilled_records += output_.counts().spilled_records;
    return counts;
  }

 private:
  static constexpr uint64_t kMinArena = 4096;
  struct Slot {
    uint32_t tag = 0;
    uint32_t entry = 0;
  };
  struct Probe {
    uint64_t hash;
    std::string_view key;
    const char* value;
  };

  static CollectorOptions Checked(CollectorOptions options) {
    options.output.partitions = options.partitioner->partitions();
    return options;
  }

  size_t Mask() const { return slots_.size() - 1; }
  static size_t Offset(const Slot& slot) { return size_t{slot.entry - 1} * 8; }

  // Finds the entry of the key, or makes one with the value.
  Status Put(const Probe& probe) {
    const auto tag = static_cast<uint32_t>(probe.hash >> 32);
    size_t at = probe.hash & Mask();
    for (; slots_[at].entry != 0; at = (at + 1) & Mask()) {
      if (slots_[at].tag != tag) continue;
      char* record = arena_->base() + Offset(slots_[at]) + 8;
      uint32_t key_bytes;
      std::memcpy(&key_bytes, record, 4);
      if (key_bytes != probe.key.size() || !SameKey(record + kRecordHead + value_bytes_, probe.key.data(), key_bytes)) continue;
      accumulators_.push_back(record + kRecordHead);
      values_.push_back(probe.value);
      return OkStatus();
    }
    const size_t bytes = (8 + kRecordHead + value_bytes_ + probe.key.size() + 7) & ~size_t{7};
    if (Full(bytes)) {
      Fold();
      TUSK_TRY(Spill());
      if (bytes > arena_->capacity()) {
        table_in_++;
        table_out_++;
        return output_.SpillLarge(options_.partitioner->Of(probe.key, probe.hash), probe.key, {probe.value, value_bytes_});
      }
      at = probe.hash & Mask();
    } else if ((entries_ + 1) * 2 > slots_.size()) {
      Grow();
      for (at = probe.hash & Mask(); slots_[at].entry != 0;) at = (at + 1) & Mask();
    }
    const uint64_t offset = arena_->Take(bytes);
    char* entry = arena_->base() + offset;
    std::memcpy(entry, &probe.hash, 8);
    PutRecord(entry + 8, probe.key, {probe.value, value_bytes_});
    slots_[at] = {tag, static_cast<uint32_t>(offset / 8 + 1)};
    ++entries_;
    return OkStatus();
  }

  // The references made for a spill are paid for too.
  bool Full(size_t bytes) const {
    return arena_->left() < bytes || arena_->used() / 8 >= UINT32_MAX - bytes ||
           (entries_ > 0 && arena_->used() + bytes + (entries_ + 1) * sizeof(RecordRef) + slots_.size() * sizeof(Slot) >
                                std::max<uint64_t>(options_.sort_bytes, kFirstSlots * sizeof(Slot) + kMinArena));
  }

  void Grow() {
    std::vector<Slot> larger(slots_.size() * 2);
    const size_t mask = larger.size() - 1;
    for (const Slot& slot : slots_) {
      if (slot.entry == 0) continue;
      size_t at = hash_internal::Load8(arena_->base() + Offset(slot)) & mask;
      while (larger[at].entry != 0) at = (at + 1) & mask;
      larger[at] = slot;
    }
    slots_.swap(larger);
  }

  void Fold() {
    if (accumulators_.empty()) return;
    options_.output.combiner->FoldBatch(accumulators_.data(), values_.data(), accumulators_.size());
    table_in_ += accumulators_.size();
    accumulators_.clear();
    values_.clear();
  }

  template <class Visit>
  void EachEntry(Visit visit) {
    for (size_t offset = 0; offset < arena_->used();) {
      const char* record = arena_->base() + offset + 8;
      const std::string_view key = RecordKey(record);
      visit(offset + 8, hash_internal::Load8(record - 8), key, RecordValue(record));
      offset += (8 + kRecordHead + value_bytes_ + key.size() + 7) & ~size_t{7};
    }
  }

  Status Spill() {
    if (entries_ == 0) return OkStatus();
    std::vector<MapOutput::Batch> batches(options_.output.partitions);
    EachEntry([&](uint64_t offset, uint64_t hash, std::string_view key, std::string_view value) {
      MapOutput::Batch& batch = batches[options_.partitioner->Of(key, hash)];
      batch.refs.push_back(MakeRef(key, offset));
      batch.digest += RecordHash(hash, value);
    });
    TUSK_TRY(output_.Spill(batches, arena_->base(), false));
    Clear();
    return OkStatus();
  }

  void Clear() {
    table_in_ += entries_;
    table_out_ += entries_;
    arena_->Clear();
    entries_ = 0;
    std::fill(slots_.begin(), slots_.end(), Slot{});
  }

  // A table that folds nothing costs a cache miss a record: hand its entries and all later records to a sorter.
  Status Judge() {
    if (judged_ || records_ < kTrial) return OkStatus();
    judged_ = true;
    const uint64_t hits = table_in_ - table_out_;
    if (hits * 100 >= records_ * kWorthPercent) return OkStatus();
    auto sorter = MakeSortCollector(options_);
    std::vector<char> staged;
    uint64_t count = 0;
    Status status;
    auto drain = [&] {
      staged.resize(staged.size() + kSlack);
      if (status.ok()) status = sorter->Drain({staged.data(), staged.size() - kSlack}, count);
      staged.clear();
      count = 0;
    };
    // What was spilled before stays a part of the output: only a table that never spilled can be handed on.
    if (output_.counts().spills > 0) return OkStatus();
    EachEntry([&](uint64_t, uint64_t, std::string_view key, std::string_view value) {
      const uint32_t sizes[2] = {static_cast<uint32_t>(key.size()), static_cast<uint32_t>(value.size())};
      const char* head = reinterpret_cast<const char*>(sizes);
      staged.insert(staged.end(), head, head + 8);
      staged.insert(staged.end(), key.begin(), key.end());
      staged.insert(staged.end(), value.begin(), value.end());
      handed_on_bytes_ += key.size() + value.size();
      ++handed_on_;
      ++count;
      if (staged.size() >= (64 << 10)) drain();
    });
    drain();
    TUSK_TRY(status);
    Clear();
    bypass_ = std::move(sorter);
    arena_.reset();
    slots_ = {};
    return OkStatus();
  }

  const CollectorOptions options_;
  const size_t value_bytes_;
  MapOutput output_;
  std::unique_ptr<RecordArena> arena_;
  std::vector<Slot> slots_;
  uint64_t entries_ = 0;
  std::vector<Probe> keys_;
  std::vector<char*> accumulators_;
  std::vector<const char*> values_;
  uint64_t records_ = 0;
  uint64_t records_bytes_ = 0;
  uint64_t table_in_ = 0;   // records that met the table: folded ones at once, the others when it is emptied
  uint64_t table_out_ = 0;  // entries that left it
  bool judged_ = false;
  std::unique_ptr<Collector> bypass_;
  uint64_t handed_on_ = 0;
  uint64_t handed_on_bytes_ = 0;
};

}  // namespace

std::unique_ptr<Collector> MakeCombineCollector(CollectorOptions options) {
  return std::make_unique<CombineCollector>(std::move(options));
}

}  // namespace tusk::mr
