#include "dfs/client/local_replica.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "common/base/clock.h"
#include "common/base/try.h"
#include "common/net/message_stream.h"
#include "common/storage/crc32c.h"
#include "dfs/protocol/convert.h"
#include "dfs/protocol/data_transfer.capnp.h"
#include "dfs/protocol/packet.h"

namespace tusk::dfs {
namespace {

// Bytes are verified while they are still in the processor's cache.
constexpr uint64_t kStep = 256 << 10;
constexpr int64_t kSettledAfterMs = 1000;
constexpr uint64_t kMaxBlockLength = uint64_t{1} << 44;

Status ReadExactly(int fd, uint64_t offset, std::span<std::byte> out) {
  while (!out.empty()) {
    const ssize_t n = ::pread(fd, out.data(), out.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FromErrno(errno, "cannot read a replica's file");
    if (n == 0) return IoError("a replica's file ends at " + std::to_string(offset));
    offset += static_cast<uint64_t>(n);
    out = out.subspan(static_cast<size_t>(n));
  }
  return OkStatus();
}

int64_t ChangeTime(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return -1;
  return status.st_ctim.tv_sec * 1'000'000'000 + status.st_ctim.tv_nsec;
}

}  // namespace

Result<std::shared_ptr<LocalReplica>> LocalReplica::Open(Files files) {
  if (files.chunk_bytes < kMinChunkBytes || files.chunk_bytes > kMaxChunkBytes || files.length > kMaxBlockLength) {
    return IoError("a DataNode handed out a replica of " + std::to_string(files.length) + " bytes in chunks of " +
                   std::to_string(files.chunk_bytes));
  }
  const uint64_t chunks = (files.length + files.chunk_bytes - 1) / files.chunk_bytes;
  std::shared_ptr<LocalReplica> replica(new LocalReplica(std::move(files), chunks));
  TUSK_TRY(
      ReadExactly(replica->files_.meta.fd(), replica->files_.meta_offset, std::as_writable_bytes(std::span(replica->crcs_))));
  return replica;
}

LocalReplica::LocalReplica(Files files, size_t chunks)
    : files_(std::move(files)), crcs_(chunks), verified_(chunks, ChangeTime(files_.data.fd())) {}

Status LocalReplica::ReadFile(uint64_t offset, std::span<std::byte> out) const {
  return ReadExactly(files_.data.fd(), files_.data_offset + offset, out);
}

uint64_t LocalReplica::ChunkEnd(uint64_t chunk) const {
  return std::min((chunk + 1) * uint64_t{files_.chunk_bytes}, files_.length);
}

// A writer changes the time before the bytes, so the same time after a read means the same bytes, unless it is so recent that two
// changes may carry it.
bool LocalReplica::Steady(VerifiedChunks::Era era) {
  const int64_t changed = ChangeTime(files_.data.fd());
  return verified_.Lasts(era, changed) && Clock::System().WallMillis() - changed / 1'000'000 > kSettledAfterMs;
}

Status LocalReplica::Verify(uint64_t offset, std::span<const std::byte> bytes, VerifiedChunks::Era era, bool steady) {
  for (uint64_t chunk = offset / files_.chunk_bytes; !bytes.empty(); ++chunk) {
    const auto here = bytes.first(ChunkEnd(chunk) - chunk * files_.chunk_bytes);
    if (!steady || !verified_.IsGood(era, chunk)) {
      if (storage::Crc32c(here) != crcs_[chunk]) {
        return IoError("the bytes at " + std::to_string(chunk * files_.chunk_bytes) +
                       " of a local replica do not match their checksum");
      }
      if (steady) verified_.MarkGood(era, chunk);
    }
    bytes = bytes.subspan(here.size());
  }
  return OkStatus();
}

Status LocalReplica::ReadPartOfChunk(uint64_t offset, std::span<std::byte> out) {
  const uint64_t chunk = offset / files_.chunk_bytes;
  const uint64_t begin = chunk * files_.chunk_bytes;
  if (const auto era = verified_.Begin(); verified_.IsGood(era, chunk)) {
    TUSK_TRY(ReadFile(offset, out));
    if (Steady(era)) return OkStatus();
  }
  std::vector<std::byte> whole(ChunkEnd(chunk) - begin);
  const auto era = verified_.Begin();
  TUSK_TRY(ReadFile(begin, whole));
  TUSK_TRY(Verify(begin, whole, era, Steady(era)));
  std::memcpy(out.data(), whole.data() + (offset - begin), out.size());
  return OkStatus();
}

Status LocalReplica::ReadAt(uint64_t offset, std::span<std::byte> out) {
  if (offset > files_.length || out.size() > files_.length - offset) {
    return IoError("the local replica has " + std::to_string(files_.length) + " bytes; " + std::to_string(offset + out.size()) +
                   " are expected");
  }
  const uint64_t chunk_bytes = files_.chunk_bytes;
  const uint64_t step = std::max(kStep / chunk_bytes, uint64_t{1}) * chunk_bytes;
  while (!out.empty()) {
    const uint64_t in_chunk = offset % chunk_bytes;
    const uint64_t to_border = ChunkEnd(offset / chunk_bytes) - offset;
    size_t n = 0;
    if (in_chunk != 0 || out.size() < to_border) {
      n = std::min<uint64_t>(to_border, out.size());
      TUSK_TRY(ReadPartOfChunk(offset, out.first(n)));
    } else {
      n = std::min<uint64_t>(out.size(), step);
      if (offset + n != files_.length) n = n / chunk_bytes * chunk_bytes;
      const auto era = verified_.Begin();
      TUSK_TRY(ReadFile(offset, out.first(n)));
      TUSK_TRY(Verify(offset, out.first(n), era, Steady(era)));
    }
    offset += n;
    out = out.subspan(n);
  }
  return OkStatus();
}

std::shared_ptr<LocalReplica> LocalReplicas::Find(const DataNodeInfo& node, const BlockRange& range) {
  if (!enabled_ || node.local_socket.empty()) return nullptr;
  const Key key{node.id.value(), range.block.id.value(), range.block.generation.value()};
  const auto now = std::chrono::steady_clock::now();
  {
    std::lock_guard lock(mutex_);
    if (const auto found = open_.find(key); found != open_.end()) {
      if (found->second.replica->length() < range.offset + range.length) return nullptr;
      order_.splice(order_.end(), order_, found->second.place);
      return found->second.replica;
    }
    if (const auto since = elsewhere_.find(node.id.value()); since != elsewhere_.end()) {
      if (now - since->second < kAskAgainAfter) return nullptr;
      elsewhere_.erase(since);
    }
  }
  auto opened = Ask(node, range);
  std::lock_guard lock(mutex_);
  if (!opened.ok()) {
    // Of a block that is not complete yet, say, the next one may well be read here.
    const Code code = opened.status().code();
    const bool node_is_here = code == Code::kFailedPrecondition || code == Code::kPermissionDenied || code == Code::kCorruption ||
                              code == Code::kNotFound;
    if (!node_is_here) elsewhere_[node.id.value()] = now;
    return nullptr;
  }
  if ((*opened)->length() < range.offset + range.length) return nullptr;
  if (open_.contains(key)) return *opened;
  open_[key] = {*opened, order_.insert(order_.end(), key)};
  if (open_.size() > kOpenReplicas) {
    open_.erase(order_.front());
    order_.pop_front();
  }
  return *opened;
}

void LocalReplicas::Forget(const DataNodeInfo& node, const Block& block) {
  std::lock_guard lock(mutex_);
  const auto found = open_.find({node.id.value(), block.id.value(), block.generation.value()});
  if (found == open_.end()) return;
  order_.erase(found->second.place);
  open_.erase(found);
}

Result<std::shared_ptr<LocalReplica>> LocalReplicas::Ask(const DataNodeInfo& node, const BlockRange& range) {
  for (const bool only_new : {false, true}) {
    TUSK_ASSIGN(DataConnections::Lease lease, connections_.TakeLocal(node, only_new));
    auto files = Request(lease.socket, node, range);
    if (!files.ok()) {
      if (lease.reused && files.status().code() == Code::kUnavailable) continue;
      return files.status();
    }
    connections_.GiveBackLocal(node, std::move(lease.socket));
    return LocalReplica::Open(std::move(*files));
  }
  return Unavailable("the local socket of the DataNode was closed");
}

Result<LocalReplica::Files> LocalReplicas::Request(net::Socket& socket, const DataNodeInfo& node, const BlockRange& range) {
  capnp::MallocMessageBuilder message;
  auto request = message.initRoot<wire::DataRequest>();
  request.setToken(AsData(range.token));
  auto open = request.initOpen();
  ToWire(range.block, open.initBlock());
  open.setNode(node.id.value());
  TUSK_TRY(net::WriteMessage(socket, message));
  TUSK_ASSIGN(const net::ReceivedMessage received, net::ReadMessage(socket));
  LocalReplica::Files files;
  try {
    const auto reply = received.As<wire::DataReply>();
    if (reply.getCode() != 0) return Status(static_cast<Code>(reply.getCode()), std::string(reply.getMessage().cStr()));
    files.length = reply.getBlockLength();
    files.chunk_bytes = reply.getChunkBytes();
    files.data_offset = reply.getDataOffset();
    files.meta_offset = reply.getMetaOffset();
  } catch (const std::exception& e) {
    return IoError(std::string("the reply of a DataNode cannot be decoded: ") + e.what());
  }
  TUSK_ASSIGN(auto descriptors, net::ReceiveDescriptors(socket));
  files.data = std::move(descriptors.first);
  files.meta = std::move(descriptors.second);
  return files;
}

Result<size_t> LocalBlockReader::Read(std::span<std::byte> out) {
  const size_t count = std::min<uint64_t>(out.size(), end_ - position_);
  if (count == 0) return size_t{0};
  TUSK_TRY(replica_->ReadAt(position_, out.first(count)));
  position_ += count;
  return count;
}

}  // namespace tusk::dfs
