#include "dfs/shell/follow.h"

#include <algorithm>
#include <vector>

#include "common/base/try.h"

namespace tusk::dfs::shell {
namespace {

constexpr size_t kPieceBytes = 256 << 10;

}  // namespace

Status FollowFile(FileSystem& fs, const std::string& path, uint64_t from, const Sink& sink, const std::function<bool()>& wait) {
  std::vector<std::byte> piece;
  while (wait()) {
    TUSK_ASSIGN(auto in, fs.Open(path));  // an open stream does not see what comes later
    const uint64_t end = in->length();
    from = std::min(from, end);
    while (from < end) {
      piece.resize(std::min<uint64_t>(end - from, kPieceBytes));
      TUSK_ASSIGN(const size_t count, in->ReadAt(from, piece));
      if (count == 0) break;
      TUSK_TRY(sink(std::span<const std::byte>(piece).first(count)));
      from += count;
    }
  }
  return OkStatus();
}

}  // namespace tusk::dfs::shell
