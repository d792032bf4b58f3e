#include "dfs/shell/dfsadmin.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include "common/base/json_text.h"
#include "common/base/units.h"

namespace tusk::dfs::shell {
namespace {

std::string BothUnits(uint64_t bytes) { return std::to_string(bytes) + " (" + FormatBytes(bytes) + "B)"; }

std::string Percent(uint64_t part, uint64_t whole) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f%%",
                whole == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole));
  return text.data();
}

std::string_view AdminText(NodeAdminState state) {
  switch (state) {
    case NodeAdminState::kInService: return "Normal";
    case NodeAdminState::kDecommissioning: return "Decommission in progress";
    case NodeAdminState::kDecommissioned: return "Decommissioned";
    case NodeAdminState::kEnteringMaintenance: return "Entering Maintenance";
    case NodeAdminState::kInMaintenance: return "In Maintenance";
  }
  return "";
}

std::string_view AdminJson(NodeAdminState state) {
  switch (state) {
    case NodeAdminState::kInService: return "inService";
    case NodeAdminState::kDecommissioning: return "decommissioning";
    case NodeAdminState::kDecommissioned: return "decommissioned";
    case NodeAdminState::kEnteringMaintenance: return "enteringMaintenance";
    case NodeAdminState::kInMaintenance: return "inMaintenance";
  }
  return "";
}

std::string TimeText(int64_t wall_ms) {
  const std::time_t seconds = wall_ms / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &parts);
  return text.data();
}

// What an order for the node still waits for.
std::string ProgressText(const NodeReport& node) {
  std::string text = "\nDecommission Status: " + std::string(AdminText(node.admin));
  if (node.admin_until_ms != 0) text += " until " + TimeText(node.admin_until_ms);
  if (node.admin != NodeAdminState::kDecommissioning && node.admin != NodeAdminState::kEnteringMaintenance) return text;
  text += "\nBlocks still to be copied: " + std::to_string(node.blocking) + " (" + FormatBytes(node.blocking_bytes) + "B), ";
  text += node.estimate_ms < 0 ? "time left unknown"
                               : "about " + FormatDuration(std::chrono::milliseconds(node.estimate_ms)) + " left";
  if (!node.blocked_by.empty()) text += "\nBlocked by: " + node.blocked_by;
  return text;
}

std::string FolderText(const FolderReport& folder) {
  std::string text = "\nFolder: " + folder.path + ", used " + FormatBytes(folder.used) + "B of " + FormatBytes(folder.capacity) +
                     "B, remaining " + FormatBytes(folder.remaining) + "B";
  if (folder.slow) text += ", slow";
  if (!folder.failed.empty()) text += ", taken out: " + folder.failed;
  return text;
}

std::string NodeText(const NodeReport& node) {
  const uint64_t taken = std::min(node.capacity, node.used + node.remaining);
  std::string text = "Name: " + node.node.host + ":" + std::to_string(node.node.data_port);
  if (!node.node.name.empty()) text += " (" + node.node.name + ")";
  text += "\nRack: " + node.node.rack;
  text += ProgressText(node);
  if (node.slow) text += "\nSlow: yes, as its peers see it";
  text += "\nConfigured Capacity: " + BothUnits(node.capacity);
  text += "\nDFS Used: " + BothUnits(node.used);
  text += "\nNon DFS Used: " + BothUnits(node.capacity - taken);
  text += "\nDFS Remaining: " + BothUnits(node.remaining);
  text += "\nDFS Used%: " + Percent(node.used, node.capacity);
  text += "\nDFS Remaining%: " + Percent(node.remaining, node.capacity);
  text += "\nXceivers: " + std::to_string(node.transfers);
  text += "\nLast contact: " + FormatDuration(std::chrono::milliseconds(node.last_contact_ms)) + " ago";
  text += "\nNum of Blocks: " + std::to_string(node.blocks);
  for (const FolderReport& folder : node.folders) text += FolderText(folder);
  text += "\n\n";
  return text;
}

}  // namespace

std::string SafeModeText(bool on) { return on ? "Safe mode is ON" : "Safe mode is OFF"; }

std::string AdminReportText(const ClusterReport& report) {
  uint64_t capacity = 0, used = 0, remaining = 0, live = 0;
  for (const NodeReport& node : report.nodes) {
    if (!node.live) continue;
    ++live;
    capacity += node.capacity;
    used += node.used;
    remaining += node.remaining;
  }
  std::string text;
  if (report.safe_mode)
    text += SafeModeText(true) + (report.safe_mode_reason.empty() ? "" : ": " + report.safe_mode_reason) + "\n";
  text += "Configured Capacity: " + BothUnits(capacity) + "\nPresent Capacity: " + BothUnits(used + remaining);
  text += "\nDFS Remaining: " + BothUnits(remaining) + "\nDFS Used: " + BothUnits(used);
  text += "\nDFS Used%: " + Percent(used, used + remaining) + "\nFiles: " + std::to_string(report.files);
  text += "\nDirectories: " + std::to_string(report.directories) + "\nBlocks: " + std::to_string(report.blocks);
  text += "\nReplicated Blocks:\n\tUnder replicated blocks: " + std::to_string(report.under_replicated);
  text += "\n\tOver replicated blocks: " + std::to_string(report.over_replicated);
  text += "\n\tBlocks with corrupt replicas: " + std::to_string(report.corrupt_replicas);
  text += "\n\tMissing blocks: " + std::to_string(report.missing);
  text += "\n\tPending replication blocks: " + std::to_string(report.pending_replication);
  text += "\n\tPending deletion blocks: " + std::to_string(report.pending_deletion);
  text += "\n\tBlocks moving to less full nodes: " + std::to_string(report.moving);
  text += "\n\n-------------------------------------------------\n";
  for (const bool wanted : {true, false}) {
    const uint64_t count = wanted ? live : report.nodes.size() - live;
    if (!wanted && count == 0) continue;
    text += std::string(wanted ? "Live" : "Dead") + " datanodes (" + std::to_string(count) + "):\n\n";
    for (const NodeReport& node : report.nodes) {
      if (node.live == wanted) text += NodeText(node);
    }
  }
  return text;
}

