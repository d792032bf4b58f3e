#include <map>

#include "common/base/random.h"
#include "dfs/datanode/store/block_store.h"
#include "dfs/datanode/store/chunk_checksums.h"
#include "tests/crash/formats.h"
#include "tests/simulation/model.h"

namespace tusk::crash {
namespace {

using dfs::Block;
using dfs::BlockId;
using dfs::Generation;
using dfs::datanode::BlockStore;
using dfs::datanode::ReplicaWriter;

constexpr uint32_t kChunk = 4096;

// Replicas of `bytes` bytes or less: written, synced half way, continued under a higher generation, deleted.
class BlockTrial final : public Trial {
 public:
  BlockTrial(uint64_t seed, uint64_t bytes) : random_(seed), bytes_(bytes) {}

  void Work() override {
    auto store = Open();
    if (!store.ok()) return;
    for (uint64_t id = 1; id <= 6; ++id) {
      const uint64_t length = 1 + bytes_ - random_.Below(bytes_ / 8 + 1);
      Written& known = replicas_[id];
      known.seed = id * 7 + 1;
      auto writer = (*store)->Create(Block{BlockId(id), Generation(1000 + id), 0}, kChunk, BlockStore::Purpose::kWrite, 0);
      if (!writer.ok() || !Append(**writer, known.seed, length / 2)) continue;
      if (id % 2 == 0 && (*writer)->Sync().ok()) known.synced = length / 2;
      if (!Append(**writer, known.seed, length)) continue;
      if (id == 5) continue;  // its writer goes away
      const auto finalized = (*writer)->Finalize();
      if (!finalized.ok()) continue;
      known.acknowledged = *finalized;
      if (id == 3) Continue(**store, known, length / 3, length);
      if (id == 4) {
        known.deleted = true;
        static_cast<void>((*store)->Invalidate(*known.acknowledged));
      }
    }
  }

  std::string Check() override {
    if (!wrong_.empty()) return wrong_;
    auto store = Open();
    if (!store.ok()) return "the store does not open: " + store.status().ToString();
    for (const auto& [id, known] : replicas_) {
      if (known.deleted) continue;
      if (known.acknowledged) {
        const std::string wrong =
            Compare(**store, BlockId(id), known.acknowledged->generation, known.acknowledged->length, known);
        if (!wrong.empty()) return "replica " + std::to_string(id) + ": " + wrong;
      } else if (known.synced > 0 && !known.reopened) {
        const std::string wrong = Compare(**store, BlockId(id), Generation(0), known.synced, known);
        if (!wrong.empty()) return "synced bytes of replica " + std::to_string(id) + ": " + wrong;
      }
    }
    return {};
  }

 private:
  struct Written {
    uint64_t seed = 0;
    uint64_t synced = 0;
    std::optional<Block> acknowledged;
    bool deleted = false;
    bool reopened = false;  // a recovery of a finalized replica is under way: it may be in either state
  };

  static Result<std::unique_ptr<BlockStore>> Open() {
    BlockStore::Options options;
    options.directory = "/sim/blocks";
    return BlockStore::Open(storage::Disk::Posix(), std::move(options));
  }

  static bool Append(ReplicaWriter& writer, uint64_t seed, uint64_t end) {
    while (writer.block().length < end) {
      const uint64_t at = writer.block().length;
      const std::vector<std::byte> data = sim::Content(seed, at, std::min<uint64_t>(end - at, 30'000));
      if (!writer.Append(at, data, dfs::datanode::ComputeChunks(data, at, kChunk)).ok()) return false;
    }
    return true;
  }

  void Continue(BlockStore& store, Written& known, uint64_t keep, uint64_t length) {
    const Block next{known.acknowledged->id, Generation(known.acknowledged->generation.value() + 100), 0};
    const Generation old = known.acknowledged->generation;
    known.acknowledged.reset();
    known.reopened = true;
    auto writer = store.Recover(next, old, keep, kChunk);
    if (!writer.ok()) return;
    if ((*writer)->block().length != keep)
      wrong_ = "a recovery at " + std::to_string(keep) + " left " + std::to_string((*writer)->block().length) + " bytes";
    if (!Append(**writer, known.seed, length)) return;
    const auto finalized = (*writer)->Finalize();
    if (finalized.ok()) known.acknowledged = *finalized;
  }

  static std::string Compare(BlockStore& store, BlockId id, Generation generation, uint64_t length, const Written& known) {
    auto reader = store.OpenForRead(id, generation);
    if (!reader.ok()) return reader.status().ToString();
    if (reader->block().length < length)
      return "it has " + std::to_string(reader->block().length) + " of " + std::to_string(length) + " bytes";
    const uint64_t all = reader->block().length;
    std::vector<std::byte> data(generation.value() == 0 ? length : all);
    if (const Status read = reader->ReadData(0, data); !read.ok()) return read.ToString();
    if (data != sim::Content(known.seed, 0, data.size())) return "its bytes are wrong";
    // Of an unfinished replica only whole chunks of the synced part are held against their checksums: its last one may be longer.
    const uint64_t chunks = generation.value() == 0 ? length / kChunk : (all + kChunk - 1) / kChunk;
    std::vector<std::byte> crcs(4 * chunks);
    if (const Status read = reader->ReadChecksums(0, crcs); !read.ok()) return read.ToString();
    const auto covered = std::span<const std::byte>(data).first(std::min<uint64_t>(data.size(), chunks * kChunk));
    const Status verified = dfs::datanode::VerifyChunks(covered, 0, kChunk, crcs);
    return verified.ok() ? std::string() : verified.ToString();
  }

  Random random_;
  const uint64_t bytes_;
  std::map<uint64_t, Written> replicas_;
  std::string wrong_;
};

}  // namespace

Format BlockFilesFormat() {
  return {"block files", "six replicas of 80 KB: synced half way, continued, deleted, abandoned",
          [](uint64_t seed) { return std::make_unique<BlockTrial>(seed, 80'000); }};
}

Format SmallBlocksFormat() {
  return {"small blocks", "the same with replicas of 3 KB",
          [](uint64_t seed) { return std::make_unique<BlockTrial>(seed, 3'000); }};
}

}  // namespace tusk::crash
