#include "dfs/datanode/pipeline/ack_relay.h"

#include <poll.h>
#include <pthread.h>

#include <array>

#include "common/base/try.h"

namespace tusk::dfs::datanode {

AckRelay::AckRelay(Upstream& up, net::Socket* down, std::chrono::milliseconds patience, Waited waited)
    : up_(up), down_(down), patience_(patience), heard_below_(Clock::System().Now()), waited_(std::move(waited)) {}

AckRelay::~AckRelay() { Abort(); }

void AckRelay::Stored(uint64_t sequence, bool last, uint64_t end) {
  if (!last && down_ != nullptr && !thread_.joinable()) {
    thread_ = std::thread([this] {
      pthread_setname_np(pthread_self(), "dn-acks");
      Run();
    });
  }
  Push({sequence, Code::kOk, Clock::System().Now(), end});
}
void AckRelay::FailedHere(uint64_t sequence, Code code) { Push({sequence, code, {}, 0}); }

void AckRelay::FailedBelow(uint64_t sequence) {
  down_->Shutdown();  // acks that have arrived can still be read; then comes the end
  Push({sequence, Code::kOk, Clock::System().Now(), 0});
}

void AckRelay::Push(Entry entry) {
  if (down_ == nullptr) {
    {
      std::lock_guard lock(mutex_);
      if (!outcome_.ok()) return;
    }
    if (entry.code == Code::kOk && acked_) acked_(entry.end);
    Status sent = SendUp({entry.sequence, entry.code, 0});
    std::lock_guard lock(mutex_);
    if (!sent.ok()) outcome_ = std::move(sent);
    return;
  }
  std::lock_guard lock(mutex_);
  entries_.push_back(entry);
  changed_.notify_one();
}

bool AckRelay::healthy() const {
  std::lock_guard lock(mutex_);
  return outcome_.ok();
}

Status AckRelay::SendUp(const Ack& ack) {
  TUSK_TRY(up_.Acknowledge(ack));
  if (ack.code == Code::kOk) return OkStatus();
  return Status(ack.code, "packet " + std::to_string(ack.sequence) + " failed " +
                              (ack.failed == 0 ? std::string("here") : std::to_string(ack.failed) + " nodes below"));
}

bool AckRelay::HeardBelow(Duration span) const {
  pollfd entry{down_->fd(), POLLIN, 0};
  return ::poll(&entry, 1, 0) > 0 || Clock::System().Now() - heard_below_.load() < span;
}

Ack AckRelay::ReadBelow(uint64_t sequence) {
  const TimePoint end = Clock::System().Now() + patience_;
  Result<Ack> ack = Ack{};
  do {
    std::array<std::byte, kAckBytes> bytes{};
    if (Status read = down_->ReadFully(bytes); !read.ok()) {
      return {sequence, read.code() == Code::kDeadlineExceeded ? Code::kDeadlineExceeded : Code::kUnavailable, 1};
    }
    heard_below_ = Clock::System().Now();
    ack = DecodeAck(bytes);
  } while (ack.ok() && ack->sign_of_life() && heard_below_.load() < end);
  if (ack.ok() && ack->sign_of_life()) return {sequence, Code::kDeadlineExceeded, 1};
  if (!ack.ok()) return {sequence, Code::kCorruption, 1};
  if (ack->code != Code::kOk) return {sequence, ack->code, static_cast<uint16_t>(ack->failed + 1)};
  if (ack->sequence != sequence) return {sequence, Code::kCorruption, 1};
  return {sequence, Code::kOk, 0};
}

void AckRelay::Run() {
  while (true) {
    Entry entry;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return finishing_ || !entries_.empty() || !outcome_.ok(); });
      if (entries_.empty() || !outcome_.ok()) return;
      entry = entries_.front();
      entries_.pop_front();
    }
    const Ack ack = entry.code != Code::kOk ? Ack{entry.sequence, entry.code, 0} : ReadBelow(entry.sequence);
    if (ack.code == Code::kOk && waited_) waited_(Clock::System().Now() - entry.stored_at);
    if (ack.code == Code::kOk && acked_) acked_(entry.end);
    Status sent;
    {
      std::lock_guard lock(mutex_);
      sent = outcome_;  // aborted meanwhile: the failure below is our own doing
    }
    if (sent.ok()) sent = SendUp(ack);
    if (sent.ok()) continue;
    std::lock_guard lock(mutex_);
    if (outcome_.ok()) outcome_ = std::move(sent);
    down_->Shutdown();  // wakes the receiving thread if it is blocked forwarding
    return;
  }
}

Status AckRelay::Finish() {
  {
    std::lock_guard lock(mutex_);
    finishing_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) {
    thread_.join();
  } else if (down_ != nullptr) {
    Run();
  }
  std::lock_guard lock(mutex_);
  return outcome_;
}

void AckRelay::Abort() {
  {
    std::lock_guard lock(mutex_);
    if (outcome_.ok() && !finishing_) outcome_ = Cancelled("the writer is gone");
    finishing_ = true;
    changed_.notify_one();
  }
  if (!thread_.joinable()) return;
  down_->Shutdown();
  thread_.join();
}

}  // namespace tusk::dfs::datanode
