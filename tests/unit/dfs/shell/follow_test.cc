#include "dfs/shell/follow.h"

#include <gtest/gtest.h>

#include "tests/harness/fake_file_system.h"

namespace tusk::dfs::shell {
namespace {

class Follow : public ::testing::Test {
 protected:
  // What is shown while the file becomes each of these, one after another, from byte `from` of the first on.
  std::string Shown(uint64_t from, const std::vector<std::string>& contents) {
    std::string shown;
    size_t next = 0;
    status_ = FollowFile(
        fs_, "/f", from,
        [&](std::span<const std::byte> bytes) {
          shown.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
          return OkStatus();
        },
        [&] {
          if (next == contents.size()) return false;
          fs_.Put("/f", contents[next++]);
          return true;
        });
    return shown;
  }
  testing::FakeFileSystem fs_;
  Status status_;
};

TEST_F(Follow, ShowsEachByteOnceAsItComes) {
  EXPECT_EQ(Shown(3, {"one", "one", "one two", "one two, three"}), " two, three");
  EXPECT_TRUE(status_.ok()) << status_;
  const std::string much(1'000'000, 'm');
  EXPECT_EQ(Shown(0, {"", much}), much);
}

TEST_F(Follow, GoesOnAtTheEndOfAFileThatWasCut) { EXPECT_EQ(Shown(5, {"abcde", "ab", "abxy"}), "xy"); }

TEST_F(Follow, EndsWithTheFile) {
  int looks = 0;
  fs_.Put("/f", "x");
  const Status status = FollowFile(
      fs_, "/f", 1, [](std::span<const std::byte>) { return OkStatus(); },
      [&] {
        if (++looks == 2) {
          EXPECT_TRUE(fs_.Delete("/f", false).ok());
        }
        return true;
      });
  EXPECT_EQ(status.code(), Code::kNotFound);
  EXPECT_EQ(looks, 2);
}

}  // namespace
}  // namespace tusk::dfs::shell
