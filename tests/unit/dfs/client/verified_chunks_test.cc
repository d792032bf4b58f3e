// Readers of one file, interleaved by hand: each step is what one of several threads does.
#include "dfs/client/verified_chunks.h"

#include <gtest/gtest.h>

namespace tusk::dfs {
namespace {

TEST(VerifiedChunks, AreRememberedWhileTheFileStaysAsItIs) {
  VerifiedChunks chunks(200, 1);
  const auto era = chunks.Begin();
  EXPECT_FALSE(chunks.IsGood(era, 130));
  ASSERT_TRUE(chunks.Lasts(era, 1));
  chunks.MarkGood(era, 130);
  EXPECT_TRUE(chunks.IsGood(era, 130));
  EXPECT_FALSE(chunks.IsGood(era, 129));
  EXPECT_FALSE(chunks.IsGood(era, 66));
}

TEST(VerifiedChunks, AreForgottenWhenTheFileChanges) {
  VerifiedChunks chunks(10, 1);
  chunks.MarkGood(chunks.Begin(), 3);
  const auto before = chunks.Begin();
  EXPECT_FALSE(chunks.Lasts(before, 2));
  const auto era = chunks.Begin();
  EXPECT_NE(era, before);
  EXPECT_FALSE(chunks.IsGood(era, 3));
  EXPECT_TRUE(chunks.Lasts(era, 2));
  EXPECT_FALSE(chunks.Lasts(era, -1)) << "a time that cannot be read proves nothing";
}

TEST(VerifiedChunks, OldBytesDoNotVouchForNewOnes) {
  VerifiedChunks chunks(10, 1);
  const auto slow = chunks.Begin();  // and reads the chunk
  // The file changes; another reader sees it.
  EXPECT_FALSE(chunks.Lasts(chunks.Begin(), 2));
  EXPECT_FALSE(chunks.Lasts(slow, 2)) << "the time is the one of the new bytes";
  chunks.MarkGood(slow, 3);
  EXPECT_FALSE(chunks.IsGood(chunks.Begin(), 3));
}

TEST(VerifiedChunks, BytesReadBeforeAChangeAreNotTrustedForWhatWasVerifiedAfterIt) {
  VerifiedChunks chunks(10, 1);
  const auto slow = chunks.Begin();
  ASSERT_TRUE(chunks.Lasts(slow, 1));
  EXPECT_FALSE(chunks.Lasts(chunks.Begin(), 2));
  const auto era = chunks.Begin();
  chunks.MarkGood(era, 3);
  EXPECT_TRUE(chunks.IsGood(era, 3));
  EXPECT_FALSE(chunks.IsGood(slow, 3));
}

TEST(VerifiedChunks, AReaderThatMissedAChangeOnlyCostsAnotherVerification) {
  VerifiedChunks chunks(10, 1);
  const auto slow = chunks.Begin();
  EXPECT_FALSE(chunks.Lasts(chunks.Begin(), 2));
  chunks.MarkGood(chunks.Begin(), 3);
  EXPECT_FALSE(chunks.Lasts(slow, 1)) << "it looked at the time before the change";
  EXPECT_FALSE(chunks.IsGood(chunks.Begin(), 3));
  EXPECT_FALSE(chunks.Lasts(chunks.Begin(), 2));
  EXPECT_TRUE(chunks.Lasts(chunks.Begin(), 2));
}

}  // namespace
}  // namespace tusk::dfs
