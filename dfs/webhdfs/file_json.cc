#include "dfs/webhdfs/file_json.h"

#include <array>
#include <cstdio>

#include "common/base/json_text.h"
#include "dfs/protocol/path.h"

namespace tusk::dfs::webhdfs {
namespace {

constexpr size_t kChecksumBytes = 28;  // of HDFS's MD5-of-MD5-of-CRC

std::string BlockJson(const LocatedBlock& block) {
  const auto& nodes = block.locations;
  const auto address = [](const DataNodeInfo& node) { return node.host + ":" + std::to_string(node.data_port); };
  std::string json = "{\"hosts\":" + JsonArray(nodes, [](const DataNodeInfo& node) { return QuoteJson(node.host); });
  json += ",\"names\":" + JsonArray(nodes, [&](const DataNodeInfo& node) { return QuoteJson(address(node)); });
  json += ",\"topologyPaths\":" +
          JsonArray(nodes, [&](const DataNodeInfo& node) { return QuoteJson(node.rack + "/" + address(node)); });
  json += ",\"cachedHosts\":[],\"storageTypes\":" + JsonArray(nodes, [](const DataNodeInfo&) { return std::string("\"DISK\""); });
  json += ",\"offset\":" + std::to_string(block.offset) + ",\"length\":" + std::to_string(block.block.length);
  return json + ",\"corrupt\":" + (block.corrupt ? "true" : "false") + "}";
}

}  // namespace

std::string OctalText(uint16_t mode) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%o", mode & 07777u);
  return text.data();
}

std::string FileStatusJson(const FileStatus& file, std::string_view path_suffix) {
  std::string json = "{\"accessTime\":" + std::to_string(file.is_directory ? 0 : file.accessed_ms);
  if (file.has_acl) json += ",\"aclBit\":true";
  json += ",\"blockSize\":" + std::to_string(file.block_size);
  json += ",\"childrenNum\":" + std::to_string(file.children);
  json += ",\"fileId\":" + std::to_string(file.inode.value());
  json += ",\"group\":" + QuoteJson(file.group);
  json += ",\"length\":" + std::to_string(file.length);
  json += ",\"modificationTime\":" + std::to_string(file.modified_ms);
  json += ",\"owner\":" + QuoteJson(file.owner);
  json += ",\"pathSuffix\":" + QuoteJson(path_suffix);
  json += ",\"permission\":\"" + OctalText(file.mode) + "\"";
  json += ",\"replication\":" + std::to_string(file.replication);
  json += ",\"storagePolicy\":0";
  return json + ",\"type\":" + (file.is_directory ? "\"DIRECTORY\"}" : "\"FILE\"}");
}

std::string FileStatusesJson(const std::vector<FileStatus>& files) {
  return "{\"FileStatus\":" +
         JsonArray(files, [](const FileStatus& file) { return "\n" + FileStatusJson(file, PathName(file.path)); }) + "}";
}

std::string ContentSummaryJson(const ContentSummary& summary) {
  return "{\"ContentSummary\":{\"directoryCount\":" + std::to_string(summary.directories) +
         ",\"fileCount\":" + std::to_string(summary.files) + ",\"length\":" + std::to_string(summary.length) +
         ",\"quota\":" + std::to_string(summary.quota) + ",\"spaceConsumed\":" + std::to_string(summary.space_consumed) +
         ",\"spaceQuota\":" + std::to_string(summary.space_quota) + ",\"typeQuota\":{}}}";
}

std::string QuotaUsageJson(const ContentSummary& summary) {
  return "{\"QuotaUsage\":{\"fileAndDirectoryCount\":" + std::to_string(summary.files + summary.directories) +
         ",\"quota\":" + std::to_string(summary.quota) + ",\"spaceConsumed\":" + std::to_string(summary.space_consumed) +
         ",\"spaceQuota\":" + std::to_string(summary.space_quota) + ",\"typeQuota\":{}}}";
}

std::string FileChecksumJson(const FileChecksum& checksum) {
  return "{\"FileChecksum\":{\"algorithm\":" + QuoteJson(checksum.algorithm) + ",\"bytes\":" + QuoteJson(checksum.hdfs) +
         ",\"length\":" + std::to_string(kChecksumBytes) + "}}";
}

std::string BlockLocationsJson(const LocatedFile& file) {
  return "{\"BlockLocations\":{\"BlockLocation\":" + JsonArray(file.blocks, BlockJson) + "}}";
}

}  // namespace tusk::dfs::webhdfs
