#include "common/rpc/frame.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <functional>

#include "common/base/random.h"

namespace tusk::rpc {
namespace {

using Bytes = std::array<std::byte, kFrameHeaderBytes>;

FrameHeader Request() {
  FrameHeader header;
  header.body_bytes = 16;
  header.method = 3;
  header.request_id = 0x0000000100000002;
  header.deadline_ms = 30'000;
  header.trace = 0xCAFE;
  return header;
}

FrameHeader Reply() {
  FrameHeader header = Request();
  header.flags = kReply;
  header.deadline_ms = 0;
  return header;
}

FrameHeader Keepalive() {
  FrameHeader header;
  header.flags = kKeepalive;
  return header;
}

Result<FrameHeader> RoundTrip(const FrameHeader& header) {
  Bytes bytes;
  EncodeFrameHeader(header, bytes);
  return DecodeFrameHeader(bytes);
}

TEST(Frame, LiesInMemoryAsTheFormatDocumentSays) {
  Bytes bytes;
  EncodeFrameHeader(Request(), bytes);
  const std::array<uint8_t, kFrameHeaderBytes> expected = {0x10, 0, 0, 0, 0x03, 0,    0, 0, 0x02, 0,    0, 0,
                                                           0x01, 0, 0, 0, 0x30, 0x75, 0, 0, 0xFE, 0xCA, 0, 0};
  EXPECT_EQ(std::memcmp(bytes.data(), expected.data(), expected.size()), 0);
}

TEST(Frame, DecodesWhatItEncoded) {
  for (FrameHeader header : {Request(), Reply(), Keepalive()}) {
    const auto decoded = RoundTrip(header);
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(decoded->body_bytes, header.body_bytes);
    EXPECT_EQ(decoded->method, header.method);
    EXPECT_EQ(decoded->flags, header.flags);
    EXPECT_EQ(decoded->request_id, header.request_id);
    EXPECT_EQ(decoded->deadline_ms, header.deadline_ms);
    EXPECT_EQ(decoded->trace, header.trace);
  }
}

TEST(Frame, AcceptsTheLargestBodyAndErrorReplies) {
  FrameHeader header = Reply();
  header.flags = kReply | kError;
  header.body_bytes = kMaxBodyBytes;
  EXPECT_TRUE(RoundTrip(header).ok());
  FrameHeader pong = Keepalive();
  pong.flags = kKeepalive | kReply;
  EXPECT_TRUE(RoundTrip(pong).ok());
}

TEST(Frame, RefusesEveryHeaderThatBreaksARule) {
  const std::array<std::pair<const char*, std::function<FrameHeader()>>, 14> malformed = {{
      {"unknown flag",
       [] {
         auto h = Request();
         h.flags = 8;
         return h;
       }},
      {"highest flag",
       [] {
         auto h = Reply();
         h.flags |= 0x8000;
         return h;
       }},
      {"odd body",
       [] {
         auto h = Request();
         h.body_bytes = 15;
         return h;
       }},
      {"no body",
       [] {
         auto h = Request();
         h.body_bytes = 0;
         return h;
       }},
      {"body beyond the limit",
       [] {
         auto h = Request();
         h.body_bytes = kMaxBodyBytes + 8;
         return h;
       }},
      {"largest number as body",
       [] {
         auto h = Request();
         h.body_bytes = 0xFFFFFFF8;
         return h;
       }},
      {"method 0 without keepalive",
       [] {
         auto h = Request();
         h.method = 0;
         return h;
       }},
      {"error that is no reply",
       [] {
         auto h = Request();
         h.flags = kError;
         return h;
       }},
      {"reply with a deadline",
       [] {
         auto h = Reply();
         h.deadline_ms = 1;
         return h;
       }},
      {"request without a deadline",
       [] {
         auto h = Request();
         h.deadline_ms = 0;
         return h;
       }},
      {"keepalive with a method",
       [] {
         auto h = Keepalive();
         h.method = 1;
         return h;
       }},
      {"keepalive with a body",
       [] {
         auto h = Keepalive();
         h.body_bytes = 8;
         return h;
       }},
      {"keepalive with a deadline",
       [] {
         auto h = Keepalive();
         h.deadline_ms = 8;
         return h;
       }},
      {"keepalive that is an error",
       [] {
         auto h = Keepalive();
         h.flags |= kReply | kError;
         return h;
       }},
  }};
  for (const auto& [name, make] : malformed) {
    const auto decoded = RoundTrip(make());
    EXPECT_EQ(decoded.status().code(), Code::kCorruption) << name;
  }
}

TEST(Frame, AcceptsOnlyBoundedBodiesFromRandomBytes) {
  Random random(20260101);
  int accepted = 0;
  for (int i = 0; i < 200'000; ++i) {
    Bytes bytes;
    for (auto& byte : bytes) byte = random.OneIn(2) ? std::byte{0} : static_cast<std::byte>(random());
    const auto decoded = DecodeFrameHeader(bytes);
    if (!decoded.ok()) continue;
    ++accepted;
    ASSERT_LE(decoded->body_bytes, kMaxBodyBytes);
    ASSERT_EQ(decoded->body_bytes % 8, 0U);
    ASSERT_EQ(decoded->method == 0, (decoded->flags & kKeepalive) != 0);
  }
  EXPECT_GT(accepted, 0);
}

}  // namespace
}  // namespace tusk::rpc
