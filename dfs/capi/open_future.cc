// hdfsOpenFileBuilder and hdfsOpenFileFuture: a file opened for reading by a thread of its own.
#include <chrono>
#include <condition_variable>
#include <thread>

#include "common/base/try.h"
#include "dfs/capi/handles.h"

struct hdfsOpenFileBuilder {
  hdfsFS fs = nullptr;
  std::string path;
};

struct hdfsOpenFileFuture {
  std::mutex mutex;
  std::condition_variable ended;
  std::optional<tusk::Result<hdfsFile>> result;  // nothing: under way
  bool cancelled = false;                        // nobody wants the result
  bool taken = false;                            // the file is the caller's
  std::thread opener;
};

namespace capi = tusk::dfs::capi;

namespace {

constexpr std::string_view kOpenOptions = "fs.option.openfile.";

capi::HandleTable<hdfsOpenFileBuilder>& Builders() {
  static auto* const builders = new capi::HandleTable<hdfsOpenFileBuilder>();
  return *builders;
}
capi::HandleTable<hdfsOpenFileFuture>& Futures() {
  static auto* const futures = new capi::HandleTable<hdfsOpenFileFuture>();
  return *futures;
}

constexpr const char* kNoBuilder =
    "the hdfsOpenFileBuilder is none: make one with hdfsOpenFileBuilderAlloc; each builds one future";
constexpr const char* kNoFuture = "the hdfsOpenFileFuture is none: make one with hdfsOpenFileBuilderBuild";

void CloseUntaken(const tusk::Result<hdfsFile>& result) {
  if (result.ok()) capi::OpenFiles().Remove(*result);
}

void Open(hdfsOpenFileFuture& future, hdfs_internal& connection, const std::string& path) {
  tusk::Result<hdfsFile> result = tusk::Internal("not opened");
  try {
    result = capi::OpenAs(connection, path, {});
  } catch (const std::exception& e) {
    result = tusk::IoError("cannot open " + path + ": " + e.what());
  }
  std::lock_guard lock(future.mutex);
  if (future.cancelled) {
    CloseUntaken(result);
  } else {
    future.result = std::move(result);
  }
  future.ended.notify_all();
}

// Waits as `wait` does, which says whether it ended, and takes the file.
template <class Wait>
hdfsFile Take(hdfsOpenFileFuture* handle, Wait wait) {
  return capi::Answer<hdfsFile>(nullptr, [&]() -> tusk::Result<hdfsFile> {
    const auto future = Futures().Find(handle);
    if (!future) return capi::Fail<hdfsFile>(nullptr, EBADF, kNoFuture);
    std::unique_lock lock(future->mutex);
    const bool ended = wait(*future, lock, [&] { return future->cancelled || future->result.has_value(); });
    if (!ended) return tusk::DeadlineExceeded("the file is not open yet; ask again");
    if (future->cancelled) return tusk::Cancelled("the opening of the file was cancelled");
    future->taken = true;
    return *future->result;
  });
}

std::chrono::nanoseconds Duration(int64_t count, javaConcurrentTimeUnit unit) {
  constexpr std::array<int64_t, 7> kNanos{
      1, 1'000, 1'000'000, 1'000'000'000, 60ll * 1'000'000'000, 3'600ll * 1'000'000'000, 86'400ll * 1'000'000'000};
  constexpr int64_t kLongest = 365 * kNanos[jDays];  // longer waits would overflow the clock
  if (count <= 0) return std::chrono::nanoseconds(0);
  const int64_t nanos = kNanos.at(static_cast<size_t>(unit));
  return std::chrono::nanoseconds(count > kLongest / nanos ? kLongest : count * nanos);
}

}  // namespace

hdfsOpenFileBuilder* hdfsOpenFileBuilderAlloc(hdfsFS fs, const char* path) {
  return capi::OnPath<hdfsOpenFileBuilder*>(
      fs, path, nullptr, [&](hdfs_internal&, const std::string& absolute) -> tusk::Result<hdfsOpenFileBuilder*> {
        auto builder = std::make_shared<hdfsOpenFileBuilder>();
        builder->fs = fs;
        builder->path = absolute;
        return Builders().Add(std::move(builder));
      });
}

hdfsOpenFileBuilder* hdfsOpenFileBuilderMust(hdfsOpenFileBuilder* builder, const char* key, const char* value) {
  if (key != nullptr && !std::string_view(key).starts_with(kOpenOptions)) {
    return capi::Fail<hdfsOpenFileBuilder*>(
        nullptr, EINVAL, std::string(key) + " is no option of opening a file that Tusk knows; say it with Opt");
  }
  return hdfsOpenFileBuilderOpt(builder, key, value);
}

hdfsOpenFileBuilder* hdfsOpenFileBuilderOpt(hdfsOpenFileBuilder* builder, const char* key, const char* value) {
  if (!Builders().Find(builder)) return capi::Fail<hdfsOpenFileBuilder*>(nullptr, EBADF, kNoBuilder);
  if (key == nullptr || value == nullptr) {
    return capi::Fail<hdfsOpenFileBuilder*>(nullptr, EINVAL, "the key or the value of an option is NULL");
  }
  return builder;
}

hdfsOpenFileFuture* hdfsOpenFileBuilderBuild(hdfsOpenFileBuilder* handle) {
  const auto builder = Builders().Remove(handle);
  if (!builder) return capi::Fail<hdfsOpenFileFuture*>(nullptr, EBADF, kNoBuilder);
  return capi::Answer<hdfsOpenFileFuture*>(nullptr, [&]() -> tusk::Result<hdfsOpenFileFuture*> {
    const auto connection = capi::Connections().Find(builder->fs);
    if (!connection)
      return capi::Fail<hdfsOpenFileFuture*>(nullptr, EBADF, "the hdfsFS was disconnected before the file was opened");
    auto future = std::make_shared<hdfsOpenFileFuture>();
    future->opener = std::thread([future = future.get(), connection, path = builder->path] { Open(*future, *connection, path); });
    return Futures().Add(std::move(future));
  });
}

void hdfsOpenFileBuilderFree(hdfsOpenFileBuilder* builder) { Builders().Remove(builder); }

hdfsFile hdfsOpenFileFutureGet(hdfsOpenFileFuture* future) {
  return Take(future, [](auto& opening, auto& lock, auto ended) {
    opening.ended.wait(lock, ended);
    return true;
  });
}

hdfsFile hdfsOpenFileFutureGetWithTimeout(hdfsOpenFileFuture* future, int64_t timeout, javaConcurrentTimeUnit timeUnit) {
  if (timeUnit < jNanoseconds || timeUnit > jDays) {
    return capi::Fail<hdfsFile>(nullptr, EINVAL, "the unit of the timeout is none of jNanoseconds to jDays");
  }
  return Take(future, [&](auto& opening, auto& lock, auto ended) {
    return opening.ended.wait_for(lock, Duration(timeout, timeUnit), ended);
  });
}

int hdfsOpenFileFutureCancel(hdfsOpenFileFuture* handle, int) {
  const auto future = Futures().Find(handle);
  if (!future) return capi::Fail(-1, EBADF, kNoFuture);
  std::lock_guard lock(future->mutex);
  if (future->result) return capi::Fail(-1, EBUSY, "the opening has ended already; take the file, or free the future");
  future->cancelled = true;
  future->ended.notify_all();
  return 0;
}

void hdfsOpenFileFutureFree(hdfsOpenFileFuture* handle) {
  const auto future = Futures().Remove(handle);
  if (!future) return;
  future->opener.join();
  std::lock_guard lock(future->mutex);
  if (future->result && !future->taken) CloseUntaken(*future->result);
}
