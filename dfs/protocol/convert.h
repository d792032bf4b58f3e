// Between the C++ values of types.h and their wire form. Thread: pure functions.
#pragma once

#include <cstring>
#include <string_view>

#include "dfs/protocol/types.capnp.h"
#include "dfs/protocol/types.h"

namespace tusk::dfs {

// Bytes on the wire (tokens, keys, digests): both point at what they are given.
inline capnp::Data::Reader AsData(std::string_view bytes) {
  return {reinterpret_cast<const capnp::byte*>(bytes.data()), bytes.size()};
}
inline std::string_view AsView(capnp::Data::Reader data) { return {reinterpret_cast<const char*>(data.begin()), data.size()}; }

void ToWire(const Block& from, wire::Block::Builder to);
Block FromWire(wire::Block::Reader from);
void ToWire(const DataNodeInfo& from, wire::DataNode::Builder to);
DataNodeInfo FromWire(wire::DataNode::Reader from);
void ToWire(const LocatedBlock& from, wire::LocatedBlock::Builder to);
LocatedBlock FromWire(wire::LocatedBlock::Reader from);
// `name` is what the wire carries for path; FromWire puts `directory` before it unless the name is already absolute.
void ToWire(const FileStatus& from, std::string_view name, wire::FileStatus::Builder to);
// The same from any record with these fields: the NameNode's inodes need no FileStatus between.
template <class Record>
void StatusToWire(InodeId id, const Record& from, std::string_view name, wire::FileStatus::Builder to) {
  if (!name.empty()) std::memcpy(to.initName(static_cast<unsigned>(name.size())).begin(), name.data(), name.size());
  to.setInode(id.value());
  to.setKind(from.is_directory ? wire::FileStatus::Kind::DIRECTORY : wire::FileStatus::Kind::FILE);
  to.setLength(from.length);
  to.setBlockSize(from.block_size);
  to.setReplication(from.replication);
  to.setModifiedMs(from.modified_ms);
  to.setAccessedMs(from.accessed_ms);
  to.setOwner(from.owner);
  to.setGroup(from.group);
  to.setMode(from.mode);
  to.setChildren(from.children);
  to.setUnderConstruction(from.under_construction);
  if constexpr (requires { from.has_acl; }) {
    to.setHasAcl(from.has_acl);
  } else {
    to.setHasAcl(!from.acl.empty());
  }
}
FileStatus FromWire(wire::FileStatus::Reader from, std::string_view directory);

}  // namespace tusk::dfs
