#include "common/rpc/message.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <string>

#include "common/base/random.h"
#include "common/rpc/error.capnp.h"

namespace tusk::rpc {
namespace {

TEST(Message, ReadsWhatWasWritten) {
  capnp::MallocMessageBuilder builder;
  builder.initRoot<wire::Error>().setMessage("no such file");
  auto raw = RawMessage::FromWords(capnp::messageToFlatArray(builder));
  ASSERT_TRUE(raw.ok()) << raw.status();
  const auto message = Message<wire::Error>::FromRaw(std::move(raw).value());
  ASSERT_TRUE(message.ok()) << message.status();
  EXPECT_STREQ((*message)->getMessage().cStr(), "no such file");
}

TEST(Message, RefusesASegmentTableLongerThanTheMessage) {
  auto words = kj::heapArray<capnp::word>(1);
  const std::array<uint32_t, 2> table = {0, 5};
  std::memcpy(words.asBytes().begin(), table.data(), sizeof(table));
  EXPECT_EQ(RawMessage::FromWords(std::move(words)).status().code(), Code::kCorruption);
}

TEST(Message, AnswersRandomWordsWithAStatusOrReadableData) {
  Random random(4711);
  for (int i = 0; i < 20'000; ++i) {
    auto words = kj::heapArray<capnp::word>(1 + random.Below(12));
    for (auto& byte : words.asBytes()) byte = random.OneIn(2) ? 0 : static_cast<kj::byte>(random());
    const auto size = static_cast<uint32_t>(words.size() - 1);
    const std::array<uint32_t, 2> table = {0, size};
    if (!random.OneIn(4)) std::memcpy(words.asBytes().begin(), table.data(), sizeof(table));
    auto raw = RawMessage::FromWords(std::move(words));
    if (!raw.ok()) continue;
    const auto message = Message<wire::Error>::FromRaw(std::move(raw).value());
    if (!message.ok()) continue;
    try {
      (void)(*message)->getMessage().size();
      (void)(*message)->getLeaderHint().size();
    } catch (const kj::Exception&) {
      // A pointer that leads nowhere; what a service sees as kInvalidArgument.
    }
  }
}

TEST(Message, StopsAReaderThatWalksForEver) {
  capnp::MallocMessageBuilder builder;
  builder.initRoot<wire::Error>().setMessage(std::string(8000, 'x'));
  auto raw = RawMessage::FromWords(capnp::messageToFlatArray(builder));
  ASSERT_TRUE(raw.ok());
  const auto message = Message<wire::Error>::FromRaw(std::move(raw).value());
  ASSERT_TRUE(message.ok());
  const auto read_often = [&] {
    for (int i = 0; i < 1'000'000; ++i) (void)(*message)->getMessage();
  };
  EXPECT_THROW(read_often(), kj::Exception);
}

}  // namespace
}  // namespace tusk::rpc
