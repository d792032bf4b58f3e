// The handler's side of a stream: has the session do each thing on the I/O thread and waits for it. Internal to common/http.
#pragma once

#include <memory>

#include "common/http/http_server.h"
#include "common/http/session.h"

namespace tusk::http {

class StreamExchange final : public Exchange {
 public:
  StreamExchange(std::shared_ptr<Session> session, std::shared_ptr<const Request> request, bool has_body)
      : session_(std::move(session)), request_(std::move(request)), has_body_(has_body) {}

  const Request& request() const override { return *request_; }
  bool has_body() const override { return has_body_; }
  Result<size_t> Read(std::span<std::byte> out) override;
  Status Answer(Response response) override;
  Status Begin(Response head, std::optional<uint64_t> length) override;
  Status Write(std::span<const std::byte> bytes) override;
  bool begun() const { return begun_; }

 private:
  const std::shared_ptr<Session> session_;
  const std::shared_ptr<const Request> request_;
  const bool has_body_;
  bool begun_ = false;
};

}  // namespace tusk::http
