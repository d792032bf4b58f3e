// An fsimage: every key and value of the applied state at one index of the log, in one file. Byte by byte in
// docs/formats/fsimage.md.
//
//   header | block ... | trailer          all numbers little endian
//
// Each checksum covers its part and begins with the checksum before it, so that a block that is lost, doubled or out of place is
// found as surely as a flipped bit. Thread: values.
#pragma once

#include <cstdint>
#include <string>

#include "coordination/log/log.h"

namespace tusk::dfs::namenode {

struct ImageHeader {
  uint64_t cluster_id = 0;
  coordination::LogIndex applied = 0;
};

inline constexpr char kImageMagic[] = {'t', 'u', 's', 'k', 'f', 's', 'i', 'm'};
inline constexpr uint32_t kImageFormat = 1;
inline constexpr size_t kImageHeaderBytes = 8 + 4 + 4 + 8 + 8 + 4;   // magic, format, 0, cluster id, applied, crc
inline constexpr size_t kImageBlockHead = 4 + 4 + 4;                 // raw bytes, stored bytes, entries
inline constexpr size_t kImageTrailerBytes = 4 + 4 + 4 + 8 + 8 + 4;  // a block head of zeroes, entries, bytes, crc
inline constexpr size_t kImageBlockBytes = 1 << 20;                  // raw; a block ends with the entry that reaches it
inline constexpr size_t kMaxImageBlockBytes = 64 << 20;

}  // namespace tusk::dfs::namenode
