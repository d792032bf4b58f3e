#include "dfs/shell/dfsadmin.h"

#include <algorithm>
#include <array>
#include <cstdio>

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

std::string NodeText(const NodeReport& node) {
  const uint64_t taken = std::min(node.capacity, node.used + node.remaining);
  std::string text = "Name: " + node.node.host + ":" + std::to_string(node.node.data_port);
  if (!node.node.name.empty()) text += " (" + node.node.name + ")";
  text += "\nRack: " + node.node.rack;
  text += "\nConfigured Capacity: " + BothUnits(node.capacity);
  text += "\nDFS Used: " + BothUnits(node.used);
  text += "\nNon DFS Used: " + BothUnits(node.capacity - taken);
  text += "\nDFS Remaining: " + BothUnits(node.remaining);
  text += "\nDFS Used%: " + Percent(node.used, node.capacity);
  text += "\nDFS Remaining%: " + Percent(node.remaining, node.capacity);
  text += "\nXceivers: " + std::to_string(node.transfers);
  text += "\nLast contact: " + FormatDuration(std::chrono::milliseconds(node.last_contact_ms)) + " ago";
  text += "\nNum of Blocks: " + std::to_string(node.blocks) + "\n\n";
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
    json += "}";
  }
  return json + "]}\n";
}

}  // namespace tusk::dfs::shell
