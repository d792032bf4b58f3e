// A C program's view of a running cluster: one for all tests of a suite, each in a directory of its own.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "dfs/capi/hdfs.h"
#include "tests/harness/mini_cluster.h"

namespace tusk::testing {

// "ENOENT: sentence", of the call that has just failed.
#define EXPECT_ERRNO(number) EXPECT_EQ(errno, number) << hdfsGetLastExceptionRootCause()

class Program : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto started = StartInProcessCluster({.datanodes = 2});
    ASSERT_TRUE(started.ok()) << started.status();
    cluster_ = std::move(*started);
  }
  static void TearDownTestSuite() { cluster_.reset(); }

  void SetUp() override {
    ASSERT_NE(cluster_, nullptr);
    fs_ = Connect();
    ASSERT_NE(fs_, nullptr) << hdfsGetLastExceptionRootCause();
    directory_ = std::string("/") + ::testing::UnitTest::GetInstance()->current_test_info()->name();
    ASSERT_EQ(hdfsCreateDirectory(fs_, directory_.c_str()), 0);
    ASSERT_EQ(hdfsSetWorkingDirectory(fs_, directory_.c_str()), 0);
  }
  void TearDown() override {
    if (fs_ != nullptr) {
      EXPECT_EQ(hdfsDisconnect(fs_), 0);
    }
  }

  static hdfsBuilder* Builder() {
    const net::Endpoint address = cluster_->namenode_address();
    hdfsBuilder* builder = hdfsNewBuilder();
    hdfsBuilderSetNameNode(builder, address.host.c_str());
    hdfsBuilderSetNameNodePort(builder, address.port);
    hdfsBuilderConfSetStr(builder, "dfs.blocksize", "1m");
    hdfsBuilderConfSetStr(builder, "dfs.replication", "2");
    return builder;
  }
  static hdfsFS Connect(const char* user = nullptr) {
    hdfsBuilder* builder = Builder();
    if (user != nullptr) hdfsBuilderSetUserName(builder, user);
    return hdfsBuilderConnect(builder);
  }
  static std::string Uri() { return "hdfs://" + cluster_->namenode_address().ToString(); }

  void Write(const char* path, const std::string& bytes) { WriteTo(fs_, path, bytes); }
  static void WriteTo(hdfsFS fs, const char* path, const std::string& bytes) {
    hdfsFile out = hdfsOpenFile(fs, path, O_WRONLY, 0, 0, 0);
    ASSERT_NE(out, nullptr) << hdfsGetLastExceptionRootCause();
    EXPECT_EQ(hdfsWrite(fs, out, bytes.data(), static_cast<tSize>(bytes.size())), static_cast<tSize>(bytes.size()));
    EXPECT_EQ(hdfsCloseFile(fs, out), 0) << hdfsGetLastExceptionRootCause();
  }
  std::string Read(const char* path) {
    hdfsFile in = hdfsOpenFile(fs_, path, O_RDONLY, 0, 0, 0);
    if (in == nullptr) return "cannot be opened";
    std::string bytes(static_cast<size_t>(hdfsAvailable(fs_, in)), '\0');
    EXPECT_EQ(hdfsPreadFully(fs_, in, 0, bytes.data(), static_cast<tSize>(bytes.size())), 0);
    hdfsCloseFile(fs_, in);
    return bytes;
  }
  bool Exists(const char* path) { return hdfsExists(fs_, path) == 0; }

  static inline std::unique_ptr<MiniCluster> cluster_;
  hdfsFS fs_ = nullptr;
  std::string directory_;
};

}  // namespace tusk::testing
