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
inline constexpr Setting<std::string> kDataNodeDir{
    "dfs.datanode_dir", "", "Folders of this DataNode's blocks, separated by commas; each on a disk of its own."};
inline constexpr Setting<std::string> kNodeName{"dfs.node_name", "", "Name of this node in reports, for example node1."};
inline constexpr Setting<std::string> kRack{"dfs.rack", "/default-rack", "Rack of this node, with a leading slash."};
inline constexpr Setting<Bytes> kReservedSpace{"dfs.datanode_reserved", 256ull << 20,
                                               "Space on each data disk that blocks may not fill."};
inline constexpr Setting<Bytes> kPackedBlockBytes{
    "dfs.packed_block_bytes", 64 << 10, "Blocks up to this are packed into shared files of a data folder; 0: none.", 0, 1 << 20};
inline constexpr Setting<Bytes> kRecycledBytes{"dfs.recycled_bytes", 1ull << 30,
                                               "Files of deleted blocks that each data folder keeps for new ones; 0: none."};
inline constexpr Setting<int64_t> kFailedFoldersTolerated{"dfs.datanode_failed_folders_tolerated", -1,
                                                          "Data folders that may fail before a DataNode stops; -1: all but one.",
                                                          -1, 1000};
inline constexpr Setting<Millis> kFolderProbeInterval{"dfs.datanode_probe_interval", Millis(5000),
                                                      "How often a DataNode tries whether a data folder still works.", 10};
inline constexpr Setting<Bytes> kScrubRate{"dfs.scrub_rate", 4 << 20,
                                           "Bytes a second that each data folder is scrubbed with; 0: not at all."};
inline constexpr Setting<Millis> kScrubPeriod{"dfs.scrub_period", Millis(21ll * 24 * 3'600'000),
                                              "How often every replica is verified against its checksums.", 100};
inline constexpr Setting<Bytes> kFolderBalanceRate{"dfs.folder_balance_rate", 10 << 20,
                                                   "Bytes a second moved between data folders of one node; 0: none."};
