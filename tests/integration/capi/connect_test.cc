#include <array>

#include "tests/integration/capi/program.h"

namespace tusk::testing {
namespace {

class ConnectTest : public Program {};

TEST_F(ConnectTest, ByHostAndPortOrByUri) {
  const net::Endpoint address = cluster_->namenode_address();
  for (hdfsFS fs : {hdfsConnect(address.host.c_str(), address.port), hdfsConnectNewInstance(Uri().c_str(), 0),
                    hdfsConnect(address.ToString().c_str(), 0)}) {
    ASSERT_NE(fs, nullptr) << hdfsGetLastExceptionRootCause();
    EXPECT_EQ(hdfsExists(fs, "/"), 0);
    EXPECT_EQ(hdfsDisconnect(fs), 0);
  }
}

TEST_F(ConnectTest, TheUserOwnsWhatTheyWrite) {
  ASSERT_EQ(hdfsChmod(fs_, ".", 0777), 0);
  const net::Endpoint address = cluster_->namenode_address();
  hdfsFS ann = hdfsConnectAsUser(address.host.c_str(), address.port, "ann");
  ASSERT_NE(ann, nullptr);
  WriteTo(ann, (directory_ + "/f").c_str(), "x");
  hdfsFileInfo* info = hdfsGetPathInfo(ann, (directory_ + "/f").c_str());
  ASSERT_NE(info, nullptr);
  EXPECT_STREQ(info->mOwner, "ann");
  hdfsFreeFileInfo(info, 1);
  EXPECT_EQ(hdfsDisconnect(ann), 0);
}

TEST_F(ConnectTest, NobodyAtTheAddressIsTold) {
  hdfsBuilder* builder = hdfsNewBuilder();
  hdfsBuilderSetNameNode(builder, "127.0.0.1");
  hdfsBuilderSetNameNodePort(builder, 1);
  hdfsBuilderConfSetStr(builder, "dfs.client_timeout", "300ms");
  EXPECT_EQ(hdfsBuilderConnect(builder), nullptr);
  EXPECT_ERRNO(EHOSTUNREACH);
  EXPECT_THAT(hdfsGetLastExceptionRootCause(), ::testing::HasSubstr("127.0.0.1:1 cannot be reached"));
}

TEST_F(ConnectTest, WrongAddressesAreRefused) {
  EXPECT_EQ(hdfsConnect("nn:1", 2), nullptr);
  EXPECT_ERRNO(EINVAL);
  EXPECT_EQ(hdfsConnect("file:///", 0), nullptr);
  EXPECT_ERRNO(EINVAL);
  EXPECT_EQ(hdfsConnect(nullptr, 0), nullptr);
  EXPECT_ERRNO(ENOTSUP);
}

TEST_F(ConnectTest, DisconnectingOneLeavesTheOther) {
  hdfsFS other = Connect();
  ASSERT_NE(other, nullptr);
  EXPECT_NE(other, fs_);
  EXPECT_EQ(hdfsDisconnect(other), 0);
  EXPECT_TRUE(Exists("."));
  EXPECT_EQ(hdfsDisconnect(other), -1);
  EXPECT_ERRNO(EBADF);
  EXPECT_EQ(hdfsExists(other, "/"), -1);
  EXPECT_ERRNO(EBADF);
}

TEST_F(ConnectTest, ABuilderIsUsedOnce) {
  hdfsBuilder* builder = Builder();
  hdfsBuilderSetForceNewInstance(builder);
  hdfsBuilderSetKerbTicketCachePath(builder, "/nowhere");
  hdfsFS fs = hdfsBuilderConnect(builder);
  ASSERT_NE(fs, nullptr);
  EXPECT_EQ(hdfsBuilderConnect(builder), nullptr);
  EXPECT_ERRNO(EBADF);
  EXPECT_EQ(hdfsBuilderConfSetStr(builder, "dfs.replication", "1"), EBADF);
  hdfsFreeBuilder(builder);
  EXPECT_EQ(hdfsDisconnect(fs), 0);
}

TEST_F(ConnectTest, SettingsOfTheBuilderCountAndWrongOnesFail) {
  EXPECT_EQ(hdfsGetDefaultBlockSize(fs_), 1 << 20);
  EXPECT_EQ(hdfsGetDefaultBlockSizeAtPath(fs_, "/not/there"), 1 << 20);
  Write("f", "x");
  hdfsFileInfo* info = hdfsGetPathInfo(fs_, "f");
  ASSERT_NE(info, nullptr);
  EXPECT_EQ(info->mReplication, 2);
  EXPECT_EQ(info->mBlockSize, 1 << 20);
  hdfsFreeFileInfo(info, 1);

  hdfsBuilder* wrong = Builder();
  EXPECT_EQ(hdfsBuilderConfSetStr(wrong, "dfs.replication", "many"), 0);
  EXPECT_EQ(hdfsBuilderConfSetStr(wrong, nullptr, "1"), EINVAL);
  EXPECT_EQ(hdfsBuilderConnect(wrong), nullptr);
  EXPECT_ERRNO(EINVAL);
  hdfsBuilder* taken_back = Builder();
  EXPECT_EQ(hdfsBuilderConfSetStr(taken_back, "dfs.replication", "many"), 0);
  EXPECT_EQ(hdfsBuilderConfSetStr(taken_back, "dfs.replication", nullptr), 0);
  hdfsFS fs = hdfsBuilderConnect(taken_back);
  EXPECT_NE(fs, nullptr);
  hdfsDisconnect(fs);
}

TEST_F(ConnectTest, SettingsCanBeAskedFor) {
  char* text = nullptr;
  EXPECT_EQ(hdfsConfGetStr("dfs.replication", &text), 0);
  ASSERT_NE(text, nullptr);
  EXPECT_STREQ(text, "3");
  hdfsConfStrFree(text);
  EXPECT_EQ(hdfsConfGetStr("no.such.key", &text), 0);
  EXPECT_EQ(text, nullptr);
  int32_t number = -7;
  EXPECT_EQ(hdfsConfGetInt("no.such.key", &number), 0);
  EXPECT_EQ(number, -7);
  EXPECT_EQ(hdfsConfGetInt("dfs.blocksize", &number), 0);
  EXPECT_EQ(number, 128 << 20);
  EXPECT_EQ(hdfsConfGetInt("fs.defaultFS", &number), EINVAL);
  EXPECT_EQ(hdfsConfGetInt(nullptr, &number), EINVAL);
  EXPECT_EQ(hdfsConfGetStr("dfs.replication", nullptr), EINVAL);
}

TEST_F(ConnectTest, TheWorkingDirectoryIsTheHomeAtFirstAndEachConnectionsOwn) {
  hdfsFS ann = Connect("ann");
  ASSERT_NE(ann, nullptr);
  std::array<char, 200> buffer{};
  EXPECT_EQ(hdfsGetWorkingDirectory(ann, buffer.data(), buffer.size()), buffer.data());
  EXPECT_EQ(std::string(buffer.data()), Uri() + "/user/ann");
  EXPECT_EQ(hdfsSetWorkingDirectory(ann, "../bob"), 0);
  EXPECT_STREQ(hdfsGetWorkingDirectory(ann, buffer.data(), buffer.size()), (Uri() + "/user/bob").c_str());
  EXPECT_STREQ(hdfsGetWorkingDirectory(fs_, buffer.data(), buffer.size()), (Uri() + directory_).c_str());
  const std::string name = Uri() + "/user/bob";
  EXPECT_EQ(hdfsGetWorkingDirectory(ann, buffer.data(), name.size()), nullptr);
  EXPECT_ERRNO(ERANGE);
  EXPECT_NE(hdfsGetWorkingDirectory(ann, buffer.data(), name.size() + 1), nullptr);
  EXPECT_EQ(hdfsGetWorkingDirectory(ann, nullptr, 10), nullptr);
  EXPECT_ERRNO(EINVAL);
  EXPECT_EQ(hdfsSetWorkingDirectory(ann, nullptr), -1);
  EXPECT_ERRNO(EINVAL);
  hdfsDisconnect(ann);
}

TEST_F(ConnectTest, CapacityAndUseAreThoseOfTheDataNodes) {
  EXPECT_GT(hdfsGetCapacity(fs_), 0);
  EXPECT_GE(hdfsGetUsed(fs_), 0);
  EXPECT_LE(hdfsGetUsed(fs_), hdfsGetCapacity(fs_));
  EXPECT_EQ(hdfsGetCapacity(nullptr), -1);
  EXPECT_ERRNO(EBADF);
}

}  // namespace
}  // namespace tusk::testing
