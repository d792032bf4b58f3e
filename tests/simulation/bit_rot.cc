#include "tests/simulation/bit_rot.h"

#include <algorithm>
#include <map>

#include <glog/logging.h>

#include "dfs/datanode/store/layout.h"
#include "dfs/datanode/store/meta_file.h"
#include "dfs/datanode/store/packed_scan.h"
#include "tests/simulation/kernel/machine_disk.h"
#include "tests/simulation/world.h"

namespace tusk::sim {
namespace {

using dfs::BlockId;
using dfs::Generation;
using dfs::datanode::PackedEntry;
using dfs::datanode::PackedKind;

// A range of a file whose every byte a checksum covers.
struct Place {
  std::string path;
  uint64_t begin = 0;
  uint64_t end = 0;
};

struct Replica {
  Generation generation;
  uint64_t sequence = 0;  // of a packed one
  bool packed = false;
  std::optional<Place> data, checksums;  // files of its own
  std::vector<Place> places;
};
using Replicas = std::map<BlockId, Replica>;

storage::ForgetfulDisk& DiskOf(int node) { return MachineDisk::Of(node).disk(); }

void AddFiles(storage::Disk& disk, const std::string& folder, Replicas& replicas) {
  const auto found = disk.List(folder);
  if (!found.ok()) return;
  for (const storage::FileInfo& file : *found) {
    const std::string path = folder + "/" + file.name;
    if (file.is_directory) {
      AddFiles(disk, path, replicas);
      continue;
    }
    const auto name = dfs::datanode::ParseReplicaFileName(file.name);
    if (!name) continue;
    Replica& replica = replicas[name->id];
    if (!name->generation) {
      replica.data = Place{path, 0, file.size};
    } else if (*name->generation > replica.generation) {  // others are leftovers
      replica.generation = *name->generation;
      replica.checksums = Place{path, dfs::datanode::kMetaHeaderBytes, file.size};
    }
  }
}

// Bytes that no checksum is about say nothing, and half a replica is what a power cut left of a deletion: nobody is served from
// it.
void KeepWhole(Replicas& replicas) {
  for (auto& [id, replica] : replicas) {
    if (replica.packed || !replica.data || !replica.checksums) continue;
    const uint64_t used = dfs::datanode::MetaFileBytes(replica.data->end, World::kChunkBytes);
    replica.checksums->end = std::min(replica.checksums->end, used);
    for (const Place& place : {*replica.data, *replica.checksums}) {
      if (place.begin < place.end) replica.places.push_back(place);
    }
  }
  std::erase_if(replicas, [](const auto& item) { return item.second.places.empty(); });
}

void AddPacked(storage::Disk& disk, const std::string& folder, Replicas& replicas) {
  const auto found = disk.List(folder);
  if (!found.ok()) return;
  std::map<BlockId, uint64_t> deleted;
  for (const storage::FileInfo& file : *found) {
    const std::string path = folder + "/" + file.name;
    auto opened = disk.Open(path, storage::OpenMode::kRead);
    if (!opened.ok()) continue;
    const auto segment = dfs::datanode::ScanSegment(**opened, path.find(".open") == std::string::npos);
    if (!segment.ok()) continue;
    for (const PackedEntry& entry : segment->entries) {
      if (entry.kind == PackedKind::kTombstone) {
        deleted[entry.block.id] = std::max(deleted[entry.block.id], entry.sequence);
        continue;
      }
      Replica& replica = replicas[entry.block.id];
      if (replica.data || replica.checksums || (replica.packed && replica.sequence > entry.sequence)) continue;
      const uint64_t begin = entry.offset + dfs::datanode::kPackedHeaderBytes;
      const uint64_t end = begin + dfs::datanode::ChecksumBytes(entry) + entry.block.length;
      replica = {.generation = entry.block.generation,
                 .sequence = entry.sequence,
                 .packed = true,
                 .data = {},
                 .checksums = {},
                 .places = {{path, begin, end}}};
    }
  }
  std::erase_if(replicas, [&](const auto& item) {
    const auto gone = deleted.find(item.first);
    return gone != deleted.end() && item.second.packed && gone->second > item.second.sequence;
  });
}

Replicas ReplicasOf(int node) {
  const dfs::datanode::Layout layout{std::string(World::kDataNodeFolder)};
  Replicas replicas;
  AddFiles(DiskOf(node), layout.Finalized(), replicas);
  AddPacked(DiskOf(node), layout.Packed(), replicas);
  KeepWhole(replicas);
  return replicas;
}

std::optional<std::byte> ByteAt(storage::Disk& disk, const std::string& path, uint64_t offset) {
  auto file = disk.Open(path, storage::OpenMode::kRead);
  if (!file.ok()) return std::nullopt;
  std::byte value{};
  const auto read = (*file)->ReadAt(offset, std::span(&value, 1));
  if (!read.ok() || *read == 0) return std::nullopt;
  return value;
}

}  // namespace

bool BitRot::Strike(Random& random) {
  Replicas candidates = ReplicasOf(victim_);
  std::map<BlockId, int> others;
  for (const int node : datanodes_) {
    if (node == victim_) continue;
    for (const auto& [id, replica] : ReplicasOf(node)) {
      const auto mine = candidates.find(id);
      if (mine != candidates.end() && mine->second.generation == replica.generation) ++others[id];
    }
  }
  std::erase_if(candidates, [&](const auto& item) { return others[item.first] < 2; });
  if (candidates.empty()) return false;
  const auto chosen = std::next(candidates.begin(), static_cast<long>(random.Below(candidates.size())));
  const std::vector<Place>& places = chosen->second.places;
  const Place& place = places[random.Below(places.size())];
  const uint64_t offset = place.begin + random.Below(place.end - place.begin);
  const auto known = [&](const Spot& spot) { return spot.path == place.path && spot.offset == offset; };
  if (std::ranges::any_of(spots_, known)) return true;  // a second flip would mend it
  const auto flip = static_cast<std::byte>(1u << random.Below(8));
  DiskOf(victim_).CorruptByte(place.path, offset, flip);
  const auto now = ByteAt(DiskOf(victim_), place.path, offset);
  LOG(INFO) << "simulation: a bit of " << place.path << " of node " << victim_ << " flips at byte " << offset << " of "
            << place.end;
  if (now) spots_.push_back({.block = chosen->first, .path = place.path, .begin = place.begin, .offset = offset, .wrong = *now});
  return true;
}

std::string BitRot::Remaining() const {
  if (spots_.empty()) return {};
  const Replicas now = ReplicasOf(victim_);
  for (const Spot& spot : spots_) {
    const auto replica = now.find(spot.block);
    if (replica == now.end()) continue;
    const bool there = std::ranges::any_of(replica->second.places, [&](const Place& place) {
      return place.path == spot.path && place.begin == spot.begin && spot.offset < place.end;
    });
    if (!there || ByteAt(DiskOf(victim_), spot.path, spot.offset) != spot.wrong) continue;
    return "the replica of block " + std::to_string(spot.block.value()) + " on node " + std::to_string(victim_) +
           " still has the bit that flipped at byte " + std::to_string(spot.offset) + " of " + spot.path;
  }
  return {};
}

}  // namespace tusk::sim
