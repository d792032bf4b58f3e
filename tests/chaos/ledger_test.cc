// The judge of the chaos test can find fault: each kind of loss is told.
#include "tests/chaos/ledger.h"

#include <gtest/gtest.h>

#include "tests/chaos/judge.h"
#include "tests/harness/fake_file_system.h"

namespace tusk::chaos {
namespace {

std::string Bytes(const Content& content) {
  std::string bytes(content.length, '\0');
  FillContent(content, 0, std::as_writable_bytes(std::span(bytes)));
  return bytes;
}

class Judge : public ::testing::Test {
 protected:
  void Write(const std::string& path, const std::string& bytes) {
    const Status written = dfs::WriteWholeFile(fs_, path, bytes, {.overwrite = true});
    ASSERT_TRUE(written.ok()) << written;
  }
  testing::FakeFileSystem fs_;
  Ledger ledger_;
};

TEST(Content, IsTheSameFromWhateverOffsetItIsMade) {
  const Content content{42, 1000};
  const std::string whole = Bytes(content);
  for (const size_t offset : {1u, 7u, 8u, 13u, 500u}) {
    std::string part(100, '\0');
    FillContent(content, offset, std::as_writable_bytes(std::span(part)));
    EXPECT_EQ(part, whole.substr(offset, 100)) << offset;
  }
}

TEST_F(Judge, IsContentWithWhatWasAcknowledged) {
  const Content content{1, 5000};
  Write("/a", Bytes(content));
  ledger_.Acknowledge("/a", content);
  ledger_.Acknowledge("/gone", std::nullopt);
  EXPECT_TRUE(VerifyLedger(fs_, ledger_).ok()) << VerifyLedger(fs_, ledger_);
}

TEST_F(Judge, TellsALostFile) {
  ledger_.Acknowledge("/a", Content{1, 10});
  EXPECT_EQ(VerifyLedger(fs_, ledger_).code(), Code::kFailedPrecondition);
}

TEST_F(Judge, TellsAChangedByteAndAChangedLength) {
  const Content content{1, 700'000};
  std::string bytes = Bytes(content);
  bytes[600'000] ^= 1;
  Write("/a", bytes);
  ledger_.Acknowledge("/a", content);
  EXPECT_EQ(VerifyLedger(fs_, ledger_).code(), Code::kFailedPrecondition);
  Write("/a", Bytes(content) + "x");
  EXPECT_EQ(VerifyLedger(fs_, ledger_).code(), Code::kFailedPrecondition);
}

TEST_F(Judge, TellsADeletedFileThatCameBack) {
  Write("/a", "x");
  ledger_.Acknowledge("/a", std::nullopt);
  EXPECT_EQ(VerifyLedger(fs_, ledger_).code(), Code::kFailedPrecondition);
}

TEST_F(Judge, AllowsEitherStateAfterAnOperationOfUnknownOutcomeButNoThird) {
  const Content content{3, 100};
  ledger_.Acknowledge("/a", content);
  ledger_.Doubt("/a", std::nullopt);
  EXPECT_TRUE(VerifyLedger(fs_, ledger_).ok());
  Write("/a", Bytes(content));
  EXPECT_TRUE(VerifyLedger(fs_, ledger_).ok());
  Write("/a", Bytes({4, 100}));
  EXPECT_EQ(VerifyLedger(fs_, ledger_).code(), Code::kFailedPrecondition);
}

TEST_F(Judge, WantsWhatWasSyncedOfAFileThatItsWriterLeftAndNothingWrongBeyond) {
  const Content synced{9, 1000, 5000};
  ledger_.Acknowledge("/a", synced);
  for (const uint64_t length : {1000u, 3000u, 5000u}) {
    Write("/a", Bytes({9, length}));
    EXPECT_TRUE(VerifyLedger(fs_, ledger_).ok()) << length << VerifyLedger(fs_, ledger_);
  }
  for (const uint64_t length : {999u, 5001u}) {
    Write("/a", Bytes({9, length}));
    EXPECT_EQ(VerifyLedger(fs_, ledger_).code(), Code::kFailedPrecondition) << length;
  }
  std::string wrong = Bytes({9, 3000});
  wrong[2000] ^= 1;
  Write("/a", wrong);
  EXPECT_EQ(VerifyLedger(fs_, ledger_).code(), Code::kFailedPrecondition);
}

TEST_F(Judge, WantsAFileOfADoubtfulRenameAtExactlyOneOfTheTwoPaths) {
  const Content content{5, 100};
  ledger_.Acknowledge("/old", content);
  ledger_.DoubtRename("/old", "/new", content);
  EXPECT_EQ(VerifyLedger(fs_, ledger_).code(), Code::kFailedPrecondition) << "both are gone";
  Write("/old", Bytes(content));
  EXPECT_TRUE(VerifyLedger(fs_, ledger_).ok()) << VerifyLedger(fs_, ledger_);
  Write("/new", Bytes(content));
  EXPECT_EQ(VerifyLedger(fs_, ledger_).code(), Code::kFailedPrecondition) << "both are there";
  ASSERT_TRUE(fs_.Delete("/old", false).ok());
  EXPECT_TRUE(VerifyLedger(fs_, ledger_).ok()) << VerifyLedger(fs_, ledger_);
  Write("/new", Bytes({6, 100}));
  EXPECT_EQ(VerifyLedger(fs_, ledger_).code(), Code::kFailedPrecondition) << "another file";
}

TEST_F(Judge, EndsTheRuleOfADoubtfulRenameWithTheNextOperationOnEitherPath) {
  const Content content{5, 100};
  ledger_.Acknowledge("/old", content);
  ledger_.DoubtRename("/old", "/new", content);
  EXPECT_EQ(ledger_.DoubtfulRenames().size(), 1u);
  ledger_.Doubt("/new", std::nullopt);  // a deletion of unknown outcome: both may be gone now
  EXPECT_TRUE(ledger_.DoubtfulRenames().empty());
  EXPECT_TRUE(VerifyLedger(fs_, ledger_).ok()) << VerifyLedger(fs_, ledger_);
  ledger_.DoubtRename("/old", "/newer", content);
  ledger_.Acknowledge("/old", std::nullopt);
  EXPECT_TRUE(ledger_.DoubtfulRenames().empty());
  ledger_.DoubtRename("/newer", "/newest", content);
  ledger_.Forget("/newest");
  EXPECT_TRUE(ledger_.DoubtfulRenames().empty());
}

}  // namespace
}  // namespace tusk::chaos
