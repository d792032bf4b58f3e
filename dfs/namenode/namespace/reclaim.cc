// Removing trees: a bounded part in the entry that deletes one, the rest as garbage, by entries of its own.
//
// Depth first, and a directory by some of its names at a time, so that what is left over is a few roots, not a list of all.
#include <glog/logging.h>

#include <algorithm>

#include "dfs/namenode/namespace/quota.h"

namespace tusk::dfs::namenode {
namespace {

constexpr size_t kRemovedPerEntry = 250;  // inodes and blocks: some milliseconds of the loop
constexpr size_t kNamesAtOnce = 100;

struct Root {
  InodeId inode;
  std::string after{};
  QuotaChain quotas{};  // that are charged for it
};

class Removal {
 public:
  explicit Removal(Transaction& tx) : tx_(tx) {}

  // Of what is left when the budget is spent, garbage remains.
  void Run(std::vector<Root> roots) {
    left_ = std::move(roots);
    Continue();
  }
  void Run(Root root, Inode inode) {
    Remove(std::move(root), std::move(inode));
    Continue();
  }

 private:
  void Continue() {
    while (!left_.empty() && budget_ > 0) {
      Root root = std::move(left_.back());
      left_.pop_back();
      Inode inode = GetInode(tx_, root.inode);
      Remove(std::move(root), std::move(inode));
    }
    for (const Root& root : left_) Leave(root);
  }

  void Remove(Root root, Inode inode) {
    if (inode.is_directory) {
      RemoveNames(std::move(root), std::move(inode));
    } else {
      RemoveBlocks(std::move(root), std::move(inode));
    }
  }

  void Drop(InodeId id, const Inode& inode, const QuotaChain& quotas) {
    tx_.Delete(InodeKey(id));
    Charge(tx_, quotas, {-1, 0});
    if (inode.has_xattrs) tx_.Delete(XattrKey(id));
    if (inode.has_quota) {
      tx_.Delete(QuotaKey(id));
      --tx_.meta.quotas;
    }
  }

  void Spend(size_t steps) { budget_ -= std::min(budget_, steps); }

  void RemoveBlocks(Root root, Inode file) {
    const InodeId id = root.inode;
    if (file.under_construction) EndLease(tx_, id);
    const auto count = static_cast<uint32_t>(std::min<size_t>(file.block_count, budget_));
    for (uint32_t i = 0; i < count; ++i) {
      const uint32_t index = --file.block_count;
      auto block = FindBlock(tx_, id, index);
      if (!block) continue;
      tx_.Delete(BlockKey(id, index));
      Charge(tx_, root.quotas, {0, -SpaceOf(file, *block)});
      tx_.effects.blocks.push_back({BlockChange::Kind::kRemoved, id, std::move(*block), {}});
      --tx_.meta.blocks;
    }
    Spend(count + size_t{1});
    if (file.block_count == 0) {
      Drop(id, file, root.quotas);
      --tx_.meta.files;
      return;
    }
    file.under_construction = false;
    PutInode(tx_, id, file);
    left_.push_back(std::move(root));
  }

  void RemoveNames(Root root, Inode directory) {
    const size_t limit = std::min({kNamesAtOnce, budget_, size_t{directory.children}});
    std::vector<std::string> keys;
    std::vector<Root> children;
    if (limit > 0) {
      const std::string after = root.after.empty() ? std::string() : DirentKey(root.inode, root.after);
      tx_.Scan(DirentPrefix(root.inode), after, [&](std::string_view key, std::string_view value) {
        const auto dirent = DecodeDirent(value);
        CHECK(dirent) << "a directory entry of the applied state is broken; remove the NameNode's state folder: it is rebuilt";
        keys.emplace_back(key);
        children.push_back({dirent->inode, {}, root.quotas});
        return keys.size() < limit;
      });
    }
    for (const std::string& key : keys) tx_.Delete(key);
    Spend(1);
    directory.children -= static_cast<uint32_t>(keys.size());
    if (directory.children > 0 && !keys.empty()) {
      root.after = DirentName(keys.back());
      PutInode(tx_, root.inode, directory);
      left_.push_back(std::move(root));
    } else {
      Drop(root.inode, directory, root.quotas);
      --tx_.meta.directories;
    }
    left_.insert(left_.end(), std::make_move_iterator(children.rbegin()), std::make_move_iterator(children.rend()));
  }

  void Leave(const Root& root) {
    Inode inode = GetInode(tx_, root.inode);
    if (inode.parent != InodeId()) {  // its parent goes, or has gone
      inode.parent = InodeId();
      PutInode(tx_, root.inode, inode);
    }
    tx_.Put(GarbageKey(root.inode), Encode(Garbage{root.after, root.quotas}));
    tx_.effects.garbage.push_back(root.inode);
  }

  Transaction& tx_;
  std::vector<Root> left_;
  size_t budget_ = kRemovedPerEntry;
};

}  // namespace

void RemoveTree(Transaction& tx, InodeId id, int64_t time_ms) {
  Inode top = GetInode(tx, id);
  tx.Delete(DirentKeyHere(top.parent, top.name));
  ChangeChildren(tx, top.parent, -1, time_ms);
  Removal(tx).Run({id, {}, QuotasOf(tx, top.parent)}, std::move(top));
}

void ReclaimSome(Transaction& tx, const std::vector<InodeId>& roots) {
  std::vector<Root> found;
  for (const InodeId id : roots) {
    const auto bytes = tx.Find(GarbageKey(id));
    if (!bytes) continue;
    auto garbage = DecodeGarbage(*bytes);
    CHECK(garbage) << "a garbage record of the applied state is broken; remove the NameNode's state folder: it is rebuilt";
    tx.Delete(GarbageKey(id));
    found.push_back({id, std::move(garbage->after), std::move(garbage->quotas)});
  }
  std::reverse(found.begin(), found.end());
  Removal(tx).Run(std::move(found));
}

}  // namespace tusk::dfs::namenode
