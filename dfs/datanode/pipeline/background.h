// Copies of blocks give way to clients: their threads take the processor that is left over.
//
// Thread: any.
#pragma once

#include <sys/resource.h>
#include <unistd.h>

#include <thread>
#include <utility>

#include "common/base/status.h"

namespace tusk::dfs::datanode {

inline constexpr int kBackgroundNice = 10;

// Of the calling thread, for good: an ordinary user cannot raise it again. Without the right to it, it only stays as it was.
inline void GoToBackground() { (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kBackgroundNice); }

// On a thread of its own, as the calling one serves clients afterwards; returns when it is done.
template <class F>
Status RunInBackground(F work) {
  Status done;
  std::thread([&] {
    GoToBackground();
    done = work();
  }).join();
  return done;
}

}  // namespace tusk::dfs::datanode
