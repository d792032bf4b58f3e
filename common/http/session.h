// One connection of an HttpServer: reads requests, has handlers run, writes answers. Internal to common/http.
//
// Thread: all members belong to the I/O thread; a handler runs on a pool with a request, or an exchange, of its own.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/http/http_server.h"

namespace tusk::http {

struct RouteEntry {
  std::string method;
  std::string prefix;
  HttpServer::Handler handler;  // one of these two
  HttpServer::StreamHandler stream;
};

// What all sessions share. Routes do not change after Start; the rest of it belongs to the I/O thread, where it is not atomic.
struct Shared {
  HttpServer::Options options;
  std::vector<RouteEntry> routes;
  std::optional<boost::asio::thread_pool> handlers;
  std::optional<boost::asio::thread_pool> streams;
  std::atomic<bool> stopping{false};
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  using ErrorCode = boost::system::error_code;

  Session(boost::asio::ip::tcp::socket socket, Shared& shared);

  // Since when it waits for a request; nullopt once its header is there.
  std::optional<std::chrono::steady_clock::time_point> waiting_since() const { return waiting_since_; }
  void ReadRequest();
  // Lets an answer in progress go out, and ends all else at once; a stream too, which may be endless.
  void Shutdown();
  void Close();

  // What an exchange asks for, one after the other; each ends by calling `then` here on the I/O thread.
  boost::asio::any_io_executor executor() { return stream_.get_executor(); }
  void ReadBodyPiece(std::span<std::byte> out, std::function<void(Result<size_t>)> then);
  void BeginAnswer(Response head, std::optional<uint64_t> length, std::function<void(Status)> then);
  void WriteBodyPiece(std::span<const std::byte> bytes, std::function<void(Status)> then);
  void EndStream();
  void Write(Response response);

 private:
  void OnHeader(ErrorCode error);
  void ReadBody();
  void OnReadError(ErrorCode error);
  bool TakeHead();
  void Dispatch();
  void DispatchStream(const HttpServer::StreamHandler& handler);
  bool BodyDone() const;
  void ReadPlainPiece(std::span<std::byte> out, std::function<void(Result<size_t>)> then);
  void Refuse(Response response);
  void Continue(std::function<void(ErrorCode)> then);
  void EndAnswer();
  void Linger();

  boost::beast::tcp_stream stream_;
  Shared& shared_;
  std::string peer_;
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::empty_body>> head_parser_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;       // a body in memory
  std::optional<boost::beast::http::request_parser<boost::beast::http::buffer_body>> body_parser_;  // a stream
  std::shared_ptr<Request> request_;
  boost::beast::http::response<boost::beast::http::string_body> wire_;
  std::optional<boost::beast::http::response<boost::beast::http::empty_body>> head_wire_;
  std::optional<boost::beast::http::response_serializer<boost::beast::http::empty_body>> head_serializer_;
  std::optional<std::chrono::steady_clock::time_point> waiting_since_;
  std::optional<uint64_t> body_to_come_;  // of a streamed request; nothing: it is chunked
  std::optional<uint64_t> body_left_;     // of a streamed answer of known length
  bool answering_ = false;                // from the whole request to the whole answer
  bool streaming_ = false;
  bool begun_ = false;    // a streamed answer's head has been written
  bool chunked_ = false;  // it has no length
  bool expects_ = false;  // the peer waits for 100 Continue before it sends its body
  bool keep_alive_ = false;
  bool head_ = false;
  bool lingers_ = false;
  unsigned version_ = 11;
  size_t lingered_ = 0;
};

}  // namespace tusk::http
