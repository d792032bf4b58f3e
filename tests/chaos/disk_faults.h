// What happens to a DataNode's disks behind its back: bits flip, folders vanish, space runs out.
//
// Thread: any; all of it works on files of another process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "common/base/status.h"

namespace tusk::chaos {

// Flips one bit in up to `count` files of finished replicas (data, checksums, packed segments), chosen by `seed`.
// Returns how many; files that go away meanwhile are passed over.
size_t FlipBits(const std::string& folder, size_t count, uint64_t seed);

// Removes everything in the folder.
void EmptyFolder(const std::string& folder);

// Takes all space that is left on the folder's disk, and gives it back at the end of its life.
class Ballast {
 public:
  explicit Ballast(const std::string& folder);
  ~Ballast();
  Ballast(const Ballast&) = delete;

 private:
  std::string path_;
};

// A disk of its own in memory at `folder`, which is made. kPermissionDenied: only root may.
class SmallDisk {
 public:
  SmallDisk() = default;
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  Status Mount(const std::string& folder, uint64_t bytes);
  bool mounted() const { return !folder_.empty(); }

 private:
  std::string folder_;
};

}  // namespace tusk::chaos
