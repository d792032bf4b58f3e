#include "mapreduce/protocol/ids.h"

#include <capnp/message.h>
#include <gtest/gtest.h>

#include "common/base/random.h"

namespace tusk::mr {
namespace {

const AttemptId kAttempt{{"job_1764000000_0001", TaskKind::kMap, 3}, 0};

TEST(Ids, AreWrittenAsHadoopWritesThem) {
  EXPECT_EQ(kAttempt.ToString(), "attempt_1764000000_0001_m_000003_0");
  EXPECT_EQ((AttemptId{{"job_1764000000_0012", TaskKind::kReduce, 1234567}, 17}).ToString(),
            "attempt_1764000000_0012_r_1234567_17");
}

TEST(Ids, ComeBackFromTheirText) {
  Random random(7);
  for (int i = 0; i < 1000; ++i) {
    const AttemptId id{{"job_" + std::to_string(random.Below(1ull << 40)) + "_" + std::to_string(random.Below(100'000)),
                        random.OneIn(2) ? TaskKind::kMap : TaskKind::kReduce, static_cast<uint32_t>(random())},
                       static_cast<uint32_t>(random.Below(1000))};
    auto parsed = ParseAttemptId(id.ToString());
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(*parsed, id);
  }
}

TEST(Ids, RefuseEverySpellingButOne) {
  for (const char* text :
       {"", "attempt", "attempt_1_1_m_0_0", "attempt_1_1_m_000000_00", "attempt_1_1_m_000000_", "attempt_1_1_x_000000_0",
        "attempt_1_m_000000_0", "attempt_1_1_m_000000_0 ", "attempt_1_1_m_-00001_0", "attempt_../_1_m_000000_0",
        "attempt_1_1_m_99999999999_0", "attempt_1_1_m_000000_99999999999", "job_1_1_m_000000_0", "attempt__1_m_000000_0"}) {
    const auto parsed = ParseAttemptId(text);
    EXPECT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.status().code(), Code::kInvalidArgument);
  }
  EXPECT_NE(ParseAttemptId("rubbish").status().message().find("rubbish"), std::string::npos);
}

TEST(Ids, JobIdsAreSafeFileNames) {
  EXPECT_TRUE(IsJobId("job_1764000000_0001"));
  for (const char* text :
       {"", "job", "job_", "job_1", "job_1_", "job_1_2_", "job_1_2/..", "job_1_2\n", "../job_1_2", "job_a_2"}) {
    EXPECT_FALSE(IsJobId(text)) << text;
  }
  EXPECT_FALSE(IsJobId("job_1_" + std::string(100, '0')));
}

TEST(Ids, PassTheWireAndRefuseForeignJobs) {
  capnp::MallocMessageBuilder message;
  auto wire_id = message.initRoot<wire::AttemptId>();
  const AttemptId reduce{{"job_5_6", TaskKind::kReduce, 9}, 2};
  ToWire(reduce, wire_id);
  auto back = FromWire(wire_id.asReader());
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(*back, reduce);
  wire_id.setJob("../../etc");
  EXPECT_EQ(FromWire(wire_id.asReader()).status().code(), Code::kInvalidArgument);
  wire_id.setJob("job_5_6");
  wire_id.setKind(static_cast<wire::TaskKind>(9));
  EXPECT_EQ(FromWire(wire_id.asReader()).status().code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace tusk::mr
