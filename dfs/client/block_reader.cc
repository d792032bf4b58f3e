#include "dfs/client/block_reader.h"

#include <algorithm>
#include <cstring>

#include "common/base/try.h"
#include "common/net/message_stream.h"
#include "common/storage/crc32c.h"
#include "dfs/protocol/convert.h"
#include "dfs/protocol/data_transfer.capnp.h"

namespace tusk::dfs {
namespace {

// Below this a read passes through the buffer, so that many small reads cost one system call.
constexpr uint32_t kDirectBytes = 64 << 10;
constexpr uint32_t kBufferBytes = 256 << 10;

// Broken framing says nothing about the replica's bytes.
Status Protocol(std::string what) { return IoError("a DataNode broke the protocol: " + std::move(what)); }

}  // namespace

std::byte* ReadBuffer::Ensure(size_t bytes) {
  if (bytes_ < bytes) {
    memory_.reset(new std::byte[bytes]);
    bytes_ = bytes;
  }
  return memory_.get();
}

BlockReader::~BlockReader() {
  if (finished_) connections_.GiveBack(node_, std::move(socket_));
}

Result<std::unique_ptr<BlockReader>> BlockReader::Start(DataConnections& connections, const DataNodeInfo& node,
                                                        const BlockRange& range, const std::string& client) {
  std::unique_ptr<BlockReader> reader(new BlockReader(connections, node, range, client));
  Status sent = reader->Request(/*only_new=*/false);
  if (!sent.ok() && reader->reused_) sent = reader->Request(/*only_new=*/true);
  if (!sent.ok()) return sent;
  return reader;
}

Status BlockReader::Request(bool only_new) {
  TUSK_ASSIGN(DataConnections::Lease lease, connections_.Take(node_, only_new));
  reused_ = lease.reused;
  socket_ = std::move(lease.socket);
  capnp::MallocMessageBuilder message;
  auto envelope = message.initRoot<wire::DataRequest>();
  envelope.setToken(AsData(range_.token));
  auto read = envelope.initRead();
  ToWire(range_.block, read.initBlock());
  read.setOffset(range_.offset);
  read.setLength(range_.length);
  read.setClient(client_);
  return net::WriteMessage(socket_, message);
}

Status BlockReader::Await() {
  Status answered = ReadReply();
  if (!answered.ok() && reused_) {
    TUSK_TRY(Request(/*only_new=*/true));
    answered = ReadReply();
  }
  TUSK_TRY(std::move(answered));
  if (watch_.patience.count() > 0) TUSK_TRY(socket_.SetTimeout(watch_.patience));
  return OkStatus();
}

Status BlockReader::ReadReply() {
  TUSK_ASSIGN(const net::ReceivedMessage received, net::ReadMessage(socket_));
  reused_ = false;
  try {
    const auto reply = received.As<wire::DataReply>();
    if (reply.getCode() != 0) return Status(static_cast<Code>(reply.getCode()), std::string(reply.getMessage().cStr()));
    chunk_bytes_ = reply.getChunkBytes();
    arriving_ = reply.getFirstOffset();
    block_length_ = reply.getBlockLength();
  } catch (const std::exception& e) {
    return Protocol(e.what());
  }
  if (chunk_bytes_ < kMinChunkBytes || chunk_bytes_ > kMaxChunkBytes) {
    return Protocol("chunks of " + std::to_string(chunk_bytes_) + " bytes");
  }
  if (arriving_ > position_ || position_ - arriving_ >= chunk_bytes_ || arriving_ % chunk_bytes_ != 0) {
    return Protocol("data from " + std::to_string(arriving_) + " for a read at " + std::to_string(position_));
  }
  if (block_length_ < end_) {
    return IoError("the replica has " + std::to_string(block_length_) + " bytes; " + std::to_string(end_) + " are expected");
  }
  return OkStatus();
}

Status BlockReader::Receive(std::span<std::byte> out) {
  if (watch_.patience.count() == 0) return socket_.ReadFully(out);
  auto silent = std::chrono::milliseconds(0);
  for (size_t done = 0;;) {
    const size_t before = done;
    Status received = socket_.ReadOn(out, &done);
    if (received.code() != Code::kDeadlineExceeded) return received;
    silent = (done > before ? std::chrono::milliseconds(0) : silent) + watch_.patience;
    if (silent >= connections_.timeout() || !watch_.on_stall(*this)) return received;
  }
}

Status BlockReader::NextPacket() {
  std::array<std::byte, kPacketHeaderBytes> bytes;
  TUSK_TRY(Receive(bytes));
  auto decoded = DecodePacketHeader(bytes);
  if (!decoded.ok()) return Protocol(decoded.status().message());
  const PacketHeader& header = *decoded;
  if (header.sequence != sequence_ || header.offset != arriving_) {
    return Protocol("packet " + std::to_string(header.sequence) + " at " + std::to_string(header.offset) + "; expected packet " +
                    std::to_string(sequence_) + " at " + std::to_string(arriving_));
  }
  if (header.checksum_count != ChecksumCount(header.offset, header.payload_bytes, chunk_bytes_) ||
      header.offset + header.payload_bytes > block_length_) {
    return Protocol("a packet of " + std::to_string(header.payload_bytes) + " bytes with " +
                    std::to_string(header.checksum_count) + " checksums at " + std::to_string(header.offset));
  }
  checksums_.resize(header.checksum_count);
  next_checksum_ = 0;
  if (!checksums_.empty()) TUSK_TRY(Receive(std::as_writable_bytes(std::span(checksums_))));
  payload_left_ = header.payload_bytes;
  last_ = header.last();
  ++sequence_;
  return OkStatus();
}

uint32_t BlockReader::WholeChunksWithin(size_t room) const {
  if (room >= payload_left_) return payload_left_;
  const uint64_t border = (arriving_ + room) / chunk_bytes_ * chunk_bytes_;
  return border > arriving_ ? static_cast<uint32_t>(border - arriving_) : 0;
}

Status BlockReader::Fetch(std::byte* out, uint32_t bytes) {
  TUSK_TRY(Receive({out, bytes}));
  for (uint32_t done = 0; done < bytes;) {
    const uint64_t to_border = chunk_bytes_ - arriving_ % chunk_bytes_;
    const auto piece = static_cast<uint32_t>(std::min<uint64_t>(to_border, bytes - done));
    if (storage::Crc32c(out + done, piece) != checksums_[next_checksum_]) {
      return Corruption("the bytes at " + std::to_string(arriving_) + " of block " + std::to_string(block_.id.value()) +
                        " do not match their checksum");
    }
    ++next_checksum_;
    done += piece;
    arriving_ += piece;
  }
  payload_left_ -= bytes;
  return OkStatus();
}

Result<size_t> BlockReader::Read(std::span<std::byte> out) {
  if (out.empty()) return size_t{0};
  while (true) {
    if (position_ == end_) return size_t{0};
    if (position_ >= buffered_from_ && position_ < buffered_to_) {
      const size_t count = std::min<uint64_t>({out.size(), buffered_to_ - position_, end_ - position_});
      std::memcpy(out.data(), buffer_.Ensure(0) + (position_ - buffered_from_), count);
      position_ += count;
      return count;
    }
    if (payload_left_ == 0) {
      if (last_) return Protocol("the data ended at " + std::to_string(arriving_) + " of " + std::to_string(end_));
      TUSK_TRY(NextPacket());
      continue;
    }
    if (arriving_ == position_) {
      const uint32_t direct = WholeChunksWithin(std::min<uint64_t>(out.size(), end_ - position_));
      if (direct >= kDirectBytes || (direct > 0 && direct == payload_left_)) {
        TUSK_TRY(Fetch(out.data(), direct));
        position_ += direct;
        return size_t{direct};
      }
    }
    const uint32_t bytes = WholeChunksWithin(std::max(kBufferBytes, chunk_bytes_));
    std::byte* memory = buffer_.Ensure(bytes);
    const uint64_t from = arriving_;
    TUSK_TRY(Fetch(memory, bytes));
    buffered_from_ = from;
    buffered_to_ = from + bytes;
  }
}

void BlockReader::Finish() {
  if (position_ == end_) finished_ = ReadToTheEnd().ok();
}

Status BlockReader::ReadToTheEnd() {
  while (!last_ || payload_left_ > 0) {
    if (payload_left_ == 0) {
      TUSK_TRY(NextPacket());
      continue;
    }
    // At most the rest of the chunk in which the range ends.
    const uint32_t bytes = WholeChunksWithin(std::max(kBufferBytes, chunk_bytes_));
    TUSK_TRY(Fetch(buffer_.Ensure(bytes), bytes));
  }
  return OkStatus();
}

}  // namespace tusk::dfs
