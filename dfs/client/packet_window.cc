#include "dfs/client/packet_window.h"

#include <glog/logging.h>

#include <algorithm>

namespace tusk::dfs {

PacketWindow::Numbered PacketWindow::NextUnsent() const {
  if (sent_ == packets_.size()) return {};
  return {.packet = packets_[sent_].get(), .sequence = first_sequence_ + sent_};
}

Status PacketWindow::Acknowledge(uint64_t sequence) {
  if (sent_ == 0) return Corruption("a DataNode acknowledged packet " + std::to_string(sequence) + ", but none was sent");
  if (sequence != first_sequence_) {
    return Corruption("a DataNode acknowledged packet " + std::to_string(sequence) + "; expected " +
                      std::to_string(first_sequence_));
  }
  acked_bytes_ = std::max(acked_bytes_, packets_.front()->end());
  free_.push_back(std::move(packets_.front()));
  packets_.pop_front();
  --sent_;
  ++first_sequence_;
  return OkStatus();
}

void PacketWindow::Restart() {
  sent_ = 0;
  first_sequence_ = 0;
}

void PacketWindow::StartBlock(uint64_t acked) {
  CHECK(packets_.empty()) << "a new block begins while " << packets_.size() << " packets of the old one are not acknowledged";
  Restart();
  acked_bytes_ = acked;
}

std::unique_ptr<PacketBuffer> PacketWindow::TakeFree() {
  if (free_.empty()) return nullptr;
  auto packet = std::move(free_.back());
  free_.pop_back();
  return packet;
}

}  // namespace tusk::dfs
