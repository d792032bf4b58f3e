#include "mapreduce/jobtracker/tracker_links.h"

#include <glog/logging.h>

#include "mapreduce/protocol/methods.h"

namespace tusk::mr::jobtracker {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kCommandDeadline{5'000};
constexpr milliseconds kForgetDeadline{20'000};  // it waits for processes to end and files to be deleted

rpc::CallOptions OneTry(milliseconds deadline) {
  rpc::CallOptions options;
  options.deadline = deadline;
  options.retry = false;  // a tracker that cannot be reached now gets no work: another one does
  return options;
}

}  // namespace

TrackerLinks::TrackerLinks(TaskGroup& tasks, rpc::Client& client, uint64_t epoch, LaunchFailed launch_failed)
    : tasks_(tasks), client_(client), epoch_(epoch), launch_failed_(std::move(launch_failed)) {}

void TrackerLinks::Send(const Command& command, const net::Endpoint& tracker) {
  Outbox& outbox = outboxes_[command.tracker];
  outbox.endpoint = tracker;
  outbox.commands.push_back(command);
  if (std::exchange(outbox.sending, true)) return;
  tasks_.Spawn(Drain(command.tracker));
}

Task<void> TrackerLinks::Drain(std::string tracker) {
  Outbox& outbox = outboxes_[tracker];
  while (!outbox.commands.empty()) {
    const net::Endpoint endpoint = outbox.endpoint;
    if (outbox.commands.front().kind == Command::Kind::kLaunch) {
      std::vector<AttemptId> attempts;
      while (!outbox.commands.empty() && outbox.commands.front().kind == Command::Kind::kLaunch) {
        attempts.push_back(outbox.commands.front().attempt);
        outbox.commands.pop_front();
      }
      co_await Launch(tracker, endpoint, std::move(attempts));
      continue;
    }
    const Command command = outbox.commands.front();
    outbox.commands.pop_front();
    const uint64_t epoch = epoch_;
    const auto reply = co_await client_.Call(
        endpoint, kKillAttempt,
        [&command, epoch](auto request) {
          request.setEpoch(epoch);
          ToWire(command.attempt, request.initAttempt());
          request.setReason(command.reason);
        },
        OneTry(kCommandDeadline));
    // Not tried again: the tracker reports the attempt with its next heartbeat, and is told again.
    if (!reply.ok()) LOG(WARNING) << "cannot kill " << command.attempt.ToString() << " on " << tracker << ": " << reply.status();
  }
  outbox.sending = false;
}

Task<void> TrackerLinks::Launch(std::string tracker, net::Endpoint endpoint, std::vector<AttemptId> attempts) {
  const uint64_t epoch = epoch_;
  const auto reply = co_await client_.Call(
      endpoint, kLaunch,
      [&attempts, epoch](auto request) {
        request.setEpoch(epoch);
        auto list = request.initAttempts(static_cast<unsigned>(attempts.size()));
        for (unsigned i = 0; i < list.size(); ++i) ToWire(attempts[i], list[i]);
      },
      OneTry(kCommandDeadline));
  if (reply.ok() || reply.status().code() == Code::kCancelled) co_return;
  LOG(WARNING) << "cannot launch " << attempts.size() << " attempts on " << tracker << ": " << reply.status();
  launch_failed_(tracker, attempts, reply.status());
}

Task<Status> TrackerLinks::ForgetJob(net::Endpoint tracker, std::string job) {
  const uint64_t epoch = epoch_;
  const auto reply = co_await client_.Call(
      tracker, kForgetJob,
      [&job, epoch](auto request) {
        request.setEpoch(epoch);
        request.setJob(job);
      },
      OneTry(kForgetDeadline));
  co_return reply.status();
}

}  // namespace tusk::mr::jobtracker
