#include "common/rpc/frame.h"

#include <bit>
#include <cstring>
#include <string>

namespace tusk::rpc {
namespace {

static_assert(std::endian::native == std::endian::little, "frames are copied as they lie in memory");

template <class T>
void Put(std::byte* out, T value) {
  std::memcpy(out, &value, sizeof(value));
}

template <class T>
T Get(const std::byte* in) {
  T value;
  std::memcpy(&value, in, sizeof(value));
  return value;
}

constexpr uint16_t kKnownFlags = kReply | kError | kKeepalive;

Status Malformed(const std::string& why) { return Corruption("malformed frame: " + why); }

}  // namespace

void EncodeFrameHeader(const FrameHeader& header, std::span<std::byte, kFrameHeaderBytes> out) {
  Put(out.data(), header.body_bytes);
  Put(out.data() + 4, header.method);
  Put(out.data() + 6, header.flags);
  Put(out.data() + 8, header.request_id);
  Put(out.data() + 16, header.deadline_ms);
  Put(out.data() + 20, header.trace);
}

Result<FrameHeader> DecodeFrameHeader(std::span<const std::byte, kFrameHeaderBytes> bytes) {
  FrameHeader header;
  header.body_bytes = Get<uint32_t>(bytes.data());
  header.method = Get<uint16_t>(bytes.data() + 4);
  header.flags = Get<uint16_t>(bytes.data() + 6);
  header.request_id = Get<uint64_t>(bytes.data() + 8);
  header.deadline_ms = Get<uint32_t>(bytes.data() + 16);
  header.trace = Get<uint32_t>(bytes.data() + 20);

  if ((header.flags & ~kKnownFlags) != 0) return Malformed("unknown flags " + std::to_string(header.flags));
  const bool reply = (header.flags & kReply) != 0;
  if ((header.flags & kKeepalive) != 0) {
    if ((header.flags & kError) != 0) return Malformed("a keepalive cannot be an error");
    if (header.method != 0 || header.body_bytes != 0 || header.deadline_ms != 0) {
      return Malformed("a keepalive has no method, body or deadline");
    }
    return header;
  }
  if (header.method == 0) return Malformed("method 0 belongs to keepalives");
  if (header.body_bytes % 8 != 0) return Malformed(std::to_string(header.body_bytes) + " body bytes are not whole words");
  if (header.body_bytes == 0) return Malformed("the body is missing");
  if (header.body_bytes > kMaxBodyBytes) {
    return Malformed(std::to_string(header.body_bytes) + " body bytes are more than " + std::to_string(kMaxBodyBytes));
  }
  if ((header.flags & kError) != 0 && !reply) return Malformed("only a reply can be an error");
  if (reply && header.deadline_ms != 0) return Malformed("a reply has no deadline");
  if (!reply && header.deadline_ms == 0) return Malformed("a request without time left");
  return header;
}

}  // namespace tusk::rpc
