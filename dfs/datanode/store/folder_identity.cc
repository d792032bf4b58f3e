#include "dfs/datanode/store/folder_identity.h"

#include <charconv>
#include <optional>

#include "common/base/random.h"
#include "common/base/try.h"

namespace tusk::dfs::datanode {
namespace {

constexpr std::string_view kTitle = "tusk datanode folder, version 1\n";

// "name value\n" at the front of text, which is then shortened.
std::optional<uint64_t> TakeLine(std::string_view* text, std::string_view name) {
  if (!text->starts_with(name) || text->size() <= name.size() || (*text)[name.size()] != ' ') return std::nullopt;
  text->remove_prefix(name.size() + 1);
  const size_t end = text->find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  uint64_t value = 0;
  const auto [stop, error] = std::from_chars(text->data(), text->data() + end, value);
  if (error != std::errc() || stop != text->data() + end) return std::nullopt;
  text->remove_prefix(end + 1);
  return value;
}

// The first file in or below a folder; empty: there is none. Folders alone are nobody's: a process whose folder was removed under
// it may leave them.
Result<std::string> FindFile(storage::Disk& disk, const std::string& folder) {
  const auto entries = disk.List(folder);
  if (entries.status().code() == Code::kNotFound) return std::string();
  if (!entries.ok()) return entries.status();
  for (const auto& entry : *entries) {
    const std::string path = folder + "/" + entry.name;
    if (!entry.is_directory) return path;
    TUSK_ASSIGN(std::string below, FindFile(disk, path));
    if (!below.empty()) return below;
  }
  return std::string();
}

}  // namespace

Result<std::optional<FolderIdentity::Owner>> FolderIdentity::Read(storage::Disk& disk, const Layout& layout) {
  auto text = storage::ReadFile(disk, layout.Identity(), 4096);
  if (text.status().code() == Code::kNotFound) {
    for (const std::string& blocks : {layout.Finalized(), layout.Packed()}) {
      TUSK_ASSIGN(const std::string file, FindFile(disk, blocks));
      if (file.empty()) continue;
      return FailedPrecondition("cannot use " + layout.root() + " for blocks: it has blocks (" + file +
                                ") but no identity file; restore the file or choose another dfs.datanode_dir");
    }
    return std::optional<Owner>();
  }
  if (!text.ok()) return std::move(text).status();
  std::string_view rest = *text;
  if (!rest.starts_with(kTitle)) {
    return FailedPrecondition(layout.Identity() +
                              " is not the identity of a DataNode folder that this program knows; choose another "
                              "dfs.datanode_dir");
  }
  rest.remove_prefix(kTitle.size());
  const auto node = TakeLine(&rest, "node");
  const auto cluster = TakeLine(&rest, "cluster");
  if (!node || *node == 0 || !cluster || !rest.empty()) {
    return Corruption(
        "cannot read " + layout.Identity() +
        ": expected the lines «node N» and «cluster N»; restore the file, or empty the folder and let the cluster copy "
        "its blocks again");
  }
  return std::optional(Owner{DataNodeId(*node), *cluster});
}

Result<std::unique_ptr<FolderIdentity>> FolderIdentity::Open(storage::Disk& disk, const Layout& layout, DataNodeId node) {
  TUSK_TRY(disk.CreateDirectories(layout.root()));
  std::unique_ptr<FolderIdentity> identity(new FolderIdentity(disk, layout));
  TUSK_ASSIGN(const auto owner, Read(disk, layout));
  if (owner) {
    identity->node_ = owner->node;
    identity->cluster_ = owner->cluster;
  } else {
    while (node.value() == 0) node = DataNodeId(SecureRandom64());
    identity->node_ = node;
    TUSK_TRY(identity->Write(0));
  }
  auto epoch = storage::ReadFile(disk, layout.Epoch(), 4096);
  if (epoch.ok()) {
    std::string_view rest = *epoch;
    const auto value = TakeLine(&rest, "epoch");
    if (!value || !rest.empty()) {
      return Corruption(
          "cannot read " + layout.Epoch() +
          ": expected the line «epoch N»; without it an old NameNode could delete blocks, so write the NameNode's epoch "
          "into it");
    }
    identity->epoch_ = *value;
  } else if (epoch.status().code() != Code::kNotFound) {
    return std::move(epoch).status();
  }
  return identity;
}

uint64_t FolderIdentity::cluster() const {
  std::lock_guard lock(mutex_);
  return cluster_;
}

uint64_t FolderIdentity::epoch() const {
  std::lock_guard lock(mutex_);
  return epoch_;
}

Status FolderIdentity::BindCluster(uint64_t cluster) {
  std::lock_guard lock(mutex_);
  if (cluster_ == cluster) return OkStatus();
  if (cluster_ != 0) {
    return FailedPrecondition("the folder " + layout_.root() + " belongs to cluster " + std::to_string(cluster_) +
                              ", the NameNode to cluster " + std::to_string(cluster) +
                              "; correct dfs.namenode_address or choose another dfs.datanode_dir");
  }
  TUSK_TRY(Write(cluster));
  cluster_ = cluster;
  return OkStatus();
}

Status FolderIdentity::Obey(uint64_t epoch) {
  std::lock_guard lock(mutex_);
  if (epoch == epoch_) return OkStatus();
  if (epoch < epoch_) {
    return Status(Code::kStaleEpoch, "a NameNode of epoch " + std::to_string(epoch) + " gave an order, but epoch " +
                                         std::to_string(epoch_) + " has been obeyed already; the order is ignored");
  }
  TUSK_TRY(storage::WriteFileAtomically(disk_, layout_.Epoch(), "epoch " + std::to_string(epoch) + "\n"));
  epoch_ = epoch;
  return OkStatus();
}

Status FolderIdentity::Write(uint64_t cluster) const {
  return storage::WriteFileAtomically(
      disk_, layout_.Identity(),
      std::string(kTitle) + "node " + std::to_string(node_.value()) + "\ncluster " + std::to_string(cluster) + "\n");
}

}  // namespace tusk::dfs::datanode
