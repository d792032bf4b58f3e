// Between the C++ values of types.h and their wire form. Thread: pure functions.
#pragma once

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
FileStatus FromWire(wire::FileStatus::Reader from, std::string_view directory);

}  // namespace tusk::dfs
