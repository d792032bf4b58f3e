#include "common/rpc/write_queue.h"

#include <capnp/any.h>
#include <capnp/serialize.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "common/base/random.h"
#include "common/rpc/error.capnp.h"

namespace tusk::rpc {
namespace {

FrameHeader Header(uint64_t id) {
  FrameHeader header;
  header.method = 5;
  header.flags = kReply;
  header.request_id = id;
  return header;
}

void Append(WriteQueue& queue, uint64_t id, const std::string& text, uint32_t first_segment_words = 1024) {
  capnp::MallocMessageBuilder message(first_segment_words, capnp::AllocationStrategy::FIXED_SIZE);
  message.initRoot<wire::Error>().setMessage(text);
  queue.Append(Header(id), message.getSegmentsForOutput());
}

// Takes everything out as a socket would, at most `step` bytes at once.
std::vector<std::byte> Drain(WriteQueue& queue, size_t step) {
  std::vector<std::byte> stream;
  while (!queue.empty()) {
    std::array<iovec, 3> parts;
    size_t left = step;
    for (size_t i = 0, n = queue.Gather(parts); i < n && left > 0; ++i) {
      const size_t size = std::min(left, parts[i].iov_len);
      const auto* begin = static_cast<const std::byte*>(parts[i].iov_base);
      stream.insert(stream.end(), begin, begin + size);
      left -= size;
    }
    queue.Consume(step - left);
  }
  return stream;
}

// Decodes the stream; the texts by id.
std::vector<std::pair<uint64_t, std::string>> Decode(const std::vector<std::byte>& stream) {
  std::vector<std::pair<uint64_t, std::string>> frames;
  for (size_t at = 0; at < stream.size();) {
    const auto header = DecodeFrameHeader(std::span<const std::byte, kFrameHeaderBytes>(stream.data() + at, kFrameHeaderBytes));
    EXPECT_TRUE(header.ok()) << header.status();
    if (!header.ok()) break;
    at += kFrameHeaderBytes;
    std::string text;
    if (header->body_bytes > 0) {
      auto words = kj::heapArray<capnp::word>(header->body_bytes / sizeof(capnp::word));
      std::memcpy(words.begin(), stream.data() + at, header->body_bytes);
      capnp::FlatArrayMessageReader reader(words);
      text = reader.getRoot<wire::Error>().getMessage().cStr();
    }
    at += header->body_bytes;
    frames.emplace_back(header->request_id, text);
  }
  return frames;
}

TEST(WriteQueue, KeepsFramesInOrderForWritesOfAnySize) {
  for (const size_t step : {1U, 7U, 24U, 100U, 4096U, 1U << 20}) {
    WriteQueue queue;
    std::vector<std::pair<uint64_t, std::string>> expected;
    for (uint64_t id = 0; id < 50; ++id) {
      expected.emplace_back(id, std::string(id * 7, static_cast<char>('a' + id % 26)));
      Append(queue, id, expected.back().second);
    }
    EXPECT_EQ(Decode(Drain(queue, step)), expected) << step;
    EXPECT_EQ(queue.appended(), queue.consumed());
  }
}

TEST(WriteQueue, WritesTheExampleOfTheFormatDocument) {
  // docs/formats/request-channel.md: a request of method 3 with one 64-bit field.
  capnp::MallocMessageBuilder message;
  const uint64_t value = 42;
  auto root = message.initRoot<capnp::AnyPointer>().initAsAnyStruct(1, 0);
  std::memcpy(root.getDataSection().begin(), &value, sizeof(value));
  FrameHeader header;
  header.method = 3;
  header.request_id = 0x100000002;
  header.deadline_ms = 30'000;
  header.trace = 0xcafe;
  WriteQueue queue;
  queue.Append(header, message.getSegmentsForOutput());
  const std::array<uint8_t, 48> expected = {0x18, 0,    0, 0, 0x03, 0,    0, 0, 0x02, 0, 0, 0, 0x01, 0, 0, 0,  //
                                            0x30, 0x75, 0, 0, 0xfe, 0xca, 0, 0, 0,    0, 0, 0, 0x02, 0, 0, 0,  //
                                            0,    0,    0, 0, 0x01, 0,    0, 0, 0x2a, 0, 0, 0, 0,    0, 0, 0};
  const auto stream = Drain(queue, 1000);
  ASSERT_EQ(stream.size(), expected.size());
  EXPECT_EQ(std::memcmp(stream.data(), expected.data(), expected.size()), 0);
}

TEST(WriteQueue, PutsManySmallFramesIntoOnePart) {
  WriteQueue queue;
  for (uint64_t id = 0; id < 100; ++id) Append(queue, id, "x");
  std::array<iovec, 8> parts;
  EXPECT_EQ(queue.Gather(parts), 1U);
  EXPECT_EQ(parts[0].iov_len, queue.bytes());
}

TEST(WriteQueue, GivesALargeMessageAPartOfItsOwn) {
  WriteQueue queue;
  Append(queue, 1, "small");
  Append(queue, 2, std::string(1 << 20, 'l'));
  Append(queue, 3, "small again");
  std::array<iovec, 8> parts;
  EXPECT_EQ(queue.Gather(parts), 3U);
  const auto frames = Decode(Drain(queue, 100'000));
  ASSERT_EQ(frames.size(), 3U);
  EXPECT_EQ(frames[1].second.size(), size_t{1} << 20);
  EXPECT_EQ(frames[2].second, "small again");
}

TEST(WriteQueue, SerialisesMessagesOfManySegments) {
  WriteQueue queue;
  Append(queue, 1, std::string(3000, 'm'), 1);
  const auto frames = Decode(Drain(queue, 1 << 20));
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0].second, std::string(3000, 'm'));
}

TEST(WriteQueue, SaysWhichFramesHaveBegunToLeave) {
  WriteQueue queue;
  Append(queue, 1, "first");
  const uint64_t second = queue.appended();
  Append(queue, 2, "second");
  queue.Consume(static_cast<size_t>(second));
  EXPECT_FALSE(second < queue.consumed());
  queue.Consume(1);
  EXPECT_TRUE(second < queue.consumed());
}

TEST(WriteQueue, SurvivesRandomTrafficInterleavedWithWrites) {
  Random random(99);
  WriteQueue queue;
  std::vector<std::byte> stream;
  std::vector<std::pair<uint64_t, std::string>> expected;
  for (uint64_t id = 0; id < 2000; ++id) {
    if (random.OneIn(10)) {
      FrameHeader keepalive;
      keepalive.flags = kKeepalive;
      keepalive.request_id = id;
      queue.AppendBare(keepalive);
      expected.emplace_back(id, "");
    } else {
      expected.emplace_back(id, std::string(random.Below(random.OneIn(20) ? 100'000 : 200), 'r'));
      Append(queue, id, expected.back().second);
    }
    while (random.OneIn(2) && !queue.empty()) {
      std::array<iovec, 1> part;
      ASSERT_EQ(queue.Gather(part), 1U);
      const size_t size = 1 + random.Below(part[0].iov_len);
      const auto* begin = static_cast<const std::byte*>(part[0].iov_base);
      stream.insert(stream.end(), begin, begin + size);
      queue.Consume(size);
    }
  }
  const auto rest = Drain(queue, 1 << 20);
  stream.insert(stream.end(), rest.begin(), rest.end());
  EXPECT_EQ(Decode(stream), expected);
}

}  // namespace
}  // namespace tusk::rpc
