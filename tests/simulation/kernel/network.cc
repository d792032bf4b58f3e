#include "tests/simulation/kernel/network.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace tusk::sim {
namespace {

constexpr size_t kBufferBytes = 192 << 10;  // of one direction: under way and not read yet
constexpr Nanos kRetransmit = 200 * kMilli;
constexpr Nanos kGiveUp = 30 * kSecond;  // of a connect or of a connection whose peer does not answer

Scheduler& TheScheduler() { return Scheduler::Get(); }

}  // namespace

Network& Network::Get() {
  static Network* network = new Network;
  return *network;
}

Nanos Network::ArrivalTime(int from, int to) {
  const Nanos now = std::max(TheScheduler().now(), stalled_until_);
  if (from == to) return now + 10 * kMicro;
  return now + link.delay + static_cast<Nanos>(TheScheduler().random().Below(static_cast<uint64_t>(link.jitter) + 1));
}

uint32_t StreamSocket::Ready() const {
  if (state == State::kListening) return backlog_.empty() ? 0u : POLLIN;
  uint32_t ready = 0;
  if (received_bytes_ > 0 || end_received_ || shut_reading_ || error != 0) ready |= POLLIN;
  if (state == State::kEnded || error != 0) ready |= POLLIN | POLLOUT | POLLHUP;
  if (error != 0) ready |= POLLERR;
  if (state == State::kConnected) {
    const StreamPtr other = peer.lock();
    if (other == nullptr || shut_writing_ || other->under_way_bytes_ + other->received_bytes_ < kBufferBytes) ready |= POLLOUT;
    if (end_received_ && shut_writing_) ready |= POLLHUP;
    if (end_received_) ready |= POLLRDHUP;
  }
  return ready;
}

int StreamSocket::Bind(uint16_t wanted) {
  Network& network = Network::Get();
  if (wanted == 0) wanted = network.next_port_++;
  const auto found = network.listeners_.find({node, wanted});
  if (found != network.listeners_.end() && !found->second.expired()) return EADDRINUSE;
  port = wanted;
  return 0;
}

int StreamSocket::Listen() {
  if (port == 0) port = Network::Get().next_port_++;
  state = State::kListening;
  Network::Get().listeners_[{node, port}] = weak_from_this();
  return 0;
}

StreamPtr StreamSocket::Accept() {
  if (backlog_.empty()) return nullptr;
  StreamPtr accepted = backlog_.front();
  backlog_.pop_front();
  return accepted;
}

int StreamSocket::Connect(int to_node, uint16_t to_port) {
  Network& network = Network::Get();
  state = State::kConnecting;
  peer_node = to_node;
  peer_port = to_port;
  if (port == 0) port = network.next_port_++;
  auto self = shared_from_this();
  const Nanos began = TheScheduler().now();
  // The handshake is repeated until it gets through or the kernel gives up.
  auto attempt = std::make_shared<std::function<void()>>();
  *attempt = [self, to_node, to_port, began, attempt] {
    Network& net = Network::Get();
    if (self->state != State::kConnecting) return *attempt = nullptr, void();
    if (net.blocked(self->node, to_node) || net.blocked(to_node, self->node)) {
      if (TheScheduler().now() - began > kGiveUp) return self->Fail(ETIMEDOUT);
      return TheScheduler().At(TheScheduler().now() + kRetransmit, *attempt);
    }
    const auto found = net.listeners_.find({to_node, to_port});
    const StreamPtr listener = found == net.listeners_.end() ? nullptr : found->second.lock();
    const Nanos back = net.ArrivalTime(to_node, self->node);
    if (listener == nullptr) {
      return TheScheduler().At(back, [self] { self->Fail(ECONNREFUSED); });
    }
    auto other = std::make_shared<StreamSocket>(to_node);
    other->state = State::kConnected;
    other->port = to_port;
    other->peer_port = self->port;
    other->peer_node = self->node;
    other->peer = self;
    self->peer = other;
    listener->backlog_.push_back(other);
    listener->Notify();
    net.connected_.push_back(self);
    TheScheduler().At(back, [self, other] {  // `other` is kept: it is nobody's until it is accepted
      if (self->state != State::kConnecting) return;
      self->state = State::kConnected;
      self->Notify();
    });
  };
  TheScheduler().At(network.ArrivalTime(node, to_node), *attempt);
  return 0;
}