inline constexpr Setting<double> kFolderBalanceThreshold{
    "dfs.folder_balance_threshold", 0.1, "Difference in used share between data folders that starts moving replicas."};
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
inline constexpr Setting<Millis> kDataNodeDeadAfter{"dfs.datanode_dead_after", Millis(9'000),
                                                    "A DataNode silent for this long is dead.", 100};
inline constexpr Setting<Millis> kFullReportInterval{"dfs.full_report_interval", Millis(6 * 3'600'000),
                                                     "Time between full block reports.", 1000};
inline constexpr Setting<Millis> kReplicationInterval{"dfs.replication_interval", Millis(500),
                                                      "How often the replication planner runs.", 10};
inline constexpr Setting<int64_t> kReplicationStreams{"dfs.replication_streams", 4, "Block copies one DataNode sends at a time.",
                                                      1, 1024};
inline constexpr Setting<Millis> kPendingTimeout{"dfs.pending_replication_timeout", Millis(60'000),
                                                 "A copy not reported by then is planned again.", 100};
inline constexpr Setting<Bytes> kRepairBandwidth{
    "dfs.repair_bandwidth", 256ull << 20,
    "Bytes per second that repairs may take of a DataNode while clients use it; 0: no limit."};
inline constexpr Setting<bool> kBalance{"dfs.balance", true, "Whether replicas move from full DataNodes to empty ones."};
inline constexpr Setting<Bytes> kBalanceBandwidth{"dfs.balance_bandwidth", 20ull << 20,
                                                  "Bytes per second of such moves, for each DataNode.", 1 << 20};
inline constexpr Setting<double> kBalanceThreshold{"dfs.balance_threshold", 10.0,
                                                   "Difference from the mean level, in percent, that is left alone."};
inline constexpr Setting<double> kSafeModeThreshold{"dfs.safemode_threshold", 0.999,
                                                    "Share of blocks that must have a replica to leave safe mode."};
inline constexpr Setting<bool> kDurableClose{
    "dfs.durable_close", true, "Closing a file waits until every replica is on disk, unless the writer says otherwise."};
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
inline constexpr Setting<int64_t> kSnapshotEntries{"dfs.snapshot_interval_entries", 1'000'000,
                                                   "Log entries after which the NameNode writes a snapshot.", 1};
inline constexpr Setting<Millis> kSnapshotInterval{"dfs.snapshot_interval", Millis(3'600'000),
                                                   "Time after which the NameNode writes a snapshot if anything changed.", 1000};
inline constexpr Setting<Bytes> kNameNodeCache{"dfs.namenode_cache", 256ull << 20, "Memory for namespace pages.", 1 << 20};
inline constexpr Setting<int64_t> kMaxComponentLength{"dfs.max_component_length", 255,
                                                      "Bytes that a new name in a path may have.", 1, 255};
inline constexpr Setting<int64_t> kMaxPathLength{"dfs.max_path_length", 8000, "Bytes that the path of a new file may have.", 16,
                                                 8000};
inline constexpr Setting<int64_t> kBlocksPerFileLimit{"dfs.max_blocks_per_file", 10'000, "Blocks that a file may have.", 1,
                                                      1'000'000};
inline constexpr Setting<int64_t> kListLimit{"dfs.list_limit", 1000, "Entries in one page of a listing.", 1, 10'000};
inline constexpr Setting<Bytes> kLogSegmentBytes{"dfs.namenode_log_segment", 64 << 20,
                                                 "Size of one file of the NameNode's log; they are made in advance.", 64 << 10,
                                                 1ull << 30};
inline constexpr Setting<std::string> kClientHost{"dfs.client_host", "",
                                                  "Address of the machine a client runs on, for locality; empty: unknown."};
inline constexpr Setting<std::string> kClientUser{"dfs.user", "", "User name of a client; empty: the login name."};
inline constexpr Setting<bool> kPermissions{"dfs.permissions", true, "Whether the NameNode checks owners and permission bits."};
inline constexpr Setting<std::string> kSuperuserGroup{"dfs.superuser_group", "supergroup",
                                                      "Its members may do everything, as the user of the NameNode may."};
inline constexpr Setting<std::string> kUmask{"dfs.umask", "022",
                                             "Permission bits, in octal, that new files and directories lack."};
inline constexpr Setting<Millis> kClientTimeout{"dfs.client_timeout", Millis(60'000),
                                                "How long a client keeps trying one operation.", 100};
inline constexpr Setting<Millis> kDataTimeout{"dfs.data_timeout", Millis(20'000),
                                              "A data connection silent for this long has failed.", 100};
inline constexpr Setting<Millis> kPeerSilence{
    "dfs.peer_silence", Millis(1'000),
    "A DataNode that owes a writer an answer and gives no sign of life for this long has failed; it gives four.", 20};

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
                                                      &kPackedBlockBytes,
                                                      &kRecycledBytes,
                                                      &kFailedFoldersTolerated,
                                                      &kFolderProbeInterval,
                                                      &kScrubRate,
                                                      &kScrubPeriod,
                                                      &kFolderBalanceRate,
                                                      &kFolderBalanceThreshold,
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
                                                      &kRepairBandwidth,
                                                      &kBalance,
                                                      &kBalanceBandwidth,
                                                      &kBalanceThreshold,
                                                      &kSafeModeThreshold,
                                                      &kDurableClose,
                                                      &kLeaseSoftLimit,
                                                      &kLeaseHardLimit,
                                                      &kBlockKeyInterval,
                                                      &kLocalReads,
                                                      &kHedgedReads,
                                                      &kSnapshotEntries,
                                                      &kSnapshotInterval,
                                                      &kNameNodeCache,
                                                      &kMaxComponentLength,
                                                      &kMaxPathLength,
                                                      &kBlocksPerFileLimit,
                                                      &kListLimit,
                                                      &kLogSegmentBytes,
                                                      &kClientHost,
                                                      &kClientUser,
                                                      &kPermissions,
                                                      &kSuperuserGroup,
                                                      &kUmask,
                                                      &kClientTimeout,
                                                      &kDataTimeout,
                                                      &kPeerSilence};

}  // namespace tusk::dfs
