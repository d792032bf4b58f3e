// A task's output in the DFS: full buffers of an Emitter, written as they are.
//
// Durability: after Close the file is on disk at every replica; it is visible to readers of the job only once it is published.
// Thread: one.
#pragma once

#include <memory>
#include <string>

#include "dfs/client/file_system.h"
#include "mapreduce/api/out.h"

namespace tusk::mr {

inline constexpr size_t kOutputBufferBytes = 1 << 20;

class OutputFile final : public RecordSink {
 public:
  // Replaces what a dead attempt of the same name left. replication 0: the cluster's.
  static Result<std::unique_ptr<OutputFile>> Create(dfs::FileSystem& fs, const std::string& path, uint16_t replication);
  Status Drain(std::span<const char> staged, uint64_t records) override;
  Status Close();
  uint64_t bytes() const { return bytes_; }
  uint64_t records() const { return records_; }

 private:
  OutputFile(std::unique_ptr<dfs::OutputStream> stream, std::string path) : stream_(std::move(stream)), path_(std::move(path)) {}
  std::unique_ptr<dfs::OutputStream> stream_;
  const std::string path_;
  uint64_t bytes_ = 0;
  uint64_t records_ = 0;
};

std::string PartName(bool is_map, uint32_t task);  // "part-r-00000"

}  // namespace tusk::mr
