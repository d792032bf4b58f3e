// Every setting of the DFS. Ports are Hadoop's.
#pragma once

#include "common/config/setting.h"

namespace tusk::dfs {

using config::Bytes;
using config::Millis;
using config::Setting;
using config::SettingInfo;

inline constexpr Setting<std::string> kNameNodeAddress{"dfs.namenode_address", "127.0.0.1:8020",
                                                       "Where the NameNode answers requests."};
inline constexpr Setting<std::string> kNameNodeHttpAddress{"dfs.namenode_http_address", "127.0.0.1:9870",
                                                           "Where the NameNode serves its pages."};
inline constexpr Setting<std::string> kNameNodeDir{"dfs.namenode_dir", "", "Folder of the NameNode's log and applied state."};
inline constexpr Setting<std::string> kDataNodeHost{"dfs.datanode_host", "127.0.0.1",
                                                    "Address that this DataNode listens on and tells others."};
inline constexpr Setting<int64_t> kDataNodePort{"dfs.datanode_port", 9866, "Data port of a DataNode; 0 takes a free one.", 0,
                                                65535};
inline constexpr Setting<int64_t> kDataNodeHttpPort{"dfs.datanode_http_port", 9864,
                                                    "Port of a DataNode's pages; 0 takes a free one.", 0, 65535};
inline constexpr Setting<std::string> kDataNodeDir{"dfs.datanode_dir", "", "Folder of this DataNode's blocks."};
inline constexpr Setting<std::string> kNodeName{"dfs.node_name", "", "Name of this node in reports, for example node1."};
inline constexpr Setting<std::string> kRack{"dfs.rack", "/default-rack", "Rack of this node, with a leading slash."};
inline constexpr Setting<Bytes> kReservedSpace{"dfs.datanode_reserved", 256ull << 20,
                                               "Space on the data disk that blocks may not fill."};
inline constexpr Setting<Bytes> kBlockSize{"dfs.block_size", 128ull << 20, "Block size of new files.", 1024};
inline constexpr Setting<int64_t> kReplication{"dfs.replication", 3, "Replicas of new files.", 1, 512};
inline constexpr Setting<int64_t> kMinReplication{"dfs.min_replication", 1,
                                                  "Replicas that must be reported before a file closes.", 1, 512};
inline constexpr Setting<Bytes> kPacketBytes{"dfs.packet_bytes", 1 << 20, "Payload of a data packet.", 4096, 1 << 20};
inline constexpr Setting<Bytes> kChunkBytes{"dfs.chunk_bytes", 16 << 10, "Bytes covered by one checksum.", 512, 1 << 20};
inline constexpr Setting<int64_t> kWriteWindowPackets{"dfs.write_window_packets", 16, "Packets a writer may have unacknowledged.",
                                                      1, 1024};
inline constexpr Setting<Millis> kHeartbeatInterval{"dfs.heartbeat_interval", Millis(1000),
                                                    "Time between heartbeats of a DataNode.", 10};
inline constexpr Setting<Millis> kDataNodeDeadAfter{"dfs.datanode_dead_after", Millis(10'000),
                                                    "A DataNode silent for this long is dead.", 100};
inline constexpr Setting<Millis> kFullReportInterval{"dfs.full_report_interval", Millis(6 * 3'600'000),
                                                     "Time between full block reports.", 1000};
inline constexpr Setting<Millis> kReplicationInterval{"dfs.replication_interval", Millis(500),
                                                      "How often the replication planner runs.", 10};
inline constexpr Setting<int64_t> kReplicationStreams{"dfs.replication_streams", 4, "Block copies one DataNode sends at a time.",
                                                      1, 1024};
inline constexpr Setting<Millis> kPendingTimeout{"dfs.pending_replication_timeout", Millis(60'000),
                                                 "A copy not reported by then is planned again.", 100};
inline constexpr Setting<double> kSafeModeThreshold{"dfs.safemode_threshold", 0.999,
                                                    "Share of blocks that must have a replica to leave safe mode."};
inline constexpr Setting<Millis> kLeaseSoftLimit{"dfs.lease_soft_limit", Millis(60'000),
                                                 "After this silence another client may take over a file.", 100};
inline constexpr Setting<Millis> kLeaseHardLimit{"dfs.lease_hard_limit", Millis(1'200'000),
                                                 "After this silence the NameNode closes a file itself.", 100};
inline constexpr Setting<Millis> kBlockKeyInterval{"dfs.block_key_interval", Millis(10 * 3'600'000),
                                                   "How long a key signs block tokens, and a token is valid.", 1000};
inline constexpr Setting<bool> kLocalReads{"dfs.local_reads", true,
                                           "Clients read blocks of DataNodes on their own machine from the files."};
inline constexpr Setting<bool> kHedgedReads{"dfs.hedged_reads", true,
                                            "A client asks a second replica when the first is unusually slow."};
inline constexpr Setting<Bytes> kNameNodeCache{"dfs.namenode_cache", 256ull << 20, "Memory for namespace pages.", 1 << 20};
inline constexpr Setting<std::string> kClientHost{"dfs.client_host", "",
                                                  "Address of the machine a client runs on, for locality; empty: unknown."};
inline constexpr Setting<std::string> kClientUser{"dfs.user", "", "User name of a client; empty: the login name."};
inline constexpr Setting<Millis> kClientTimeout{"dfs.client_timeout", Millis(60'000),
                                                "How long a client keeps trying one operation.", 100};
inline constexpr Setting<Millis> kDataTimeout{"dfs.data_timeout", Millis(20'000),
                                              "A data connection silent for this long has failed.", 100};

inline constexpr const SettingInfo* kDfsSettings[] = {&kNameNodeAddress,
                                                      &kNameNodeHttpAddress,
                                                      &kNameNodeDir,
                                                      &kDataNodeHost,
                                                      &kDataNodePort,
                                                      &kDataNodeHttpPort,
                                                      &kDataNodeDir,
                                                      &kNodeName,
                                                      &kRack,
                                                      &kReservedSpace,
                                                      &kBlockSize,
                                                      &kReplication,
                                                      &kMinReplication,
                                                      &kPacketBytes,
                                                      &kChunkBytes,
                                                      &kWriteWindowPackets,
                                                      &kHeartbeatInterval,
                                                      &kDataNodeDeadAfter,
                                                      &kFullReportInterval,
                                                      &kReplicationInterval,
                                                      &kReplicationStreams,
                                                      &kPendingTimeout,
                                                      &kSafeModeThreshold,
                                                      &kLeaseSoftLimit,
                                                      &kLeaseHardLimit,
                                                      &kBlockKeyInterval,
                                                      &kLocalReads,
                                                      &kHedgedReads,
                                                      &kNameNodeCache,
                                                      &kClientHost,
                                                      &kClientUser,
                                                      &kClientTimeout,
                                                      &kDataTimeout};

}  // namespace tusk::dfs
