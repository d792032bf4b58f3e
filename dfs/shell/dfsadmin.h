// `tusk dfsadmin` and `tusk balancer`: what they print, in HDFS's words. The texts are pure. Thread: one.
#pragma once

#include <string>

#include "dfs/client/admin.h"

namespace tusk::dfs::shell {

std::string AdminReportText(const ClusterReport& report);
std::string AdminReportJson(const ClusterReport& report);
std::string SafeModeText(bool on);  // "Safe mode is OFF"
std::string BalancerText(const BalancerState& state);
std::string BalancerJson(const BalancerState& state);

}  // namespace tusk::dfs::shell
