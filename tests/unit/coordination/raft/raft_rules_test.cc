// The rules that other systems had to learn, one test each.
#include <gtest/gtest.h>

#include <algorithm>

#include "coordination/raft/raft.h"

namespace tusk::coordination::raft {
namespace {

Entry Data(LogIndex index, Term term) {
  Entry entry;
  entry.index = index;
  entry.term = term;
  return entry;
}

// Member 1 of a group of three, whose other members are the test.
class Group : public ::testing::Test {
 protected:
  void Start(HardState state, std::vector<Entry> entries, LogIndex lost_up_to = 0) {
    Raft::Start start;
    start.state = state;
    start.configuration = {{1, 2, 3}, {}};
    start.entries = std::move(entries);
    start.lost_up_to = lost_up_to;
    Raft::Options options;
    options.self = 1;
    raft_ = std::make_unique<Raft>(options, start);
  }
  Effects Step(EventBody body) { return raft_->Step({now_, std::move(body)}); }
  Effects From(NodeId from, Message message) {
    message.from = from;
    message.to = 1;
    return Step(Receive{std::move(message)});
  }
  Effects Timeout() {
    now_ += 2000;
    return Step(Tick{0});
  }
  static Message Reply(MessageKind kind, Term term) {
    Message message;
    message.kind = kind;
    message.term = term;
    message.granted = true;
    return message;
  }
  static Message Append(Term term, LogIndex index, Term index_term, std::vector<Entry> entries, LogIndex commit) {
    Message message;
    message.kind = MessageKind::kAppend;
    message.term = term;
    message.index = index;
    message.index_term = index_term;
    message.entries = std::move(entries);
    message.commit = commit;
    return message;
  }
  static Message VoteFor(Term term, LogIndex index, Term index_term) {
    Message message;
    message.kind = MessageKind::kVote;
    message.term = term;
    message.index = index;
    message.index_term = index_term;
    return message;
  }
  // To leadership of the next term, with everything on disk.
  void Lead() {
    Timeout();
    const Effects campaign = From(2, Reply(MessageKind::kPreVoteReply, raft_->term() + 1));
    ASSERT_TRUE(campaign.save);
    Step(StateSaved{*campaign.save});
    const Effects won = From(2, Reply(MessageKind::kVoteReply, raft_->term()));
    ASSERT_EQ(raft_->role(), Role::kLeader);
    noop_ = raft_->last();
    Step(EntriesSaved{won.ticket});
  }
  Effects Match(NodeId peer, LogIndex index) {
    Message message = Reply(MessageKind::kAppendReply, raft_->term());
    message.match = index;
    message.session = raft_->progress().at(peer).session;
    return From(peer, message);
  }
  static size_t Count(const Effects& effects, MessageKind kind) {
    return static_cast<size_t>(
        std::count_if(effects.send.begin(), effects.send.end(), [&](const Message& m) { return m.kind == kind; }));
  }

