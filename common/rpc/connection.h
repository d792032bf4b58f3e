// One TCP connection that carries frames both ways: the half of the request channel that client and server share.
//
// Reading: one large buffer, many frames a read; a body that does not fit is received straight into its own words.
// Writing: frames are appended to a queue that leaves in as few writes as possible: once after a batch of received frames was
//          handled, else once at the end of the loop's current round.
// Errors:  a malformed frame, an error of the socket or the peer's end closes the connection; OnClosed says why, once.
// Thread:  the loop. Owner: a shared_ptr; a pending operation of the socket holds one more.
#pragma once

#include <capnp/message.h>
#include <kj/array.h>

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/rpc/frame.h"
#include "common/rpc/write_queue.h"
#include "common/runtime/task.h"

namespace tusk::rpc {

// With the loop's own executor: the type-erased default costs an indirection and an allocation for each operation.
using TcpSocket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  explicit Connection(TcpSocket socket);
  virtual ~Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void Start();
  // Queues a frame. The position of its first byte in the stream: once it is below written(), the frame has begun to leave.
  uint64_t Send(const FrameHeader& header, WriteQueue::Segments segments);
  void SendBare(const FrameHeader& header);
  // Closes without OnClosed; what is queued is dropped.
  void Close();

  bool closed() const { return closed_; }
  TimePoint last_received() const { return last_received_; }
  bool has_received() const { return has_received_; }
  uint64_t written() const { return queue_.consumed(); }
  size_t unwritten() const { return queue_.bytes(); }
  const std::string& peer_name() const { return peer_name_; }

 protected:
  // A frame has come. A status that is not ok closes the connection with it.
  virtual Status OnFrame(const FrameHeader& header, kj::Array<capnp::word> body) = 0;
  virtual void OnClosed(const Status& why) = 0;
  // False: leave further frames in the socket until Continue().
  virtual bool MayTakeMore() const { return true; }
  // MayTakeMore() may have become true for a reason other than written output.
  void Continue();

 private:
  void Read();
  void OnRead(const boost::system::error_code& error, size_t bytes);
  void Process();
  Status TakeFrames();
  Status Deliver(const FrameHeader& header, kj::Array<capnp::word> body);
  void WantFlush();
  void Flush();
  void AwaitWritable();
  void Fail(const Status& why);

  TcpSocket socket_;
  std::string peer_name_;
  bool closed_ = false;
  bool reading_ = false;     // a read is pending
  bool processing_ = false;  // TakeFrames is on the stack
  bool held_ = false;        // TakeFrames stopped because MayTakeMore() said so
  bool has_received_ = false;
  TimePoint last_received_;

  std::unique_ptr<std::byte[]> buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;

  // A body larger than the buffer, being received in place.
  FrameHeader large_header_;
  kj::Array<capnp::word> large_body_;
  size_t large_received_ = 0;  // bytes
  bool in_large_ = false;

  WriteQueue queue_;
  bool flush_wanted_ = false;
  bool awaiting_writable_ = false;
};

}  // namespace tusk::rpc
