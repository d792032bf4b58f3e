// The MiniCluster whose nodes are real processes: a kill is SIGKILL.
#include <glog/logging.h>

#include "common/base/try.h"
#include "dfs/protocol/settings.h"
#include "tests/harness/eventually.h"
#include "tests/harness/mini_cluster.h"
#include "tests/harness/process_cluster.h"

namespace tusk::testing {
namespace {

class ProcessMiniCluster final : public MiniCluster {
 public:
  explicit ProcessMiniCluster(int datanodes) : datanodes_(datanodes) {}

  Status Start(const Options& options) {
    ProcessCluster::Options processes;
    processes.nodes = options.datanodes;
    processes.racks = options.racks;
    processes.settings = {
        {"dfs.block_size", "1m"},          {"dfs.packet_bytes", "64k"},           {"dfs.heartbeat_interval", "100ms"},
        {"dfs.datanode_dead_after", "2s"}, {"dfs.replication_interval", "100ms"}, {"dfs.pending_replication_timeout", "5s"},
        {"dfs.datanode_reserved", "1m"},   {"dfs.client_timeout", "20s"},         {"dfs.data_timeout", "5s"}};
    processes.settings.insert(processes.settings.end(), options.settings.begin(), options.settings.end());
    TUSK_ASSIGN(cluster_, ProcessCluster::Start(std::move(processes)));
    TUSK_ASSIGN(fs_, cluster_->Connect());
    TUSK_ASSIGN(const auto client, dfs::ClientOptions::FromConfig(config()));
    TUSK_ASSIGN(admin_, dfs::Admin::Connect(client));
    TUSK_TRY(AwaitReady());
    TUSK_ASSIGN(const auto report, admin_->Report());
    for (int i = 0; i < datanodes_; ++i) {
      for (const auto& node : report.nodes) {
        if (node.node.name == NodeName(i)) infos_.push_back(node.node);
      }
    }
    return infos_.size() == static_cast<size_t>(datanodes_) ? OkStatus() : Internal("a DataNode is missing from the report");
  }

  int datanodes() const override { return datanodes_; }
  Status AwaitReady() override {
    const bool ready = Eventually([&] {
      const auto report = admin_->Report();
      if (!report.ok() || report->safe_mode) return false;
      int live = 0;
      for (const auto& node : report->nodes) live += node.live ? 1 : 0;
      return live == datanodes_;
    });
    return ready ? OkStatus() : DeadlineExceeded("not every DataNode registered");
  }
  dfs::FileSystem& filesystem() override { return *fs_; }
  Result<std::shared_ptr<dfs::FileSystem>> NewFileSystem() override { return cluster_->Connect(); }
  dfs::Admin& admin() override { return *admin_; }
  config::Config config() const override {
    auto config = cluster_->LoadConfig();
    CHECK(config.ok()) << config.status();
    return *config;
  }
  net::Endpoint namenode_address() const override {
    const auto address = net::ParseEndpoint(config().Get(dfs::kNameNodeAddress));
    CHECK(address.ok()) << address.status();
    return *address;
  }
  dfs::DataNodeInfo datanode(int index) const override { return infos_.at(static_cast<size_t>(index)); }
  std::string datanode_directory(int index) const override {
    return cluster_->directory() + "/data/" + NodeName(index) + "/datanode";
  }
  Status KillDataNode(int index) override { return cluster_->Kill(NodeName(index) + "/datanode"); }
  Status RestartDataNode(int index) override { return cluster_->Restart(NodeName(index) + "/datanode"); }
  Status KillNameNode() override { return cluster_->Kill("namenode"); }
  Status RestartNameNode() override { return cluster_->Restart("namenode"); }

 private:
  static std::string NodeName(int index) { return "node" + std::to_string(index + 1); }
  const int datanodes_;
  std::unique_ptr<ProcessCluster> cluster_;
  std::shared_ptr<dfs::FileSystem> fs_;
  std::shared_ptr<dfs::Admin> admin_;
  std::vector<dfs::DataNodeInfo> infos_;
};

}  // namespace

Result<std::unique_ptr<MiniCluster>> StartProcessMiniCluster(MiniCluster::Options options) {
  auto cluster = std::make_unique<ProcessMiniCluster>(options.datanodes);
  TUSK_TRY(cluster->Start(options));
  return std::unique_ptr<MiniCluster>(std::move(cluster));
}

}  // namespace tusk::testing
