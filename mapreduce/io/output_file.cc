#include "mapreduce/io/output_file.h"

#include <cstdio>

#include "common/base/try.h"

namespace tusk::mr {

Result<std::unique_ptr<OutputFile>> OutputFile::Create(dfs::FileSystem& fs, const std::string& path, uint16_t replication) {
  dfs::CreateOptions options;
  options.overwrite = true;
  options.replication = replication;
  auto stream = fs.Create(path, options);
  if (!stream.ok()) return stream.status().WithContext("cannot create the output file " + path);
  return std::unique_ptr<OutputFile>(new OutputFile(std::move(stream).value(), path));
}

Status OutputFile::Drain(std::span<const char> staged, uint64_t records) {
  if (Status written = stream_->Write(std::as_bytes(staged)); !written.ok()) return written.WithContext("cannot write " + path_);
  bytes_ += staged.size();
  records_ += records;
  return OkStatus();
}

Status OutputFile::Close() {
  if (Status closed = stream_->Close(); !closed.ok()) return closed.WithContext("cannot close " + path_);
  return OkStatus();
}

std::string PartName(bool is_map, uint32_t task) {
  char name[32];
  std::snprintf(name, sizeof name, "part-%c-%05u", is_map ? 'm' : 'r', task);
  return name;
}

}  // namespace tusk::mr
