// The request channel: the frame's header and the message behind it.
#include <glog/logging.h>

#include "common/rpc/error.capnp.h"
#include "common/rpc/frame.h"
#include "common/rpc/message.h"
#include "tests/fuzz/seeds.h"

namespace tusk::fuzz {
namespace {

using rpc::FrameHeader;

void CheckHeader(std::string_view input) {
  const auto bytes = Fixed<rpc::kFrameHeaderBytes>(input);
  const auto header = rpc::DecodeFrameHeader(bytes);
  if (!header.ok()) {
    CHECK(header.status().code() == Code::kCorruption) << header.status();
    return;
  }
  CHECK_LE(header->body_bytes, rpc::kMaxBodyBytes);
  CHECK_EQ(header->body_bytes % sizeof(capnp::word), 0u);
  std::array<std::byte, rpc::kFrameHeaderBytes> again{};
  rpc::EncodeFrameHeader(*header, again);
  CHECK(again == bytes) << "a header that is read differs from the one that is written";
}

kj::Array<capnp::word> Words(std::string_view input) {
  auto words = kj::heapArray<capnp::word>(input.size() / sizeof(capnp::word));
  if (words.size() > 0) std::memcpy(words.begin(), input.data(), words.size() * sizeof(capnp::word));
  return words;
}

// Walks all of it. Nothing but a kj::Exception may come out.
void CheckBody(std::string_view input) {
  auto raw = rpc::RawMessage::FromWords(Words(input));
  if (!raw.ok()) return;
  try {
    (void)raw->reader().getRoot<rpc::wire::Error>().toString().flatten();
  } catch (const kj::Exception&) {
  }
  auto message = rpc::Message<rpc::wire::Error>::FromRaw(std::move(raw).value());
  if (!message.ok()) return;
  try {
    CHECK_LE((*message)->getMessage().size(), input.size());
    CHECK_LE((*message)->getLeaderHint().size(), input.size());
  } catch (const kj::Exception&) {
  }
}

}  // namespace

std::vector<std::string> Seeds() {
  std::vector<std::string> seeds;
  for (const uint16_t flags : {0, +rpc::kReply, rpc::kReply | rpc::kError, +rpc::kKeepalive}) {
    capnp::MallocMessageBuilder message;
    auto error = message.initRoot<rpc::wire::Error>();
    error.setCode(static_cast<uint16_t>(Code::kNotLeader));
    error.setMessage("the NameNode is not the leader");
    error.setRetryAfterMs(100);
    error.setLeaderHint("127.0.1.1:8020");
    const auto words = capnp::messageToFlatArray(message);
    const auto body = words.asChars();
    const bool keepalive = flags == rpc::kKeepalive;
    const FrameHeader header{.body_bytes = keepalive ? 0 : static_cast<uint32_t>(body.size()),
                             .method = static_cast<uint16_t>(keepalive ? 0 : 7),
                             .flags = flags,
                             .request_id = 0x0123456789ABCDEF,
                             .deadline_ms = flags == 0 ? 30'000u : 0,
                             .trace = 77};
    std::array<std::byte, rpc::kFrameHeaderBytes> bytes{};
    rpc::EncodeFrameHeader(header, bytes);
    CHECK(rpc::DecodeFrameHeader(bytes).ok());
    seeds.push_back(Text(bytes) + std::string(body.begin(), body.size()));
  }
  return seeds;
}

}  // namespace tusk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input = tusk::fuzz::View(data, size);
  tusk::fuzz::CheckHeader(input);
  tusk::fuzz::CheckBody(tusk::fuzz::Part(input, tusk::rpc::kFrameHeaderBytes, size));
  return 0;
}
