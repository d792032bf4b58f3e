#include "dfs/datanode/store/folder_identity.h"

#include "tests/unit/dfs/datanode/store_fixture.h"

namespace tusk::dfs::datanode {
namespace {

class Identity : public StoreFixture {
 protected:
  storage::MemoryDisk disk_;
};

TEST_F(Identity, KeepsTheNodeIdAcrossRestarts) {
  Open(disk_);
  const DataNodeId node = store_->identity().node();
  EXPECT_NE(node.value(), 0u);
  Open(disk_);
  EXPECT_EQ(store_->identity().node(), node);
}

TEST_F(Identity, BelongsToOneClusterForEver) {
  Open(disk_);
  EXPECT_EQ(store_->identity().cluster(), 0u);
  EXPECT_TRUE(store_->identity().BindCluster(5).ok());
  Open(disk_);
  EXPECT_TRUE(store_->identity().BindCluster(5).ok());
  const Status foreign = store_->identity().BindCluster(6);
  EXPECT_EQ(foreign.code(), Code::kFailedPrecondition);
  EXPECT_NE(foreign.message().find("dfs.datanode_dir"), std::string::npos) << foreign;
  EXPECT_EQ(store_->identity().cluster(), 5u);
}

TEST_F(Identity, RemembersTheHighestEpochBeforeItIsObeyed) {
  Open(disk_);
  EXPECT_TRUE(store_->identity().Obey(4).ok());
  EXPECT_TRUE(store_->identity().Obey(4).ok());
  Open(disk_);
  EXPECT_EQ(store_->identity().Obey(3).code(), Code::kStaleEpoch);
  EXPECT_TRUE(store_->identity().Obey(9).ok());
  disk_.FailNextSyncs(1);
  EXPECT_FALSE(store_->identity().Obey(10).ok()) << "an epoch that is not on disk must not be obeyed";
  EXPECT_EQ(store_->identity().epoch(), 9u);
}

TEST_F(Identity, RefusesAFolderThatIsNotItsOwn) {
  ASSERT_TRUE(disk_.CreateDirectories(kTestRoot).ok());
  ASSERT_TRUE(storage::WriteFileAtomically(disk_, kTestRoot + "/identity", "tusk namenode folder, version 1\n").ok());
  EXPECT_EQ(TryOpen(disk_).code(), Code::kFailedPrecondition);
}

TEST_F(Identity, RefusesBlocksWithoutAnIdentity) {
  const std::string folder = kTestRoot + "/finalized/subdir0/subdir0";
  ASSERT_TRUE(disk_.CreateDirectories(folder).ok());
  ASSERT_TRUE(storage::WriteFileAtomically(disk_, folder + "/blk_7", "bytes").ok());
  const Status opened = TryOpen(disk_);
  EXPECT_EQ(opened.code(), Code::kFailedPrecondition);
  EXPECT_NE(opened.message().find("blk_7"), std::string::npos) << opened;
  EXPECT_EQ(disk_.Stat(kTestRoot + "/identity").status().code(), Code::kNotFound);
}

TEST_F(Identity, TakesAFolderInWhichOnlyEmptyFoldersAreLeft) {
  ASSERT_TRUE(disk_.CreateDirectories(kTestRoot + "/finalized/subdir0/subdir0").ok());
  const Status opened = TryOpen(disk_);
  EXPECT_TRUE(opened.ok()) << opened;
}

TEST_F(Identity, RefusesAnIdentityThatItCannotRead) {
  ASSERT_TRUE(disk_.CreateDirectories(kTestRoot).ok());
  for (const char* broken :
       {"tusk datanode folder, version 1\n", "tusk datanode folder, version 1\nnode 0\ncluster 1\n",
        "tusk datanode folder, version 1\nnode 5\ncluster x\n", "tusk datanode folder, version 1\nnode 5\ncluster 1\nmore\n",
        "tusk datanode folder, version 1\nnode 99999999999999999999\ncluster 1\n"}) {
    ASSERT_TRUE(storage::WriteFileAtomically(disk_, kTestRoot + "/identity", broken).ok());
    EXPECT_EQ(TryOpen(disk_).code(), Code::kCorruption) << broken;
  }
}

TEST_F(Identity, RefusesAnEpochThatItCannotRead) {
  Open(disk_);
  ASSERT_TRUE(storage::WriteFileAtomically(disk_, kTestRoot + "/epoch", "epoch many\n").ok());
  EXPECT_EQ(TryOpen(disk_).code(), Code::kCorruption);
}

}  // namespace
}  // namespace tusk::dfs::datanode
