// Every setting of MapReduce. Ports are Hadoop's.
#pragma once

#include "common/config/setting.h"

namespace tusk::mr {

using config::Bytes;
using config::Millis;
using config::Setting;
using config::SettingInfo;

inline constexpr Setting<std::string> kJobTrackerAddress{"mapreduce.jobtracker_address", "127.0.0.1:8021",
                                                         "Where the JobTracker answers requests."};
inline constexpr Setting<std::string> kJobTrackerHttpAddress{"mapreduce.jobtracker_http_address", "127.0.0.1:50030",
                                                             "Where the JobTracker serves its pages."};
inline constexpr Setting<std::string> kJobTrackerDir{"mapreduce.jobtracker_dir", "", "Folder of the JobTracker's journal."};
inline constexpr Setting<std::string> kTrackerHost{"mapreduce.tasktracker_host", "127.0.0.1",
                                                   "Address that this TaskTracker listens on and tells others."};
inline constexpr Setting<int64_t> kTrackerPort{"mapreduce.tasktracker_port", 50050,
                                               "Request port of a TaskTracker; 0 takes a free one.", 0, 65535};
inline constexpr Setting<int64_t> kTrackerHttpPort{"mapreduce.tasktracker_http_port", 50060,
                                                   "Port of a TaskTracker's pages; 0 takes a free one.", 0, 65535};
inline constexpr Setting<int64_t> kShufflePort{"mapreduce.shuffle_port", 13562,
                                               "Port that serves map output; 0 takes a free one.", 0, 65535};
inline constexpr Setting<std::string> kTrackerDir{"mapreduce.tasktracker_dir", "", "Folder of this TaskTracker's job files."};
inline constexpr Setting<int64_t> kMapSlots{"mapreduce.map_slots", 1, "Map tasks one TaskTracker runs at a time.", 1, 1024};
inline constexpr Setting<int64_t> kReduceSlots{"mapreduce.reduce_slots", 1, "Reduce tasks one TaskTracker runs at a time.", 1,
                                               1024};
inline constexpr Setting<Bytes> kSortBytes{"mapreduce.sort_bytes", 256ull << 20,
                                           "Memory of a map task for records before it spills.", 1 << 20};
inline constexpr Setting<Bytes> kMergeBytes{"mapreduce.merge_bytes", 512ull << 20,
                                            "Memory of a reduce task for fetched segments before it uses the disk.", 1 << 20};
inline constexpr Setting<Millis> kHeartbeatInterval{"mapreduce.heartbeat_interval", Millis(500),
                                                    "Time between heartbeats of a TaskTracker.", 10};
inline constexpr Setting<Millis> kTrackerDeadAfter{"mapreduce.tasktracker_dead_after", Millis(5000),
                                                   "A TaskTracker silent for this long is dead.", 100};
inline constexpr Setting<Millis> kTaskTimeout{"mapreduce.task_timeout", Millis(600'000),
                                              "A task without progress for this long is killed.", 100};
inline constexpr Setting<int64_t> kMaxAttempts{"mapreduce.max_attempts", 4, "Attempts of a task before its job fails.", 1, 100};
inline constexpr Setting<Bytes> kSplitBytes{"mapreduce.split_bytes", 0, "Largest input split; 0: the block size."};
inline constexpr Setting<std::string> kStagingDir{"mapreduce.staging_dir", "/tmp/tusk",
                                                  "DFS folder of job binaries and of output that is not yet published."};
inline constexpr Setting<Millis> kJobHistory{"mapreduce.job_history", Millis(24 * 3'600'000),
                                             "How long finished jobs are remembered.", 1000};

inline constexpr const SettingInfo* kMapReduceSettings[] = {&kJobTrackerAddress, &kJobTrackerHttpAddress,
                                                            &kJobTrackerDir,     &kTrackerHost,
                                                            &kTrackerPort,       &kTrackerHttpPort,
                                                            &kShufflePort,       &kTrackerDir,
                                                            &kMapSlots,          &kReduceSlots,
                                                            &kSortBytes,         &kMergeBytes,
                                                            &kHeartbeatInterval, &kTrackerDeadAfter,
                                                            &kTaskTimeout,       &kMaxAttempts,
                                                            &kSplitBytes,        &kStagingDir,
                                                            &kJobHistory};

}  // namespace tusk::mr
