#include "common/base/try.h"
#include "common/cli/daemon.h"
#include "common/observe/logging.h"
#include "common/observe/settings.h"
#include "dfs/command/commands.h"
#include "dfs/datanode/datanode.h"
#include "dfs/protocol/settings.h"

namespace tusk::dfs {

int RunDataNode(const config::Config& config) {
  observe::InitLogging({.component = "datanode",
                        .node = config.Get(kNodeName),
                        .directory = config.Get(observe::kLogDirectory),
                        .json = config.Get(observe::kLogFormat) == "json",
                        .verbose = true});
  return cli::RunDaemon("tusk datanode", [&]() -> Result<std::function<void()>> {
    TUSK_ASSIGN(std::shared_ptr<DataNode> datanode, DataNode::Start(config));
    return std::function<void()>([datanode] { datanode->Stop(); });
  });
}

}  // namespace tusk::dfs
