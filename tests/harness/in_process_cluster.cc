#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "common/base/try.h"
#include "dfs/datanode/datanode.h"
#include "dfs/namenode/namenode.h"
#include "dfs/protocol/settings.h"
#include "tests/harness/eventually.h"
#include "tests/harness/mini_cluster.h"

namespace tusk::testing {
namespace {

const std::vector<std::pair<std::string, std::string>> kFastSettings = {
    {"dfs.block_size", "1m"},          {"dfs.packet_bytes", "64k"},           {"dfs.heartbeat_interval", "100ms"},
    {"dfs.datanode_dead_after", "2s"}, {"dfs.replication_interval", "100ms"}, {"dfs.pending_replication_timeout", "5s"},
    {"dfs.datanode_reserved", "1m"},   {"dfs.client_timeout", "20s"},         {"dfs.data_timeout", "5s"},
    {"dfs.datanode_port", "0"},        {"dfs.datanode_http_port", "0"},       {"dfs.namenode_http_address", "127.0.0.1:0"},
};

class InProcessCluster final : public MiniCluster {
 public:
  explicit InProcessCluster(Options options) : options_(std::move(options)), nodes_(static_cast<size_t>(options_.datanodes)) {}

  ~InProcessCluster() override {
    admin_.reset();
    fs_.reset();
    for (Node& node : nodes_) node.daemon.reset();
    namenode_.reset();
    std::error_code ignored;
    if (!directory_.empty()) std::filesystem::remove_all(directory_, ignored);
  }

  Status Start() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tusk-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) return FromErrno(errno, "cannot make a temporary folder");
    directory_ = pattern;
    TUSK_TRY(RestartNameNode());
    for (int i = 0; i < options_.datanodes; ++i) TUSK_TRY(RestartDataNode(i));
    TUSK_ASSIGN(fs_, NewFileSystem());
    TUSK_ASSIGN(const dfs::ClientOptions options, dfs::ClientOptions::FromConfig(config()));
    TUSK_ASSIGN(admin_, dfs::Admin::Connect(options));
    return AwaitReady();
  }

  int datanodes() const override { return static_cast<int>(nodes_.size()); }

  Status AwaitReady() override {
    Status last;
    const bool ready = Eventually(
        [&] {
          last = namenode_->ready();
          for (const Node& node : nodes_) {
            if (last.ok() && node.daemon) last = node.daemon->ready();
          }
          return last.ok();
        },
        std::chrono::seconds(30));
    return ready ? OkStatus() : last.WithContext("the cluster is not ready");
  }

  dfs::FileSystem& filesystem() override { return *fs_; }
  Result<std::shared_ptr<dfs::FileSystem>> NewFileSystem() override {
    TUSK_ASSIGN(const dfs::ClientOptions options, dfs::ClientOptions::FromConfig(config()));
    return dfs::FileSystem::Connect(options);
  }
  dfs::Admin& admin() override { return *admin_; }
  net::Endpoint namenode_address() const override { return address_; }
  dfs::DataNodeInfo datanode(int index) const override { return At(index).info; }
  std::string datanode_directory(int index) const override { return directory_ + "/node" + std::to_string(index + 1); }

  config::Config config() const override {
    auto config = config::Config::Defaults({dfs::kDfsSettings});
    const auto set = [&](const std::string& name, const std::string& value) {
      const Status status = config.Set(name, value);
      CHECK(status.ok()) << status;
    };
    for (const auto& [name, value] : kFastSettings) set(name, value);
    for (const auto& [name, value] : options_.settings) set(name, value);
    set("dfs.namenode_address", address_.ToString());
    set("dfs.namenode_dir", directory_ + "/namenode");
    return config;
  }

  Status KillDataNode(int index) override {
    At(index).daemon.reset();
    return OkStatus();
  }

  Status RestartDataNode(int index) override {
    Node& node = At(index);
    node.daemon.reset();
    config::Config settings = config();
    TUSK_TRY(settings.Set("dfs.datanode_dir", datanode_directory(index)));
    TUSK_TRY(settings.Set("dfs.node_name", "node" + std::to_string(index + 1)));
    TUSK_TRY(settings.Set("dfs.rack", "/rack" + std::to_string(index % options_.racks + 1)));
    TUSK_ASSIGN(node.daemon, dfs::DataNode::Start(settings));
    node.info = node.daemon->info();
    return OkStatus();
  }

  Status KillNameNode() override {
    namenode_.reset();
    return OkStatus();
  }

  Status RestartNameNode() override {
    namenode_.reset();
    TUSK_ASSIGN(namenode_, dfs::NameNode::Start(config()));
    address_ = namenode_->endpoint();
    return OkStatus();
  }

 private:
  struct Node {
    std::unique_ptr<dfs::DataNode> daemon;  // null: killed
    dfs::DataNodeInfo info;
  };
  Node& At(int index) { return nodes_.at(static_cast<size_t>(index)); }
  const Node& At(int index) const { return nodes_.at(static_cast<size_t>(index)); }

  const Options options_;
  std::string directory_;
  net::Endpoint address_{"127.0.0.1", 0};  // the port is taken by the first start
  std::unique_ptr<dfs::NameNode> namenode_;
  std::vector<Node> nodes_;
  std::shared_ptr<dfs::FileSystem> fs_;
  std::shared_ptr<dfs::Admin> admin_;
};

}  // namespace

int MiniCluster::IndexOf(dfs::DataNodeId id) const {
  for (int i = 0; i < datanodes(); ++i) {
    if (datanode(i).id == id) return i;
  }
  return -1;
}

Result<std::unique_ptr<MiniCluster>> StartInProcessCluster(MiniCluster::Options options) {
  ::signal(SIGPIPE, SIG_IGN);  // as the daemons do (common/cli/daemon.cc): sendfile raises it when a reader has left
  auto cluster = std::make_unique<InProcessCluster>(std::move(options));
  TUSK_TRY(cluster->Start());
  return std::unique_ptr<MiniCluster>(std::move(cluster));
}

}  // namespace tusk::testing
