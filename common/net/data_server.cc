#include "common/net/data_server.h"

#include <glog/logging.h>
#include <pthread.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <unordered_set>
#include <vector>

#include "common/base/try.h"

namespace tusk::net {

// A thread that has served its connection waits for the next one: a new connection costs a wake-up, not a thread. There are never
// more threads than there were connections at once.
struct DataServer::Impl {
  Impl(Options given_options, Handler given_handler) : options(std::move(given_options)), handler(std::move(given_handler)) {}

  void AcceptLoop() {
    pthread_setname_np(pthread_self(), options.name.substr(0, 15).c_str());
    while (WaitForRoom()) {
      auto accepted = listener.Accept();
      if (!accepted.ok()) {
        if (accepted.status().code() == Code::kCancelled) return;
        LOG_EVERY_N(ERROR, 100) << options.name << ": " << accepted.status() << "; trying again";
        PauseAfterError();
        continue;
      }
      if (const Status applied = accepted->Apply(options.socket); !applied.ok()) continue;  // the peer has gone already
      HandOver(std::move(accepted).value());
    }
  }

  // False after Stop.
  bool WaitForRoom() {
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [this] { return stopping || active.size() + waiting.size() < options.max_connections; });
    return !stopping;
  }

  // Out of descriptors: another connection must end first; Stop ends the pause.
  void PauseAfterError() {
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait_for(lock, std::chrono::milliseconds(50), [this] { return stopping; });
  }

  void HandOver(Socket socket) {
    const std::lock_guard<std::mutex> lock(mutex);
    if (stopping) return;
    waiting.push_back(std::move(socket));
    if (idle >= waiting.size()) {
      work.notify_one();
    } else {
      threads.emplace_back([this] { ServeLoop(); });
    }
  }

  void ServeLoop() {
    pthread_setname_np(pthread_self(), options.name.substr(0, 15).c_str());
    std::unique_lock<std::mutex> lock(mutex);
    for (;;) {
      ++idle;
      work.wait(lock, [this] { return stopping || !waiting.empty(); });
      --idle;
      if (stopping) return;
      Socket socket = std::move(waiting.front());
      waiting.pop_front();
      active.insert(&socket);
      lock.unlock();
      Serve(socket);
      lock.lock();
      active.erase(&socket);
      changed.notify_all();
    }
  }

  void Serve(Socket& socket) {
    try {
      handler(socket);
    } catch (const std::exception& error) {
      LOG(ERROR) << options.name << ": the conversation with " << socket.PeerName() << " ended: " << error.what();
    }
    socket.Shutdown();
  }

  const Options options;
  const Handler handler;
  Listener listener;
  std::thread acceptor;
  std::mutex mutex;
  std::condition_variable changed;  // for the acceptor: room, or stopping
  std::condition_variable work;     // for idle threads: a connection, or stopping
  // Guarded by mutex:
  bool stopping = false;
  std::deque<Socket> waiting;          // accepted, not yet taken by a thread
  std::unordered_set<Socket*> active;  // on the stacks of their threads
  size_t idle = 0;
  std::vector<std::thread> threads;
};

DataServer::DataServer(Options options, Handler handler)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(handler))) {}

DataServer::~DataServer() { Stop(); }

Status DataServer::Start(const Endpoint& local) {
  TUSK_ASSIGN(impl_->listener, Listener::Listen(local));
  impl_->acceptor = std::thread([impl = impl_.get()] { impl->AcceptLoop(); });
  return OkStatus();
}

Status DataServer::StartAt(const std::string& path, unsigned mode) {
  TUSK_ASSIGN(impl_->listener, Listener::ListenAt(path, mode));
  impl_->acceptor = std::thread([impl = impl_.get()] { impl->AcceptLoop(); });
  return OkStatus();
}

void DataServer::Stop() {
  if (!impl_->acceptor.joinable()) return;
  {
    const std::lock_guard<std::mutex> lock(impl_->mutex);
    impl_->stopping = true;
    for (Socket* socket : impl_->active) socket->Shutdown();
  }
  impl_->listener.Close();
  impl_->changed.notify_all();
  impl_->work.notify_all();
  impl_->acceptor.join();
  for (auto& thread : impl_->threads) thread.join();  // the acceptor, which alone adds to it, has ended
  impl_->threads.clear();
  impl_->waiting.clear();
  impl_->listener = Listener();
}

uint16_t DataServer::port() const { return impl_->listener.port(); }

size_t DataServer::connections() const {
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  return impl_->active.size();
}

}  // namespace tusk::net