std::string AdminReportJson(const ClusterReport& report) {
  std::string json = std::string("{\"safeMode\":") + (report.safe_mode ? "true" : "false");
  json += ",\"safeModeReason\":" + QuoteJson(report.safe_mode_reason);
  const auto add = [&](const char* name, uint64_t value) { json += std::string(",\"") + name + "\":" + std::to_string(value); };
  add("epoch", report.epoch);
  add("files", report.files);
  add("directories", report.directories);
  add("blocks", report.blocks);
  add("underReplicated", report.under_replicated);
  add("overReplicated", report.over_replicated);
  add("missing", report.missing);
  add("corruptReplicas", report.corrupt_replicas);
  add("pendingReplication", report.pending_replication);
  add("pendingDeletion", report.pending_deletion);
  add("moving", report.moving);
  add("openFiles", report.open_files);
  json += ",\"nodes\":[";
  for (size_t i = 0; i < report.nodes.size(); ++i) {
    const NodeReport& node = report.nodes[i];
    json +=
        std::string(i == 0 ? "" : ",\n ") + "{\"name\":" + QuoteJson(node.node.name) + ",\"host\":" + QuoteJson(node.node.host);
    json += ",\"rack\":" + QuoteJson(node.node.rack) + ",\"state\":\"" + (node.live ? "live" : "dead") + "\"";
    json += ",\"id\":\"" + std::to_string(node.node.id.value()) + "\"";  // 64 bits do not fit a JSON number everywhere
    add("dataPort", node.node.data_port);
    add("httpPort", node.node.http_port);
    add("capacity", node.capacity);
    add("used", node.used);
    add("remaining", node.remaining);
    add("blocks", node.blocks);
    add("lastContactMs", node.last_contact_ms);
    add("transfers", node.transfers);
    json += ",\"admin\":" + QuoteJson(std::string(AdminJson(node.admin)));
    json += ",\"adminUntilMs\":" + std::to_string(node.admin_until_ms);
    json += std::string(",\"slow\":") + (node.slow ? "true" : "false");
    add("blocking", node.blocking);
    add("blockingBytes", node.blocking_bytes);
    json += ",\"estimateMs\":" + std::to_string(node.estimate_ms);
    json += ",\"blockedBy\":" + QuoteJson(node.blocked_by) + ",\"folders\":[";
    for (size_t f = 0; f < node.folders.size(); ++f) {
      const FolderReport& folder = node.folders[f];
      json += std::string(f == 0 ? "" : ",") + "{\"path\":" + QuoteJson(folder.path);
      add("capacity", folder.capacity);
      add("used", folder.used);
      add("remaining", folder.remaining);
      json += ",\"failed\":" + QuoteJson(folder.failed) + ",\"slow\":" + (folder.slow ? "true" : "false") + "}";
    }
    json += "]}";
  }
  return json + "]}\n";
}

std::string BalancerText(const BalancerState& state) {
  std::array<char, 32> threshold{};
  std::snprintf(threshold.data(), threshold.size(), "%g", state.threshold);
  std::string text = std::string("Balancer is ") + (state.running ? "running" : "paused") + ", threshold " + threshold.data() +
                     "%, bandwidth " + FormatBytes(state.bandwidth) + "B/s a node: ";
  if (state.remaining_bytes == 0 && state.moving == 0) {
    text += "the nodes are balanced";
  } else {
    text += FormatBytes(state.remaining_bytes) + "B left, " + std::to_string(state.moving) + " blocks on their way";
    if (state.running && state.bytes_per_second > 0) {
      text += ", about " + FormatDuration(std::chrono::seconds(state.remaining_bytes / state.bytes_per_second)) + " at " +
              FormatBytes(state.bytes_per_second) + "B/s";
    }
  }
  return text + "; moved so far: " + std::to_string(state.moved) + " blocks, " + FormatBytes(state.moved_bytes) + "B\n";
}

std::string BalancerJson(const BalancerState& state) {
  std::array<char, 32> threshold{};
  std::snprintf(threshold.data(), threshold.size(), "%g", state.threshold);
  std::string json = std::string("{\"running\":") + (state.running ? "true" : "false") + ",\"threshold\":" + threshold.data();
  const auto add = [&](const char* name, uint64_t value) { json += std::string(",\"") + name + "\":" + std::to_string(value); };
  add("bandwidth", state.bandwidth);
  add("moving", state.moving);
  add("moved", state.moved);
  add("movedBytes", state.moved_bytes);
  add("remainingBytes", state.remaining_bytes);
  add("bytesPerSecond", state.bytes_per_second);
  const bool known = state.bytes_per_second > 0 || state.remaining_bytes == 0;
  const uint64_t left = state.remaining_bytes == 0 ? 0 : known ? 1000 * (state.remaining_bytes / state.bytes_per_second) : 0;
  return json + ",\"estimateMs\":" + (known ? std::to_string(left) : "-1") + "}\n";
}

}  // namespace tusk::dfs::shell
