#include "common/rpc/connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstring>

#include "common/base/try.h"

namespace tusk::rpc {
namespace {

constexpr size_t kReadBufferBytes = 64 * 1024;
constexpr size_t kPartsPerWrite = 64;

std::string NameOf(const TcpSocket& socket) {
  boost::system::error_code error;
  const auto remote = socket.remote_endpoint(error);
  if (error) return "unknown peer";
  return remote.address().to_string() + ":" + std::to_string(remote.port());
}

}  // namespace

Connection::Connection(TcpSocket socket)
    : socket_(std::move(socket)),
      peer_name_(NameOf(socket_)),
      last_received_(Clock::System().Now()),
      buffer_(std::make_unique_for_overwrite<std::byte[]>(kReadBufferBytes)) {}

void Connection::Start() { Read(); }

uint64_t Connection::Send(const FrameHeader& header, WriteQueue::Segments segments) {
  const uint64_t position = queue_.appended();
  if (closed_) return position;
  queue_.Append(header, segments);
  WantFlush();
  return position;
}

void Connection::SendBare(const FrameHeader& header) {
  if (closed_) return;
  queue_.AppendBare(header);
  WantFlush();
}

void Connection::Close() {
  if (closed_) return;
  closed_ = true;
  boost::system::error_code ignored;  // the descriptor is closed whatever close() says
  socket_.close(ignored);
}

void Connection::Fail(const Status& why) {
  if (closed_) return;
  Close();
  OnClosed(why);
}

void Connection::Continue() {
  if (!held_ || closed_ || processing_ || !MayTakeMore()) return;
  held_ = false;
  Process();
}

void Connection::Read() {
  if (reading_ || closed_) return;
  reading_ = true;
  asio::mutable_buffer room;
  if (in_large_) {
    room = asio::buffer(large_body_.asBytes().begin() + large_received_, large_body_.asBytes().size() - large_received_);
  } else {
    room = asio::buffer(buffer_.get() + end_, kReadBufferBytes - end_);
  }
  socket_.async_read_some(
      room, [self = shared_from_this()](const boost::system::error_code& error, size_t bytes) { self->OnRead(error, bytes); });
}

void Connection::OnRead(const boost::system::error_code& error, size_t bytes) {
  reading_ = false;
  if (closed_) return;
  if (error == asio::error::eof) {
    const bool in_frame = in_large_ || end_ > begin_;
    return Fail(
        Unavailable(in_frame ? "the peer closed the connection in the middle of a frame" : "the peer closed the connection"));
  }
  if (error) return Fail(FromErrno(error.value(), "the connection broke"));
  last_received_ = Clock::System().Now();
  if (in_large_) {
    large_received_ += bytes;
  } else {
    end_ += bytes;
  }
  Process();
}

void Connection::Process() {
  const auto self = shared_from_this();  // a handler may drop the last other reference
  processing_ = true;
  const Status status = TakeFrames();
  processing_ = false;
  if (closed_) return;
  if (!status.ok()) return Fail(status);
  if (flush_wanted_ && !awaiting_writable_) Flush();
  if (!held_) Read();
}

Status Connection::TakeFrames() {
  if (in_large_) {
    if (large_received_ < large_body_.asBytes().size()) return OkStatus();
    in_large_ = false;
    TUSK_TRY(Deliver(large_header_, std::move(large_body_)));
  }
  while (!closed_) {
    const size_t available = end_ - begin_;
    if (available < kFrameHeaderBytes) break;
    if (!MayTakeMore()) {
      held_ = true;
      return OkStatus();
    }
    TUSK_ASSIGN(const FrameHeader header,
                DecodeFrameHeader(std::span<const std::byte, kFrameHeaderBytes>(buffer_.get() + begin_, kFrameHeaderBytes)));
    const size_t ready = std::min<size_t>(available - kFrameHeaderBytes, header.body_bytes);
    if (ready < header.body_bytes && kFrameHeaderBytes + header.body_bytes <= kReadBufferBytes) break;  // it will fit

    auto body = kj::heapArray<capnp::word>(header.body_bytes / sizeof(capnp::word));
    if (ready > 0) std::memcpy(body.begin(), buffer_.get() + begin_ + kFrameHeaderBytes, ready);
    begin_ += kFrameHeaderBytes + ready;
    if (ready < header.body_bytes) {
      large_header_ = header;
      large_body_ = std::move(body);
      large_received_ = ready;
      in_large_ = true;
      break;
    }
    TUSK_TRY(Deliver(header, std::move(body)));
  }
  // What is left is the beginning of one frame: it moves to the front, so that the rest of it fits.
  if (begin_ > 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  return OkStatus();
}

Status Connection::Deliver(const FrameHeader& header, kj::Array<capnp::word> body) {
  has_received_ = true;
  return OnFrame(header, std::move(body));
}

void Connection::WantFlush() {
  if (flush_wanted_) return;
  flush_wanted_ = true;
  if (processing_ || awaiting_writable_) return;  // both flush when they are done
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    if (self->flush_wanted_ && !self->awaiting_writable_) self->Flush();
  });
}

void Connection::Flush() {
  flush_wanted_ = false;
  while (!closed_ && !queue_.empty()) {
    std::array<iovec, kPartsPerWrite> parts;
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = queue_.Gather(parts);
    const ssize_t sent = sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) return AwaitWritable();
      return Fail(FromErrno(errno, "the connection broke"));
    }
    queue_.Consume(static_cast<size_t>(sent));
  }
  // Posted: from here it would recurse, one level for each batch of a fast peer.
  if (held_ && !closed_) asio::post(socket_.get_executor(), [self = shared_from_this()] { self->Continue(); });
}

void Connection::AwaitWritable() {
  awaiting_writable_ = true;
  socket_.async_wait(TcpSocket::wait_write, [self = shared_from_this()](const boost::system::error_code& error) {
    self->awaiting_writable_ = false;
    if (self->closed_) return;
    if (error) return self->Fail(FromErrno(error.value(), "the connection broke"));
    self->Flush();
  });
}

}  // namespace tusk::rpc
