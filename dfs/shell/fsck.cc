#include "dfs/shell/fsck.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "common/base/json_text.h"
#include "common/base/try.h"
#include "common/cli/command_line.h"
#include "dfs/protocol/path.h"

namespace tusk::dfs::shell {
namespace {

std::string BlockName(const Block& block) {
  return "blk_" + std::to_string(block.id.value()) + "_" + std::to_string(block.generation.value());
}

std::string Percent(uint64_t part, uint64_t whole) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.6g %%",
                whole == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole));
  return text.data();
}

std::string Ratio(uint64_t part, uint64_t whole) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4g", whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole));
  return text.data();
}

std::string Locations(const LocatedBlock& block, const FsckOptions& options) {
  std::string text = " [";
  for (size_t i = 0; i < block.locations.size(); ++i) {
    const DataNodeInfo& node = block.locations[i];
    if (i > 0) text += ", ";
    if (options.racks) text += node.rack + "/";
    text += node.host + ":" + std::to_string(node.data_port);
    if (!node.name.empty()) text += " (" + node.name + ")";
  }
  return text + "]";
}

Status Walk(FileSystem& fs, const std::string& directory, const std::function<void(const LocatedFile&)>& visit) {
  std::vector<std::string> open{directory};
  while (!open.empty()) {
    const std::string path = std::move(open.back());
    open.pop_back();
    TUSK_ASSIGN(const std::vector<LocatedFile> entries, fs.ListLocated(path));
    for (const LocatedFile& entry : entries) visit(entry);
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
      if (entry->status.is_directory) open.push_back(entry->status.path);
    }
  }
  return OkStatus();
}

}  // namespace

BlockVerdict JudgeBlock(const FileStatus& file, const LocatedBlock& block) {
  BlockVerdict verdict;
  const uint64_t live = block.locations.size();
  verdict.corrupt = block.corrupt;
  verdict.missing = !block.corrupt && live == 0;
  if (!verdict.corrupt && !verdict.missing) {
    verdict.lacking = live < file.replication ? file.replication - live : 0;
    verdict.surplus = live > file.replication ? live - file.replication : 0;
  }
  return verdict;
}

void FsckTally::AddFile(const LocatedFile& file) {
  ++files;
  bytes += file.status.length;
  if (file.status.under_construction) ++under_construction;
  bool damaged = false;
  for (const LocatedBlock& block : file.blocks) {
    ++blocks;
    replicas += block.locations.size();
    expected_replicas += file.status.replication;
    for (const DataNodeInfo& node : block.locations) {
      nodes.insert(node.id.value());
      racks.insert(node.rack);
    }
    const BlockVerdict verdict = JudgeBlock(file.status, block);
    missing += verdict.missing ? 1 : 0;
    corrupt += verdict.corrupt ? 1 : 0;
    under += verdict.lacking > 0 ? 1 : 0;
    over += verdict.surplus > 0 ? 1 : 0;
    lacking_replicas += verdict.lacking;
    healthy += !verdict.missing && !verdict.corrupt ? 1 : 0;
    damaged = damaged || verdict.missing || verdict.corrupt;
  }
  if (damaged) damaged_files.push_back(file.status.path);
}

std::string FsckFileText(const LocatedFile& file, const FsckOptions& options) {
  const FileStatus& status = file.status;
  std::string text, trouble, block_lines;
  for (size_t i = 0; i < file.blocks.size(); ++i) {
    const LocatedBlock& block = file.blocks[i];
    const BlockVerdict verdict = JudgeBlock(status, block);
    const std::string name = BlockName(block.block);
    if (verdict.corrupt) {
      trouble += status.path + ": CORRUPT block " + name + "\n";
    } else if (verdict.missing) {
      trouble += status.path + ": MISSING " + name + " of total size " + std::to_string(block.block.length) + " B\n";
    } else if (verdict.lacking > 0) {
      trouble += status.path + ":  Under replicated " + name + ". Target Replicas is " + std::to_string(status.replication) +
                 " but found " + std::to_string(block.locations.size()) + " live replica(s).\n";
    }
    if (options.blocks) {
      block_lines += std::to_string(i) + ". " + name + " len=" + std::to_string(block.block.length) +
                     (verdict.missing ? " MISSING!" : " Live_repl=" + std::to_string(block.locations.size()));
      if (options.locations || options.racks) block_lines += Locations(block, options);
      block_lines += "\n";
    }
  }
  if (options.files || options.blocks) {
    text += status.path + " " + std::to_string(status.length) +
            " bytes, replicated: replication=" + std::to_string(status.replication) + ", " + std::to_string(file.blocks.size()) +
            " block(s): " + (status.under_construction ? " OPENFORWRITE" : "") + (trouble.empty() ? " OK" : "") + "\n";
  }
  return text + trouble + block_lines;
}

