// A job's task host on this node: the job binary, executed once, that forks a child for each attempt.
//
// One keeper thread starts the process, reads its events, and, when the line to it breaks, kills its whole group and reaps it.
// Commands before the host is ready wait.
// Thread:   Start, Launch, KillAttempt and Destroy on the tasktracker loop, where the listener is called too.
// Owner:    JobRuns; Join (off the loop, after Destroy) before it is destroyed and before the loop stops.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "common/runtime/loop_thread.h"
#include "mapreduce/protocol/ids.h"
#include "mapreduce/tasktracker/host_process.h"

namespace tusk::mr::tasktracker {

class TaskHost : public std::enable_shared_from_this<TaskHost> {
 public:
  struct Listener {
    std::function<void(const AttemptId&)> started;
    std::function<void(const AttemptId&, int exit_code, int signal)> exited;
    // Once, last: no process of the job is left on this node. `why` is a sentence.
    std::function<void(const std::string& why)> ended;
  };
  TaskHost(LoopThread& loop, ProcessSpec spec, Listener listener);
  ~TaskHost();

  void Start();
  void Launch(const AttemptId& attempt);
  void KillAttempt(const AttemptId& attempt);
  void Destroy(std::string reason);  // SIGKILL to the whole group; `ended` follows
  void Join();

  bool ready() const { return ready_; }
  bool ended() const { return ended_; }

 private:
  enum class Order : uint8_t { kLaunch, kKill };
  void Keep();  // the keeper thread
  std::string ReadEvents();
  void OnReady();
  void Write(Order order, const AttemptId& attempt);
  void SendOrQueue(Order order, const AttemptId& attempt);

  LoopThread& loop_;
  const ProcessSpec spec_;
  const Listener listener_;
  std::thread keeper_;

  std::mutex mutex_;
  pid_t pid_ = -1;              // guarded by mutex_: -1 before the start and after the end
  bool destroyed_ = false;      // guarded by mutex_
  std::string destroy_reason_;  // guarded by mutex_
  net::Socket control_;         // set before `ready` is posted; read by the keeper, written by the loop

  // Loop:
  bool ready_ = false;
  bool ended_ = false;
  std::vector<std::pair<Order, AttemptId>> waiting_;
};

}  // namespace tusk::mr::tasktracker
