// The writer's end of a pipeline, with the DataNode's end in the test's hand.
#include "dfs/client/pipeline.h"

#include <gtest/gtest.h>

#include <sys/socket.h>
#include <chrono>

namespace tusk::dfs {
namespace {

class PipelineAcks : public ::testing::Test {
 protected:
  PipelineAcks() {
    int fds[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    net::Socket near(fds[0]);
    EXPECT_TRUE(near.SetTimeout(std::chrono::seconds(5)).ok());
    pipeline_ = std::make_unique<Pipeline>(std::move(near), 512, std::chrono::seconds(5));
    node_ = net::Socket(fds[1]);
  }
  static std::array<std::byte, kAckBytes> Encoded(uint64_t sequence) {
    std::array<std::byte, kAckBytes> bytes{};
    EncodeAck({.sequence = sequence, .code = Code::kOk, .failed = 0}, bytes);
    return bytes;
  }
  static void ExpectAck(const Pipeline::Answer& answer, uint64_t sequence) {
    const auto* ack = std::get_if<Ack>(&answer);
    ASSERT_NE(ack, nullptr) << std::get<Pipeline::Failure>(answer).status;
    EXPECT_EQ(ack->sequence, sequence);
  }

  std::unique_ptr<Pipeline> pipeline_;
  net::Socket node_;
};

TEST_F(PipelineAcks, HalfAnAckIsNotWaitedFor) {
  EXPECT_FALSE(pipeline_->TryReadAck());
  const auto bytes = Encoded(7);
  for (size_t at = 0; at < bytes.size(); ++at) {
    ASSERT_FALSE(pipeline_->TryReadAck()) << at;
    ASSERT_TRUE(node_.WriteFully(std::span(bytes).subspan(at, 1)).ok());
  }
  const auto answer = pipeline_->TryReadAck();
  ASSERT_TRUE(answer);
  ExpectAck(*answer, 7);
  EXPECT_FALSE(pipeline_->TryReadAck());
}

TEST_F(PipelineAcks, TheRestOfAnAckMayBeWaitedFor) {
  const auto first = Encoded(7), second = Encoded(8);
  ASSERT_TRUE(node_.WriteFully(std::span(first).first(5)).ok());
  EXPECT_FALSE(pipeline_->TryReadAck());
  ASSERT_TRUE(node_.WriteFully(std::span(first).subspan(5)).ok());
  ASSERT_TRUE(node_.WriteFully(second).ok());
  ExpectAck(pipeline_->ReadAck(), 7);
  ExpectAck(pipeline_->ReadAck(), 8);
}

TEST_F(PipelineAcks, TheEndOfTheConnectionIsToldAtOnce) {
  const auto bytes = Encoded(7);
  ASSERT_TRUE(node_.WriteFully(std::span(bytes).first(5)).ok());
  node_ = net::Socket();
  const auto answer = pipeline_->TryReadAck();
  ASSERT_TRUE(answer);
  EXPECT_EQ(std::get<Pipeline::Failure>(*answer).status.code(), Code::kUnavailable);
}

}  // namespace
}  // namespace tusk::dfs
