#include "dfs/namenode/blocks/node_admin.h"

#include "common/base/units.h"

namespace tusk::dfs::namenode {
namespace {

constexpr std::chrono::seconds kRateWindow{60};

std::string Count(uint64_t count, std::string_view one) {
  return std::to_string(count) + " " + std::string(one) + (count == 1 ? "" : "s");
}

}  // namespace

std::string_view Name(AdminState state) {
  switch (state) {
    case AdminState::kInService: return "in service";
    case AdminState::kDecommissioning: return "being decommissioned";
    case AdminState::kDecommissioned: return "decommissioned";
    case AdminState::kEnteringMaintenance: return "entering maintenance";
    case AdminState::kInMaintenance: return "in maintenance";
  }
  return "";
}

NodeOrder EffectiveOrder(const NodeAdminRecord& record, int64_t wall_ms) {
  const bool over = record.order == NodeOrder::kMaintenance && record.until_ms != 0 && record.until_ms <= wall_ms;
  return over ? NodeOrder::kInService : record.order;
}

Duty DutyOf(NodeOrder order, bool live) {
  switch (order) {
    case NodeOrder::kInService: return live ? Duty::kInService : Duty::kDead;
    case NodeOrder::kDecommission: return live ? Duty::kLeaving : Duty::kDead;
    case NodeOrder::kMaintenance: return live ? Duty::kMaintenance : Duty::kAbsent;
  }
  return Duty::kDead;
}

AdminState StateOf(NodeOrder order, bool complete) {
  switch (order) {
    case NodeOrder::kInService: return AdminState::kInService;
    case NodeOrder::kDecommission: return complete ? AdminState::kDecommissioned : AdminState::kDecommissioning;
    case NodeOrder::kMaintenance: return complete ? AdminState::kInMaintenance : AdminState::kEnteringMaintenance;
  }
  return AdminState::kInService;
}

bool Blocks(NodeOrder order, const ReplicaTally& tally, size_t expected) {
  switch (order) {
    case NodeOrder::kInService: return false;
    case NodeOrder::kDecommission: return tally.Wanted(expected) > 0;
    case NodeOrder::kMaintenance: return tally.in_service == 0;
  }
  return false;
}

void BlockingFigures::Add(NodeOrder order, InodeId file, uint64_t length, uint16_t expected, const ReplicaTally& tally,
                          size_t nodes_in_service) {
  if (!Blocks(order, tally, expected)) return;
  ++blocks;
  bytes += length;
  if (tally.readable() == 0) ++missing;
  const size_t wants = order == NodeOrder::kMaintenance ? 1 : expected;
  if (wants <= nodes_in_service) return;
  if (starved_blocks == 0) starved_file = file;
  if (starved_file != file) return;
  ++starved_blocks;
  starved_wants = static_cast<uint16_t>(wants);
}

void ProgressEstimate::Add(TimePoint now, uint64_t bytes) {
  samples_.push_back({now, bytes});
  while (samples_.size() > 2 && now - samples_.front().at > kRateWindow) samples_.pop_front();
}

int64_t ProgressEstimate::LeftMs() const {
  if (samples_.empty()) return -1;
  const Sample& first = samples_.front();
  const Sample& last = samples_.back();
  if (last.bytes == 0) return 0;
  if (last.bytes >= first.bytes) return -1;
  const double seconds = std::chrono::duration<double>(last.at - first.at).count();
  const double rate = static_cast<double>(first.bytes - last.bytes) / std::max(seconds, 1e-3);
  return static_cast<int64_t>(1000 * static_cast<double>(last.bytes) / rate);
}

std::string BlockedBy(const BlockingFigures& figures, const std::string& path, size_t nodes_in_service) {
  std::string text;
  const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : "; ") + part; };
  if (figures.starved_blocks > 0) {
    add(Count(figures.starved_blocks, "block") + " of " + path + (figures.starved_blocks == 1 ? " needs " : " need ") +
        Count(figures.starved_wants, "node") + "; " + std::to_string(nodes_in_service) +
        (nodes_in_service == 1 ? " is" : " are") + " in service");
  }
  if (figures.missing > 0) add(Count(figures.missing, "block") + " cannot be copied: no live node has a replica");
  if (figures.open > 0) {
    add(Count(figures.open, "block") + (figures.open == 1 ? " is" : " are") + " being written on it: close the files");
  }
  return text;
}

}  // namespace tusk::dfs::namenode
