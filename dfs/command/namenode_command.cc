#include "common/base/try.h"
#include "common/cli/daemon.h"
#include "common/observe/logging.h"
#include "common/observe/settings.h"
#include "dfs/command/commands.h"
#include "dfs/namenode/namenode.h"
#include "dfs/webhdfs/gateway.h"

namespace tusk::dfs {

int RunNameNode(const config::Config& config) {
  observe::InitLogging({.component = "namenode",
                        .node = "namenode",
                        .directory = config.Get(observe::kLogDirectory),
                        .json = config.Get(observe::kLogFormat) == "json",
                        .verbose = true});
  return cli::RunDaemon("tusk namenode", [&]() -> Result<std::function<void()>> {
    const auto gateway = std::make_shared<webhdfs::Gateway>(webhdfs::Gateway::OptionsFrom(config));
    TUSK_ASSIGN(std::shared_ptr<NameNode> namenode,
                NameNode::Start(config, [&](http::HttpServer& server) { gateway->AddRoutes(server); }));
    return std::function<void()>([namenode, gateway] { namenode->Stop(); });
  });
}

}  // namespace tusk::dfs
