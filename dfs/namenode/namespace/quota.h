// Quotas: how many names and how much space the tree of a directory may have.
//
// A directory with a quota has a record of its limits and of what its tree uses now: names, itself included, and bytes times
// replicas, a block under construction counting as a full one. Whoever adds or removes names or bytes charges the directory they
// lie in; the entry as a whole is judged at its end (SettleQuotas), so that what an entry moves within one quota costs nothing.
// What a deleted tree has left behind is charged until it is reclaimed, to the quotas that it was deleted from.
// Without any quota in the namespace nothing is looked up. Source: the HDFS Quotas Guide. Thread: namespace loop.
#pragma once

#include <string>
#include <string_view>

#include "dfs/namenode/namespace/tree.h"

namespace tusk::dfs::namenode {

// The quotas of a directory and of those above it, the nearest first.
QuotaChain QuotasOf(const Transaction& tx, InodeId directory);
void Charge(Transaction& tx, const QuotaChain& quotas, Usage more);
void Charge(Transaction& tx, InodeId directory, Usage more);
// kQuotaExceeded, in HDFS's words: the entry adds to a quota that is used up by it.
Status SettleQuotas(Transaction& tx);

std::optional<QuotaRecord> FindQuota(const View& view, InodeId directory);
// kNoQuota takes a limit away; without limits the record goes. Counts the tree when it is made: reads each inode of it.
void SetQuota(Transaction& tx, InodeId id, Inode& directory, int64_t names, int64_t space);

int64_t SpaceOf(const Inode& file, const BlockRecord& block);
Usage CountTree(const View& view, InodeId id, const Inode& inode);

}  // namespace tusk::dfs::namenode
