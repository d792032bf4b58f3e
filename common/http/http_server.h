// A small HTTP/1.1 server: routes with bodies in memory, and streams whose bodies may be of any size. Boost.Beast lies in
// http_server.cc and session.cc alone.
//
// One thread does all reading and writing, so that idle or slow peers cost no thread.
// Thread: routes are added before Start; handlers run on the server's worker threads, several at once; they must not touch loop
//         state directly (use LoopThread::CallBlocking). Start and Stop on one thread, never on a handler's.
// Limits: 16 KiB of headers (431 beyond), max_body_bytes of body (413 beyond), 64 connections by default (the one that is idle
// longest
//         makes room for a new one), 30 s for a request to arrive.
// Errors: 400 for what is not HTTP, 404 without a route, 405 when the route has other methods, 500 when a handler throws.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "common/base/result.h"
#include "common/net/endpoint.h"
#include "common/observe/metrics.h"

namespace tusk::http {

struct Request {
  std::string method;                             // "GET"
  std::string path;                               // decoded, without the query
  std::multimap<std::string, std::string> query;  // equal names in the order in which they came
  std::map<std::string, std::string> headers;     // names in lower case
  std::string body;
  std::string peer;
};

struct Response {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::map<std::string, std::string> headers = {};
  std::string body = {};
  static Response Json(std::string body, int status = 200);
  static Response Error(int status, std::string sentence);
};

// One request and its answer with bodies that do not lie in memory. Calls block; a peer that sends nothing for the server's idle
// timeout, or takes nothing for a minute, has gone. Thread: the handler's.
class Exchange {
 public:
  virtual ~Exchange() = default;
  virtual const Request& request() const = 0;  // its body is empty
  // Whether the request has a body, as its headers say.
  virtual bool has_body() const = 0;
  // Up to out.size() bytes of the request's body; 0: its end. kAborted: the peer has gone before that, or sent what is not HTTP.
  virtual Result<size_t> Read(std::span<std::byte> out) = 0;
  // A whole answer. Instead of Begin and Write, and as often as them: once.
  virtual Status Answer(Response response) = 0;
  // The head of an answer of this length, unknown: nullopt; its body is written piece by piece. A handler that ends before the
  // length is reached has the connection closed, so that the peer does not take the answer for whole.
  virtual Status Begin(Response head, std::optional<uint64_t> length) = 0;
  virtual Status Write(std::span<const std::byte> bytes) = 0;
};

class HttpServer {
 public:
  struct Options {
    std::string name = "http";
    size_t threads = 2;
    size_t stream_threads = 16;  // exchanges at a time; more wait
    size_t max_body_bytes = 1 << 20;
    size_t max_connections = 64;
    std::chrono::milliseconds idle_timeout{30'000};
  };
  using Handler = std::function<Response(const Request&)>;
  using StreamHandler = std::function<void(Exchange&)>;

  explicit HttpServer(Options options);
  ~HttpServer();
  // The longest matching prefix wins: "/status.json" or "/webhdfs/v1/". A prefix covers its own path and all below it. GET
  // answers HEAD too.
  void Route(std::string method, std::string path_prefix, Handler handler);
  void Stream(std::string method, std::string path_prefix, StreamHandler handler);
  Status Start(const net::Endpoint& local);
  uint16_t port() const;  // the real one, where Start was given 0
  // Closes the port and idle connections at once; waits for running handlers, and up to 2 s for their answers to leave. Once.
  void Stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The endpoints every daemon has: /metrics, /healthz (alive: 200), /readyz (200 or 503 with the reason), /status.json, and / (a
// page that links them).
struct DaemonPages {
  std::string title = {};  // "NameNode namenode"
  observe::Metrics* metrics = nullptr;
  std::function<Status()> ready = {};
  std::function<std::string()> status_json = {};
};
void AddDaemonPages(HttpServer& server, DaemonPages pages);

}  // namespace tusk::http
