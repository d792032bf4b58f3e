// What a FakeFileSystem holds: its files by path, and the ways to find and make them. Thread: under `mutex`, but Check.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/storage/crc32c.h"
#include "dfs/namenode/namespace/acl.h"
#include "dfs/namenode/namespace/xattrs.h"
#include "dfs/protocol/path.h"
#include "tests/harness/fake_file_system.h"

namespace tusk::testing {

using dfs::FileStatus;
using dfs::LocatedFile;

struct Node {
  FileStatus status;
  std::string bytes;
  std::vector<dfs::LocatedBlock> blocks;
  std::string acl{};  // as an inode keeps it
  dfs::namenode::Xattrs xattrs{};
  int64_t quota = dfs::kNoQuota, space_quota = dfs::kNoQuota;  // told, not enforced
};

struct FakeFileSystem::State {
  Options options;
  std::mutex mutex;
  Fault fault;
  std::map<std::string, std::shared_ptr<Node>> nodes;  // by path; a stream keeps its node when the path is deleted or renamed
  std::map<std::string, uint64_t> published;           // job -> highest epoch
  uint64_t next_id = 2;

  Status Check(std::string_view operation, const std::string& path) {
    Fault asked;
    {
      std::lock_guard lock(mutex);
      asked = fault;
    }
    return asked ? asked(operation, path) : OkStatus();
  }

  std::shared_ptr<Node> Find(const std::string& path) {
    const auto found = nodes.find(path);
    return found == nodes.end() ? nullptr : found->second;
  }

  Result<std::shared_ptr<Node>> FindClosed(const std::string& path) {
    const auto node = Find(path);
    if (!node) return NotFound(path + " does not exist");
    if (node->status.is_directory) return Status(Code::kIsADirectory, path + " is a directory");
    if (node->status.under_construction) return Status(Code::kLeaseConflict, "somebody is writing " + path);
    return node;
  }

  // Everything below a directory: keys with this prefix.
  static std::string Below(const std::string& path) { return path == "/" ? "/" : path + "/"; }

  uint32_t ChildCount(const std::string& path) {
    uint32_t count = 0;
    const std::string below = Below(path);
    for (auto it = nodes.lower_bound(below); it != nodes.end() && it->first.starts_with(below); ++it) {
      if (it->first.size() > below.size() && it->first.find('/', below.size()) == std::string::npos) ++count;
    }
    return count;
  }

  FileStatus StatusOf(const std::string& path, const Node& node) {
    FileStatus status = node.status;
    status.path = path;
    if (status.is_directory) status.children = ChildCount(path);
    return status;
  }

  std::shared_ptr<Node> Make(const std::string& path, bool directory) {
    auto node = std::make_shared<Node>();
    node->status.inode = dfs::InodeId(next_id++);
    node->status.is_directory = directory;
    node->status.modified_ms = node->status.accessed_ms = options.now_ms;
    node->status.owner = options.user;
    node->status.group = "supergroup";
    node->status.mode = directory ? 0755 : 0644;
    nodes[path] = node;
    return node;
  }

  Status MakeParents(const std::string& path, bool create) {
    const std::string parent(dfs::PathParent(path));
    const auto node = Find(parent);
    if (node && node->status.is_directory) return OkStatus();
    if (node) return Status(Code::kNotADirectory, parent + " is a file");
    TUSK_TRY(parent == "/" ? OkStatus() : MakeParents(parent, create));
    if (!create) return NotFound(parent + " does not exist");
    Make(parent, true);
    return OkStatus();
  }

  dfs::DataNodeInfo NodeInfo(uint64_t index) const {
    const uint64_t number = index % options.nodes + 1;
    return {
        dfs::DataNodeId(number),        "127.0.1." + std::to_string(number), 9866, 9864, "/rack" + std::to_string(number % 2 + 1),
        "node" + std::to_string(number)};
  }

  void CutIntoBlocks(Node& node) {
    node.blocks.clear();
    node.status.length = node.bytes.size();
    for (uint64_t offset = 0; offset < node.bytes.size(); offset += node.status.block_size) {
      dfs::LocatedBlock block;
      block.block = {dfs::BlockId(1000 + next_id), dfs::Generation(1001),
                     std::min<uint64_t>(node.status.block_size, node.bytes.size() - offset)};
      block.offset = offset;
      for (uint64_t i = 0; i < std::min<uint64_t>(node.status.replication, options.nodes); ++i) {
        block.locations.push_back(NodeInfo(next_id + i));
      }
      ++next_id;
      node.blocks.push_back(std::move(block));
    }
  }

  void Move(const std::string& from, const std::string& to) {
    std::vector<std::pair<std::string, std::shared_ptr<Node>>> moved{{to, nodes.at(from)}};
    const std::string below = Below(from);
    for (auto it = nodes.lower_bound(below); it != nodes.end() && it->first.starts_with(below);) {
      moved.emplace_back(to + it->first.substr(from.size()), it->second);
      it = nodes.erase(it);
    }
    nodes.erase(from);
    for (auto& [path, node] : moved) nodes[path] = std::move(node);
  }

  void Erase(const std::string& path) {
    const std::string below = Below(path);
    for (auto it = nodes.lower_bound(below); it != nodes.end() && it->first.starts_with(below);) {
      it = it->first == "/" ? std::next(it) : nodes.erase(it);
    }
    if (path != "/") nodes.erase(path);
  }
};

}  // namespace tusk::testing