long StreamSocket::Read(void* out, size_t most, bool peek) {
  if (received_bytes_ == 0) {
    if (error != 0) return -std::exchange(error, 0);
    if (end_received_ || shut_reading_ || state == State::kEnded) return 0;
    return state == State::kConnected ? -EAGAIN : -ENOTCONN;
  }
  size_t done = 0;
  if (peek) {
    done = std::min(most, received_.front().size() - taken_);
    std::memcpy(out, received_.front().data() + taken_, done);
    return static_cast<long>(done);
  }
  while (done < most && !received_.empty()) {
    const size_t n = std::min(most - done, received_.front().size() - taken_);
    std::memcpy(static_cast<char*>(out) + done, received_.front().data() + taken_, n);
    done += n;
    taken_ += n;
    if (taken_ < received_.front().size()) break;
    received_.pop_front();
    taken_ = 0;
  }
  received_bytes_ -= done;
  if (const StreamPtr other = peer.lock()) other->Notify();  // there is room again
  return static_cast<long>(done);
}

long StreamSocket::Write(const void* data, size_t bytes) {
  if (error != 0) return -std::exchange(error, 0);
  if (state != State::kConnected) return state == State::kEnded ? -EPIPE : -ENOTCONN;
  if (shut_writing_) return -EPIPE;
  const StreamPtr other = peer.lock();
  if (other == nullptr) {  // closed long ago, or silent: the bytes go nowhere
    if (silent_) return static_cast<long>(bytes);
    Fail(ECONNRESET);
    return -std::exchange(error, 0);
  }
  if (Network::Get().losing_.erase({node, peer_node}) > 0) {
    other->Fail(ECONNRESET);
    TheScheduler().At(Network::Get().ArrivalTime(peer_node, node), [self = shared_from_this()] { self->Fail(ECONNRESET); });
    return static_cast<long>(bytes);
  }
  const size_t held = other->under_way_bytes_ + other->received_bytes_;
  if (held >= kBufferBytes) return -EAGAIN;
  size_t taken = std::min(bytes, kBufferBytes - held);
  const uint32_t one_in = Network::Get().short_write_one_in;
  if (one_in != 0 && taken > 1 && TheScheduler().random().OneIn(one_in)) taken = 1 + TheScheduler().random().Below(taken - 1);
  Segment segment;
  segment.bytes.assign(static_cast<const char*>(data), taken);
  other->Send(std::move(segment));
  return static_cast<long>(taken);
}

// Puts the segment on its way towards this end.
void StreamSocket::Send(Segment segment) {
  segment.at = Network::Get().ArrivalTime(peer_node, node);
  if (!under_way_.empty()) segment.at = std::max(segment.at, under_way_.back().at);
  under_way_bytes_ += segment.bytes.size();
  const bool first = under_way_.empty();
  under_way_.push_back(std::move(segment));
  if (first) TheScheduler().At(under_way_.front().at, [self = shared_from_this()] { self->Deliver(); });
}

void StreamSocket::Deliver() {
  const Nanos now = TheScheduler().now();
  if (Network::Get().blocked(peer_node, node)) {
    if (!under_way_.empty() && now - under_way_.front().at > kGiveUp) return Fail(ETIMEDOUT);
    TheScheduler().At(now + kRetransmit, [self = shared_from_this()] { self->Deliver(); });
    return;
  }
  while (!under_way_.empty() && under_way_.front().at <= now) {
    Segment segment = std::move(under_way_.front());
    under_way_.pop_front();
    under_way_bytes_ -= segment.bytes.size();
    Arrived(std::move(segment));
  }
  if (!under_way_.empty()) TheScheduler().At(under_way_.front().at, [self = shared_from_this()] { self->Deliver(); });
  Notify();
}

