// Fetches segments from TaskTrackers: one connection per tracker, kept for the next request; several maps per request.
//
// One attempt at a time: when to try again is decided by the caller (mapreduce/task/shuffle_input.h).
// Errors: kUnavailable and kDeadlineExceeded when the tracker is gone or silent; what the receiver answered; kCorruption for a
//         reply that does not fit the request.
// Thread: Fetch from several threads, for different trackers at a time.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>

#include "common/net/socket.h"
#include "mapreduce/task/environment.h"

namespace tusk::mr {

class ShuffleClient final : public SegmentFetcher {
 public:
  struct Options {
    std::string job;
    uint32_t partition = 0;
    std::chrono::milliseconds connect_timeout{3'000};
    std::chrono::milliseconds data_timeout{20'000};
    net::SocketOptions socket;
  };
  explicit ShuffleClient(Options options);
  Status Fetch(const std::string& host, uint16_t port, std::span<const MapAttempt> maps, SegmentReceiver& receiver) override;

 private:
  Status Converse(net::Socket& socket, std::span<const MapAttempt> maps, SegmentReceiver& receiver, bool* answered);

  const Options options_;
  std::mutex mutex_;
  std::map<net::Endpoint, net::Socket> idle_;
};

}  // namespace tusk::mr
