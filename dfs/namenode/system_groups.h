// Looks the groups of users up in the machine's databases (getgrouplist), on a thread of its own: they may lie on a server.
// Thread: any. Stop before the loop that `done` runs on.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <string>
#include <vector>

#include "common/runtime/loop_thread.h"

namespace tusk::dfs::namenode {

// Of a user that the machine does not know: none.
std::vector<std::string> SystemGroupsOf(const std::string& user);

class SystemGroups {
 public:
  using Done = std::function<void(const std::string& user, std::vector<std::string> groups)>;  // on the loop
  SystemGroups(LoopThread& loop, Done done) : loop_(loop), done_(std::move(done)) {}
  ~SystemGroups() { Stop(); }
  void LookUp(const std::string& user);
  void Stop() {
    pool_.stop();
    pool_.join();
  }

 private:
  LoopThread& loop_;
  const Done done_;
  boost::asio::thread_pool pool_{1};
};

}  // namespace tusk::dfs::namenode
