// Everything a task attempt touches outside itself, so that it can run in a test as in a cluster.
//
// Thread: Umbilical and SegmentFetcher from several threads of the attempt.
// Owner:  the caller of RunAttempt; all outlives the attempt.
#pragma once

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/storage/disk.h"
#include "dfs/client/file_system.h"
#include "mapreduce/api/counter.h"
#include "mapreduce/client/job_client.h"
#include "mapreduce/protocol/ids.h"
#include "mapreduce/shuffle/segment.h"

namespace tusk::mr {

struct TaskResult {
  std::string file;  // in the DFS, not yet published; empty for a map with reducers
  std::string name;  // "part-r-00000"
  uint64_t records = 0;
  uint64_t bytes = 0;
  std::vector<uint64_t> partition_bytes;
  std::vector<uint64_t> partition_records;
  CounterValues counters;
};

struct MapEvent {
  uint32_t map = 0;
  uint32_t attempt = 0;
  std::string host;
  uint16_t shuffle_port = 0;
  bool lost = false;
};

// The attempt's line to the world: its TaskTracker.
class Umbilical {
 public:
  virtual ~Umbilical() = default;
  // True: the attempt shall stop at once.
  virtual Result<bool> Progress(double fraction, const CounterValues& counters) = 0;
  // False: another attempt of the task has the right to commit.
  virtual Result<bool> CanCommit() = 0;
  virtual Status Done(const TaskResult& result) = 0;
  virtual Status Failed(const std::string& message) = 0;
  // Events from index `from` on; waits up to `wait` for the first.
  virtual Result<std::vector<MapEvent>> MapEvents(uint32_t from, std::chrono::milliseconds wait) = 0;
  virtual Status FetchFailed(uint32_t map, uint32_t attempt, const std::string& message) = 0;
};

struct MapAttempt {
  uint32_t map = 0;
  uint32_t attempt = 0;
};

// Where fetched segments go. Called by one thread per fetch.
class SegmentReceiver {
 public:
  using ReadBytes = std::function<Status(std::span<char>)>;  // the next bytes of this segment, exactly so many
  virtual ~SegmentReceiver() = default;
  // Reads all of the segment's bytes with `read`, or answers an error: then the conversation cannot go on.
  virtual Status Receive(const MapAttempt& map, const SegmentInfo& info, const ReadBytes& read) = 0;
  // The tracker cannot give this one; no bytes follow.
  virtual void Refused(const MapAttempt& map, const Status& why) = 0;
};

class SegmentFetcher {
 public:
  virtual ~SegmentFetcher() = default;
  // Asks one tracker for the segments of `maps`. An error ends the conversation: those not received may be asked for again.
  virtual Status Fetch(const std::string& host, uint16_t port, std::span<const MapAttempt> maps, SegmentReceiver& receiver) = 0;
};

struct TaskEnvironment {
  std::shared_ptr<dfs::FileSystem> fs;
  Umbilical* umbilical = nullptr;
  SegmentFetcher* fetcher = nullptr;
  storage::Disk* disk = nullptr;
  std::string directory;  // the attempt's own, on the local disk; exists
  std::string staging;    // in the DFS: mapreduce.staging_dir
  uint64_t sort_bytes = 256 << 20;
  uint64_t merge_bytes = 512 << 20;
  std::chrono::milliseconds report_every{500};
  std::chrono::milliseconds fetch_backoff{100};  // doubled after each failure of a host, up to 5 s
};

// What a task needs of its job.
struct TaskSpec {
  AttemptId attempt;
  const JobDescription* job = nullptr;
};

}  // namespace tusk::mr
