// Job commit: all or nothing, and fenced.
#include "tests/unit/dfs/namenode/core_fixture.h"

namespace tusk::dfs::namenode {
namespace {

class Publishing : public CoreFixture {
 protected:
  struct Request {
    uint64_t epoch = 5;
    std::string directory = "/out";
    std::vector<std::pair<std::string, std::string>> moves = {{"/tmp/job/a1", "part-0"}, {"/tmp/job/a2", "part-1"}};
    std::vector<std::string> markers = {"_SUCCESS"};
    std::string doomed = "/tmp/job";
  };
  Status Do(const Request& wanted) {
    return Call(kPublish, Publish, [&](auto request) {
      FillCaller(request.initCaller(), client);
      request.setJob("job_1");
      request.setEpoch(wanted.epoch);
      request.setDirectory(wanted.directory);
      auto moves = request.initMoves(static_cast<unsigned>(wanted.moves.size()));
      for (unsigned i = 0; i < moves.size(); ++i) {
        moves[i].setFrom(wanted.moves[i].first);
        moves[i].setName(wanted.moves[i].second);
      }
      auto markers = request.initMarkers(static_cast<unsigned>(wanted.markers.size()));
      for (unsigned i = 0; i < markers.size(); ++i) markers.set(i, wanted.markers[i]);
      request.setDeleteTree(wanted.doomed);
    });
  }
  void Stage() {
    for (const char* file : {"/tmp/job/a1", "/tmp/job/a2", "/tmp/job/lost-attempt"}) ASSERT_TRUE(WriteEmpty(file).ok());
  }
  // Everything but the applied index, the clock and kept answers.
  void ExpectNothingChanged(const Request& wanted, Code code) {
    const Meta before = core->state->meta();
    const auto staged = *Names("/tmp/job");
    const Status status = Do(wanted);
    EXPECT_EQ(status.code(), code) << status;
    const Meta after = core->state->meta();
    EXPECT_EQ(std::tie(before.files, before.directories, before.next_inode),
              std::tie(after.files, after.directories, after.next_inode));
    EXPECT_EQ(*Names("/tmp/job"), staged);
  }
};

TEST_F(Publishing, MovesMarksAndCleansInOneStep) {
  Stage();
  ASSERT_TRUE(Do({}).ok());
  EXPECT_EQ(*Names("/out"), (std::vector<std::string>{"_SUCCESS", "part-0", "part-1"}));
  EXPECT_EQ(StatPath("/tmp/job").status().code(), Code::kNotFound);
  EXPECT_EQ(core->state->meta().files, 3u);
  EXPECT_EQ(core->state->meta().directories, 3u);  // /, /tmp, /out
}

TEST_F(Publishing, ChangesNothingWhenAnythingIsWrong) {
  Stage();
  Request missing;
  missing.moves.push_back({"/tmp/job/none", "part-2"});
  ExpectNothingChanged(missing, Code::kNotFound);
  Request twice;
  twice.moves.push_back({"/tmp/job/lost-attempt", "part-0"});
  ExpectNothingChanged(twice, Code::kAlreadyExists);
  Request clash;
  clash.markers = {"part-1"};
  ExpectNothingChanged(clash, Code::kAlreadyExists);
  Request slash;
  slash.moves[0].second = "a/b";
  ExpectNothingChanged(slash, Code::kInvalidArgument);
  Request nameless;
  nameless.markers = {""};
  ExpectNothingChanged(nameless, Code::kInvalidArgument);
  Request directory;
  directory.moves[0].first = "/tmp";
  ExpectNothingChanged(directory, Code::kIsADirectory);
  Request own_grave;
  own_grave.directory = "/tmp/job/out";
  ExpectNothingChanged(own_grave, Code::kInvalidArgument);
  ASSERT_TRUE(CreateFile("/tmp/job/open", client).ok());
  Request open;
  open.moves[1].first = "/tmp/job/open";
  ExpectNothingChanged(open, Code::kFailedPrecondition);
  ASSERT_TRUE(Mkdir("/out").ok());
  ExpectNothingChanged({}, Code::kAlreadyExists);
}

TEST_F(Publishing, IsFencedByTheHighestEpochOfItsJob) {
  Stage();
  ASSERT_TRUE(Do({}).ok());
  ASSERT_TRUE(DeletePath("/out").ok());
  Stage();
  Request old;
  old.epoch = 4;
  ExpectNothingChanged(old, Code::kStaleEpoch);
  Restart();
  ExpectNothingChanged(old, Code::kStaleEpoch);
  Request newer;
  newer.epoch = 6;
  EXPECT_TRUE(Do(newer).ok());
}

}  // namespace
}  // namespace tusk::dfs::namenode
