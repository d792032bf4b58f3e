// The digest that names a job's binary: in the DFS, in the TaskTracker's cache, in the job's specification.
//
// Source: OpenSSL's EVP.
// Thread: one object, one thread.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace tusk::mr {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  void Add(std::span<const std::byte> bytes);
  std::string HexDigest();  // 64 lower-case digits; once, at the end

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

bool IsSha256(const std::string& text);  // 64 lower-case hex digits: safe as a file name

}  // namespace tusk::mr
