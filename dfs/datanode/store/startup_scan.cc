#include "dfs/datanode/store/startup_scan.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include <glog/logging.h>

#include "common/base/try.h"
#include "dfs/datanode/store/meta_file.h"
#include "dfs/protocol/settings.h"

namespace tusk::dfs::datanode {
namespace {

struct Files {
  std::optional<uint64_t> data_bytes;
  std::vector<std::pair<Generation, uint64_t>> metas;  // with their sizes, newest first
};
using Folder = std::map<BlockId, Files>;

class Scan {
 public:
  Scan(storage::Disk& disk, const Layout& layout) : disk_(disk), layout_(layout) {}

  Result<std::vector<FoundReplica>> Run() {
    TUSK_TRY(disk_.CreateDirectories(layout_.Rbw()));
    TUSK_TRY(disk_.CreateDirectories(layout_.Finalized()));
    TUSK_TRY(List(layout_.Rbw(), &rbw_));
    TUSK_TRY(ListFinalized());
    TUSK_TRY(CompleteFinalizations());
    TUSK_TRY(RemoveSuperseded());
    for (auto& [id, files] : finalized_) TUSK_TRY(TakeFinalized(id, files));
    for (auto& [id, files] : rbw_) TUSK_TRY(TakeWaiting(id, files));
    return std::move(found_);
  }

 private:
  Status List(const std::string& path, Folder* folder) {
    TUSK_ASSIGN(const auto entries, disk_.List(path));
    for (const auto& entry : entries) {
      const auto name = ParseReplicaFileName(entry.name);
      if (entry.is_directory || !name) {
        LOG(WARNING) << "ignoring " << path << "/" << entry.name << ": not a file of a replica";
        continue;
      }
      Files& files = (*folder)[name->id];
      if (name->generation) {
        files.metas.emplace_back(*name->generation, entry.size);
        std::sort(files.metas.rbegin(), files.metas.rend());
      } else {
        files.data_bytes = entry.size;
      }
    }
    return OkStatus();
  }

  Status ListFinalized() {
    TUSK_ASSIGN(const auto outer, disk_.List(layout_.Finalized()));
    for (const auto& a : outer) {
      if (!a.is_directory) continue;
      const std::string outer_path = layout_.Finalized() + "/" + a.name;
      TUSK_ASSIGN(const auto inner, disk_.List(outer_path));
      for (const auto& b : inner) {
        if (!b.is_directory) continue;
        Folder here;
        const std::string path = outer_path + "/" + b.name;
        TUSK_TRY(List(path, &here));
        for (auto& [id, files] : here) {
          if (layout_.FinalizedFolder(id) == path) {
            finalized_[id] = std::move(files);
          } else {
            LOG(WARNING) << "ignoring block " << id << " in " << path << ": it belongs into " << layout_.FinalizedFolder(id);
          }
        }
      }
    }
    return OkStatus();
  }

  Result<MetaHeader> ReadHeader(const std::string& path) {
    TUSK_ASSIGN(auto file, disk_.Open(path, storage::OpenMode::kRead));
    std::array<std::byte, kMetaHeaderBytes> bytes{};
    TUSK_ASSIGN(const size_t got, file->ReadAt(0, bytes));
    if (got < bytes.size()) return Corruption(path + " is shorter than its header");
    return DecodeMetaHeader(bytes);
  }

  // Both halves were synced before the first of the two renames, so a matching pair in two folders is a finished replica.
  Status CompleteFinalizations() {
    for (auto& [id, in_rbw] : rbw_) {
      Files& in_final = finalized_[id];
      const bool data_left = in_rbw.data_bytes && !in_final.data_bytes && in_rbw.metas.empty() && !in_final.metas.empty();
      const bool meta_left = !in_rbw.data_bytes && in_final.data_bytes && !in_rbw.metas.empty() && in_final.metas.empty();
      if (!data_left && !meta_left) continue;
      const auto [generation, meta_bytes] = data_left ? in_final.metas.front() : in_rbw.metas.front();
      const uint64_t data_bytes = data_left ? *in_rbw.data_bytes : *in_final.data_bytes;
      const auto header = ReadHeader(data_left ? layout_.FinalizedMeta(id, generation) : layout_.RbwMeta(id, generation));
      if (!header.ok() || header->block != id || header->length != data_bytes) continue;
      LOG(INFO) << "completing the finalization of block " << id << " that a stop of the machine broke off";
      if (data_left) {
        TUSK_TRY(disk_.Rename(layout_.RbwData(id), layout_.FinalizedData(id)));
        in_rbw.data_bytes.reset();
        in_final.data_bytes = data_bytes;
      } else {
        TUSK_TRY(disk_.Rename(layout_.RbwMeta(id, generation), layout_.FinalizedMeta(id, generation)));
        in_rbw.metas.clear();
        in_final.metas.emplace_back(generation, meta_bytes);
      }
      TUSK_TRY(disk_.SyncDirectory(layout_.FinalizedFolder(id)));
    }
    return OkStatus();
  }

