// Groups of real members in one process: logs on disk, messages over sockets.
#include <gtest/gtest.h>

#include "coordination/group/methods.h"
#include "tests/harness/eventually.h"
#include "tests/harness/temporary_folder.h"
#include "tests/integration/coordination/group_member.h"

namespace tusk::coordination::test {
namespace {

using Kind = raft::ChangeMember::Kind;
using testing::Eventually;

class GroupTest : public ::testing::Test {
 protected:
  // Members of a new group. They find free ports first, then start anew with each other's addresses.
  void StartGroup(size_t count) {
    raft::Configuration first;
    for (size_t i = 0; i < count; ++i) {
      Member& member = Add(100 + i);
      ASSERT_EQ(member.Start({}), OkStatus());
      member.Stop();
      first.voters.push_back(member.id());
      first.addresses[member.id()] = member.address();
    }
    for (auto& member : members_) ASSERT_EQ(member->Start(first), OkStatus());
  }
  Member& Add(raft::NodeId id) {
    return *members_.emplace_back(std::make_unique<Member>(id, folder_.path() + "/" + std::to_string(id), 0));
  }
  Member* Leader() {
    Member* found = nullptr;
    const bool elected = Eventually([&] {
      for (auto& member : members_) {
        if (member->running() && member->leads()) found = member.get();
      }
      return found != nullptr;
    });
    EXPECT_TRUE(elected) << "nobody leads: " << Standing();
    return found;
  }
  std::string Standing() {
    std::string text;
    for (auto& member : members_) {
      text += " member " + std::to_string(member->id());
      text += !member->running() ? std::string(" is down;") : member->On([](Group& group, NumberList&) {
        return ": role " + std::to_string(static_cast<int>(group.role())) + ", term " + std::to_string(group.term()) +
               ", leader " + std::to_string(group.leader()) + ", commit " + std::to_string(group.commit()) + ", applied " +
               std::to_string(group.applied()) + ", voters " + std::to_string(group.configuration().voters.size()) + ";";
      });
    }
    return text;
  }
  // Acknowledged, by whoever leads.
  void Propose(uint64_t number) {
    const bool accepted = Eventually([&] {
      Member* const leader = Leader();
      if (leader == nullptr) return false;
      const auto index = leader->Propose(number);
      return index.ok();
    });
    ASSERT_TRUE(accepted) << number;
    acknowledged_.push_back(number);
  }
  void ExpectAllAgree() {
    for (auto& member : members_) {
      if (!member->running()) continue;
      const bool agrees = Eventually([&] { return Distinct(member->numbers()) == acknowledged_; });
      EXPECT_TRUE(agrees) << "member " << member->id() << " has " << member->numbers().size() << " of " << acknowledged_.size();
    }
  }
  // A proposal whose answer was lost with its leader may be there twice.
  static std::vector<uint64_t> Distinct(std::vector<uint64_t> numbers) {
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    return numbers;
  }

