// Length-prefixed messages on a socket, also those that no writer of ours makes.
#include "common/net/message_stream.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/integration/common/echo.capnp.h"

namespace tusk::net {
namespace {

using namespace std::chrono_literals;
using rpc::test::Echo;

class MessageStream : public ::testing::Test {
 protected:
  void SetUp() override {
    auto listening = Listener::Listen({"127.0.0.1", 0});
    ASSERT_TRUE(listening.ok()) << listening.status();
    auto connected = Socket::Connect({"127.0.0.1", listening->port()}, 5s);
    ASSERT_TRUE(connected.ok()) << connected.status();
    near_ = std::move(connected).value();
    auto accepted = listening->Accept();
    ASSERT_TRUE(accepted.ok()) << accepted.status();
    far_ = std::move(accepted).value();
    ASSERT_TRUE(far_.SetTimeout(5s).ok());
  }
  void Send(std::initializer_list<uint32_t> words) {
    const std::vector<uint32_t> data(words);
    ASSERT_TRUE(near_.WriteFully(std::as_bytes(std::span(data))).ok());
  }
  Socket near_;
  Socket far_;
};

TEST_F(MessageStream, CarriesMessagesOfOneAndOfManySegments) {
  for (const uint32_t first_segment : {1024U, 1U}) {
    capnp::MallocMessageBuilder message(first_segment, capnp::AllocationStrategy::FIXED_SIZE);
    auto echo = message.initRoot<Echo>();
    echo.setNumber(17);
    echo.initData(3000)[2999] = 5;
    const Status written = WriteMessage(near_, message);
    ASSERT_TRUE(written.ok()) << written;
    const auto received = ReadMessage(far_);
    ASSERT_TRUE(received.ok()) << received.status();
    EXPECT_EQ(received->As<Echo>().getNumber(), 17U);
    EXPECT_EQ(received->As<Echo>().getData()[2999], 5);
  }
}

TEST_F(MessageStream, RefusesLengthsThatNoMessageHas) {
  for (const uint32_t length : {0U, 7U, 12U, static_cast<uint32_t>(kMaxMessageBytes + 8), 0xFFFFFFF8U}) {
    Send({length});
    EXPECT_EQ(ReadMessage(far_).status().code(), Code::kCorruption) << length;
  }
}

TEST_F(MessageStream, RefusesASegmentTableThatDoesNotFit) {
  Send({8, 0xFFFFFFFE, 0});
  EXPECT_EQ(ReadMessage(far_).status().code(), Code::kCorruption);
  Send({16, 0, 1000, 0, 0});
  EXPECT_EQ(ReadMessage(far_).status().code(), Code::kCorruption);
}

TEST_F(MessageStream, RefusesToWriteMoreThanTheLimit) {
  capnp::MallocMessageBuilder message;
  message.initRoot<Echo>().initData(5 << 20);
  EXPECT_EQ(WriteMessage(near_, message).code(), Code::kInvalidArgument);
}

TEST_F(MessageStream, TellsAnOrderlyEnd) {
  near_ = Socket();
  EXPECT_EQ(ReadMessage(far_).status(), Unavailable("connection closed by peer"));
}

}  // namespace
}  // namespace tusk::net
