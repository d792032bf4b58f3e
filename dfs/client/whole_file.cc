#include "common/base/try.h"
#include "dfs/client/file_system.h"

namespace tusk::dfs {

Result<std::string> ReadWholeFile(FileSystem& fs, const std::string& path, uint64_t max_bytes) {
  TUSK_ASSIGN(auto in, fs.Open(path));
  if (in->length() > max_bytes) {
    return ResourceExhausted(path + " has " + std::to_string(in->length()) + " bytes; at most " + std::to_string(max_bytes) +
                             " are read whole");
  }
  std::string bytes(in->length(), '\0');
  size_t done = 0;
  while (done < bytes.size()) {
    TUSK_ASSIGN(const size_t count, in->Read(std::as_writable_bytes(std::span(bytes).subspan(done))));
    if (count == 0)
      return IoError(path + " ended after " + std::to_string(done) + " of " + std::to_string(bytes.size()) + " bytes");
    done += count;
  }
  return bytes;
}

Status WriteWholeFile(FileSystem& fs, const std::string& path, std::string_view bytes, const CreateOptions& options) {
  CreateOptions create = options;
  create.bytes_follow = !bytes.empty();
  TUSK_ASSIGN(auto out, fs.Create(path, create));
  TUSK_TRY(out->Write(bytes));
  return out->Close();
}

}  // namespace tusk::dfs
