// What a peer may send to a DataNode's data port: requests (reads, checksums, writes, copies, questions of a recovery) and the
// packets that follow them, served by the real service over a store in memory that has a complete, a packed and an unfinished
// replica. Whatever comes, each replica that the node then calls complete matches its checksums.
#include <capnp/serialize.h>
#include <glog/logging.h>
#include <kj/exception.h>
#include <sys/socket.h>

#include "common/net/message_stream.h"
#include "common/storage/crc32c.h"
#include "common/storage/memory_disk.h"
#include "dfs/datanode/pipeline/data_service.h"
#include "dfs/datanode/store/chunk_checksums.h"
#include "dfs/datanode/store/replica_check.h"
#include "dfs/protocol/convert.h"
#include "dfs/protocol/data_transfer.capnp.h"
#include "tests/fuzz/seeds.h"

namespace tusk::fuzz {
namespace {

using namespace dfs;            // NOLINT(google-build-using-namespace)
using namespace dfs::datanode;  // NOLINT(google-build-using-namespace)

constexpr size_t kMaxStreamBytes = 64 << 10;  // fits into the socket, so that one thread can write and then serve
constexpr uint32_t kChunk = 512;
constexpr uint64_t kComplete = 5, kUnfinished = 6, kPacked = 8, kNew = 9;

BlockKey Key() { return {.id = 7, .secret = std::string(kBlockSecretBytes, 'k'), .expires_ms = INT64_MAX / 2}; }

std::string Content(size_t bytes) {
  std::string content(bytes, '\0');
  for (size_t i = 0; i < bytes; ++i) content[i] = static_cast<char>(i * 7 + i / 251);
  return content;
}

// A DataNode's data service, with a store of its own.
struct Node {
  Node() : keys(Clock::System()) {
    DataFolders::Options options;
    options.places.push_back({&disk, "/data", OkStatus()});
    options.packed_bytes = 1000;
    options.hooks.give_up = [](const Status& status) { LOG(FATAL) << status; };
    auto opened = DataFolders::Open(std::move(options));
    CHECK(opened.ok()) << opened.status();
    store = std::move(opened).value();
    Write(kComplete, 3000, true);
    Write(kPacked, 700, true);
    Write(kUnfinished, 1300, false);
    keys.Learn({Key()});
  }

  void Write(uint64_t id, size_t bytes, bool finish) {
    auto writer = store->Create({BlockId(id), Generation(10), 0}, kChunk, DataFolders::Purpose::kWrite, 0);
    CHECK(writer.ok()) << writer.status();
    const std::string content = Content(bytes);
    CHECK((*writer)->Append(0, Bytes(content), ComputeChunks(Bytes(content), 0, kChunk)).ok());
    if (finish) CHECK((*writer)->Finalize().ok());
  }

  void Serve(net::Socket& socket) {
    static observe::Metrics metrics;
    static DataNodeMetrics counts(metrics);
    static BufferPool buffers(kPacketBufferBytes, 4);
    OpenSockets sockets;
    CopyPacer pacer(Clock::System(), [](Duration) {});
    PeerLatencies latencies;
    constexpr std::chrono::milliseconds kTimeout(100);
    SignsOfLife signs(kTimeout);
    PipelineContext context{*store,   counts, buffers, sockets, DataNodeId(1), kTimeout,
                            kTimeout, {},     keys,    pacer,   latencies,     signs};
    try {
      ServeConnection(context, socket);
    } catch (const kj::Exception&) {  // as the server's thread does
    }
  }

  void CheckReplicas() {
    const auto inventory = store->TakeInventory();
    for (const Block& block : inventory.finalized) {
      auto reader = store->OpenForRead(block.id, block.generation);
      CHECK(reader.ok()) << reader.status();
      const Status intact = CheckReplica(*reader);
      CHECK(intact.ok()) << intact;
    }
    CHECK(inventory.damaged.empty());
  }

