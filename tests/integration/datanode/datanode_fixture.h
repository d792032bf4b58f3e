// Three DataNodes in this process on free ports of the loopback, and a fake NameNode.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "common/base/random.h"
#include "dfs/datanode/datanode.h"
#include "dfs/datanode/store/data_folders.h"
#include "dfs/protocol/settings.h"
#include "tests/harness/temporary_folder.h"
#include "tests/integration/datanode/data_client.h"
#include "tests/integration/datanode/fake_namenode.h"

namespace tusk::dfs {

inline std::vector<std::byte> RandomBytes(uint64_t seed, size_t count) {
  Random random(seed);
  std::vector<std::byte> data(count);
  for (auto& byte : data) byte = static_cast<std::byte>(random());
  return data;
}

inline Block MakeBlock(uint64_t id, uint64_t generation, uint64_t length = 0) {
  return Block{BlockId(id), Generation(generation), length};
}

class DataNodeFixture : public ::testing::Test {
 protected:
  ~DataNodeFixture() override {
    nodes_.clear();
    namenode_.reset();
  }

  config::Config ConfigOf(int index, uint16_t namenode_port) const {
    auto config = config::Config::Defaults({std::span<const config::SettingInfo* const>(kDfsSettings)});
    const auto set = [&](std::string_view name, const std::string& text) {
      const Status done = config.Set(name, text);
      EXPECT_TRUE(done.ok()) << done;
    };
    set("dfs.namenode_address", "127.0.0.1:" + std::to_string(namenode_port));
    set("dfs.datanode_port", "0");
    set("dfs.datanode_http_port", "0");
    set("dfs.datanode_dir", root_ + "/dn" + std::to_string(index));
    set("dfs.node_name", "node" + std::to_string(index));
    set("dfs.datanode_reserved", "1m");
    set("dfs.data_timeout", "5s");
    return config;
  }

  void StartNode(int index) {
    auto node = DataNode::Start(ConfigOf(index, namenode_->port()));
    ASSERT_TRUE(node.ok()) << node.status();
    if (nodes_.size() <= static_cast<size_t>(index)) nodes_.resize(static_cast<size_t>(index) + 1);
    nodes_[static_cast<size_t>(index)] = std::move(node).value();
  }
  void StartCluster(int count) {
    namenode_ = std::make_unique<FakeNameNode>();
    for (int i = 0; i < count; ++i) StartNode(i);
    for (int i = 0; i < count; ++i) ASSERT_TRUE(Eventually([&] { return node(i).ready().ok(); })) << node(i).ready();
  }

  DataNode& node(int index) { return *nodes_[static_cast<size_t>(index)]; }
  DataNodeInfo info(int index) { return node(index).info(); }
  std::string BlockFile(int index, uint64_t id) const {
    return root_ + "/dn" + std::to_string(index) + "/finalized/subdir0/subdir0/blk_" + std::to_string(id);
  }

  void ExpectReplica(int index, const Block& block, std::span<const std::byte> data) {
    DataClient client(info(index));
    const auto read = client.Read(block, 0, data.size() + 1);
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_TRUE(std::ranges::equal(*read, data));
  }

  testing::TemporaryFolder folder_;
  const std::string root_ = folder_.path();
  std::unique_ptr<FakeNameNode> namenode_;
  std::vector<std::unique_ptr<DataNode>> nodes_;
};

}  // namespace tusk::dfs
