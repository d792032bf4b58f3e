// Sizes and durations as people write and read them. Binary units, as in Hadoop: 1k = 1024.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace tusk {

inline constexpr uint64_t kKiB = 1024;
inline constexpr uint64_t kMiB = 1024 * kKiB;
inline constexpr uint64_t kGiB = 1024 * kMiB;

// "128m", "64 KiB", "1g", "4096": bytes. Suffixes k m g t p (any case, optional i, optional b).
Result<uint64_t> ParseBytes(std::string_view text);

// "10s", "500ms", "2m", "1h": at least 0.
Result<std::chrono::milliseconds> ParseDuration(std::string_view text);

// Three significant digits in the largest fitting unit, as `hdfs dfs -ls -h` prints: "128 M", "1.5 K", "17".
std::string FormatBytes(uint64_t bytes);

// "1:02:03", "4.2 s", "35 ms".
std::string FormatDuration(std::chrono::nanoseconds duration);

}  // namespace tusk
