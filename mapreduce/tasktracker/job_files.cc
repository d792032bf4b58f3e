#include "mapreduce/tasktracker/job_files.h"

#include <fcntl.h>
#include <glog/logging.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>

#include "common/base/try.h"

namespace tusk::mr::tasktracker {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 2> kStreams{"stdout", "stderr"};

Status FromError(const std::error_code& error, const std::string& what) {
  return error ? FromErrno(error.value(), what) : OkStatus();
}

Status MakeFolder(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  return FromError(error, "cannot make the folder " + path);
}

Status RemoveTree(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  return FromError(error, "cannot delete " + path);
}

Status Write(const std::string& path, std::string_view bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  return out ? OkStatus() : IoError("cannot write " + path + "; is the disk full?");
}

// A log that is worth keeping moves to `to`; failures cost a log, not the job.
void Keep(const std::string& from, const std::string& folder, const std::string& to) {
  std::error_code error;
  if (const auto size = fs::file_size(from, error); error || size == 0) return;
  fs::create_directories(folder, error);
  fs::rename(from, to, error);
  if (error) LOG(WARNING) << "cannot keep the log " << from << ": " << error.message();
}

}  // namespace

Result<std::unique_ptr<JobFiles>> JobFiles::Open(const std::string& root) {
  TUSK_TRY(MakeFolder(root));
  const std::string lock = root + "/lock";
  const int fd = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return FromErrno(errno, "cannot open " + lock);
  std::unique_ptr<JobFiles> files(new JobFiles(root, fd));
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    return AlreadyExists("another TaskTracker uses the folder " + root + "; stop it or set mapreduce.tasktracker_dir");
  }
  TUSK_TRY(RemoveTree(root + "/jobs"));
  TUSK_TRY(RemoveTree(root + "/cache"));
  for (const char* folder : {"/jobs", "/cache", "/logs"}) TUSK_TRY(MakeFolder(root + folder));
  return files;
}

JobFiles::~JobFiles() { ::close(lock_fd_); }

Status JobFiles::PrepareJob(const std::string& job, const std::string& binary, std::string_view spec) const {
  const std::string folder = JobFolder(job);
  TUSK_TRY(MakeFolder(folder + "/attempts"));
  std::error_code error;
  fs::remove(folder + "/job.bin", error);
  fs::create_hard_link(binary, folder + "/job.bin", error);
  TUSK_TRY(FromError(error, "cannot link " + binary + " to " + folder + "/job.bin"));
  TUSK_TRY(Write(folder + "/job.spec.tmp", spec));
  fs::rename(folder + "/job.spec.tmp", folder + "/job.spec", error);
  return FromError(error, "cannot write " + folder + "/job.spec");
}

Status JobFiles::PrepareAttempt(const AttemptId& id) const {
  const std::string folder = AttemptFolder(id);
  TUSK_TRY(MakeFolder(folder));
  for (const std::string_view stream : kStreams) TUSK_TRY(Write(folder + "/" + std::string(stream), ""));
  return OkStatus();
}

Status JobFiles::ForgetJob(const std::string& job) const {
  if (!IsJobId(job)) return InvalidArgument("\"" + job + "\" is not a job id");
  const std::string folder = JobFolder(job);
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder + "/attempts", error)) {
    const std::string id = entry.path().filename().string();
    const std::string kept = root_ + "/logs/" + id;
    for (const std::string_view stream : kStreams) {
      Keep(entry.path().string() + "/" + std::string(stream), kept, kept + "/" + std::string(stream));
    }
  }
  Keep(HostLog(job), root_ + "/logs/" + job, root_ + "/logs/" + job + "/host");
  return RemoveTree(folder);
}

void JobFiles::PruneLogs(std::chrono::milliseconds age) const {
  std::error_code error;
  const auto oldest = fs::file_time_type::clock::now() - age;
  for (const auto& entry : fs::directory_iterator(root_ + "/logs", error)) {
    const auto written = entry.last_write_time(error);
    if (!error && written < oldest) fs::remove_all(entry.path(), error);
  }
}

std::optional<std::string> JobFiles::ReadLog(std::string_view id, std::string_view stream, size_t limit) const {
  std::string live;
  if (IsJobId(id) && stream == "host") {
    live = HostLog(id);
  } else {
    const auto attempt = ParseAttemptId(id);
    if (!attempt.ok() || std::find(kStreams.begin(), kStreams.end(), stream) == kStreams.end()) return std::nullopt;
    live = AttemptFolder(*attempt) + "/" + std::string(stream);
  }
  for (const std::string& path : {live, root_ + "/logs/" + std::string(id) + "/" + std::string(stream)}) {
    std::error_code error;
    const auto size = fs::file_size(path, error);
    if (error) continue;
    std::ifstream in(path, std::ios::binary);
    const uint64_t skip = size > limit ? size - limit : 0;
    in.seekg(static_cast<std::streamoff>(skip));
    std::string text(static_cast<size_t>(size - skip), '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<size_t>(in.gcount()));
    return text;
  }
  return std::nullopt;
}

}  // namespace tusk::mr::tasktracker
