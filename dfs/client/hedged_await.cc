#include "dfs/client/hedged_await.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

namespace tusk::dfs {
namespace {

TimePoint Now() { return Clock::System().Now(); }

// Both run; the first that answers well wins, and the loser's connection is closed with it.
std::unique_ptr<BlockReader> Race(HedgePolicy& policy, std::chrono::milliseconds timeout, std::unique_ptr<BlockReader> first,
                                  std::unique_ptr<BlockReader> second,
                                  const std::function<void(const BlockReader&, const Status&)>& failed) {
  const DataNodeId slow = first->node().id;
  std::vector<std::unique_ptr<BlockReader>> left;
  left.push_back(std::move(first));
  left.push_back(std::move(second));
  while (!left.empty()) {
    std::vector<int> fds;
    for (const auto& reader : left) fds.push_back(reader->fd());
    const auto ready = FirstReadable(fds, timeout);
    if (!ready) {
      const Status silent = DeadlineExceeded("no answer within " + std::to_string(timeout.count()) + " ms");
      for (const auto& reader : left) failed(*reader, silent);
      return nullptr;
    }
    std::unique_ptr<BlockReader> reader = std::move(left[*ready]);
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(*ready));
    const Status answered = reader->Await();
    if (answered.ok()) {
      if (reader->node().id != slow && !left.empty()) policy.Lost(slow);
      return reader;
    }
    failed(*reader, answered);
  }
  return nullptr;
}

}  // namespace

std::optional<size_t> FirstReadable(std::span<const int> fds, Duration timeout) {
  std::vector<pollfd> entries;
  for (const int fd : fds) entries.push_back({fd, POLLIN, 0});
  const TimePoint end = Now() + timeout;
  while (true) {
    const auto left = std::max(end - Now(), Duration::zero());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    const timespec wait{seconds.count(), (left - seconds).count()};
    const int ready = ::ppoll(entries.data(), entries.size(), &wait, nullptr);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return std::nullopt;
    for (size_t i = 0; i < entries.size(); ++i) {
      if (entries[i].revents != 0) return i;
    }
  }
}

std::unique_ptr<BlockReader> AwaitHedged(HedgePolicy& policy, std::chrono::milliseconds timeout, HedgedRequest request) {
  const TimePoint asked = Now();
  const Duration threshold = policy.threshold();
  if (threshold > Duration::zero()) {
    const std::array<int, 1> fd{request.first->fd()};
    bool silent = !FirstReadable(fd, threshold);
    if (silent && !policy.TakeExtra()) silent = !FirstReadable(fd, std::min<Duration>(policy.patience(), timeout) - threshold);
    if (silent && request.start_second) {
      if (auto second = request.start_second()) {
        return Race(policy, timeout, std::move(request.first), std::move(second), request.failed);
      }
    }
  }
  const Status answered = request.first->Await();
  if (!answered.ok()) {
    request.failed(*request.first, answered);
    return nullptr;
  }
  if (request.fresh) policy.Answered(Now() - asked);
  return std::move(request.first);
}

}  // namespace tusk::dfs
