#include "dfs/namenode/user_groups.h"

namespace tusk::dfs::namenode {

const std::vector<std::string>* UserGroups::Find(std::string_view user) {
  if (entries_.size() >= kMostUsers && !entries_.contains(std::string(user))) entries_.clear();
  Entry& entry = entries_[std::string(user)];
  const bool stale = !entry.known || clock_.Now() - entry.since > kFreshFor;
  if (stale && !entry.asked && look_up_) {
    entry.asked = true;
    look_up_(std::string(user));  // may call Put at once
  }
  return entry.known ? &entry.groups : nullptr;
}

void UserGroups::Put(const std::string& user, std::vector<std::string> groups) {
  Entry& entry = entries_[user];
  entry.groups = std::move(groups);
  entry.known = true;
  entry.asked = false;
  entry.since = clock_.Now();
}

}  // namespace tusk::dfs::namenode
