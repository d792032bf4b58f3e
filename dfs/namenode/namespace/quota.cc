#include "dfs/namenode/namespace/quota.h"

#include <glog/logging.h>

#include <algorithm>

#include "common/base/try.h"
#include "common/base/units.h"

namespace tusk::dfs::namenode {
namespace {

Usage UsageOfFile(const View& view, InodeId id, const Inode& file) {
  Usage usage{1, static_cast<int64_t>(file.length) * file.replication};
  if (!file.under_construction || file.block_count == 0) return usage;
  const auto last = FindBlock(view, id, file.block_count - 1);
  if (last && last->under_construction)
    usage.space += SpaceOf(file, *last) - static_cast<int64_t>(last->length) * file.replication;
  return usage;
}

std::string Bytes(uint64_t bytes) { return std::to_string(bytes) + " B = " + FormatBytes(bytes) + "B"; }

Status CheckLimits(const View& view, InodeId directory, const QuotaRecord& quota, Usage more) {
  if (more.names > 0 && quota.names_limit != kNoQuota && quota.names > quota.names_limit) {
    return Status(Code::kQuotaExceeded, "The NameSpace quota (directories and files) of directory " + FullPath(view, directory) +
                                            " is exceeded: quota=" + std::to_string(quota.names_limit) + " file count=" +
                                            std::to_string(quota.names) + "; delete files there, or have the quota raised");
  }
  if (more.space > 0 && quota.space_limit != kNoQuota && quota.space > quota.space_limit) {
    return Status(
        Code::kQuotaExceeded,
        "The DiskSpace quota of " + FullPath(view, directory) +
            " is exceeded: quota = " + Bytes(static_cast<uint64_t>(quota.space_limit)) +
            " but diskspace consumed = " + Bytes(static_cast<uint64_t>(quota.space)) +
            " (of a block that is written all of its size counts, times replicas); delete files there, or have the quota raised");
  }
  return OkStatus();
}

}  // namespace

QuotaChain QuotasOf(const Transaction& tx, InodeId directory) {
  QuotaChain quotas;
  if (tx.meta.quotas == 0) return quotas;
  for (InodeId id = directory; id != InodeId();) {
    const auto bytes = tx.Look(InodeKey(id));
    if (!bytes) break;
    const bool has_quota = ReadHasQuota(*bytes);
    const auto place = ReadPlace(*bytes);
    CHECK(place) << "an inode record of the applied state is broken; remove the NameNode's state folder: it is rebuilt";
    const InodeId parent = place->parent;
    if (has_quota) {
      if (const auto quota = FindQuota(tx, id)) quotas.push_back({id, quota->made});
    }
    if (parent == InodeId() && id != kRootInode) {  // deleted with all below it, but a writer may go on until it is reclaimed
      const auto left = tx.Find(GarbageKey(id));
      const auto garbage = left ? DecodeGarbage(*left) : std::nullopt;
      if (garbage) quotas.insert(quotas.end(), garbage->quotas.begin(), garbage->quotas.end());
    }
    id = parent;
  }
  return quotas;
}

void Charge(Transaction& tx, const QuotaChain& quotas, Usage more) {
  for (const QuotaRef& quota : quotas) {
    auto& charges = tx.charges;
    const auto same =
        std::find_if(charges.begin(), charges.end(), [&](const QuotaCharge& charge) { return charge.quota == quota; });
    if (same == charges.end()) {
      charges.push_back({quota, more});
    } else {
      same->more += more;
    }
  }
}

void Charge(Transaction& tx, InodeId directory, Usage more) {
  if (tx.meta.quotas != 0) Charge(tx, QuotasOf(tx, directory), more);
}

Status SettleQuotas(Transaction& tx) {
  for (const QuotaCharge& charge : tx.charges) {
    auto quota = FindQuota(tx, charge.quota.directory);
    if (!quota || quota->made != charge.quota.made) continue;  // it went with its directory, or is another one
    quota->names += charge.more.names;
    quota->space += charge.more.space;
    TUSK_TRY(CheckLimits(tx, charge.quota.directory, *quota, charge.more));
    tx.Put(QuotaKey(charge.quota.directory), Encode(*quota));
  }
  return OkStatus();
}

std::optional<QuotaRecord> FindQuota(const View& view, InodeId directory) {
  const auto bytes = view.Look(QuotaKey(directory));
  if (!bytes) return std::nullopt;
  auto quota = DecodeQuota(*bytes);
  CHECK(quota) << "a quota record of the applied state is broken; remove the NameNode's state folder: it is rebuilt";
  return quota;
}

void SetQuota(Transaction& tx, InodeId id, Inode& directory, int64_t names, int64_t space) {
  auto quota = FindQuota(tx, id);
  const bool had = quota.has_value();
  const bool has = names != kNoQuota || space != kNoQuota;
  if (had != has) {
    directory.has_quota = has;
    PutInode(tx, id, directory);
    tx.meta.quotas += has ? 1 : -1;
  }
  if (!has) return tx.Delete(QuotaKey(id));
  if (!had) {
    const Usage used = CountTree(tx, id, directory);
    quota = QuotaRecord{kNoQuota, kNoQuota, used.names, used.space, tx.meta.applied + 1};
  }
  quota->names_limit = names;
  quota->space_limit = space;
  tx.Put(QuotaKey(id), Encode(*quota));
}

int64_t SpaceOf(const Inode& file, const BlockRecord& block) {
  const uint64_t bytes = block.under_construction ? std::max(file.block_size, block.length) : block.length;
  return static_cast<int64_t>(bytes) * file.replication;
}

Usage CountTree(const View& view, InodeId id, const Inode& inode) {
  if (!inode.is_directory) return UsageOfFile(view, id, inode);
  Usage usage{1, 0};
  std::vector<InodeId> directories{id};
  while (!directories.empty()) {
    const InodeId directory = directories.back();
    directories.pop_back();
    view.Scan(DirentPrefix(directory), {}, [&](std::string_view, std::string_view value) {
      const auto dirent = DecodeDirent(value);
      CHECK(dirent) << "a directory entry of the applied state is broken; remove the NameNode's state folder: it is rebuilt";
      if (dirent->is_directory) {
        ++usage.names;
        directories.push_back(dirent->inode);
      } else {
        usage += UsageOfFile(view, dirent->inode, GetInode(view, dirent->inode));
      }
      return true;
    });
  }
  return usage;
}

}  // namespace tusk::dfs::namenode
