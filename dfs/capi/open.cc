// hdfsOpenFile, hdfsStreamBuilder and hdfsCloseFile.
#include <limits>

#include "common/base/try.h"
#include "dfs/capi/handles.h"

struct hdfsStreamBuilder {
  hdfsFS fs = nullptr;
  std::string path;
  tusk::dfs::capi::OpenRequest request;
};

namespace tusk::dfs::capi {
namespace {

Result<std::unique_ptr<OutputStream>> OpenForWriting(FileSystem& fs, const std::string& path, const OpenRequest& request) {
  if ((request.flags & O_APPEND) != 0) return fs.Append(path);
  CreateOptions options;
  options.overwrite = (request.flags & O_EXCL) == 0;
  options.block_size = static_cast<uint64_t>(request.block_size);
  options.replication = static_cast<uint16_t>(request.replication);
  return fs.Create(path, options);
}

}  // namespace

Result<hdfsFile> OpenAs(hdfs_internal& connection, const std::string& path, const OpenRequest& request) {
  const int access = request.flags & O_ACCMODE;
  if (access == O_RDWR) {
    return Status(Code::kUnimplemented, "cannot open " + path + " for reading and writing at once; open it twice");
  }
  if (access != O_RDONLY && access != O_WRONLY) return InvalidArgument("cannot open " + path + ": say O_RDONLY or O_WRONLY");
  if (request.block_size < 0 || request.replication < 0 || request.replication > std::numeric_limits<int16_t>::max()) {
    return InvalidArgument("cannot open " + path + ": block size " + std::to_string(request.block_size) + " or replication " +
                           std::to_string(request.replication) + " is negative; 0 means the default");
  }
  auto file = std::make_shared<hdfsFile_internal>();
  file->path = path;
  if (access == O_RDONLY) {
    TUSK_ASSIGN(file->in, connection.fs->Open(path));
  } else {
    TUSK_ASSIGN(file->out, OpenForWriting(*connection.fs, path, request));
  }
  return OpenFiles().Add(std::move(file));
}

}  // namespace tusk::dfs::capi

namespace capi = tusk::dfs::capi;

namespace {

capi::HandleTable<hdfsStreamBuilder>& StreamBuilders() {
  static auto* const builders = new capi::HandleTable<hdfsStreamBuilder>();
  return *builders;
}

template <class Change>
int Configure(hdfsStreamBuilder* bld, bool for_writing, Change change) {
  const auto builder = StreamBuilders().Find(bld);
  if (!builder) return capi::Fail(-1, EBADF, "the hdfsStreamBuilder is none: make one with hdfsStreamBuilderAlloc");
  if (for_writing && (builder->request.flags & O_ACCMODE) != O_WRONLY) {
    return capi::Fail(-1, EINVAL,
                      builder->path + " is to be read; replication and block size are given to files that are written");
  }
  change(builder->request);
  return 0;
}

}  // namespace

hdfsFile hdfsOpenFile(hdfsFS fs, const char* path, int flags, int, short replication, tSize blocksize) {
  return capi::OnPath<hdfsFile>(fs, path, nullptr, [&](hdfs_internal& connection, const std::string& absolute) {
    return capi::OpenAs(connection, absolute, {.flags = flags, .block_size = blocksize, .replication = replication});
  });
}

struct hdfsStreamBuilder* hdfsStreamBuilderAlloc(hdfsFS fs, const char* path, int flags) {
  return capi::OnPath<hdfsStreamBuilder*>(fs, path, nullptr,
                                          [&](hdfs_internal&, const std::string& absolute) -> tusk::Result<hdfsStreamBuilder*> {
                                            auto builder = std::make_shared<hdfsStreamBuilder>();
                                            builder->fs = fs;
                                            builder->path = absolute;
                                            builder->request.flags = flags;
                                            return StreamBuilders().Add(std::move(builder));
                                          });
}

int hdfsStreamBuilderSetBufferSize(struct hdfsStreamBuilder* bld, int32_t) {
  return Configure(bld, false, [](auto&) {});
}

int hdfsStreamBuilderSetReplication(struct hdfsStreamBuilder* bld, int16_t replication) {
  return Configure(bld, true, [&](auto& request) { request.replication = replication; });
}

int hdfsStreamBuilderSetDefaultBlockSize(struct hdfsStreamBuilder* bld, int64_t defaultBlockSize) {
  return Configure(bld, true, [&](auto& request) { request.block_size = defaultBlockSize; });
}

hdfsFile hdfsStreamBuilderBuild(struct hdfsStreamBuilder* bld) {
  const auto builder = StreamBuilders().Remove(bld);
  if (!builder) return capi::Fail<hdfsFile>(nullptr, EBADF, "the hdfsStreamBuilder is none: each builds one file");
  return capi::OnConnection<hdfsFile>(
      builder->fs, nullptr, [&](hdfs_internal& connection) { return capi::OpenAs(connection, builder->path, builder->request); });
}

void hdfsStreamBuilderFree(struct hdfsStreamBuilder* bld) { StreamBuilders().Remove(bld); }

int hdfsCloseFile(hdfsFS, hdfsFile file) {
  return capi::OnFile(file, -1, [&](hdfsFile_internal& open) -> tusk::Result<int> {
    if (!capi::OpenFiles().Remove(file)) return capi::Fail(-1, EBADF, open.path + " was closed by another thread");
    std::lock_guard lock(open.mutex);
    return open.out ? capi::Zero(open.out->Close()) : 0;
  });
}

int hdfsFileIsOpenForRead(hdfsFile file) {
  const auto open = capi::OpenFiles().Find(file);
  return open && open->in ? 1 : 0;
}

int hdfsFileIsOpenForWrite(hdfsFile file) {
  const auto open = capi::OpenFiles().Find(file);
  return open && open->out ? 1 : 0;
}
