#include <algorithm>

#include "common/rpc/client_impl.h"

namespace tusk::rpc {

OpenCall::OpenCall(Client::Impl& client, TimePoint deadline) : client_(client), deadline_(deadline) {
  client_.calls.push_back(*this);
}

OpenCall::~OpenCall() {
  if (connection != nullptr) connection->Forget(*this);
  client_.deadlines.Remove(*this);
}

Task<void> OpenCall::Wait(TimePoint until) {
  decided_ = false;
  outcome_ = OkStatus();
  const TimePoint end = std::min(until, deadline_);
  if (!is_linked() || at() != end) {
    client_.deadlines.Remove(*this);
    client_.AddDeadline(*this, end);
  }
  return parked_.Wait([this] { Decide(Cancelled("the call was cancelled"), Resume::kPosted); });
}

void OpenCall::Decide(Status outcome, Resume resume) {
  if (decided_ || !parked_.waiting()) return;
  decided_ = true;
  outcome_ = std::move(outcome);
  if (connection != nullptr) connection->Forget(*this);
  in_waiters.unlink();
  switch (resume) {
    case Resume::kAtOnce: return parked_.Wake();
    case Resume::kPosted: return asio::post(client_.loop.context(), [this] { parked_.Wake(); });
    case Resume::kNever: return parked_.Drop();
  }
}

}  // namespace tusk::rpc