void StreamSocket::Arrived(Segment segment) {
  if (state == State::kEnded) return;
  if (segment.reset) {
    // A reset may overtake bytes that were not read yet.
    if (TheScheduler().random().OneIn(2)) {
      received_.clear();
      received_bytes_ = taken_ = 0;
    }
    Fail(ECONNRESET);
  } else if (segment.end) {
    end_received_ = true;
  } else if (!segment.bytes.empty()) {
    received_bytes_ += segment.bytes.size();
    received_.push_back(std::move(segment.bytes));
  }
}

void StreamSocket::Fail(int why) {
  if (state == State::kEnded) return;
  state = State::kEnded;
  error = why;
  Notify();
}

void StreamSocket::Shutdown(bool reading, bool writing) {
  if (state != State::kConnected) {
    if (state == State::kListening) Close(false);
    Fail(ECONNABORTED);
    error = 0;
    return;
  }
  if (reading) shut_reading_ = true;
  if (writing && !shut_writing_) {
    shut_writing_ = true;
    Segment end;
    end.end = true;
    if (const StreamPtr other = peer.lock()) other->Send(std::move(end));
  }
  Notify();
}

void StreamSocket::Close(bool) {
  if (state == State::kListening) {
    Network::Get().listeners_.erase({node, port});
    for (const StreamPtr& waiting : std::exchange(backlog_, {})) waiting->Close(false);
  } else if (state == State::kConnected) {
    if (const StreamPtr other = peer.lock(); other != nullptr) {
      Segment last;
      last.reset = received_bytes_ > 0;  // as the kernel does when bytes were not read
      last.end = !last.reset;
      if (last.reset || !shut_writing_) other->Send(std::move(last));
    }
  }
  state = State::kEnded;
}

void Network::Block(int from, int to, bool now_blocked) {
  if (now_blocked) {
    blocked_.insert({from, to});
  } else {
    blocked_.erase({from, to});
  }
}

void Network::HealAll() {
  blocked_.clear();
  losing_.clear();
  stalled_until_ = 0;
}

bool Network::BreakOne(Random& random) {
  std::vector<StreamPtr> alive;
  std::erase_if(connected_, [&](const std::weak_ptr<StreamSocket>& weak) {
    const StreamPtr socket = weak.lock();
    if (socket == nullptr || socket->state != StreamSocket::State::kConnected) return true;
    if (socket->node != socket->peer_node) alive.push_back(socket);
    return false;
  });
  if (alive.empty()) return false;
  const StreamPtr one = alive[random.Below(alive.size())];
  const StreamPtr other = one->peer.lock();
  const StreamPtr ends[] = {one, other};
  // Each end hears of it by itself: at once, after what is under way, or so late that it must find out.
  for (const StreamPtr& end : ends) {
    if (end == nullptr) continue;
    StreamSocket::Segment reset;
    reset.reset = true;
    switch (random.Below(3)) {
      case 0: end->Fail(ECONNRESET); break;
      case 1: end->Send(std::move(reset)); break;
      default:
        TheScheduler().At(TheScheduler().now() + static_cast<Nanos>(random.Below(3 * kSecond)), [end] { end->Fail(ECONNRESET); });
    }
  }
  return true;
}

void Network::Silence(int node) {
  for (const auto& weak : connected_) {
    const StreamPtr one = weak.lock();
    if (one == nullptr) continue;
    const StreamPtr other = one->peer.lock();
    for (const StreamPtr& end : {one, other}) {
      if (end == nullptr || end->peer_node != node || end->node == node || end->state != StreamSocket::State::kConnected)
        continue;
      end->silent_ = true;
      end->peer.reset();
      // Its next segment meets the restarted machine, or nobody until the kernel gives up.
      const Nanos heard = TheScheduler().now() + 2 * kSecond + static_cast<Nanos>(TheScheduler().random().Below(20 * kSecond));
      TheScheduler().At(heard, [end] { end->Fail(ECONNRESET); });
    }
  }
  for (const auto& weak : connected_) {
    for (StreamPtr end : {weak.lock()}) {
      if (end == nullptr) continue;
      const StreamPtr other = end->peer.lock();
      if (end->node == node) end->state = StreamSocket::State::kEnded;
      if (other != nullptr && other->node == node) other->state = StreamSocket::State::kEnded;
    }
  }
}

}  // namespace tusk::sim
