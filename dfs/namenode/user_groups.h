// The groups of users, as this machine knows them: remembered, because to ask may take as long as a directory service does.
//
// Of a user that nobody has asked for yet nothing is known at first: `on_missing` has the groups looked up elsewhere and put
// here. What is older than kFreshFor stays in use while it is looked up again. At most kMostUsers are kept.
// Thread: namespace loop. Owner: Core.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/base/clock.h"

namespace tusk::dfs::namenode {

class UserGroups {
 public:
  static constexpr std::chrono::minutes kFreshFor{5};
  static constexpr size_t kMostUsers = 10'000;

  explicit UserGroups(const Clock& clock) : clock_(clock) {}
  // Called at most once for a user until Put.
  void OnMissing(std::function<void(const std::string& user)> look_up) { look_up_ = std::move(look_up); }

  using Groups = std::shared_ptr<const std::vector<std::string>>;
  // As they are known now. nullptr: being looked up; ask again.
  Groups Find(std::string_view user);
  void Put(const std::string& user, std::vector<std::string> groups);

 private:
  struct Entry {
    Groups groups;  // nullptr: not known yet
    bool asked = false;
    TimePoint since;
  };
  const Clock& clock_;
  std::function<void(const std::string&)> look_up_;
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace tusk::dfs::namenode
