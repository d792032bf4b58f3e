#include "dfs/protocol/convert.h"

#include <cstring>

#include "dfs/protocol/path.h"

namespace tusk::dfs {
namespace {

// Names need not be UTF-8 and Text is bytes: nothing here looks at them.
std::string String(capnp::Text::Reader text) { return std::string(text.cStr(), text.size()); }

}  // namespace

void ToWire(const Block& from, wire::Block::Builder to) {
  to.setId(from.id.value());
  to.setGeneration(from.generation.value());
  to.setLength(from.length);
}

Block FromWire(wire::Block::Reader from) {
  return Block{.id = BlockId(from.getId()), .generation = Generation(from.getGeneration()), .length = from.getLength()};
}

void ToWire(const DataNodeInfo& from, wire::DataNode::Builder to) {
  to.setId(from.id.value());
  to.setHost(from.host);
  to.setDataPort(from.data_port);
  to.setHttpPort(from.http_port);
  to.setRack(from.rack);
  to.setName(from.name);
  to.setLocalSocket(from.local_socket);
}

DataNodeInfo FromWire(wire::DataNode::Reader from) {
  DataNodeInfo info;
  info.id = DataNodeId(from.getId());
  info.host = String(from.getHost());
  info.data_port = from.getDataPort();
  info.http_port = from.getHttpPort();
  info.rack = String(from.getRack());
  info.name = String(from.getName());
  info.local_socket = String(from.getLocalSocket());
  return info;
}

void ToWire(const LocatedBlock& from, wire::LocatedBlock::Builder to) {
  ToWire(from.block, to.initBlock());
  to.setOffset(from.offset);
  auto locations = to.initLocations(static_cast<unsigned>(from.locations.size()));
  for (unsigned i = 0; i < locations.size(); ++i) ToWire(from.locations[i], locations[i]);
  to.setCorrupt(from.corrupt);
  to.setUnderConstruction(from.under_construction);
  to.setToken(AsData(from.token));
}

LocatedBlock FromWire(wire::LocatedBlock::Reader from) {
  LocatedBlock block;
  block.block = FromWire(from.getBlock());
  block.offset = from.getOffset();
  block.locations.reserve(from.getLocations().size());
  for (const auto& location : from.getLocations()) block.locations.push_back(FromWire(location));
  block.corrupt = from.getCorrupt();
  block.under_construction = from.getUnderConstruction();
  block.token = AsView(from.getToken());
  return block;
}

void ToWire(const FileStatus& from, std::string_view name, wire::FileStatus::Builder to) {
  StatusToWire(from.inode, from, name, to);
}

FileStatus FromWire(wire::FileStatus::Reader from, std::string_view directory) {
  FileStatus status;
  const auto name = from.getName();
  const std::string_view shown(name.cStr(), name.size());
  status.path = shown.starts_with('/') ? std::string(shown) : JoinDfsPath(directory, shown);
  status.inode = InodeId(from.getInode());
  status.is_directory = from.getKind() == wire::FileStatus::Kind::DIRECTORY;
  status.length = from.getLength();
  status.block_size = from.getBlockSize();
  status.replication = from.getReplication();
  status.modified_ms = from.getModifiedMs();
  status.accessed_ms = from.getAccessedMs();
  status.owner = String(from.getOwner());
  status.group = String(from.getGroup());
  status.mode = from.getMode();
  status.children = from.getChildren();
  status.under_construction = from.getUnderConstruction();
  status.has_acl = from.getHasAcl();
  return status;
}

}  // namespace tusk::dfs
