// The background work on a DataNode's data folders: each folder has a thread that probes it and scrubs its replicas; one more
// moves replicas between folders.
//
// A folder's probe runs every dfs.datanode_probe_interval and at once when somebody had trouble with the folder. A disk that
// hangs holds up its own thread alone. Thread: any. Owner: DataNode; the folders and the metrics outlive it.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "dfs/datanode/datanode_metrics.h"
#include "dfs/datanode/store/folder_balancer.h"
#include "dfs/datanode/store/scrubber.h"

namespace tusk::dfs::datanode {

class FolderCare {
 public:
  struct Options {
    Duration probe_interval = std::chrono::seconds(5);
    uint64_t scrub_bytes_per_second = 0;
    Duration scrub_period{};
    uint64_t balance_bytes_per_second = 0;
    double balance_threshold = 0.1;
    std::function<uint64_t()> client_bytes;  // see Scrubber
  };
  FolderCare(DataFolders& folders, DataNodeMetrics& metrics, Options options);
  ~FolderCare();  // Stop()

  void Look(const std::string& directory);  // probe it soon
  void CheckFirst(const Block& block);      // somebody had trouble reading it
  void Stop();

  std::string Json() const;  // one object: what was scrubbed, found and moved

 private:
  struct Folder {
    std::unique_ptr<Scrubber> scrubber;
    bool look = false;
    bool work = false;
    TimePoint next_probe;
    std::thread thread;
  };
  void Serve(size_t index);
  void Probe(size_t index);
  bool Wait(size_t index, Duration duration);  // probing meanwhile; false: stop
  void Balance();
  bool Sleep(Duration duration);

  DataFolders& folders_;
  DataNodeMetrics& metrics_;
  const Options options_;
  std::unique_ptr<FolderBalancer> balancer_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::vector<Folder> all_;
  std::thread balance_thread_;
};

}  // namespace tusk::dfs::datanode
