#include "dfs/namenode/user_groups.h"

namespace tusk::dfs::namenode {

UserGroups::Groups UserGroups::Find(std::string_view user) {
  if (entries_.size() >= kMostUsers && !entries_.contains(std::string(user))) entries_.clear();
  Entry& entry = entries_[std::string(user)];
  const bool stale = entry.groups == nullptr || clock_.Now() - entry.since > kFreshFor;
  if (stale && !entry.asked && look_up_) {
    entry.asked = true;
    look_up_(std::string(user));  // may call Put at once
  }
  return entry.groups;
}

void UserGroups::Put(const std::string& user, std::vector<std::string> groups) {
  Entry& entry = entries_[user];
  entry.groups = std::make_shared<const std::vector<std::string>>(std::move(groups));
  entry.asked = false;
  entry.since = clock_.Now();
}

}  // namespace tusk::dfs::namenode
