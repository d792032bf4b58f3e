#include "dfs/client/packet_window.h"

#include <gtest/gtest.h>

#include <string>

#include "common/base/random.h"

namespace tusk::dfs {
namespace {

std::unique_ptr<PacketBuffer> Packet(uint64_t offset, size_t bytes, uint16_t flags = 0) {
  auto packet = std::make_unique<PacketBuffer>(1024, 512);
  packet->Begin(offset, UINT64_MAX);
  const std::string text(bytes, 'x');
  packet->Append(std::as_bytes(std::span(text)));
  packet->set_flags(flags);
  return packet;
}

uint64_t SendNext(PacketWindow& window) {
  const auto next = window.NextUnsent();
  EXPECT_NE(next.packet, nullptr);
  window.MarkSent();
  return next.sequence;
}

TEST(PacketWindow, NumbersPacketsInOrder) {
  PacketWindow window;
  for (int i = 0; i < 3; ++i) window.Push(Packet(i * 100, 100));
  EXPECT_EQ(SendNext(window), 0u);
  EXPECT_EQ(SendNext(window), 1u);
  EXPECT_EQ(SendNext(window), 2u);
  EXPECT_EQ(window.NextUnsent().packet, nullptr);
}

TEST(PacketWindow, ForgetsOnlyWhatIsAcknowledged) {
  PacketWindow window;
  window.Push(Packet(0, 100));
  window.Push(Packet(100, 50));
  SendNext(window);
  SendNext(window);
  EXPECT_TRUE(window.Acknowledge(0).ok());
  EXPECT_EQ(window.held(), 1u);
  EXPECT_EQ(window.acked_bytes(), 100u);
  EXPECT_NE(window.TakeFree(), nullptr) << "its memory is used again";
  EXPECT_TRUE(window.Acknowledge(1).ok());
  EXPECT_EQ(window.acked_bytes(), 150u);
  EXPECT_FALSE(window.awaiting_ack());
}

TEST(PacketWindow, RefusesAcksThatWereNotDue) {
  PacketWindow window;
  EXPECT_EQ(window.Acknowledge(0).code(), Code::kCorruption) << "nothing was sent";
  window.Push(Packet(0, 100));
  window.Push(Packet(100, 100));
  SendNext(window);
  EXPECT_EQ(window.Acknowledge(1).code(), Code::kCorruption) << "out of order";
  EXPECT_TRUE(window.Acknowledge(0).ok());
  EXPECT_EQ(window.Acknowledge(0).code(), Code::kCorruption) << "twice";
  EXPECT_EQ(window.Acknowledge(1).code(), Code::kCorruption) << "held but not sent";
}

TEST(PacketWindow, SendsEverythingUnacknowledgedAgainAfterARestart) {
  PacketWindow window;
  for (int i = 0; i < 4; ++i) window.Push(Packet(i * 100, 100));
  for (int i = 0; i < 3; ++i) SendNext(window);
  EXPECT_TRUE(window.Acknowledge(0).ok());
  window.Restart();
  EXPECT_EQ(window.acked_bytes(), 100u) << "where the new pipeline goes on";
  const auto next = window.NextUnsent();
  EXPECT_EQ(next.packet->offset(), 100u);
  EXPECT_EQ(next.sequence, 0u) << "each connection numbers its own packets";
  for (uint64_t i = 0; i < 3; ++i) EXPECT_EQ(SendNext(window), i);
  for (uint64_t i = 0; i < 3; ++i) EXPECT_TRUE(window.Acknowledge(i).ok());
  EXPECT_EQ(window.acked_bytes(), 400u);
}

TEST(PacketWindow, AnEmptyPacketDoesNotMoveTheAcknowledgedLengthBack) {
  PacketWindow window;
  window.Push(Packet(0, 100));
  window.Push(Packet(100, 0, kLastPacket));
  SendNext(window);
  SendNext(window);
  EXPECT_TRUE(window.Acknowledge(0).ok());
  EXPECT_TRUE(window.Acknowledge(1).ok());
  EXPECT_EQ(window.acked_bytes(), 100u);
}

// A receiver that breaks at random moments and keeps what it acknowledged must end with exactly the bytes pushed.
TEST(PacketWindow, DeliversEveryByteOnceThroughAnyBreaks) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    Random random(seed);
    PacketWindow window;
    const uint64_t total = 100 * (1 + random.Below(20));
    uint64_t pushed = 0, stored = 0, expected_sequence = 0;
    std::deque<uint64_t> acks;
    while (pushed < total || window.held() > 0) {
      switch (random.Below(4)) {
        case 0:
          if (pushed < total && window.held() < 5) {
            window.Push(Packet(pushed, 100));
            pushed += 100;
          }
          break;
        case 1:
          if (const auto next = window.NextUnsent(); next.packet != nullptr) {
            ASSERT_EQ(next.sequence, expected_sequence++);
            ASSERT_EQ(next.packet->offset(), stored) << "no gap, no repetition";
            stored = next.packet->end();
            acks.push_back(next.sequence);
            window.MarkSent();
          }
          break;
        case 2:
          if (!acks.empty()) {
            ASSERT_TRUE(window.Acknowledge(acks.front()).ok());
            acks.pop_front();
          }
          break;
        default:
          if (!random.OneIn(5)) break;
          window.Restart();  // the new pipeline is cut to what was acknowledged
          stored = window.acked_bytes();
          expected_sequence = 0;
          acks.clear();
      }
    }
    EXPECT_EQ(window.acked_bytes(), total);
    EXPECT_EQ(stored, total);
  }
}

}  // namespace
}  // namespace tusk::dfs
