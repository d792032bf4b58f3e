#include "mapreduce/shuffle/shuffle_server.h"

#include <atomic>
#include <map>
#include <mutex>

#include <glog/logging.h>

#include "common/base/try.h"
#include "common/net/message_stream.h"
#include "common/storage/disk.h"
#include "mapreduce/protocol/ids.h"
#include "mapreduce/protocol/shuffle.capnp.h"
#include "mapreduce/shuffle/segment.h"

namespace tusk::mr {
namespace {

constexpr uint32_t kMaxMaps = 1024;
constexpr size_t kCachedIndexes = 4096;

// Indexes are small and asked for by every reducer: the last ones stay in memory. An attempt's output never changes.
class IndexCache {
 public:
  using Index = std::shared_ptr<const std::vector<SegmentInfo>>;

  Result<Index> Get(const std::string& directory) {
    {
      std::lock_guard lock(mutex_);
      if (const auto it = entries_.find(directory); it != entries_.end()) return it->second;
    }
    TUSK_ASSIGN(auto read, ReadIndex(storage::Disk::Posix(), storage::JoinPath(directory, kIndexFile)));
    auto index = std::make_shared<const std::vector<SegmentInfo>>(std::move(read));
    std::lock_guard lock(mutex_);
    if (entries_.size() >= kCachedIndexes) entries_.clear();
    entries_[directory] = index;
    return index;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, Index> entries_;
};

}  // namespace

struct ShuffleServer::Impl {
  Impl(Options o, Locate l)
      : options(std::move(o)),
        locate(std::move(l)),
        server(DataOptions(options), [this](net::Socket& socket) { Serve(socket); }) {}

  static net::DataServer::Options DataOptions(const Options& options) {
    net::DataServer::Options data;
    data.name = "shuffle";
    data.max_connections = options.max_connections;
    data.socket = options.socket;
    return data;
  }

  struct Found {
    std::unique_ptr<storage::File> file;
    SegmentInfo info;
  };

  Result<Found> Find(const std::string& job, uint32_t partition, uint32_t map, uint32_t attempt) {
    TUSK_ASSIGN(const std::string directory, locate(job, map, attempt));
    TUSK_ASSIGN(const auto index, indexes.Get(directory));
    if (partition >= index->size()) {
      return InvalidArgument("map " + std::to_string(map) + " has " + std::to_string(index->size()) +
                             " partitions and no number " + std::to_string(partition));
    }
    Found found;
    found.info = (*index)[partition];
    TUSK_ASSIGN(found.file, storage::Disk::Posix().Open(storage::JoinPath(directory, kSegmentFile), storage::OpenMode::kRead));
    TUSK_ASSIGN(const uint64_t size, found.file->Size());
    if (found.info.bytes > size || found.info.offset > size - found.info.bytes) {
      return Corruption(found.file->path() + " has " + std::to_string(size) + " bytes, its index wants more");
    }
    return found;
  }

  void Serve(net::Socket& socket) {
    static_cast<void>(socket.SetTimeout(options.idle_timeout));  // without one the conversation only lasts longer
    for (;;) {
      const Status served = ServeOne(socket);
      if (served.ok()) continue;
      // A reducer that is done hangs up: nothing to tell.
      if (served.code() != Code::kUnavailable) LOG(WARNING) << "shuffle to " << socket.PeerName() << ": " << served;
      return;
    }
  }

  Status ServeOne(net::Socket& socket) {
    TUSK_ASSIGN(const auto message, net::ReadMessage(socket, 1 << 20));
    const auto request = message.As<wire::ShuffleRequest>();
    const auto maps = request.getMaps();
    const std::string job(request.getJob().cStr(), request.getJob().size());
    if (maps.size() > kMaxMaps || !IsJobId(job)) return InvalidArgument("a shuffle request names no job or too many maps");
    ++requests;

    capnp::MallocMessageBuilder reply;
    auto segments = reply.initRoot<wire::ShuffleReply>().initSegments(maps.size());
    std::vector<Found> to_send;
    for (uint32_t i = 0; i < maps.size(); ++i) {
      segments[i].setMap(maps[i].getMap());
      segments[i].setAttempt(maps[i].getAttempt());
      auto found = Find(job, request.getPartition(), maps[i].getMap(), maps[i].getAttempt());
      if (!found.ok()) {
        ++failed;
        segments[i].setCode(static_cast<uint16_t>(found.status().code()));
        segments[i].setMessage(found.status().message());
        continue;
      }
      segments[i].setBytes(found->info.bytes);
      segments[i].setRecords(found->info.records);
      segments[i].setDigest(found->info.digest);
      if (found->info.bytes > 0) to_send.push_back(std::move(found).value());
      ++sent_segments;
    }
    TUSK_TRY(net::WriteMessage(socket, reply));
    for (const Found& segment : to_send) {
      TUSK_TRY(socket.SendFile(segment.file->fd(), segment.info.offset, segment.info.bytes));
      sent_bytes += segment.info.bytes;
    }
    return OkStatus();
  }

  const Options options;
  const Locate locate;
  IndexCache indexes;
  std::atomic<uint64_t> requests{0}, sent_segments{0}, sent_bytes{0}, failed{0};
  net::DataServer server;  // last: its threads use what stands above
};

ShuffleServer::ShuffleServer(Options options, Locate locate)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(locate))) {}
ShuffleServer::~ShuffleServer() { Stop(); }
Status ShuffleServer::Start(const net::Endpoint& local) { return impl_->server.Start(local); }
void ShuffleServer::Stop() { impl_->server.Stop(); }
uint16_t ShuffleServer::port() const { return impl_->server.port(); }
ShuffleServer::Totals ShuffleServer::totals() const {
  return {impl_->requests, impl_->sent_segments, impl_->sent_bytes, impl_->failed};
}

}  // namespace tusk::mr
