// The frame of the request channel, 24 bytes, little endian, followed by `body_bytes` of one flat Cap'n Proto message (8-aligned,
// so that it is read in place):
//
//   0  u32 body_bytes   multiple of 8, at most kMaxBodyBytes
//   4  u16 method       0: control (keepalive)
//   6  u16 flags        kReply, kError (the body is wire::Error), kKeepalive
//   8  u64 request_id   chosen by the caller; the reply carries the same; unique among the calls open on one connection
//  16  u32 deadline_ms  what is left of the caller's deadline; 0 in replies
//  20  u32 trace        low half of the trace id that logs carry
//
// A frame that breaks these rules ends the connection with one log line; it never reaches a service. See
// docs/formats/request-channel.md. Thread: pure functions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "common/base/result.h"

namespace tusk::rpc {

inline constexpr size_t kFrameHeaderBytes = 24;
inline constexpr uint32_t kMaxBodyBytes = 64u << 20;

enum FrameFlag : uint16_t { kReply = 1, kError = 2, kKeepalive = 4 };

struct FrameHeader {
  uint32_t body_bytes = 0;
  uint16_t method = 0;
  uint16_t flags = 0;
  uint64_t request_id = 0;
  uint32_t deadline_ms = 0;
  uint32_t trace = 0;
};

void EncodeFrameHeader(const FrameHeader& header, std::span<std::byte, kFrameHeaderBytes> out);
Result<FrameHeader> DecodeFrameHeader(std::span<const std::byte, kFrameHeaderBytes> bytes);

}  // namespace tusk::rpc
