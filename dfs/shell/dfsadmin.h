// `tusk dfsadmin`: the report of the cluster and safe mode, in HDFS's words. The texts are pure. Thread: one.
#pragma once

#include <string>

#include "dfs/client/admin.h"

namespace tusk::dfs::shell {

std::string AdminReportText(const ClusterReport& report);
std::string AdminReportJson(const ClusterReport& report);
std::string SafeModeText(bool on);  // "Safe mode is OFF"

}  // namespace tusk::dfs::shell
