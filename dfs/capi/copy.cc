// hdfsCopy and hdfsMove: files and trees, within a cluster or from one to another.
#include "common/base/try.h"
#include "dfs/capi/handles.h"
#include "dfs/client/atomic_file.h"
#include "dfs/protocol/path.h"

namespace tusk::dfs::capi {
namespace {

constexpr size_t kPiece = 1 << 20;

struct Place {
  FileSystem& fs;
  std::string path;
};

Status CopyFile(FileSystem& from_fs, const FileStatus& file, const Place& to) {
  AtomicWrite options;
  options.create.overwrite = true;
  options.create.bytes_follow = file.length > 0;
  return WriteFileAtomically(to.fs, to.path, options, [&](const Sink& sink) -> Status {
    TUSK_ASSIGN(const auto in, from_fs.Open(file.path));
    std::vector<std::byte> piece(std::min<uint64_t>(kPiece, std::max<uint64_t>(file.length, 1)));
    while (true) {
      TUSK_ASSIGN(const size_t count, in->Read(piece));
      if (count == 0) return OkStatus();
      TUSK_TRY(sink(std::span(piece).first(count)));
    }
  });
}

// The place a copy goes to: below the target when that is a directory.
Result<Place> Destination(const FileStatus& source, const Place& target) {
  TUSK_ASSIGN(const bool exists, target.fs.Exists(target.path));
  if (!exists) return target;
  TUSK_ASSIGN(const FileStatus found, target.fs.Stat(target.path));
  if (!found.is_directory) {
    if (!source.is_directory) return target;
    return Status(Code::kNotADirectory, "cannot copy the directory " + source.path + " to " + target.path + ", which is a file");
  }
  return Place{target.fs, JoinDfsPath(target.path, PathName(source.path))};
}

Status CopyTree(FileSystem& from_fs, const FileStatus& source, const Place& to) {
  if (!source.is_directory) return CopyFile(from_fs, source, to);
  TUSK_TRY(to.fs.Mkdirs(to.path));
  std::vector<std::string> open{source.path};  // directories whose children are still to be copied
  while (!open.empty()) {
    const std::string directory = std::move(open.back());
    open.pop_back();
    TUSK_ASSIGN(const std::vector<FileStatus> children, from_fs.List(directory));
    for (const FileStatus& child : children) {
      const Place place{to.fs, to.path + child.path.substr(source.path == "/" ? 0 : source.path.size())};
      if (child.is_directory) {
        TUSK_TRY(to.fs.Mkdirs(place.path));
        open.push_back(child.path);
      } else {
        TUSK_TRY(CopyFile(from_fs, child, place));
      }
    }
  }
  return OkStatus();
}

// Of the same cluster and user, so that one request does it.
bool SameCluster(const FileSystem& a, const FileSystem& b) {
  return a.Uri() == b.Uri() && a.HomeDirectory() == b.HomeDirectory();
}

Status Copy(const Place& from, const Place& target) {
  TUSK_ASSIGN(const FileStatus source, from.fs.Stat(from.path));
  TUSK_ASSIGN(const Place to, Destination(source, target));
  if (from.fs.Uri() == to.fs.Uri()) {
    if (to.path == source.path) return InvalidArgument("cannot copy " + source.path + " onto itself");
    if (source.is_directory && (to.path + "/").starts_with(source.path == "/" ? "/" : source.path + "/")) {
      return InvalidArgument("cannot copy " + source.path + " to " + to.path + ", which lies below it");
    }
  }
  return CopyTree(from.fs, source, to);
}

Status Move(const Place& from, const Place& to) {
  if (SameCluster(from.fs, to.fs)) return from.fs.Rename(from.path, to.path, /*overwrite=*/true);
  TUSK_TRY(Copy(from, to));
  return from.fs.Delete(from.path, /*recursive=*/true).status();
}

// `act` from one place to another.
template <class Act>
int Between(hdfsFS from_fs, const char* from, hdfsFS to_fs, const char* to, Act act) {
  return OnPath(from_fs, from, -1, [&](hdfs_internal& source, const std::string& from_path) -> Result<int> {
    const int result = OnPath(to_fs, to, -1, [&](hdfs_internal& target, const std::string& to_path) {
      return Zero(act(Place{*source.fs, from_path}, Place{*target.fs, to_path}));
    });
    return result;
  });
}

}  // namespace
}  // namespace tusk::dfs::capi

namespace capi = tusk::dfs::capi;

int hdfsCopy(hdfsFS srcFS, const char* src, hdfsFS dstFS, const char* dst) {
  return capi::Between(srcFS, src, dstFS, dst, capi::Copy);
}

int hdfsMove(hdfsFS srcFS, const char* src, hdfsFS dstFS, const char* dst) {
  return capi::Between(srcFS, src, dstFS, dst, capi::Move);
}
