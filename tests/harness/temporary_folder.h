// A folder of a test's own below the machine's temporary one.
//
// Gone with this object, unless TUSK_KEEP_TEST_DIRS is set: then it stays, to look at.
// Thread: one.
#pragma once

#include <glog/logging.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

namespace tusk::testing {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string made = (std::filesystem::temp_directory_path() / "tusk-test.").string() + std::string(6, 'X');
    PCHECK(::mkdtemp(made.data()) != nullptr) << "cannot make a temporary folder " << made;
    path_ = made;
  }
  ~TemporaryFolder() {
    std::error_code error;
    if (::getenv("TUSK_KEEP_TEST_DIRS") == nullptr) std::filesystem::remove_all(path_, error);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace tusk::testing
