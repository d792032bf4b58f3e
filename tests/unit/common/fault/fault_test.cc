#include "common/fault/fault.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace tusk::fault {
namespace {

using testing::HasSubstr;

class FaultTest : public testing::Test {
 protected:
  ~FaultTest() override { DisarmAll(); }
};

TEST_F(FaultTest, PassesAPointThatIsNotArmed) {
  EXPECT_TRUE(Hit("log.sync").ok());
  ASSERT_TRUE(ArmFromText("log.sync=fail").ok());
  EXPECT_TRUE(Hit("log.sync_directory").ok());
}

TEST_F(FaultTest, FailsEachHitWithTheNameOfThePoint) {
  ASSERT_TRUE(ArmFromText("log.sync=fail").ok());
  for (int hit = 0; hit < 3; ++hit) EXPECT_EQ(Hit("log.sync"), IoError("injected fault at log.sync"));
}

TEST_F(FaultTest, FailsOnlyTheHitThatIsNamed) {
  ASSERT_TRUE(ArmFromText("log.sync=fail@3").ok());
  std::vector<bool> passed;
  for (int hit = 1; hit <= 5; ++hit) passed.push_back(Hit("log.sync").ok());
  EXPECT_THAT(passed, testing::ElementsAre(true, true, false, true, true));
}

TEST_F(FaultTest, ArmsSeveralPointsAndSeveralActionsOfOne) {
  ASSERT_TRUE(ArmFromText("a.one=fail@1;b.two=fail;;a.one=fail@3;").ok());
  EXPECT_FALSE(Hit("a.one").ok());
  EXPECT_TRUE(Hit("a.one").ok());
  EXPECT_FALSE(Hit("a.one").ok());
  EXPECT_FALSE(Hit("b.two").ok());
}

TEST_F(FaultTest, RunsAnActionOfTheTest) {
  int calls = 0;
  Arm("mine", [&calls] {
    ++calls;
    return Aborted("as asked");
  });
  EXPECT_EQ(Hit("mine"), Aborted("as asked"));
  Arm("mine", [] { return Status(); });
  EXPECT_TRUE(Hit("mine").ok());
  EXPECT_EQ(calls, 1);
}

TEST_F(FaultTest, LetsAnActionMeetOtherPoints) {
  Arm("inner", [] { return IoError("inner"); });
  Arm("outer", [] { return Hit("inner"); });
  EXPECT_EQ(Hit("outer"), IoError("inner"));
}

TEST_F(FaultTest, ForgetsAllWhenDisarmed) {
  ASSERT_TRUE(ArmFromText("log.sync=fail").ok());
  DisarmAll();
  EXPECT_TRUE(Hit("log.sync").ok());
}

TEST_F(FaultTest, PassesADelayedPointAndTakesDelaysUpToTenMinutes) {
  ASSERT_TRUE(ArmFromText("slow=delay:0;later=delay:600000@2").ok());
  EXPECT_TRUE(Hit("slow").ok());
  EXPECT_TRUE(Hit("later").ok());
  EXPECT_EQ(ArmFromText("slow=delay:600001").code(), Code::kInvalidArgument);
}

TEST_F(FaultTest, CountsHitsOfManyThreadsOnce) {
  ASSERT_TRUE(ArmFromText("shared=fail@500").ok());
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&failures] {
      for (int hit = 0; hit < 250; ++hit) failures += Hit("shared").ok() ? 0 : 1;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 1);
}

TEST_F(FaultTest, ExplainsTheGrammarAndArmsNothingOnAMistake) {
  for (const char* text : {"log.sync", "=fail", "log.sync=", "log.sync=explode", "log.sync=fail@", "log.sync=fail@0",
                           "log.sync=fail@x", "log.sync=delay", "log.sync=delay:", "log.sync=delay:-1",
                           "log.sync=delay:9999999999", "Log Sync=fail", "log.sync=fail;other"}) {
    const Status status = ArmFromText(text);
    EXPECT_EQ(status.code(), Code::kInvalidArgument) << text;
    EXPECT_THAT(status.message(), HasSubstr("write POINT=ACTION[@HIT]")) << text;
    EXPECT_TRUE(Hit("log.sync").ok()) << text;
  }
}

using FaultDeathTest = FaultTest;

TEST_F(FaultDeathTest, AbortsTheProcessAtTheHitThatIsNamed) {
  ASSERT_TRUE(ArmFromText("store.write=abort@2").ok());
  EXPECT_TRUE(Hit("store.write").ok());
  EXPECT_EXIT(Hit("store.write").ok(), testing::KilledBySignal(SIGABRT), "injected fault at store.write");
}

}  // namespace
}  // namespace tusk::fault
