// Exactly once: a repeated request gets the first answer.
#include "tests/unit/dfs/namenode/core_fixture.h"

namespace tusk::dfs::namenode {
namespace {

class Retries : public CoreFixture {
 protected:
  Status MkdirAs(TestClient& who, const std::string& path, bool repeat, bool parents = false) {
    return Call(kMkdirs, Mkdirs, [&](auto request) {
      FillCaller(request.initCaller(), who, repeat);
      request.setPath(path);
      request.setParents(parents);
    });
  }
};

TEST_F(Retries, AnswerASuccessAgain) {
  ASSERT_TRUE(MkdirAs(client, "/a", false).ok());
  ASSERT_TRUE(MkdirAs(client, "/a", true).ok());
  EXPECT_EQ(MkdirAs(client, "/a", false).code(), Code::kAlreadyExists);
}

TEST_F(Retries, AnswerAnErrorAgain) {
  EXPECT_EQ(MkdirAs(client, "/a/b", false).code(), Code::kNotFound);
  TestClient other{9, 9, {}, 1, 0};
  ASSERT_TRUE(MkdirAs(other, "/a", false).ok());
  EXPECT_EQ(MkdirAs(client, "/a/b", true).code(), Code::kNotFound);  // the first answer
  EXPECT_TRUE(MkdirAs(client, "/a/b", false).ok());
}

TEST_F(Retries, SurviveARestart) {
  AddNodes(3);
  const InodeId inode = *CreateFile("/f", client);
  const LocatedBlock first = *NextBlock(inode, client);
  Restart();
  AddNodes(3);
  --client.next_sequence;  // the same request again
  const auto again = NextBlock(inode, client);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->block, first.block);
  EXPECT_EQ(again->locations, first.locations);
  EXPECT_EQ(core->state->meta().blocks, 1u);
}

TEST_F(Retries, AreNotKeptWithoutIdentity) {
  client.next_sequence = 0;
  ASSERT_TRUE(MkdirAs(client, "/a", false).ok());
  client.next_sequence = 0;
  EXPECT_EQ(MkdirAs(client, "/a", false).code(), Code::kAlreadyExists);
  EXPECT_EQ(core->state->kept_answers(), 0u);
}

TEST_F(Retries, AreForgottenWhenAcknowledgedAndThenRefused) {
  ASSERT_TRUE(MkdirAs(client, "/a", false).ok());
  ASSERT_TRUE(MkdirAs(client, "/b", false).ok());
  EXPECT_EQ(core->state->kept_answers(), 2u);
  client.acked = 2;
  ASSERT_TRUE(MkdirAs(client, "/c", false).ok());
  EXPECT_EQ(core->state->kept_answers(), 1u);
  ASSERT_TRUE(*DeletePath("/a"));
  client.next_sequence = 1;
  EXPECT_EQ(MkdirAs(client, "/a", false).code(), Code::kAborted);  // a late duplicate
  EXPECT_EQ(StatPath("/a").status().code(), Code::kNotFound);
  Restart();
  client.next_sequence = 1;
  EXPECT_EQ(MkdirAs(client, "/a", false).code(), Code::kAborted);
}

TEST_F(Retries, DoNotPileUpBehindOneThatIsNeverAcknowledged) {
  TestClient idle{9, 9, {}, 1, 0};
  ASSERT_TRUE(MkdirAs(idle, "/a", false).ok());
  for (int i = 0; i < 20'000; ++i) {
    ASSERT_TRUE(MkdirAs(client, "/a", false, true).ok());
    client.acked = client.next_sequence - 1;
  }
  EXPECT_EQ(core->state->kept_answers(), 2u);
  EXPECT_LT(core->state->remembered_answers(), 17'000u);
  EXPECT_TRUE(MkdirAs(idle, "/a", true).ok()) << "the first answer";
}

TEST_F(Retries, OfClientsThatAreGoneAreForgotten) {
  for (uint64_t i = 0; i < 500; ++i) {
    TestClient passing{9, 100 + i, {}, 1, 0};
    ASSERT_TRUE(MkdirAs(passing, "/a", false, true).ok());
  }
  EXPECT_EQ(core->state->kept_answers(), 500u);
  clock.Advance(std::chrono::minutes(11));
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(MkdirAs(client, "/a", false, true).ok());
    client.acked = client.next_sequence - 1;
  }
  EXPECT_EQ(core->state->kept_answers(), 1u);
  EXPECT_LE(core->state->remembered_answers(), 10u);
}

TEST_F(Retries, AreInTheStoreOnlyIfAFlushFindsThem) {
  const auto in_store = [this] {
    size_t rows = 0;
    const Status read = core->state->store().store().ForEach("Z", [&](std::string_view, std::string_view) { return ++rows > 0; });
    EXPECT_TRUE(read.ok()) << read;
    return rows;
  };
  for (int i = 0; i < 10; ++i) {
    client.acked = client.next_sequence - 1;
    ASSERT_TRUE(MkdirAs(client, "/a" + std::to_string(i), false).ok());
  }
  core->state->store().FlushAndWait();
  EXPECT_EQ(in_store(), 1u);
  ASSERT_TRUE(MkdirAs(client, "/a9", true).ok()) << "answered from the store";
  const uint32_t digest = core->state->Digest();
  Restart(true);
  EXPECT_EQ(core->state->Digest(), digest);
  ASSERT_TRUE(MkdirAs(client, "/a9", true).ok());
  Restart();
  EXPECT_EQ(core->state->Digest(), digest) << "of the log alone, with the answers in memory only";
  client.acked = client.next_sequence - 1;
  ASSERT_TRUE(MkdirAs(client, "/b", false).ok());
  core->state->store().FlushAndWait();
  EXPECT_EQ(in_store(), 1u);
}

TEST_F(Retries, AreAnsweredWhereverTheyLieWhenThereAreMany) {
  const size_t many = RetryAnswers::kOnlyHere + 100;
  for (size_t i = 0; i < many; ++i) {
    TestClient once{9, i + 1, {}, 1, 0};
    ASSERT_TRUE(MkdirAs(once, "/a" + std::to_string(i), false).ok());
  }
  EXPECT_EQ(core->state->kept_answers(), many);
  for (const size_t i : {size_t{0}, size_t{99}, size_t{100}, many - 1}) {
    TestClient again{9, i + 1, {}, 2, 0};
    EXPECT_TRUE(MkdirAs(again, "/a" + std::to_string(i), true).ok()) << i;
  }
}

TEST_F(Retries, AreForgottenByTheAgeOfEntries) {
  ASSERT_TRUE(MkdirAs(client, "/a", false).ok());
  clock.Advance(std::chrono::minutes(9));
  TestClient other{9, 9, {}, 1, 0};
  ASSERT_TRUE(MkdirAs(other, "/b", false).ok());
  EXPECT_EQ(core->state->kept_answers(), 2u);
  clock.Advance(std::chrono::minutes(2));
  EXPECT_EQ(core->state->kept_answers(), 2u);  // time alone changes nothing
  ASSERT_TRUE(MkdirAs(other, "/c", false).ok());
  EXPECT_EQ(core->state->kept_answers(), 2u);
}

}  // namespace
}  // namespace tusk::dfs::namenode
