// Which un-synced changes survive a power cut. The choices are those real disks and file systems were seen to make: nothing;
// everything; a prefix with a torn last write; each sector by itself at some moment of its history; a size without its bytes.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "common/storage/memory_disk.h"
#include "common/storage/memory_disk_state.h"

namespace tusk::storage {
namespace {

constexpr uint64_t kSectorBytes = 512;

// Calls visit(sector, change) for each sector-sized piece of a write.
template <class Visit>
void ForEachSector(const ByteChange& change, const Visit& visit) {
  for (size_t done = 0; done < change.bytes.size();) {
    const uint64_t at = change.offset + done;
    const size_t n = static_cast<size_t>(std::min<uint64_t>(change.bytes.size() - done, kSectorBytes - at % kSectorBytes));
    visit(at / kSectorBytes, at, std::span(change.bytes).subspan(done, n));
    done += n;
  }
}

void ApplyTorn(const ByteChange& change, SparseBytes& target, Random& random) {
  if (change.is_resize) {
    if (random.OneIn(2)) change.ApplyTo(target);
    return;
  }
  if (change.bytes.empty()) return;
  const uint64_t first = change.offset / kSectorBytes;
  const uint64_t count = (change.offset + change.bytes.size() - 1) / kSectorBytes - first + 1;
  // A run of sectors: half the time the head of the write, else any run.
  const uint64_t begin = random.OneIn(2) ? first : first + random.Below(count);
  const uint64_t end = begin + random.Below(first + count - begin + 1);
  ForEachSector(change, [&](uint64_t sector, uint64_t at, std::span<const std::byte> bytes) {
    if (sector >= begin && sector < end) target.Write(at, bytes);
  });
}

SparseBytes Survivor(const Inode& file, Random& random) {
  SparseBytes left = file.durable;
  if (file.pending.empty()) return left;
  const uint64_t changes = file.pending.size();
  switch (random.Below(4)) {
    case 0: return left;
    case 1:
      for (const auto& change : file.pending) change.ApplyTo(left);
      return left;
    case 2: {
      const uint64_t whole = random.Below(changes);
      for (uint64_t i = 0; i < whole; ++i) file.pending[i].ApplyTo(left);
      ApplyTorn(file.pending[whole], left, random);
      break;
    }
    default: {
      std::map<uint64_t, uint64_t> survives;  // sector -> how many of the changes it had seen when it was written back
      const uint64_t sizes = random.Below(changes + 1);
      for (uint64_t i = 0; i < changes; ++i) {
        const ByteChange& change = file.pending[i];
        if (change.is_resize) {
          if (i < sizes) change.ApplyTo(left);
          continue;
        }
        ForEachSector(change, [&](uint64_t sector, uint64_t at, std::span<const std::byte> bytes) {
          auto known = survives.find(sector);
          if (known == survives.end()) known = survives.emplace(sector, random.Below(changes + 1)).first;
          if (i < known->second) left.Write(at, bytes);
        });
      }
    }
  }
  if (left.size() < file.live.size() && random.OneIn(2)) left.Resize(file.live.size());
  return left;
}

// Operations on the same name survive in order: an operation whose predecessor was lost is lost as well.
void KeepSomeNames(MemoryTree& tree) {
  Random& random = tree.random;
  const bool in_order = random.OneIn(2);  // a journaling file system keeps a prefix, others any subset
  const uint64_t prefix = random.Below(tree.pending_names.size() + 1);
  std::set<std::pair<const Inode*, std::string>> lost_names;
  bool lost_any = false;
  for (uint64_t i = 0; i < tree.pending_names.size(); ++i) {
    const NameOperation& operation = tree.pending_names[i];
    bool lost = in_order ? i >= prefix : random.OneIn(2);
    lost = lost || (lost_any && operation.after_all_before);
    for (const auto& change : operation.changes) lost = lost || lost_names.contains({change.folder.get(), change.name});
    for (const auto& change : operation.changes) {
      if (lost) {
        lost_names.insert({change.folder.get(), change.name});
      } else if (change.after == nullptr) {
        change.folder->durable_names.erase(change.name);
      } else {
        change.folder->durable_names[change.name] = change.after;
      }
    }
    lost_any = lost_any || lost;
  }
}

// The live view restarts from what survived. Each inode once: a file may have two names after a torn rename.
void Revive(const InodePtr& inode, bool lose_all, Random& random, std::set<const Inode*>& seen) {
  if (!seen.insert(inode.get()).second) return;
  inode->names = inode->durable_names;
  inode->live = lose_all ? inode->durable : Survivor(*inode, random);
  inode->durable = inode->live;
  inode->pending.clear();
  for (const auto& [name, child] : inode->names) Revive(child, lose_all, random, seen);
}

void Cut(MemoryTree& tree, bool lose_all) {
  const std::lock_guard lock(tree.mutex);
  ++tree.generation;
  if (!lose_all) KeepSomeNames(tree);
  std::vector<InodePtr> touched;
  for (const auto& operation : tree.pending_names) {
    for (const auto& change : operation.changes) {
      touched.push_back(change.folder);
      if (change.after != nullptr) touched.push_back(change.after);
    }
  }
  tree.pending_names.clear();
  std::set<const Inode*> alive;
  Revive(tree.root, lose_all, tree.random, alive);
  std::erase_if(touched, [&](const InodePtr& inode) { return alive.contains(inode.get()); });
  for (const auto& inode : touched) {  // lost folders must not own each other
    inode->names.clear();
    inode->durable_names.clear();
  }
}

}  // namespace

ForgetfulDisk::ForgetfulDisk(uint64_t seed) {
  state_->forgets = true;
  state_->random = Random(seed);
}

void ForgetfulDisk::PowerCut() { Cut(*state_, false); }
void ForgetfulDisk::PowerCutLosingAll() { Cut(*state_, true); }

}  // namespace tusk::storage