  testing::TemporaryFolder folder_;
  std::vector<std::unique_ptr<Member>> members_;
  std::vector<uint64_t> acknowledged_;
};

TEST_F(GroupTest, OneMemberLeadsItselfAndFindsItsEntriesAgain) {
  StartGroup(1);
  for (uint64_t i = 0; i < 300; ++i) Propose(i);
  members_[0]->Stop();
  ASSERT_EQ(members_[0]->Start({{100}, {}, {{100, members_[0]->address()}}}), OkStatus());
  Propose(300);
  ExpectAllAgree();
}

TEST_F(GroupTest, AcknowledgedEntriesSurviveTheLeader) {
  StartGroup(3);
  for (uint64_t i = 0; i < 100; ++i) Propose(i);
  Member* const old = Leader();
  old->Stop();
  for (uint64_t i = 100; i < 200; ++i) Propose(i);
  ASSERT_EQ(old->Start({}), OkStatus());
  for (uint64_t i = 200; i < 220; ++i) Propose(i);
  ExpectAllAgree();
}

TEST_F(GroupTest, AnyMemberReadsWhatWasAcknowledged) {
  StartGroup(3);
  Propose(1);
  for (uint64_t i = 2; i < 30; ++i) {
    Propose(i);
    for (auto& member : members_) {
      Result<LogIndex> read = Unavailable("not asked");
      ASSERT_TRUE(Eventually([&] {
        read = member->ReadIndex();
        return read.ok();
      })) << read.status();
      EXPECT_EQ(Distinct(member->numbers()), acknowledged_) << "at member " << member->id();
    }
  }
}

TEST_F(GroupTest, WithoutAMajorityNothingIsAcknowledged) {
  StartGroup(3);
  Propose(1);
  Member* const leader = Leader();
  for (auto& member : members_) {
    if (member.get() != leader) member->Stop();
  }
  const auto lonely = leader->Propose(2);
  EXPECT_FALSE(lonely.ok());
  EXPECT_FALSE(leader->ReadIndex().ok());
  EXPECT_FALSE(leader->leads()) << "it has heard no majority for an election timeout";
}

TEST_F(GroupTest, ALateMemberReceivesTheSnapshotAndGoesOnFromThere) {
  StartGroup(3);
  Propose(0);
  Member* const late = Leader() == members_[0].get() ? members_[1].get() : members_[0].get();
  late->Stop();
  for (uint64_t i = 1; i < 1500; ++i) Propose(i);
  for (auto& member : members_) {
    if (!member->running()) continue;
    ASSERT_EQ(member->SaveSnapshot(), OkStatus());
    ASSERT_TRUE(Eventually([&] { return member->first_index() > 100; })) << "the log is not cut";
  }
  ASSERT_EQ(late->Start({}), OkStatus());
  Propose(1500);
  ExpectAllAgree();
  EXPECT_EQ(late->installed(), 1);
  late->Stop();
  ASSERT_EQ(late->Start({}), OkStatus());
  Propose(1501);
  ExpectAllAgree();
}

TEST_F(GroupTest, OneGrowsToThreeAndTheFirstCanLeave) {
  StartGroup(1);
  for (uint64_t i = 0; i < 400; ++i) Propose(i);
  ASSERT_EQ(members_[0]->SaveSnapshot(), OkStatus());
  for (const raft::NodeId id : {200, 201}) {
    Member& added = Add(id);
    ASSERT_EQ(added.Start({}), OkStatus());
    Result<LogIndex> changed = Unavailable("not asked");
    ASSERT_TRUE(Eventually([&] {
      changed = Leader()->Change(Kind::kAddLearner, added);
      return changed.ok();
    })) << changed.status();
    ASSERT_TRUE(Eventually([&] {
      changed = Leader()->Change(Kind::kPromote, added);
      return changed.ok();
    })) << changed.status();
  }
  Propose(400);
  ExpectAllAgree();
  ASSERT_TRUE(Eventually([&] { return Leader()->Change(Kind::kRemove, *members_[0]).ok(); }));
  members_[0]->Stop();
  Propose(401);
  ExpectAllAgree();
}

TEST_F(GroupTest, RefusesMessagesOfAnotherClusterForAnotherDiskAndMalformedOnes) {
  StartGroup(1);
  Propose(1);
  LoopThread loop("stranger");
  rpc::Client client(loop, {});
  const auto peer = net::ParseEndpoint(members_[0]->address());
  const auto send = [&](uint64_t cluster, const std::string& group, const std::function<void(wire::RaftMessage::Builder)>& fill) {
    return client
        .CallBlocking(*peer, kRaftStep,
                      [&](wire::StepRequest::Builder request) {
                        request.setCluster(cluster);
                        request.setGroup(group);
                        request.initMessage().setTo(100);
                        request.getMessage().setTerm(1'000);
                        fill(request.getMessage());
                      })
        .status()
        .code();
  };
  const auto nothing = [](wire::RaftMessage::Builder) {};
  EXPECT_EQ(send(Member::kCluster + 1, "numbers", nothing), Code::kInvalidArgument);
  EXPECT_EQ(send(Member::kCluster, "letters", nothing), Code::kNotFound);
  EXPECT_EQ(send(Member::kCluster, "numbers", [](auto message) { message.setTo(999); }), Code::kInvalidArgument);
  EXPECT_EQ(send(Member::kCluster, "numbers", [](auto message) { message.setKind(200); }), Code::kInvalidArgument);
  EXPECT_EQ(send(Member::kCluster, "numbers", [](auto message) { message.initEntries(1)[0].setTerm(1'001); }),
            Code::kInvalidArgument);
  EXPECT_EQ(send(Member::kCluster, "numbers",
                 [](auto message) {
                   message.initEntries(1)[0].setTerm(1);
                   message.getEntries()[0].setType(static_cast<uint8_t>(EntryType::kConfiguration));
                 }),
            Code::kInvalidArgument);
  client.Stop();
  Propose(2);  // none of it was taken for the word of a new leader
  EXPECT_LT(members_[0]->On([](Group& group, NumberList&) { return group.term(); }), 1'000u);
  ExpectAllAgree();
}

}  // namespace
}  // namespace tusk::coordination::test