  std::optional<Generation> NewestInRbw(BlockId id, const Files& files) {
    if (!files.data_bytes) return std::nullopt;
    for (const auto& [generation, bytes] : files.metas) {
      const auto header = ReadHeader(layout_.RbwMeta(id, generation));
      if (header.ok() && header->block == id) return generation;
    }
    return std::nullopt;
  }

  // A new replica took the place of an older one, whose removal a power cut took back: bytes of the new one may have been
  // promised to a reader, and the NameNode takes the older generation for garbage.
  Status RemoveSuperseded() {
    for (const auto& [id, in_rbw] : rbw_) {
      const auto complete = finalized_.find(id);
      if (complete == finalized_.end() || !complete->second.data_bytes || complete->second.metas.empty()) continue;
      const auto newest = NewestInRbw(id, in_rbw);
      if (!newest || *newest <= complete->second.metas.front().first) continue;
      TUSK_TRY(Remove(layout_.FinalizedData(id)));
      for (const auto& [generation, bytes] : complete->second.metas) TUSK_TRY(Remove(layout_.FinalizedMeta(id, generation)));
      finalized_.erase(complete);
    }
    return OkStatus();
  }

  // Whether data of this length fits a checksum file of this size. Almost always the default chunk size answers it.
  bool SizesFit(BlockId id, Generation generation, uint64_t data_bytes, uint64_t meta_bytes) {
    if (meta_bytes == MetaFileBytes(data_bytes, static_cast<uint32_t>(kChunkBytes.default_int))) return true;
    const auto header = ReadHeader(layout_.FinalizedMeta(id, generation));
    return header.ok() && header->length == data_bytes && meta_bytes == MetaFileBytes(data_bytes, header->chunk_bytes);
  }

  Status TakeFinalized(BlockId id, Files& files) {
    if (files.data_bytes && files.metas.empty()) {
      LOG(ERROR) << "ignoring " << layout_.FinalizedData(id)
                 << ": its checksum file is missing, so nobody can vouch for its bytes; "
                 << "remove it when the cluster reports the block as healthy";
    }
    size_t kept = files.metas.size();
    if (files.data_bytes && !files.metas.empty()) {
      kept = 0;
      for (size_t i = 0; i < files.metas.size(); ++i) {
        if (!SizesFit(id, files.metas[i].first, *files.data_bytes, files.metas[i].second)) continue;
        kept = i;
        break;
      }
      const auto [generation, meta_bytes] = files.metas[kept];
      FoundReplica replica;
      replica.block = Block{id, generation, *files.data_bytes};
      replica.stored_bytes = *files.data_bytes + meta_bytes;
      replica.finalized = true;
      replica.damaged = !SizesFit(id, generation, *files.data_bytes, meta_bytes);
      if (replica.damaged) LOG(ERROR) << layout_.FinalizedData(id) << " does not have the length that its checksum file tells";
      found_.push_back(replica);
    }
    for (size_t i = 0; i < files.metas.size(); ++i) {
      if (i != kept) TUSK_TRY(Remove(layout_.FinalizedMeta(id, files.metas[i].first)));
    }
    return OkStatus();
  }

  Status TakeWaiting(BlockId id, Files& files) {
    const bool superseded = finalized_[id].data_bytes && !finalized_[id].metas.empty();
    size_t kept = files.metas.size();
    if (!superseded && files.data_bytes && !files.metas.empty()) {
      for (size_t i = 0; i < files.metas.size() && kept == files.metas.size(); ++i) {
        const auto header = ReadHeader(layout_.RbwMeta(id, files.metas[i].first));
        if (!header.ok() || header->block != id) continue;
        kept = i;
        const uint64_t chunks = (files.metas[i].second - kMetaHeaderBytes) / 4;
        FoundReplica replica;
        replica.block = Block{id, files.metas[i].first, std::min(*files.data_bytes, chunks * header->chunk_bytes)};
        replica.stored_bytes = *files.data_bytes + files.metas[i].second;
        found_.push_back(replica);
      }
    }
    if (files.data_bytes && kept == files.metas.size()) TUSK_TRY(Remove(layout_.RbwData(id)));
    for (size_t i = 0; i < files.metas.size(); ++i) {
      if (i != kept) TUSK_TRY(Remove(layout_.RbwMeta(id, files.metas[i].first)));
    }
    return OkStatus();
  }

  Status Remove(const std::string& path) {
    LOG(INFO) << "removing " << path << ": a leftover of a stop, of no use";
    const Status removed = disk_.Remove(path);
    return removed.code() == Code::kNotFound ? OkStatus() : removed;
  }

  storage::Disk& disk_;
  const Layout& layout_;
  Folder rbw_, finalized_;
  std::vector<FoundReplica> found_;
};

}  // namespace

Result<std::vector<FoundReplica>> ScanFolder(storage::Disk& disk, const Layout& layout) { return Scan(disk, layout).Run(); }

}  // namespace tusk::dfs::datanode
