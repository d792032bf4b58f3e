#include "dfs/client/local_replica.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/base/random.h"
#include "common/storage/crc32c.h"

namespace tusk::dfs {
namespace {

constexpr uint32_t kChunk = 512;

class LocalReplicaTest : public ::testing::Test {
 protected:
  LocalReplicaTest() : data_(MakeFile()), meta_(MakeFile()) {}

  static net::Descriptor MakeFile() { return net::Descriptor(::memfd_create("replica", MFD_CLOEXEC)); }
  static void Put(const net::Descriptor& file, uint64_t offset, std::span<const std::byte> bytes) {
    ASSERT_EQ(::pwrite(file.fd(), bytes.data(), bytes.size(), static_cast<off_t>(offset)), static_cast<ssize_t>(bytes.size()));
  }

  // `skip`: bytes of somebody else before the block and before its checksums.
  std::shared_ptr<LocalReplica> Make(size_t bytes, uint64_t skip = 0) {
    Random random(bytes);
    content_.resize(bytes);
    for (auto& byte : content_) byte = static_cast<std::byte>(random());
    std::vector<uint32_t> crcs;
    for (size_t at = 0; at < bytes; at += kChunk) {
      crcs.push_back(storage::Crc32c(std::span(content_).subspan(at, std::min<size_t>(kChunk, bytes - at))));
    }
    Put(data_, skip, content_);
    Put(meta_, skip + 32, std::as_bytes(std::span(crcs)));
    LocalReplica::Files files;
    files.data = net::Descriptor(::dup(data_.fd()));
    files.meta = net::Descriptor(::dup(meta_.fd()));
    files.length = bytes;
    files.chunk_bytes = kChunk;
    files.data_offset = skip;
    files.meta_offset = skip + 32;
    auto opened = LocalReplica::Open(std::move(files));
    EXPECT_TRUE(opened.ok()) << opened.status();
    return *opened;
  }

  void ExpectGood(LocalReplica& replica, uint64_t offset, size_t length) {
    std::vector<std::byte> read(length);
    const Status status = replica.ReadAt(offset, read);
    ASSERT_TRUE(status.ok()) << status << " at " << offset << "+" << length;
    EXPECT_TRUE(std::equal(read.begin(), read.end(), content_.begin() + static_cast<std::ptrdiff_t>(offset)))
        << offset << "+" << length;
  }

  net::Descriptor data_, meta_;
  std::vector<std::byte> content_;
};

TEST_F(LocalReplicaTest, ReadsAnyRangeAgainAndAgain) {
  auto replica = Make(700'001);
  Random random(1);
  for (int i = 0; i < 300; ++i) {
    const uint64_t offset = random.Below(content_.size());
    ExpectGood(*replica, offset,
               random.Below(std::min<uint64_t>(content_.size() - offset, random.OneIn(5) ? 400'000 : 2'000) + 1));
  }
  ExpectGood(*replica, 0, content_.size());
}

TEST_F(LocalReplicaTest, ReadsABlockThatLiesInTheMiddleOfAFile) {
  auto replica = Make(5'000, 4'096);
  ExpectGood(*replica, 0, 5'000);
  ExpectGood(*replica, 1'234, 3);
}

TEST_F(LocalReplicaTest, DoesNotHandOutWhatDoesNotMatch) {
  auto replica = Make(10'000);
  const std::array<std::byte, 1> flipped{content_[5'000] ^ std::byte{1}};
  Put(data_, 5'000, flipped);
  std::vector<std::byte> read(10'000);
  EXPECT_FALSE(replica->ReadAt(0, read).ok());
  EXPECT_FALSE(replica->ReadAt(4'990, std::span(read).first(20)).ok());
  ExpectGood(*replica, 0, 4'608);
  ExpectGood(*replica, 5'120, 4'880);
}

TEST_F(LocalReplicaTest, NoticesThatAFileIsUsedForAnotherReplica) {
  auto replica = Make(10'000);
  ExpectGood(*replica, 0, 10'000);
  Put(data_, 0, std::vector<std::byte>(10'000));
  std::vector<std::byte> read(10'000);
  EXPECT_FALSE(replica->ReadAt(0, read).ok());
  EXPECT_FALSE(replica->ReadAt(700, std::span(read).first(10)).ok());
}

TEST_F(LocalReplicaTest, AFileThatWasCutIsAnError) {
  auto replica = Make(10'000);
  ASSERT_EQ(::ftruncate(data_.fd(), 9'000), 0);
  std::vector<std::byte> read(10'000);
  EXPECT_FALSE(replica->ReadAt(0, read).ok());
  ExpectGood(*replica, 0, 8'000);
}

TEST_F(LocalReplicaTest, ReadsBeyondTheEndAreRefused) {
  auto replica = Make(1'000);
  std::vector<std::byte> read(10);
  EXPECT_FALSE(replica->ReadAt(995, read).ok());
  EXPECT_FALSE(replica->ReadAt(UINT64_MAX, read).ok());
  ExpectGood(*replica, 990, 10);
}

}  // namespace
}  // namespace tusk::dfs