  std::unique_ptr<Raft> raft_;
  Millis now_ = 0;
  LogIndex noop_ = 0;
};

TEST_F(Group, DoesNotCommitEntriesOfFormerTermsByCountingTheirCopies) {
  Start({1, kNobody}, {Data(1, 1), Data(2, 1)});
  Lead();
  Match(2, 2);
  EXPECT_EQ(raft_->commit(), 0u) << "two members have entry 2, but no entry of this term";
  Match(2, noop_);
  EXPECT_EQ(raft_->commit(), noop_);
}

TEST_F(Group, AnswersAVoteOnlyWhenItIsOnDisk) {
  Start({1, kNobody}, {});
  const Effects asked = From(2, VoteFor(2, 0, 0));
  ASSERT_TRUE(asked.save);
  EXPECT_EQ(asked.save->voted_for, 2u);
  EXPECT_EQ(Count(asked, MessageKind::kVoteReply), 0u);
  const Effects saved = Step(StateSaved{*asked.save});
  ASSERT_EQ(Count(saved, MessageKind::kVoteReply), 1u);
  EXPECT_TRUE(saved.send[0].granted);
}

TEST_F(Group, VotesOnceATerm) {
  Start({1, kNobody}, {});
  Step(StateSaved{*From(2, VoteFor(2, 0, 0)).save});
  const Effects second = From(3, VoteFor(2, 0, 0));
  ASSERT_EQ(Count(second, MessageKind::kVoteReply), 1u);
  EXPECT_FALSE(second.send[0].granted);
}

TEST_F(Group, OffersForElectionOnlyWhatIsOnDisk) {
  Start({1, kNobody}, {Data(1, 1)});
  From(2, Append(1, 1, 1, {Data(2, 1)}, 0));  // not reported saved
  const Effects asked = Timeout();
  ASSERT_GE(Count(asked, MessageKind::kPreVote), 1u);
  EXPECT_EQ(asked.send[0].index, 1u);
}

TEST_F(Group, AcknowledgesAnEntryOnlyWhenItIsOnDisk) {
  Start({1, kNobody}, {});
  const Effects got = From(2, Append(1, 0, 0, {Data(1, 1)}, 0));
  EXPECT_EQ(Count(got, MessageKind::kAppendReply), 0u);
  const Effects saved = Step(EntriesSaved{got.ticket});
  ASSERT_EQ(Count(saved, MessageKind::kAppendReply), 1u);
  EXPECT_EQ(saved.send[0].match, 1u);
}

TEST_F(Group, CommitsNoFurtherThanTheMessageCovers) {
  Start({1, kNobody}, {Data(1, 1), Data(2, 1), Data(3, 1)});  // 2 and 3 may be a former leader's
  From(2, Append(2, 1, 1, {}, 3));
  EXPECT_EQ(raft_->commit(), 1u);
}

TEST_F(Group, CountsItsOwnCopyOnlyWhenItIsOnDisk) {
  Start({1, kNobody}, {});
  Lead();
  Match(2, noop_);
  const Effects proposed = Step(Propose{{Data(0, 0)}, 7});
  ASSERT_EQ(proposed.accepted.size(), 1u);
  EXPECT_EQ(raft_->commit(), noop_);
  Match(2, noop_ + 1);
  EXPECT_EQ(raft_->commit(), noop_) << "one copy on disk is no majority of three";
  Step(EntriesSaved{proposed.ticket});
  EXPECT_EQ(raft_->commit(), noop_ + 1);
}

TEST_F(Group, SpendsNoTermWhileOthersHearALeader) {
  Start({1, kNobody}, {});
  From(2, Append(1, 0, 0, {}, 0));
  Message ask = VoteFor(9, 0, 0);
  From(3, ask);
  EXPECT_EQ(raft_->term(), 1u) << "a member that was cut off must not depose the leader";
  ask.kind = MessageKind::kPreVote;
  const Effects answer = From(3, ask);
  ASSERT_EQ(Count(answer, MessageKind::kPreVoteReply), 1u);
  EXPECT_FALSE(answer.send[0].granted);
}

TEST_F(Group, StepsDownWhenNoMajorityAnswers) {
  Start({1, kNobody}, {});
  Lead();
  now_ += 5000;
  Step(Tick{0});
  EXPECT_EQ(raft_->role(), Role::kFollower);
}

TEST_F(Group, DropsAnswersFromBeforeARemovalAndReAdding) {
  Start({1, kNobody}, {});
  Lead();
  Match(2, noop_);
  Message stale = Reply(MessageKind::kAppendReply, raft_->term());
  stale.match = noop_;
  stale.session = raft_->progress().at(3).session + 1000;
  From(3, stale);
  EXPECT_EQ(raft_->progress().at(3).match, 0u);
}

TEST_F(Group, IgnoresTheCallToLeadWhileEntriesAreNotOnDisk) {
  Start({1, kNobody}, {});
  From(2, Append(1, 0, 0, {Data(1, 1)}, 0));
  Message now = Reply(MessageKind::kTimeoutNow, 1);
  From(2, now);
  EXPECT_EQ(raft_->role(), Role::kFollower);
}

TEST_F(Group, ChangesMembersOnlyAfterACommitOfItsOwnTermAndOneAtATime) {
  Start({1, kNobody}, {Data(1, 1)});
  Lead();
  const ChangeMember add{ChangeMember::Kind::kAddLearner, 4, 1};
  ASSERT_EQ(Step(add).refused.size(), 1u) << "nothing of this term is committed";
  Match(2, noop_);
  EXPECT_EQ(Step(add).accepted.size(), 1u);
  const Effects second = Step(ChangeMember{ChangeMember::Kind::kRemove, 3, 2});
  ASSERT_EQ(second.refused.size(), 1u);
  EXPECT_EQ(second.refused[0].why, Refusal::kChangePending);
}

TEST_F(Group, NeitherVotesNorCampaignsWithALogThatLostEntriesUntilALeaderRepairsIt) {
  Start({3, kNobody}, {Data(1, 1)}, 3);
  EXPECT_TRUE(raft_->recovering());
  EXPECT_EQ(Count(Timeout(), MessageKind::kPreVote), 0u);
  const Effects asked = From(2, VoteFor(4, 9, 9));
  ASSERT_EQ(Count(asked, MessageKind::kVoteReply), 1u);
  EXPECT_FALSE(asked.send[0].granted);
  const Effects repaired = From(2, Append(4, 1, 1, {Data(2, 2), Data(3, 3)}, 3));
  EXPECT_TRUE(raft_->recovering()) << "not on disk yet";
  Step(EntriesSaved{repaired.ticket});
  EXPECT_FALSE(raft_->recovering());
}

TEST_F(Group, ReadsOnlyAfterAMajorityHasAnsweredOnceMore) {
  Start({1, kNobody}, {});
  Lead();
  Match(2, noop_);
  const Effects asked = Step(ReadRequest{5});
  EXPECT_TRUE(asked.reads.empty());
  const auto heartbeat = std::find_if(asked.send.begin(), asked.send.end(), [](const Message& m) { return m.to == 2; });
  ASSERT_NE(heartbeat, asked.send.end());
  Message answer = Reply(MessageKind::kAppendReply, raft_->term());
  answer.match = noop_;
  answer.session = raft_->progress().at(2).session;
  EXPECT_TRUE(From(2, answer).reads.empty()) << "an answer to an older message";
  answer.round = heartbeat->round;
  const Effects heard = From(2, answer);
  ASSERT_EQ(heard.reads.size(), 1u);
  EXPECT_EQ(heard.reads[0].index, noop_);
}

// A slow disk may keep a candidate's vote until it has become a pre-candidate again: it must not ask for pre-votes at each step
// from then on. Found by the simulation.
TEST_F(Group, AsksForPreVotesOnceAfterACandidacyThatTheDiskWasTooSlowFor) {
  Start({1, kNobody}, {});
  Timeout();
  const Effects campaign = From(2, Reply(MessageKind::kPreVoteReply, 2));
  ASSERT_TRUE(campaign.save);
  EXPECT_EQ(Count(Timeout(), MessageKind::kPreVote), 2u);
  EXPECT_TRUE(Step(StateSaved{*campaign.save}).send.empty());
  EXPECT_TRUE(Step(Tick{0}).send.empty());
}

TEST(TwoLeadersInOneTerm, EndTheProcess) {
  Raft::Start start;
  start.state = {1, kNobody};
  start.configuration = {{1}, {}};
  Raft::Options options;
  options.self = 1;
  Raft raft(options, start);
  const Effects campaign = raft.Step({2000, Tick{0}});
  ASSERT_TRUE(campaign.save);
  raft.Step({2000, StateSaved{*campaign.save}});
  ASSERT_EQ(raft.role(), Role::kLeader);
  Message other;
  other.kind = MessageKind::kAppend;
  other.from = 2;
  other.term = raft.term();
  EXPECT_DEATH(raft.Step({2000, Receive{other}}), "two leaders in term");
}

}  // namespace
}  // namespace tusk::coordination::raft
