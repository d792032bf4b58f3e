// The block map of a large cluster, without sockets: N blocks with 3 replicas on 3 nodes in a LevelDB on disk. Prints what a
// block costs while it is written, a restart, the return of a node with equal digests, its death and the walk that follows,
// resident memory and bytes on disk.
//
//   block_map_bench --blocks 1000000 [--directory DIR] [--cache-mb 256]
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "dfs/namenode/blocks/block_manager.h"

namespace tusk::dfs::namenode {
namespace {

double ResidentMiB() {
  std::ifstream statm("/proc/self/statm");
  uint64_t total = 0, resident = 0;
  statm >> total >> resident;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1 << 20);
}

class Timer {
 public:
  double Seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count(); }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

std::unique_ptr<StateStore> OpenStore(const std::string& directory, uint64_t cache_mb) {
  storage::KeyValueStore::Options options;
  options.block_cache_bytes = (cache_mb << 20) / 2;
  auto store = storage::KeyValueStore::Open(directory, options);
  if (!store.ok()) {
    std::fprintf(stderr, "%s\n", store.status().message().c_str());
    std::exit(1);
  }
  StateStore::Options state;
  state.cache_bytes = (cache_mb << 20) / 2;
  return std::make_unique<StateStore>(std::move(*store), state);
}

DataNodeInfo Node(uint64_t id) {
  return {DataNodeId(id), "10.0.0." + std::to_string(id),   9866,
          9864,           "/rack" + std::to_string(id % 2), "node" + std::to_string(id)};
}

Block BlockAt(uint64_t number) { return {BlockId((1u << 30) + number), Generation(1001 + number), 10'240}; }

void Walk(BlockManager& blocks, const char* what) {
  const Timer timer;
  double longest = 0;
  while (true) {
    const Timer step;
    const bool more = blocks.Work();
    longest = std::max(longest, step.Seconds());
    if (!more) break;
  }
  std::printf("%s: %.2f s in steps of at most %.1f ms; under-replicated %lu\n", what, timer.Seconds(), longest * 1e3,
              blocks.blocks().counts().under);
}

int Run(uint64_t count, const std::string& directory, uint64_t cache_mb) {
  std::filesystem::remove_all(directory);
  SimulatedClock clock;
  BlockManager::Options options;
  options.balance = false;
  InventoryDigest digest;
  std::vector<uint64_t> none(kInventoryBuckets, 0);
  {
    auto store = OpenStore(directory, cache_mb);
    BlockManager blocks(options, clock, *store);
    blocks.Restore();
    for (uint64_t id = 1; id <= 3; ++id) (void)blocks.Register(Node(id), 1, none);
    blocks.StartReplication();
    const Timer timer;
    for (uint64_t number = 0; number < count; ++number) {
      const Block block = BlockAt(number);
      digest.Add(block);
      Effects effects;
      BlockRecord record;
      record.id = block.id;
      record.generation = block.generation;
      record.replication = 3;
      record.under_construction = true;
      effects.blocks.push_back(
          {BlockChange::Kind::kAllocated, InodeId(number + 2), record, {DataNodeId(1), DataNodeId(2), DataNodeId(3)}});
      blocks.Apply(effects);
      for (uint64_t id = 1; id <= 3; ++id) blocks.Events(DataNodeId(id), {{BlockEventKind::kReceived, block}});
      record.under_construction = false;
      record.length = block.length;
      effects.blocks[0] = {BlockChange::Kind::kChanged, InodeId(number + 2), record, {}};
      blocks.Apply(effects);
    }
    std::printf("%lu blocks written: %.2f us of the loop each (allocate, 3 reports, finish); resident %.0f MiB\n", count,
                timer.Seconds() * 1e6 / static_cast<double>(count), ResidentMiB());
    store->FlushAndWait();
  }
  uint64_t bytes = 0;
  for (const auto& file : std::filesystem::directory_iterator(directory)) bytes += file.file_size();
  std::printf("on disk: %.1f bytes for each block\n", static_cast<double>(bytes) / static_cast<double>(count));

  const Timer restart;
  auto store = OpenStore(directory, cache_mb);
  const double opened = restart.Seconds();
  BlockManager blocks(options, clock, *store);
  blocks.Restore();
  std::printf("restart: %.3f s, of which LevelDB %.3f s; %lu blocks; resident %.0f MiB\n", restart.Seconds(), opened,
              blocks.blocks().counts().blocks, ResidentMiB());
  for (uint64_t id = 1; id <= 3; ++id) {
    const Timer timer;
    const auto wanted = blocks.Register(Node(id), 2, digest.buckets());
    std::printf("node %lu of %lu replicas registers in %.1f us; asked for %zu buckets; safe blocks %lu\n", id, count,
                timer.Seconds() * 1e6, wanted->buckets.size(), blocks.SafeBlocks());
  }
  blocks.StartReplication();
  for (int second = 0; second < 12; ++second) {
    clock.Advance(std::chrono::seconds(1));
    (void)blocks.Contact(DataNodeId(1), 2);
    (void)blocks.Contact(DataNodeId(2), 2);
    if (second < 11) blocks.Tick(true);
  }
  Walk(blocks, "node 3 dies, all blocks recounted");
  const Timer rejoin;
  (void)blocks.Register(Node(3), 3, digest.buckets());
  std::printf("node 3 is back in service in %.1f us\n", rejoin.Seconds() * 1e6);
  Walk(blocks, "and all blocks are recounted");
  std::vector<Block> replicas;
  replicas.reserve(count);
  for (uint64_t number = 0; number < count; ++number) replicas.push_back(BlockAt(number));
  const Timer full;
  (void)blocks.ReportPage(DataNodeId(3), {.report = 1, .replicas = std::move(replicas)});
  std::printf("full report of a node, nothing new: %.2f s\n", full.Seconds());
  std::printf("resident at the end %.0f MiB\n", ResidentMiB());
  return 0;
}

}  // namespace
}  // namespace tusk::dfs::namenode

int main(int argc, char** argv) {
  uint64_t blocks = 1'000'000;
  uint64_t cache_mb = 256;
  std::string directory = "/tmp/tusk-block-map-bench";
  CLI::App app("The block map of a large cluster.");
  app.add_option("--blocks", blocks, "Blocks, with 3 replicas each");
  app.add_option("--directory", directory, "Where the state lies; emptied first");
  app.add_option("--cache-mb", cache_mb, "Memory of the caches");
  CLI11_PARSE(app, argc, argv);
  return tusk::dfs::namenode::Run(blocks, directory, cache_mb);
}
