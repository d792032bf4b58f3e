#include "common/base/login_name.h"
#include "tests/integration/capi/program.h"

namespace tusk::testing {
namespace {

class AttributesTest : public Program {
 protected:
  static int Failed(int result) { return result == -1 ? errno : 0; }
};

struct FreeInfo {
  void operator()(hdfsFileInfo* info) const { hdfsFreeFileInfo(info, 1); }
};
using Info = std::unique_ptr<hdfsFileInfo, FreeInfo>;

TEST_F(AttributesTest, OfAFileAreThoseItWasMadeWith) {
  const time_t before = time(nullptr);
  Write("f", "12345");
  const Info info(hdfsGetPathInfo(fs_, "f"));
  ASSERT_NE(info, nullptr);
  EXPECT_EQ(info->mName, Uri() + directory_ + "/f");
  EXPECT_EQ(info->mKind, kObjectKindFile);
  EXPECT_EQ(info->mSize, 5);
  EXPECT_EQ(info->mPermissions, 0644);
  EXPECT_EQ(info->mOwner, LoginName());
  EXPECT_STRNE(info->mGroup, "");
  EXPECT_GE(info->mLastMod, before);
  EXPECT_LE(info->mLastMod, time(nullptr));
  EXPECT_EQ(hdfsFileIsEncrypted(info.get()), 0);
  EXPECT_EQ(Failed(hdfsFileIsEncrypted(nullptr)), EINVAL);
  EXPECT_EQ(hdfsGetPathInfo(fs_, "missing"), nullptr);
  EXPECT_ERRNO(ENOENT);
}

TEST_F(AttributesTest, ModeAndOwnerChange) {
  Write("f", "");
  EXPECT_EQ(hdfsChmod(fs_, "f", 01640), 0);
  EXPECT_EQ(hdfsChown(fs_, "f", "ann", nullptr), 0);
  EXPECT_EQ(hdfsChown(fs_, "f", nullptr, "readers"), 0);
  const Info info(hdfsGetPathInfo(fs_, "f"));
  EXPECT_EQ(info->mPermissions & 0777, 0640);
  EXPECT_STREQ(info->mOwner, "ann");
  EXPECT_STREQ(info->mGroup, "readers");
  EXPECT_EQ(Failed(hdfsChmod(fs_, "missing", 0600)), ENOENT);
  EXPECT_EQ(Failed(hdfsChown(fs_, "missing", "ann", nullptr)), ENOENT);
  hdfsFS stranger = Connect("stranger");
  EXPECT_EQ(Failed(hdfsChmod(stranger, (directory_ + "/f").c_str(), 0777)), EACCES);
  EXPECT_EQ(Failed(hdfsChown(stranger, (directory_ + "/f").c_str(), "stranger", nullptr)), EACCES);
  hdfsDisconnect(stranger);
}

TEST_F(AttributesTest, TimesAreSecondsAndMinusOneLeavesThem) {
  Write("f", "");
  EXPECT_EQ(hdfsUtime(fs_, "f", 1'000'000'000, 1'100'000'000), 0);
  EXPECT_EQ(hdfsUtime(fs_, "f", -1, 1'200'000'000), 0);
  const Info info(hdfsGetPathInfo(fs_, "f"));
  EXPECT_EQ(info->mLastMod, 1'000'000'000);
  EXPECT_EQ(info->mLastAccess, 1'200'000'000);
  EXPECT_EQ(Failed(hdfsUtime(fs_, "missing", 1, 1)), ENOENT);
}

TEST_F(AttributesTest, ReplicationChanges) {
  Write("f", "x");
  EXPECT_EQ(hdfsSetReplication(fs_, "f", 1), 0);
  EXPECT_EQ(Info(hdfsGetPathInfo(fs_, "f"))->mReplication, 1);
  EXPECT_EQ(Failed(hdfsSetReplication(fs_, "f", 0)), EINVAL);
  EXPECT_EQ(Failed(hdfsSetReplication(fs_, "f", -1)), EINVAL);
  EXPECT_EQ(Failed(hdfsSetReplication(fs_, ".", 1)), EISDIR);
  EXPECT_EQ(Failed(hdfsSetReplication(fs_, "missing", 1)), ENOENT);
}

TEST_F(AttributesTest, HostsAreThoseOfTheBlocksInTheRange) {
  Write("f", std::string((2 << 20) + 5, 'x'));  // three blocks
  const auto blocks = [&](tOffset start, tOffset length) {
    char*** hosts = hdfsGetHosts(fs_, "f", start, length);
    if (hosts == nullptr) return -1;
    int count = 0;
    for (; hosts[count] != nullptr; ++count) {
      EXPECT_STREQ(hosts[count][0], "127.0.0.1");
      EXPECT_STREQ(hosts[count][1], "127.0.0.1");
      EXPECT_EQ(hosts[count][2], nullptr);  // two replicas
    }
    hdfsFreeHosts(hosts);
    return count;
  };
  EXPECT_EQ(blocks(0, INT64_MAX), 3);
  EXPECT_EQ(blocks(0, 1), 1);
  EXPECT_EQ(blocks((1 << 20) - 1, 2), 2);
  EXPECT_EQ(blocks(2 << 20, 100), 1);
  EXPECT_EQ(blocks(3 << 20, 1), 0);
  EXPECT_EQ(blocks(-1, 1), -1);
  EXPECT_ERRNO(EINVAL);
  EXPECT_EQ(hdfsGetHosts(fs_, "missing", 0, 1), nullptr);
  EXPECT_ERRNO(ENOENT);
  EXPECT_EQ(hdfsGetHosts(fs_, ".", 0, 1), nullptr);
  EXPECT_ERRNO(EISDIR);
  hdfsFreeHosts(nullptr);
}

}  // namespace
}  // namespace tusk::testing
