// One small GET over a blocking socket: for the logs of attempts, which TaskTrackers serve over HTTP.
//
// Limits: 64 MiB of body, 20 s without a byte. Thread: any; blocks.
#pragma once

#include <string>

#include "common/base/result.h"

namespace tusk::mr {

// `url`: "http://host:port/path". kNotFound: the server says 404; its own sentence is the message.
Result<std::string> HttpGet(const std::string& url);

// The body of a whole answer, and its status code; Content-Length, chunked, or until the end. Apart for its tests.
struct HttpAnswer {
  int status = 0;
  std::string body;
};
Result<HttpAnswer> ParseHttpAnswer(std::string_view bytes);

}  // namespace tusk::mr
