// Whether a daemon is ready: GET /readyz on its pages, and the figures of /status.json for `tusk cluster status`.
// Thread: any; blocks at most `timeout`.
#pragma once

#include <chrono>
#include <string>

#include "common/base/result.h"
#include "common/net/endpoint.h"

namespace tusk::cluster {

// The body of a 200 answer; kUnavailable with the body of any other, or when nobody listens.
Result<std::string> HttpGet(const net::Endpoint& server, const std::string& path, std::chrono::milliseconds timeout);

// ok, or kAlreadyExists "... is in use": tries to bind.
Status CheckPortFree(const net::Endpoint& endpoint);

}  // namespace tusk::cluster
