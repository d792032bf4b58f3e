#include "mapreduce/tasktracker/task_host.h"

#include <glog/logging.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#include "common/net/message_stream.h"
#include "mapreduce/protocol/tasktracker.capnp.h"

namespace tusk::mr::tasktracker {
namespace {

constexpr size_t kMaxEventBytes = 1 << 20;

}  // namespace

TaskHost::TaskHost(LoopThread& loop, ProcessSpec spec, Listener listener)
    : loop_(loop), spec_(std::move(spec)), listener_(std::move(listener)) {}

TaskHost::~TaskHost() { Join(); }

void TaskHost::Start() {
  keeper_ = std::thread([self = shared_from_this()]() mutable {
    ::pthread_setname_np(::pthread_self(), "task-host");
    self->Keep();
    // The last reference must not be this thread's: it would join itself. The loop, or the owner that joins, drops it.
    auto& loop = self->loop_;
    loop.Post([self = std::move(self)] {});
  });
}

void TaskHost::Join() {
  if (keeper_.joinable() && keeper_.get_id() != std::this_thread::get_id()) keeper_.join();
}

void TaskHost::Keep() {
  std::string why;
  auto process = Spawn(spec_);
  if (!process.ok()) {
    why = process.status().message();
  } else {
    const pid_t pid = process->pid;
    bool keep = true;
    {
      const std::lock_guard lock(mutex_);
      pid_ = pid;
      control_ = std::move(process->control);
      keep = !destroyed_;
    }
    std::string said;
    if (keep) said = ReadEvents();
    // The group is killed before its leader is reaped: until then its number cannot belong to anybody else.
    ::kill(-pid, SIGKILL);
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    const std::lock_guard lock(mutex_);
    pid_ = -1;
    const std::string how = DescribeExit(WIFEXITED(status) ? WEXITSTATUS(status) : 0, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    why = destroyed_ ? destroy_reason_ : "the job's binary " + (said.empty() ? how : said);
    if (!destroyed_) why += "; see " + spec_.log;
  }
  loop_.Post([self = shared_from_this(), why] {
    self->ended_ = true;
    self->listener_.ended(why);
  });
}

// Until the line breaks. Not empty: what the host, or the line, said last.
std::string TaskHost::ReadEvents() {
  for (;;) {
    auto message = net::ReadMessage(control_, kMaxEventBytes);
    if (!message.ok()) return {};
    try {
      const auto event = message->As<wire::HostEvent>();
      switch (event.which()) {
        case wire::HostEvent::READY: loop_.Post([self = shared_from_this()] { self->OnReady(); }); break;
        case wire::HostEvent::STARTED: {
          auto id = FromWire(event.getStarted().getAttempt());
          if (!id.ok()) return "sent a broken event: " + id.status().message();
          loop_.Post([self = shared_from_this(), id = *id] { self->listener_.started(id); });
          break;
        }
        case wire::HostEvent::EXITED: {
          auto id = FromWire(event.getExited().getAttempt());
          if (!id.ok()) return "sent a broken event: " + id.status().message();
          const int code = event.getExited().getExitCode();
          const int signal = event.getExited().getSignal();
          loop_.Post([self = shared_from_this(), id = *id, code, signal] { self->listener_.exited(id, code, signal); });
          break;
        }
        case wire::HostEvent::FAILED: return "cannot go on: " + std::string(event.getFailed().cStr(), event.getFailed().size());
      }
    } catch (const kj::Exception& e) {
      return std::string("sent a broken event: ") + e.getDescription().cStr();
    }
  }
}

void TaskHost::OnReady() {
  ready_ = true;
  for (const auto& [order, attempt] : std::exchange(waiting_, {})) Write(order, attempt);
}

void TaskHost::Launch(const AttemptId& attempt) { SendOrQueue(Order::kLaunch, attempt); }
void TaskHost::KillAttempt(const AttemptId& attempt) { SendOrQueue(Order::kKill, attempt); }

void TaskHost::SendOrQueue(Order order, const AttemptId& attempt) {
  if (ended_) return;
  if (ready_) {
    Write(order, attempt);
  } else {
    waiting_.emplace_back(order, attempt);
  }
}

void TaskHost::Write(Order order, const AttemptId& attempt) {
  capnp::MallocMessageBuilder message;
  auto command = message.initRoot<wire::HostCommand>();
  ToWire(attempt, order == Order::kLaunch ? command.initLaunch() : command.initKill());
  // A hundred bytes into a socket pair: never blocks while the host reads. A broken line is the keeper's to notice.
  if (Status status = net::WriteMessage(control_, message); !status.ok())
    LOG(WARNING) << "task host of " << attempt.ToString() << ": " << status;
}

void TaskHost::Destroy(std::string reason) {
  const std::lock_guard lock(mutex_);
  if (std::exchange(destroyed_, true)) return;
  destroy_reason_ = std::move(reason);
  if (pid_ > 0) ::kill(-pid_, SIGKILL);
}

}  // namespace tusk::mr::tasktracker
