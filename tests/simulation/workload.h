// What one client does: writes files (with hflush and hsync on the way), appends, truncates, concatenates, reads back, renames
// and deletes, makes folders; each step checked against the model.
//
// Thread: one of the client's. Errors: an error of an operation leaves a doubt in the model; wrong bytes are a broken promise.
#pragma once

#include <functional>
#include <string>

#include "dfs/client/file_system.h"
#include "tests/simulation/model.h"

namespace tusk::sim {

class Workload {
 public:
  // `promised` is called whenever something was acknowledged.
  Workload(dfs::FileSystem& fs, Model& model, std::string folder, uint64_t seed, std::function<void()> promised)
      : fs_(fs), model_(model), folder_(std::move(folder)), random_(seed), promised_(std::move(promised)), here_(folder_) {}
  // One operation; a sentence if a promise was broken, else empty.
  std::string Step();

 private:
  std::string Write();
  std::string Append();
  std::string Truncate();
  std::string Read();
  std::string Rename();
  std::string Delete();
  std::string Concat();
  std::string MakeFolder();
  Status WriteFile(const std::string& path, FileState state);  // OK: closed, and known to the model
  void Owe(const std::string& path, const PathState& state);
  std::string NewPath() { return here_ + "/f" + std::to_string(++files_); }

  dfs::FileSystem& fs_;
  Model& model_;
  const std::string folder_;
  Random random_;
  const std::function<void()> promised_;
  std::string here_;  // where the next file goes
  int files_ = 0;
};

}  // namespace tusk::sim
