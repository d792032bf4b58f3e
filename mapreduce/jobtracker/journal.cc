#include "mapreduce/jobtracker/journal.h"

#include <glog/logging.h>

namespace tusk::mr::jobtracker {

using coordination::EntryType;
using coordination::EntryView;
using coordination::LogIndex;
using coordination::Term;

Journal::Journal(LoopThread& loop, std::unique_ptr<coordination::Log> log, const Clock& clock)
    : loop_(loop), log_(std::move(log)), clock_(clock), progressed_(loop.context()) {}

Journal::~Journal() { Close(); }

Result<Term> Journal::BeginTerm() {
  coordination::HardState state = log_->hard_state();
  state.term = std::max(state.term, log_->last_term()) + 1;
  if (Status status = log_->SetHardState(state); !status.ok())
    return status.WithContext("cannot begin a term of the job journal");
  return term_ = state.term;
}

Status Journal::Replay(const Apply& apply) const {
  if (log_->durable_index() < log_->first_index()) return OkStatus();
  return log_->Read(log_->first_index(), [&apply](const EntryView& view) {
    if (view.type != EntryType::kData) return OkStatus();
    auto entry = Decode(view.payload);
    if (!entry.ok()) return entry.status().WithContext("job journal, entry " + std::to_string(view.index));
    apply(view.index, view.term, *entry);
    return OkStatus();
  });
}

void Journal::Run(Apply apply, std::function<void()> batch_done) {
  apply_ = std::move(apply);
  batch_done_ = std::move(batch_done);
  applied_ = log_->last_index();
}

Result<LogIndex> Journal::Append(Fact fact) {
  if (closed_) return Cancelled("the JobTracker is stopping");
  Entry entry{clock_.WallMillis(), std::move(fact)};
  const std::vector<std::byte> bytes = Encode(entry);
  auto index = log_->Append(term_, EntryType::kData, bytes, [this](Status status) {
    // The log never completes with an error and goes on: it ends the process. An error here is a log being closed.
    if (!status.ok()) return;
    durable_.fetch_add(1);
    if (!drain_posted_.exchange(true)) loop_.Post([this] { Drain(); });
  });
  if (!index.ok()) return index.status();
  queue_.push_back({*index, std::move(entry)});
  return *index;
}

void Journal::Drain() {
  drain_posted_ = false;
  // Completions come in index order, so the number of them says how far the log is durable.
  for (LogIndex count = durable_.exchange(0); count > 0; --count) {
    const Waiting waiting = std::move(queue_.front());
    queue_.pop_front();
    applied_ = waiting.index;
    if (!closed_) apply_(waiting.index, term_, waiting.entry);
  }
  progressed_.NotifyAll();
  if (!closed_) batch_done_();
}

Task<Status> Journal::WaitApplied(LogIndex index) {
  while (applied_ < index) {
    bool notified = false;
    if (!closed_) notified = co_await progressed_.WaitUntil(TimePoint::max());
    if (!notified) co_return Cancelled("the JobTracker is stopping");
  }
  co_return OkStatus();
}

void Journal::DropBelow(LogIndex index) {
  if (Status status = log_->TruncatePrefix(index); !status.ok()) {
    LOG(WARNING) << "cannot drop old entries of the job journal: " << status;
  }
}

void Journal::Close() {
  if (log_ == nullptr) return;
  loop_.CallBlocking([this] {
    closed_ = true;
    progressed_.NotifyAll();
  });
  (void)log_->Flush();
  // Destroys the writer thread, after which no completion comes; those already posted run before this call does.
  log_.reset();
  loop_.CallBlocking([] {});
}

}  // namespace tusk::mr::jobtracker
