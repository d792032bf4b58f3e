#include "dfs/namenode/system_groups.h"

#include <grp.h>
#include <pwd.h>

#include <array>
#include <boost/asio/post.hpp>

namespace tusk::dfs::namenode {
namespace {

constexpr int kMostGroups = 1024;
constexpr size_t kRecordBytes = 64 << 10;

}  // namespace

std::vector<std::string> SystemGroupsOf(const std::string& user) {
  std::vector<char> memory(kRecordBytes);
  passwd record{};
  passwd* found = nullptr;
  if (::getpwnam_r(user.c_str(), &record, memory.data(), memory.size(), &found) != 0 || found == nullptr) return {};
  std::vector<gid_t> ids(kMostGroups);
  int count = kMostGroups;
  ::getgrouplist(user.c_str(), found->pw_gid, ids.data(), &count);  // of too many: the first
  ids.resize(static_cast<size_t>(std::min(count, kMostGroups)));
  std::vector<std::string> names;
  for (const gid_t id : ids) {
    group entry{};
    group* known = nullptr;
    if (::getgrgid_r(id, &entry, memory.data(), memory.size(), &known) == 0 && known != nullptr)
      names.emplace_back(known->gr_name);
  }
  return names;
}

void SystemGroups::LookUp(const std::string& user) {
  asio::post(pool_, [this, user] {
    asio::post(loop_.context(), [this, user, groups = SystemGroupsOf(user)]() mutable { done_(user, std::move(groups)); });
  });
}

}  // namespace tusk::dfs::namenode
