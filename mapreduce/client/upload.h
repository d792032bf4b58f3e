// Puts a job's binary into the DFS: <staging>/bin/<sha256>, once per content.
//
// Durability: complete in the DFS on return. Two clients may upload the same binary at once: each writes a file of its own and
//             renames it; the content is the same.
// Thread: any; blocks.
#pragma once

#include <string>

#include "dfs/client/file_system.h"

namespace tusk::mr {

struct UploadedBinary {
  std::string path;    // in the DFS
  std::string digest;  // sha256, hex
};

// kNotFound: no such local file; kInvalidArgument: it cannot be executed.
Result<UploadedBinary> UploadBinary(dfs::FileSystem& fs, const std::string& local, const std::string& staging);

}  // namespace tusk::mr
