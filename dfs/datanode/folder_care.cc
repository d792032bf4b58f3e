#include "dfs/datanode/folder_care.h"

#include <pthread.h>

#include <algorithm>

namespace tusk::dfs::datanode {
namespace {

constexpr auto kBalanceEvery = std::chrono::seconds(10);

TimePoint Now() { return Clock::System().Now(); }

}  // namespace

FolderCare::FolderCare(DataFolders& folders, DataNodeMetrics& metrics, Options options)
    : folders_(folders), metrics_(metrics), options_(std::move(options)), all_(folders.size()) {
  for (size_t i = 0; i < all_.size(); ++i) {
    Scrubber::Options scrub;
    scrub.bytes_per_second = options_.scrub_bytes_per_second;
    scrub.period = options_.scrub_period;
    scrub.client_bytes = options_.client_bytes;
    scrub.wait = [this, i](Duration duration) { return Wait(i, duration); };
    all_[i].scrubber = std::make_unique<Scrubber>(folders_, i, Clock::System(), std::move(scrub));
    all_[i].next_probe = Now() + options_.probe_interval;
  }
  FolderBalancer::Options balance;
  balance.bytes_per_second = options_.balance_bytes_per_second;
  balance.threshold = options_.balance_threshold;
  balance.wait = [this](Duration duration) { return Sleep(duration); };
  balancer_ = std::make_unique<FolderBalancer>(folders_, Clock::System(), std::move(balance));
  for (size_t i = 0; i < all_.size(); ++i) all_[i].thread = std::thread([this, i] { Serve(i); });
  if (all_.size() > 1 && options_.balance_bytes_per_second != 0) balance_thread_ = std::thread([this] { Balance(); });
}

FolderCare::~FolderCare() { Stop(); }

void FolderCare::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  for (Folder& folder : all_) {
    if (folder.thread.joinable()) folder.thread.join();
  }
  if (balance_thread_.joinable()) balance_thread_.join();
}

void FolderCare::Look(const std::string& directory) {
  std::lock_guard lock(mutex_);
  for (size_t i = 0; i < all_.size(); ++i) {
    if (folders_.directory(i) == directory) all_[i].look = true;
  }
  changed_.notify_all();
}

void FolderCare::CheckFirst(const Block& block) {
  std::lock_guard lock(mutex_);
  for (Folder& folder : all_) {  // the others do not know the block
    folder.scrubber->CheckFirst(block);
    folder.work = true;
  }
  changed_.notify_all();
}

void FolderCare::Serve(size_t index) {
  pthread_setname_np(pthread_self(), "dn-folder");
  Scrubber& scrubber = *all_[index].scrubber;
  while (true) {
    const uint64_t bytes = scrubber.checked_bytes(), found = scrubber.found();
    const Duration idle = scrubber.Run();
    metrics_.scrubbed_bytes.Increment(static_cast<double>(scrubber.checked_bytes() - bytes));
    metrics_.scrub_findings.Increment(static_cast<double>(scrubber.found() - found));
    if (!Wait(index, idle)) break;
  }
  scrubber.Save().ok();
}

void FolderCare::Probe(size_t index) {
  folders_.CheckFolder(index).ok();
  size_t failed = 0, slow = 0;
  for (const auto& folder : folders_.Figures()) {
    failed += folder.failure.ok() ? 0 : 1;
    slow += folder.slow ? 1 : 0;
  }
  metrics_.failed_folders.Set(static_cast<double>(failed));
  metrics_.slow_folders.Set(static_cast<double>(slow));
}

bool FolderCare::Wait(size_t index, Duration duration) {
  const TimePoint until = Now() + duration;
  Folder& folder = all_[index];
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (folder.look || Now() >= folder.next_probe) {
      folder.look = false;
      lock.unlock();
      Probe(index);
      lock.lock();
      folder.next_probe = Now() + options_.probe_interval;
      continue;
    }
    if (Now() >= until || std::exchange(folder.work, false)) return true;
    changed_.wait_until(lock, std::min(until, folder.next_probe));
  }
  return false;
}

void FolderCare::Balance() {
  pthread_setname_np(pthread_self(), "dn-balance");
  do {
    const uint64_t bytes = balancer_->moved_bytes();
    balancer_->Run();
    metrics_.moved_bytes.Increment(static_cast<double>(balancer_->moved_bytes() - bytes));
  } while (Sleep(kBalanceEvery));
}

bool FolderCare::Sleep(Duration duration) {
  const TimePoint until = Now() + duration;
  std::unique_lock lock(mutex_);
  while (!stopping_ && Now() < until) changed_.wait_until(lock, until);
  return !stopping_;
}

std::string FolderCare::Json() const {
  uint64_t checked = 0, bytes = 0, found = 0, rounds = UINT64_MAX;
  for (const Folder& folder : all_) {
    checked += folder.scrubber->checked();
    bytes += folder.scrubber->checked_bytes();
    found += folder.scrubber->found();
    rounds = std::min(rounds, folder.scrubber->rounds());
  }
  return "{\"scrubbedBlocks\":" + std::to_string(checked) + ",\"scrubbedBytes\":" + std::to_string(bytes) +
         ",\"damagedFound\":" + std::to_string(found) + ",\"scrubRounds\":" + std::to_string(rounds) +
         ",\"movedBlocks\":" + std::to_string(balancer_->moved()) +
         ",\"movedBytes\":" + std::to_string(balancer_->moved_bytes()) + "}";
}

}  // namespace tusk::dfs::datanode