std::string FsckReportText(const FsckTally& tally, const std::optional<ClusterReport>& cluster, uint16_t default_replication) {
  const auto line = [](const std::string& name, const std::string& value) { return " " + name + ":\t" + value + "\n"; };
  const auto number = [](uint64_t n) { return std::to_string(n); };
  std::string text = std::string("\nStatus: ") + (tally.is_healthy() ? "HEALTHY" : "CORRUPT") + "\n";
  if (cluster) {
    const auto live =
        std::count_if(cluster->nodes.begin(), cluster->nodes.end(), [](const NodeReport& node) { return node.live; });
    std::set<std::string> racks;
    for (const NodeReport& node : cluster->nodes) {
      if (node.live) racks.insert(node.node.rack);
    }
    text += line("Number of data-nodes", std::to_string(live)) + line("Number of racks", number(racks.size()));
  }
  text += line("Total dirs", number(tally.directories)) + "\nReplicated Blocks:\n";
  text += line("Total size", number(tally.bytes) + " B") + line("Total files", number(tally.files));
  if (tally.under_construction > 0) text += line("Files currently being written", number(tally.under_construction));
  text +=
      line("Total blocks (validated)",
           number(tally.blocks) + (tally.blocks == 0 ? "" : " (avg. block size " + number(tally.bytes / tally.blocks) + " B)"));
  if (!tally.is_healthy()) {
    text += "  ********************************\n";
    text += "  MISSING BLOCKS:\t" + number(tally.missing) + "\n  CORRUPT BLOCKS:\t" + number(tally.corrupt) + "\n";
    text += "  ********************************\n";
  }
  const auto share = [&](uint64_t n, uint64_t whole) { return number(n) + " (" + Percent(n, whole) + ")"; };
  text += line("Minimally replicated blocks", share(tally.healthy, tally.blocks));
  text += line("Over-replicated blocks", share(tally.over, tally.blocks));
  text += line("Under-replicated blocks", share(tally.under, tally.blocks));
  text += line("Default replication factor", number(default_replication));
  text += line("Average block replication", Ratio(tally.replicas, tally.blocks));
  text += line("Missing blocks", number(tally.missing)) + line("Corrupt blocks", number(tally.corrupt));
  text += line("Missing replicas", share(tally.lacking_replicas, tally.expected_replicas));
  if (cluster) text += line("Blocks queued for replication", number(cluster->pending_replication));
  text += "\n\nThe filesystem under path '" + tally.path + "' is " + (tally.is_healthy() ? "HEALTHY" : "CORRUPT") + "\n";
  return text;
}

std::string FsckReportJson(const FsckTally& tally, const std::optional<ClusterReport>& cluster) {
  std::string json = "{\"path\":" + QuoteJson(tally.path) + ",\"healthy\":" + (tally.is_healthy() ? "true" : "false");
  const auto add = [&](const char* name, uint64_t value) { json += std::string(",\"") + name + "\":" + std::to_string(value); };
  add("bytes", tally.bytes);
  add("files", tally.files);
  add("directories", tally.directories);
  add("underConstruction", tally.under_construction);
  add("blocks", tally.blocks);
  add("minimallyReplicated", tally.healthy);
  add("underReplicated", tally.under);
  add("overReplicated", tally.over);
  add("missing", tally.missing);
  add("corrupt", tally.corrupt);
  add("replicas", tally.replicas);
  add("missingReplicas", tally.lacking_replicas);
  if (cluster) {
    add("dataNodes", static_cast<uint64_t>(std::count_if(cluster->nodes.begin(), cluster->nodes.end(),
                                                         [](const NodeReport& node) { return node.live; })));
    add("pendingReplication", cluster->pending_replication);
  }
  json += ",\"damagedFiles\":[";
  for (size_t i = 0; i < tally.damaged_files.size(); ++i) json += (i == 0 ? "" : ",") + QuoteJson(tally.damaged_files[i]);
  return json + "]}\n";
}

int Fsck(FileSystem& fs, Admin* cluster, const std::string& path, const FsckOptions& options, uint16_t default_replication,
         std::ostream& out, std::ostream& err) {
  const auto fail = [&](const Status& status) {
    const bool unreachable = status.code() == Code::kUnavailable || status.code() == Code::kDeadlineExceeded;
    err << "fsck: " << (status.code() == Code::kNotFound ? "`" + path + "': No such file or directory" : status.message())
        << '\n';
    return unreachable ? cli::kExitUnreachable : cli::kExitFailed;
  };
  const auto top = fs.Stat(path);
  if (!top.ok()) return fail(top.status());
  FsckTally tally;
  tally.path = top->path;
  const auto visit = [&](const LocatedFile& file) {
    if (file.status.is_directory) {
      tally.AddDirectory();
      if (options.files && !options.json) out << file.status.path << " <dir>\n";
      return;
    }
    tally.AddFile(file);
    if (!options.json) out << FsckFileText(file, options);
  };
  if (top->is_directory) visit({.status = *top, .blocks = {}});
  if (Status walked = Walk(fs, top->path, visit); !walked.ok()) return fail(walked);
  std::optional<ClusterReport> report;
  if (cluster != nullptr) {
    auto answer = cluster->Report();
    if (!answer.ok()) return fail(answer.status());
    report = std::move(*answer);
  }
  out << (options.json ? FsckReportJson(tally, report) : FsckReportText(tally, report, default_replication));
  return tally.is_healthy() ? cli::kExitOk : cli::kExitFindings;
}

}  // namespace tusk::dfs::shell