  storage::MemoryDisk disk;
  BlockKeys keys;
  std::unique_ptr<DataFolders> store;
};

std::string Framed(capnp::MessageBuilder& message) {
  const auto words = capnp::messageToFlatArray(message);
  const auto bytes = words.asChars();
  const auto length = static_cast<uint32_t>(bytes.size());
  std::string framed(reinterpret_cast<const char*>(&length), sizeof(length));
  return framed.append(bytes.begin(), bytes.size());
}

uint64_t BlockOf(wire::DataRequest::Reader request) {
  switch (request.which()) {
    case wire::DataRequest::WRITE: return request.getWrite().getBlock().getId();
    case wire::DataRequest::READ: return request.getRead().getBlock().getId();
    case wire::DataRequest::CHECKSUM: return request.getChecksum().getBlock().getId();
    case wire::DataRequest::REPLICA: return request.getReplica().getBlock().getId();
    case wire::DataRequest::COPY: return request.getCopy().getBlock().getId();
    case wire::DataRequest::OPEN: return request.getOpen().getBlock().getId();
  }
  return 0;
}

// Right checksums of the headers, and perhaps of the payloads, of the packets up to the last one of a block; how many bytes they
// are.
size_t SealPackets(std::string* stream, size_t at, uint32_t chunk, bool payloads) {
  const size_t begin = at;
  while (stream->size() - at >= kPacketHeaderBytes) {
    const auto header = std::string_view(*stream).substr(at, kPacketHeaderBytes);
    PutAt<uint32_t>(stream, at + 28, SlowCrc32c(header.substr(0, 28)));
    const auto payload = GetAt<uint32_t>(header, 0), count = GetAt<uint32_t>(header, 4);
    const auto offset = GetAt<uint64_t>(header, 8);
    const bool last = (GetAt<uint16_t>(header, 24) & kLastPacket) != 0;
    const size_t left = stream->size() - at - kPacketHeaderBytes;
    if (payload > left || count > left / 4 || payload + 4 * size_t{count} > left) break;
    if (payloads && CheckChunkBytes(chunk).ok() && offset < (uint64_t{1} << 40) &&
        count == ChecksumCount(offset, payload, chunk)) {
      const size_t crcs = at + kPacketHeaderBytes;
      const auto right = ComputeChunks(Bytes(std::string_view(*stream).substr(crcs + 4 * count, payload)), offset, chunk);
      if (!right.empty()) std::memcpy(stream->data() + crcs, right.data(), right.size());
    }
    at += kPacketHeaderBytes + 4 * size_t{count} + payload;
    if (last) break;
  }
  return at - begin;
}

// Gives each request the right to what it asks for, and no other node to talk to.
std::string Sealed(std::string_view input, bool payloads) {
  std::string out;
  while (input.size() > 4) {
    const auto length = GetAt<uint32_t>(input, 0);
    if (length == 0 || length % sizeof(capnp::word) != 0 || length > input.size() - 4) break;
    auto words = kj::heapArray<capnp::word>(length / sizeof(capnp::word));
    std::memcpy(words.begin(), input.data() + 4, length);
    bool writes = false;
    uint32_t chunk = 0;
    try {
      capnp::FlatArrayMessageReader reader(words);
      capnp::MallocMessageBuilder message;
      message.setRoot(reader.getRoot<wire::DataRequest>());
      auto request = message.getRoot<wire::DataRequest>();
      const BlockToken right{.expires_ms = INT64_MAX / 2,
                             .block = BlockId(BlockOf(request.asReader())),
                             .modes = kReadAccess | kWriteAccess | kCopyAccess,
                             .user = "ann"};
      request.setToken(AsData(MintToken(right, Key())));
      if (request.which() == wire::DataRequest::WRITE) {
        request.getWrite().initTargets(0);
        writes = true;
        chunk = request.getWrite().getChunkBytes();
      }
      if (request.which() == wire::DataRequest::COPY) request.getCopy().initTargets(0);
      out += Framed(message);
    } catch (const kj::Exception&) {
      break;
    }
    input.remove_prefix(4 + length);
    if (!writes) continue;
    const size_t at = out.size();
    out += input;
    const size_t packets = SealPackets(&out, at, chunk == 0 ? kChunk : chunk, payloads);
    out.resize(at + packets);
    input.remove_prefix(packets);
  }
  return out.append(input);
}

template <class Fill>
std::string Request(Fill fill) {
  capnp::MallocMessageBuilder message;
  fill(message.initRoot<wire::DataRequest>());
  return Framed(message);
}

std::string Packet(uint64_t sequence, uint64_t offset, std::string_view payload, uint16_t flags) {
  const auto crcs = ComputeChunks(Bytes(payload), offset, kChunk);
  PacketHeader header;
  header.payload_bytes = static_cast<uint32_t>(payload.size());
  header.checksum_count = static_cast<uint32_t>(crcs.size() / 4);
  header.offset = offset;
  header.sequence = sequence;
  header.flags = flags;
  std::array<std::byte, kPacketHeaderBytes> bytes{};
  EncodePacketHeader(header, bytes);
  return Text(bytes) + Text(crcs) + std::string(payload);
}

std::string WriteRequest(wire::WriteBlock::Stage stage, uint64_t id, uint64_t generation, uint64_t length, uint64_t resume_at) {
  return Request([&](auto request) {
    auto write = request.initWrite();
    ToWire(Block{BlockId(id), Generation(generation), length}, write.initBlock());
    write.setStage(stage);
    write.setChunkBytes(kChunk);
    write.setResumeAt(resume_at);
    write.setOldGeneration(10);
    write.setClient("ann");
  });
}

std::string ReplicaRequest(wire::ReplicaQuery::Action action, uint64_t id, uint64_t generation, uint64_t length) {
  return Request([&](auto request) {
    auto query = request.initReplica();
    query.setAction(action);
    ToWire(Block{BlockId(id), Generation(generation), length}, query.initBlock());
    query.setOldGeneration(10);
  });
}

}  // namespace

std::vector<std::string> Seeds() {
  using Stage = wire::WriteBlock::Stage;
  using Action = wire::ReplicaQuery::Action;
  std::vector<std::string> streams;
  const std::string content = Content(2000);
  streams.push_back(Request([](auto request) {
    auto read = request.initRead();
    ToWire(Block{BlockId(kComplete), Generation(10), 0}, read.initBlock());
    read.setOffset(600);
    read.setLength(1000);
  }));
  streams.push_back(Request([](auto request) {
    auto checksum = request.initChecksum();
    ToWire(Block{BlockId(kPacked), Generation(10), 0}, checksum.initBlock());
    checksum.setMd5(true);
  }));
  streams.push_back(WriteRequest(Stage::CREATE, kNew, 11, 0, 0) + Packet(0, 0, content.substr(0, 800), 0) +
                    Packet(1, 800, content.substr(800, 700), kSyncPacket) + Packet(2, 1500, content.substr(1500), kLastPacket));
  streams.push_back(WriteRequest(Stage::CREATE, kNew, 11, 0, 0) + Packet(0, 0, content.substr(0, 300), kLastPacket));
  streams.push_back(WriteRequest(Stage::TRANSFER, kNew, 11, 2000, 0) + Packet(0, 0, content, kLastPacket));
  for (const uint64_t id : {kComplete, kUnfinished, kPacked}) {
    streams.push_back(WriteRequest(Stage::RECOVER, id, 11, 0, 600) + Packet(0, 600, content.substr(0, 900), 0) +
                      Packet(1, 1500, "", kLastPacket));
    streams.push_back(ReplicaRequest(Action::LOOK, id, 0, 0) + ReplicaRequest(Action::PREPARE, id, 12, 0) +
                      ReplicaRequest(Action::COMMIT, id, 12, 650));
  }
  streams.push_back(Request([](auto request) {
    auto copy = request.initCopy();
    ToWire(Block{BlockId(kComplete), Generation(10), 1000}, copy.initBlock());
    copy.initTargets(1)[0].setHost("127.0.1.3");
  }));
  streams.push_back(Request([](auto request) {
    auto open = request.initOpen();
    ToWire(Block{BlockId(kComplete), Generation(10), 0}, open.initBlock());
    open.setNode(1);
  }));
  std::vector<std::string> seeds;
  for (const std::string& stream : streams) {
    AddOrdered(stream, &seeds);
    seeds.push_back('\3' + stream);  // with the payloads' checksums as they are
  }
  return seeds;
}

}  // namespace tusk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tusk;
  auto [seal, bytes] = fuzz::Order(data, std::min(size, fuzz::kMaxStreamBytes));
  if (seal) bytes = fuzz::Sealed(bytes, (data[0] & 2) == 0);
  bytes.resize(std::min(bytes.size(), fuzz::kMaxStreamBytes));
  int fds[2];
  PCHECK(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
  net::Socket near(fds[0]), far(fds[1]);
  CHECK(bytes.empty() || ::send(near.fd(), bytes.data(), bytes.size(), MSG_DONTWAIT) == static_cast<ssize_t>(bytes.size()));
  PCHECK(::shutdown(near.fd(), SHUT_WR) == 0);
  fuzz::Node node;
  node.Serve(far);
  node.CheckReplicas();
  return 0;
}
