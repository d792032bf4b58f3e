#include "dfs/namenode/lease_table.h"

#include <algorithm>

namespace tusk::dfs::namenode {
namespace {

constexpr std::chrono::seconds kCountInterval{1};  // while somebody is silent: all writers are gone through

}  // namespace

void LeaseTable::Add(const ClientId& holder, InodeId inode, TimePoint now) {
  Holder& entry = holders_[holder];
  entry.renewed = now;
  entry.files.insert(inode);
}

void LeaseTable::Apply(const Effects& effects, TimePoint now) {
  for (const LeaseChange& change : effects.leases) {
    if (change.held) {
      Add(change.holder, change.inode, now);
      continue;
    }
    const auto it = holders_.find(change.holder);
    if (it == holders_.end()) continue;
    it->second.files.erase(change.inode);
    if (it->second.files.empty()) holders_.erase(it);
  }
}

void LeaseTable::Renew(const ClientId& holder, TimePoint now) {
  if (const auto it = holders_.find(holder); it != holders_.end()) it->second.renewed = now;
}

void LeaseTable::Extend(Duration by, TimePoint now) {
  for (auto& [client, holder] : holders_) holder.renewed = std::min(now, holder.renewed + by);
}

bool LeaseTable::AnySilentFor(TimePoint now, std::chrono::milliseconds limit) {
  if (holders_.contains(kRecoveryHolder) || holders_.contains(kTruncateHolder)) return true;
  if (now - heard_ > limit && now - counted_ >= kCountInterval) {
    counted_ = now;
    heard_ = now;
    for (const auto& [client, holder] : holders_) heard_ = std::min(heard_, holder.renewed);
  }
  return now - heard_ > limit;
}

bool LeaseTable::SilentFor(const ClientId& holder, TimePoint now, std::chrono::milliseconds limit) const {
  const auto it = holders_.find(holder);
  return it == holders_.end() || now - it->second.renewed > limit;
}

std::vector<LeaseTable::Held> LeaseTable::Expired(TimePoint now, std::chrono::milliseconds limit, size_t count) const {
  std::vector<Held> expired;
  for (const auto& [client, holder] : holders_) {
    if (IsRecovery(client) || now - holder.renewed <= limit) continue;
    for (const InodeId inode : holder.files) {
      if (expired.size() == count) return expired;
      expired.push_back({inode, client});
    }
  }
  return expired;
}

std::set<InodeId> LeaseTable::Recovering() const {
  std::set<InodeId> files;
  for (const ClientId& holder : {kRecoveryHolder, kTruncateHolder}) {
    if (const auto it = holders_.find(holder); it != holders_.end())
      files.insert(it->second.files.begin(), it->second.files.end());
  }
  return files;
}

size_t LeaseTable::files() const {
  size_t count = 0;
  for (const auto& [client, holder] : holders_) count += holder.files.size();
  return count;
}

}  // namespace tusk::dfs::namenode
