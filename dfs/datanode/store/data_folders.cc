#include "dfs/datanode/store/data_folders.h"

#include <algorithm>

#include <glog/logging.h>

#include "common/base/try.h"
#include "dfs/datanode/store/duplicate_replicas.h"
#include "dfs/datanode/store/folder_choice.h"
#include "dfs/datanode/store/folder_probe.h"

namespace tusk::dfs::datanode {
namespace {

std::string Name(BlockId id) { return "block " + std::to_string(id.value()); }

// What a start refuses, apart from what merely makes one folder unusable.
bool IsRefusal(const Status& status) {
  return status.code() == Code::kFailedPrecondition || status.code() == Code::kCorruption ||
         status.code() == Code::kUnimplemented;
}

}  // namespace

DataFolders::DataFolders(Options options) : options_(std::move(options)), folders_(options_.places.size()) {
  for (size_t i = 0; i < folders_.size(); ++i) {
    folders_[i].disk = options_.places[i].disk;
    folders_[i].directory = options_.places[i].directory;
    folders_[i].failure = options_.places[i].failure;
  }
}

DataFolders::~DataFolders() = default;

Result<std::unique_ptr<DataFolders>> DataFolders::Open(Options options) {
  if (!options.hooks.give_up) {
    options.hooks.give_up = [](const Status& status) { LOG(FATAL) << "stopping: " << status.message(); };
  }
  std::unique_ptr<DataFolders> folders(new DataFolders(std::move(options)));
  TUSK_TRY(folders->OpenFolders());
  std::vector<BlockStore*> stores;
  for (size_t i = 0; i < folders->size(); ++i) stores.push_back(folders->store(i));
  std::erase(stores, nullptr);
  TUSK_TRY(ResolveDuplicates(stores));
  return folders;
}

// All identities are read before any folder is touched, so that a wrong list of folders changes nothing.
Status DataFolders::OpenFolders() {
  std::optional<FolderIdentity::Owner> owner;
  std::string owner_directory;
  for (Folder& folder : folders_) {
    if (!folder.failure.ok()) continue;
    auto found = FolderIdentity::Read(*folder.disk, Layout(folder.directory));
    if (!found.ok()) {
      if (IsRefusal(found.status())) return found.status();
      folder.failure = found.status();
      continue;
    }
    if (!*found) continue;
    if (owner && (owner->node != (*found)->node ||
                  (owner->cluster != (*found)->cluster && owner->cluster != 0 && (*found)->cluster != 0))) {
      return FailedPrecondition("cannot use " + owner_directory + " and " + folder.directory + " together: they belong to node " +
                                std::to_string(owner->node.value()) + " of cluster " + std::to_string(owner->cluster) +
                                " and node " + std::to_string((*found)->node.value()) + " of cluster " +
                                std::to_string((*found)->cluster) + "; correct dfs.datanode_dir");
    }
    if (!owner || owner->cluster == 0) owner_directory = folder.directory, owner = **found;
  }

  DataNodeId node = owner ? owner->node : DataNodeId();
  std::vector<FolderIdentity*> identities(folders_.size());
  for (size_t i = 0; i < folders_.size(); ++i) {
    Folder& folder = folders_[i];
    if (!folder.failure.ok()) continue;
    BlockStore::Options options;
    options.directory = folder.directory;
    options.reserved_bytes = options_.reserved_bytes;
    options.packed_bytes = options_.packed_bytes;
    options.recycled_bytes = options_.recycled_bytes;
    options.node = node;
    options.hooks.changed = options_.hooks.changed;
    options.hooks.synced = [this, &folder](Duration took) {
      folder.sync_time.Add(took);
      if (options_.hooks.synced) options_.hooks.synced(took);
    };
    options.hooks.sync_failed = [this, i](const Status& status) { TakeOut(i, status); };
    options.hooks.trouble = [this, &folder](const Status&) {
      if (options_.hooks.trouble) options_.hooks.trouble(folder.directory);
    };
    auto opened = BlockStore::Open(*folder.disk, std::move(options));
    if (!opened.ok()) {
      if (IsRefusal(opened.status())) return opened.status();
      folder.failure = opened.status();
      continue;
    }
    folder.store = std::move(opened).value();
    folder.in_use = true;
    identities[i] = &folder.store->identity();
    node = identities[i]->node();
  }
  for (const Folder& folder : folders_) {
    if (!folder.failure.ok())
      LOG(ERROR) << "going on without the data folder " << folder.directory << ": " << folder.failure.message();
  }
  if (failed_count() == folders_.size() || failed_count() > options_.failed_tolerated) {
    for (const Folder& folder : folders_) {
      if (!folder.failure.ok()) return folder.failure.WithContext("cannot use the data folder " + folder.directory);
    }
    return InvalidArgument("no data folder is given");
  }
  identity_ = std::make_unique<NodeIdentity>(
      std::move(identities), [this](size_t i) { return in_use(i); },
      [this](size_t i, const Status& status) { TakeOut(i, status); });
  if (owner && owner->cluster != 0) TUSK_TRY(identity_->BindCluster(owner->cluster));  // of the new ones
  return OkStatus();
}

size_t DataFolders::failed_count() const {
  return static_cast<size_t>(std::ranges::count_if(folders_, [](const Folder& folder) { return !folder.in_use; }));
}

void DataFolders::TakeOut(size_t index, const Status& reason) {
  Folder& folder = folders_[index];
  {
    std::lock_guard lock(failures_mutex_);
    if (!folder.in_use.exchange(false)) return;
    folder.failure = reason;
  }
  const size_t lost = folder.store->finalized_count();
  folder.store->TakeOut(reason);
  LOG(ERROR) << "the data folder " << folder.directory << " is out of use, its " << lost
             << " replicas are told as lost: " << reason.message() << "; replace the disk and start the DataNode again";
  const size_t failed = failed_count();
  if (failed == size() || failed > options_.failed_tolerated) {
    options_.hooks.give_up(reason.WithContext(std::to_string(failed) + " of " + std::to_string(size()) +
                                              " data folders have failed (dfs.datanode_failed_folders_tolerated)"));
  }
}

Status DataFolders::CheckFolder(size_t index) {
  Folder& folder = folders_[index];
  if (!folder.in_use) return OkStatus();
  const auto took = ProbeFolder(*folder.disk, folder.store->layout(), identity_->node());
  if (took.ok()) {
    folder.sync_time.Add(*took);
    return OkStatus();
  }
  TakeOut(index, took.status());
  return took.status();
}

BlockStore* DataFolders::Find(BlockId id) const {
  // Twice: a move may switch from a folder that is still to come to one that was passed.
  for (int pass = 0; pass < 2; ++pass) {
    for (const Folder& folder : folders_) {
      if (folder.in_use && folder.store->StateOf(id)) return folder.store.get();
    }
  }
  return nullptr;
}

// The folder of a block may change between the look-up and the call (a move); then the call does not find the block any more.
template <class F>
auto DataFolders::InFolderOf(BlockId id, const F& call) const {
  using Outcome = decltype(call(std::declval<BlockStore&>()));
  BlockStore* store = Find(id);
  while (store != nullptr) {
    Outcome outcome = call(*store);
    if (outcome.ok() || outcome.status().code() != Code::kNotFound) return outcome;
    BlockStore* now = Find(id);
    if (now == store) return outcome;
    store = now;
  }
  return Outcome(NotFound(Name(id) + " is not on this DataNode"));
}

Result<std::vector<size_t>> DataFolders::FoldersWithRoom(uint64_t bytes) {
  std::vector<FolderCandidate> candidates;
  Status full = Unavailable("no data folder is in use");
  const auto slow = SlowFolders();
  for (size_t i = 0; i < folders_.size(); ++i) {
    if (!in_use(i)) continue;
    const auto space = folders_[i].store->MeasureSpace();
    if (!space.ok()) {
      if (options_.hooks.trouble) options_.hooks.trouble(folders_[i].directory);
      full = space.status();
      continue;
    }
    candidates.push_back({i, space->remaining, slow[i]});
  }
  std::vector<size_t> order;
  std::lock_guard lock(choice_mutex_);
  const uint64_t turn = turn_++;
  while (const auto chosen = ChooseFolder(candidates, bytes, turn, random_.Unit())) {
    order.push_back(*chosen);
    std::erase_if(candidates, [&](const FolderCandidate& candidate) { return candidate.index == *chosen; });
  }
  if (!order.empty()) return order;
  if (candidates.empty()) return full;
  order.push_back(candidates.front().index);  // its refusal says what is wrong
  return order;
}

Result<std::unique_ptr<ReplicaWriter>> DataFolders::Create(const Block& block, uint32_t chunk_bytes, Purpose purpose,
                                                           uint64_t expected_bytes) {
  std::lock_guard lock(creating_[std::hash<BlockId>()(block.id) % creating_.size()]);
  if (BlockStore* store = Find(block.id)) return store->Create(block, chunk_bytes, purpose, expected_bytes);
  TUSK_ASSIGN(const auto order, FoldersWithRoom(std::max<uint64_t>(expected_bytes, chunk_bytes)));
  Status refused;
  for (const size_t index : order) {
    auto created = folders_[index].store->Create(block, chunk_bytes, purpose, expected_bytes);
    if (created.ok()) return created;
    refused = std::move(created).status();
    const bool elsewhere = refused.code() == Code::kNoSpace || refused.code() == Code::kIoError ||
                           refused.code() == Code::kPermissionDenied || refused.code() == Code::kNotFound;
    if (!elsewhere) break;
  }
  return refused;
}

Result<std::unique_ptr<ReplicaWriter>> DataFolders::Recover(const Block& block, Generation oldest, uint64_t resume_at,
                                                            uint32_t chunk_bytes) {
  return InFolderOf(block.id, [&](BlockStore& store) { return store.Recover(block, oldest, resume_at, chunk_bytes); });
}

Result<BlockStore::Participant> DataFolders::PrepareRecovery(const Block& block) {
  return InFolderOf(block.id, [&](BlockStore& store) { return store.PrepareRecovery(block); });
}

Result<BlockStore::Participant> DataFolders::Look(BlockId id) {
  return InFolderOf(id, [&](BlockStore& store) { return store.Look(id); });
}

Result<ReplicaReader> DataFolders::OpenForRead(BlockId id, Generation generation) {
  return InFolderOf(id, [&](BlockStore& store) { return store.OpenForRead(id, generation); });
}

Status DataFolders::Invalidate(const Block& block) {
  for (size_t tries = 0; tries <= folders_.size(); ++tries) {  // a move under way makes it appear in another folder
    BlockStore* store = Find(block.id);
    if (store == nullptr) return OkStatus();
    TUSK_TRY(store->Invalidate(block));
  }
  return Unavailable(Name(block.id) + " moves between folders; try again");
}

Status DataFolders::InvalidatePacked(std::span<const Block> blocks) {
  for (size_t i = 0; i < folders_.size(); ++i) {
    if (in_use(i)) TUSK_TRY(folders_[i].store->InvalidatePacked(blocks));
  }
  return OkStatus();
}

void DataFolders::ReportDamage(const Block& block) {
  if (BlockStore* store = Find(block.id)) store->ReportDamage(block);
}

void DataFolders::Suspect(const Block& block) const {
  if (options_.hooks.suspected) options_.hooks.suspected(block);
}

std::optional<ReplicaState> DataFolders::StateOf(BlockId id) const {
  const BlockStore* store = Find(id);
  return store == nullptr ? std::nullopt : store->StateOf(id);
}

// Holds the locks of all folders, in their order, while at_snapshot runs.
void DataFolders::Collect(size_t index, std::span<const uint16_t> buckets,
                          const std::function<void(const Inventory&)>& at_snapshot, Inventory& inventory) const {
  if (index == folders_.size()) {
    std::sort(inventory.finalized.begin(), inventory.finalized.end());
    if (at_snapshot) at_snapshot(inventory);
    return;
  }
  const BlockStore* store = folders_[index].store.get();
  if (store == nullptr || !in_use(index)) return Collect(index + 1, buckets, at_snapshot, inventory);
  store->TakeInventory(
      [&](const Inventory& part) {
        inventory.finalized.insert(inventory.finalized.end(), part.finalized.begin(), part.finalized.end());
        inventory.damaged.insert(inventory.damaged.end(), part.damaged.begin(), part.damaged.end());
        inventory.unfinished.insert(inventory.unfinished.end(), part.unfinished.begin(), part.unfinished.end());
        Collect(index + 1, buckets, at_snapshot, inventory);
      },
      buckets);
}

DataFolders::Inventory DataFolders::TakeInventory(const std::function<void(const Inventory&)>& at_snapshot,
                                                  std::span<const uint16_t> buckets) const {
  Inventory inventory;
  std::lock_guard lock(moves_mutex_);
  Collect(0, buckets, at_snapshot, inventory);
  return inventory;
}

InventoryDigest DataFolders::Digest() const {
  InventoryDigest digest;
  std::lock_guard lock(moves_mutex_);
  for (const Folder& folder : folders_) {
    if (folder.store) digest.Add(folder.store->Digest());
  }
  return digest;
}

std::vector<Block> DataFolders::Damaged() const {
  std::vector<Block> damaged;
  for (const Folder& folder : folders_) {
    if (!folder.store) continue;
    const auto here = folder.store->Damaged();
    damaged.insert(damaged.end(), here.begin(), here.end());
  }
  return damaged;
}

Result<DataFolders::Space> DataFolders::MeasureSpace() const {
  Space sum;
  Status failure = Unavailable("no data folder is in use");
  bool measured = false;
  for (const Folder& folder : folders_) {
    if (!folder.in_use) continue;
    const auto space = folder.store->MeasureSpace();
    if (!space.ok()) {
      if (options_.hooks.trouble) options_.hooks.trouble(folder.directory);
      failure = space.status();
      continue;
    }
    measured = true;
    sum.capacity += space->capacity;
    sum.used += space->used;
    sum.remaining += space->remaining;
  }
  if (!measured) return failure;
  return sum;
}

uint64_t DataFolders::used_bytes() const {
  uint64_t bytes = 0;
  for (const Folder& folder : folders_) bytes += folder.in_use ? folder.store->used_bytes() : 0;
  return bytes;
}

size_t DataFolders::finalized_count() const {
  size_t count = 0;
  for (const Folder& folder : folders_) count += folder.in_use ? folder.store->finalized_count() : 0;
  return count;
}

size_t DataFolders::unfinished_count() const {
  size_t count = 0;
  for (const Folder& folder : folders_) count += folder.in_use ? folder.store->unfinished_count() : 0;
  return count;
}

std::vector<bool> DataFolders::SlowFolders() const {
  std::vector<std::optional<Duration>> medians;
  for (const Folder& folder : folders_) medians.push_back(folder.in_use ? folder.sync_time.Get() : std::nullopt);
  return JudgeSlow(medians);
}

std::vector<DataFolders::FolderFigures> DataFolders::Figures() const {
  std::vector<FolderFigures> figures;
  const auto slow = SlowFolders();
  for (size_t i = 0; i < folders_.size(); ++i) {
    FolderFigures& figure = figures.emplace_back();
    figure.directory = folders_[i].directory;
    figure.slow = slow[i];
    if (in_use(i)) {
      figure.replicas = folders_[i].store->finalized_count();
      if (const auto space = folders_[i].store->MeasureSpace(); space.ok()) figure.space = *space;
      continue;
    }
    std::lock_guard lock(failures_mutex_);
    figure.failure = folders_[i].failure;
  }
  return figures;
}

}  // namespace tusk::dfs::datanode
