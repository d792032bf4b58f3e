// The settings that the tests of common/config read.
#pragma once

#include "common/config/config.h"

namespace tusk::config {

inline constexpr Setting<Bytes> kBlockSize{"dfs.block_size", 128 << 20, "Size of a block.", 4096, int64_t{1} << 40};
inline constexpr Setting<int64_t> kReplication{"dfs.replication", 3, "Replicas of a block.", 1, 512};
inline constexpr Setting<Millis> kDeadAfter{"dfs.datanode_dead_after", Millis(10'000), "Silent for this long is dead.", 1};
inline constexpr Setting<bool> kJson{"log.json", false, "One JSON object a line."};
inline constexpr Setting<std::string> kDirectory{"log.directory", "/var/log/tusk", "Where logs go."};
inline constexpr Setting<double> kShare{"jobs.share", 0.5, "A share."};
inline constexpr const SettingInfo* kDfs[] = {&kBlockSize, &kReplication, &kDeadAfter};
inline constexpr const SettingInfo* kOthers[] = {&kJson, &kDirectory, &kShare};

inline Config::Schema TestSchema() { return {kDfs, kOthers}; }

}  // namespace tusk::config
