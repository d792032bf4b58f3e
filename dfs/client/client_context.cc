#include "dfs/client/client_context.h"

#include <glog/logging.h>

namespace tusk::dfs {

ClientContext::ClientContext(ClientOptions options)
    : namenode_(std::move(options)),
      connections_(namenode_.options().data_timeout),
      local_replicas_(connections_, namenode_.options().local_reads),
      hedging_(namenode_.options().hedged_reads, Clock::System()) {}

ClientContext::~ClientContext() {
  if (background_) background_->CancelAndWait();
}

void ClientContext::Register(OpenWriter* writer) {
  LoopThread& loop = namenode_.loop();
  std::lock_guard lock(mutex_);
  writers_.insert(writer);
  if (!background_) {
    background_ = std::make_unique<TaskGroup>(loop);
    background_->Spawn(KeepWritersAlive());
  }
}

void ClientContext::Unregister(OpenWriter* writer) {
  std::lock_guard lock(mutex_);
  writers_.erase(writer);
}

Task<void> ClientContext::KeepWritersAlive() {
  const auto tick = std::min<std::chrono::milliseconds>(options().lease_renewal, std::chrono::seconds(5));
  auto renewed = std::chrono::steady_clock::now();
  while (true) {
    const Status slept = co_await SleepFor(tick);
    if (!slept.ok()) co_return;
    bool writing = false;
    {
      std::lock_guard lock(mutex_);
      writing = !writers_.empty();
      for (OpenWriter* writer : writers_) writer->KeepAlive();
    }
    const auto now = std::chrono::steady_clock::now();
    if (!writing || now - renewed < options().lease_renewal) continue;
    renewed = now;
    const Status status = co_await namenode_.RenewLease();
    if (!status.ok()) LOG(WARNING) << "cannot renew the lease of the files being written: " << status;
  }
}

}  // namespace tusk::dfs
