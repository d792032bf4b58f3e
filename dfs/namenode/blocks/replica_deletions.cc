// Replicas that nodes are to delete: remembered until the node says that they are gone, also across restarts.
#include <algorithm>

#include "dfs/namenode/blocks/block_manager.h"

namespace tusk::dfs::namenode {
namespace {

constexpr size_t kInvalidatesPerReply = 1000;
constexpr int kMaxDeletionOrders = 3;

}  // namespace

void BlockManager::Delete(NodeIndex index, const Block& replica) {
  auto& deletion = nodes_[index].deletions[replica.id];
  deletion.block = replica;
  deletion.sent = 0;
  deletion.sent_at = {};
  store_.PutSoft(DeletionKey(index, replica.id), EncodeReplica(replica));
}

void BlockManager::EndDeletion(NodeIndex index, BlockId id) {
  if (nodes_[index].deletions.erase(id) > 0) store_.DeleteSoft(DeletionKey(index, id));
}

// It was surplus or bad when the deletion was ordered, perhaps before a restart; by now it may be all that is left.
bool BlockManager::IsNeeded(NodeIndex index, const Block& replica) {
  const BlockEntry* entry = table_.Find(replica.id);
  if (entry == nullptr) return false;
  // While a block is written, its pipeline has what older generations have, and more.
  if (replica.generation < entry->generation && entry->state == BlockState::kOpen) return false;
  const uint16_t bucket = InventoryDigest::BucketOf(replica.id);
  return std::none_of(entry->replicas.begin(), entry->replicas.end(),
                      [&](NodeIndex other) { return other != index && nodes_[other].live && !nodes_[other].unreported[bucket]; });
}

std::vector<NodeCommand> BlockManager::TakeCommands(DataNodeId id, bool act) {
  std::vector<NodeCommand> commands;
  const auto index = nodes_.Find(id);
  if (!index) return commands;
  Node& node = nodes_[*index];
  commands.swap(node.orders);
  if (!replicating_ || !act) return commands;
  const TimePoint now = clock_.Now();
  if (node.report_wanted && !node.report && now >= node.ask_for_report_at) {
    node.ask_for_report_at = now + options_.pending_timeout;
    commands.push_back({.kind = NodeCommand::Kind::kReportAll});
  }
  NodeCommand invalidate{.kind = NodeCommand::Kind::kInvalidate};
  std::vector<BlockId> hopeless, needed;
  for (auto& [block, deletion] : node.deletions) {
    if (invalidate.blocks.size() == kInvalidatesPerReply) break;
    if (deletion.sent > 0 && now - deletion.sent_at < options_.pending_timeout) continue;
    // What the node has not named may not be there at all: it says nothing then.
    if (deletion.sent >= kMaxDeletionOrders && !node.replicas.contains(block)) {
      hopeless.push_back(block);
      continue;
    }
    if (IsNeeded(*index, deletion.block)) {
      // One of an older generation is no replica again, but may be the last bytes of its block: it stays until a current one is
      // known to be readable.
      const BlockEntry* entry = table_.Find(block);
      if (entry == nullptr || deletion.block.generation >= entry->generation) needed.push_back(block);
      continue;
    }
    ++deletion.sent;
    deletion.sent_at = now;
    invalidate.blocks.push_back(deletion.block);
  }
  for (const BlockId block : hopeless) EndDeletion(*index, block);
  for (const BlockId block : needed) {
    EndDeletion(*index, block);
    if (const auto replica = node.replicas.Find(block)) AddReplica(*index, *replica, false);
  }
  if (!invalidate.blocks.empty()) commands.push_back(std::move(invalidate));
  return commands;
}

uint64_t BlockManager::PendingDeletions() const {
  uint64_t count = 0;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const Node& node = nodes_[static_cast<NodeIndex>(i)];
    if (node.live) count += node.deletions.size();
  }
  return count;
}

}  // namespace tusk::dfs::namenode
