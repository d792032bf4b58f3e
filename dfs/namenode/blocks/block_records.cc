#include "dfs/namenode/blocks/block_records.h"

#include "dfs/namenode/namespace/byte_codec.h"
#include "dfs/protocol/inventory_digest.h"

namespace tusk::dfs::namenode {
namespace {

constexpr uint64_t kFormat = 1;
// The first byte of a block: state in the low three bits, then safe and corrupt, then the degree.
constexpr uint8_t kStateMask = 7;
constexpr uint8_t kSafeBit = 8;
constexpr uint8_t kCorruptBit = 16;
constexpr int kDegreeShift = 5;
constexpr size_t kReplicaKeyBytes = 12;

void AppendNode(NodeIndex node, std::string* key) {
  key->push_back(static_cast<char>(node >> 8));
  key->push_back(static_cast<char>(node & 0xFF));
}

NodeIndex NodeAt(std::string_view key) {
  return static_cast<NodeIndex>(static_cast<uint8_t>(key[1]) << 8 | static_cast<uint8_t>(key[2]));
}

template <class Nodes>
void WriteNodes(const Nodes& nodes, ByteWriter* out) {
  out->Number(nodes.size());
  for (const NodeIndex node : nodes) out->Number(node);
}

template <class Nodes>
void ReadNodes(ByteReader* in, Nodes* nodes) {
  for (uint64_t left = in->Number(); left > 0 && in->ok(); --left) nodes->push_back(static_cast<NodeIndex>(in->Number()));
}

void WriteReplicas(const std::vector<OpenBlock::Replica>& replicas, ByteWriter* out) {
  out->Number(replicas.size());
  for (const OpenBlock::Replica& replica : replicas) {
    out->Number(replica.node);
    out->Number(replica.generation.value());
    out->Number(replica.length);
  }
}

void ReadReplicas(ByteReader* in, std::vector<OpenBlock::Replica>* replicas) {
  for (uint64_t left = in->Number(); left > 0 && in->ok(); --left) {
    OpenBlock::Replica replica;
    replica.node = static_cast<NodeIndex>(in->Number());
    replica.generation = Generation(in->Number());
    replica.length = in->Number();
    replicas->push_back(replica);
  }
}

}  // namespace

std::string BlockEntryKey(BlockId id) {
  std::string key = "N";
  AppendBigEndian(id.value(), &key);
  return key;
}
BlockId BlockEntryKeyId(std::string_view key) { return BlockId(BigEndian(key.substr(1, 8))); }
std::string BlockRangePrefix(uint64_t range) {
  return BlockEntryKey(BlockId(range << kBlockRangeBits)).substr(0, 1 + (64 - kBlockRangeBits) / 8);
}

std::string ReplicaPrefix(NodeIndex node) {
  std::string key = "R";
  AppendNode(node, &key);
  return key;
}
std::string ReplicaPrefix(NodeIndex node, uint16_t bucket) {
  std::string key = ReplicaPrefix(node);
  key.push_back(static_cast<char>(bucket));
  return key;
}
std::string ReplicaKey(NodeIndex node, BlockId id) {
  std::string key = ReplicaPrefix(node, InventoryDigest::BucketOf(id));
  AppendBigEndian(id.value(), &key);
  return key;
}
BlockId ReplicaKeyBlock(std::string_view key) {
  return key.size() == kReplicaKeyBytes ? BlockId(BigEndian(key.substr(4))) : BlockId();
}

std::string NodeKey(NodeIndex node) {
  std::string key(kNodePrefix);
  AppendNode(node, &key);
  return key;
}
std::string BucketKey(NodeIndex node, uint16_t bucket) {
  std::string key = NodeKey(node);
  key.push_back('s');
  key.push_back(static_cast<char>(bucket));
  return key;
}
std::string DeletionKey(NodeIndex node, BlockId id) {
  std::string key = NodeKey(node);
  key.push_back('d');
  AppendBigEndian(id.value(), &key);
  return key;
}

std::optional<NodeKeyParts> ParseNodeKey(std::string_view key) {
  NodeKeyParts parts;
  if (key == kBlockCountsKey) return parts;
  if (key.size() < 3 || !key.starts_with(kNodePrefix)) return std::nullopt;
  parts.node = NodeAt(key);
  if (key.size() == 3) {
    parts.kind = NodeKeyParts::Kind::kNode;
  } else if (key.size() == 5 && key[3] == 's') {
    parts.kind = NodeKeyParts::Kind::kBucket;
    parts.bucket = static_cast<uint8_t>(key[4]);
  } else if (key.size() == 12 && key[3] == 'd') {
    parts.kind = NodeKeyParts::Kind::kDeletion;
    parts.block = BlockId(BigEndian(key.substr(4)));
  } else {
    return std::nullopt;
  }
  return parts;
}

std::string Encode(const StoredBlock& block) {
  ByteWriter out;
  out.Number(static_cast<uint8_t>(block.state) | (block.safe ? kSafeBit : 0) | (block.corrupt.empty() ? 0 : kCorruptBit) |
             static_cast<uint64_t>(block.degree) << kDegreeShift);
  out.Number(block.inode.value());
  out.Number(block.generation.value());
  out.Number(block.length);
  out.Number(block.expected);
  if (block.state == BlockState::kOpen) {
    out.Number(block.open.targets.size());
    for (const DataNodeId target : block.open.targets) out.Number(target.value());
    WriteReplicas(block.open.finished, &out);
    if (!block.open.damaged.empty()) WriteReplicas(block.open.damaged, &out);
    return out.Take();
  }
  WriteNodes(block.replicas, &out);
  if (!block.corrupt.empty()) WriteNodes(block.corrupt, &out);
  return out.Take();
}

BlockState StateOf(std::string_view stored_block) {
  return stored_block.empty() ? BlockState::kOpen
                              : static_cast<BlockState>(static_cast<uint8_t>(stored_block.front()) & kStateMask);
}

std::optional<StoredBlock> DecodeStoredBlock(std::string_view bytes) {
  ByteReader in(bytes);
  StoredBlock block;
  const uint64_t head = in.Number();
  if (head > UINT8_MAX || (head & kStateMask) > static_cast<uint8_t>(BlockState::kOver)) return std::nullopt;
  block.state = static_cast<BlockState>(head & kStateMask);
  block.safe = (head & kSafeBit) != 0;
  block.degree = static_cast<uint8_t>(head >> kDegreeShift);
  block.inode = InodeId(in.Number());
  block.generation = Generation(in.Number());
  block.length = in.Number();
  block.expected = static_cast<uint16_t>(in.Number());
  if (block.state == BlockState::kOpen) {
    for (uint64_t left = in.Number(); left > 0 && in.ok(); --left) block.open.targets.emplace_back(in.Number());
    ReadReplicas(&in, &block.open.finished);
    if (in.ok() && !in.AtEnd()) ReadReplicas(&in, &block.open.damaged);
  } else {
    ReadNodes(&in, &block.replicas);
    if ((head & kCorruptBit) != 0) ReadNodes(&in, &block.corrupt);
  }
  if (!in.AtEnd()) return std::nullopt;
  return block;
}

std::string Encode(const BlockCounts& counts) {
  ByteWriter out;
  out.Number(kFormat);
  out.Number(counts.blocks);
  out.Number(counts.safe);
  out.Number(counts.missing);
  out.Number(counts.under);
  out.Number(counts.over);
  out.Number(counts.corrupt_replicas);
  out.Number(counts.min_replication);
  out.Number(counts.highest.value());
  for (const uint64_t blocks : counts.by_degree) out.Number(blocks);
  return out.Take();
}

std::optional<BlockCounts> DecodeBlockCounts(std::string_view bytes) {
  ByteReader in(bytes);
  BlockCounts counts;
  if (in.Number() != kFormat) return std::nullopt;
  counts.blocks = in.Number();
  counts.safe = in.Number();
  counts.missing = in.Number();
  counts.under = in.Number();
  counts.over = in.Number();
  counts.corrupt_replicas = in.Number();
  counts.min_replication = static_cast<uint32_t>(in.Number());
  counts.highest = BlockId(in.Number());
  for (uint64_t& blocks : counts.by_degree) blocks = in.Number();
  if (!in.AtEnd()) return std::nullopt;
  return counts;
}

std::string Encode(const NodeRecord& record) {
  ByteWriter out;
  out.Number(record.info.id.value());
  out.Text(record.info.host);
  out.Number(record.info.data_port);
  out.Number(record.info.http_port);
  out.Text(record.info.rack);
  out.Text(record.info.name);
  out.Text(record.info.local_socket);
  out.Number(static_cast<uint64_t>(record.duty));
  out.Number(record.recount ? 1 : 0);
  return out.Take();
}

std::optional<NodeRecord> DecodeNodeRecord(std::string_view bytes) {
  ByteReader in(bytes);
  NodeRecord record;
  record.info.id = DataNodeId(in.Number());
  record.info.host = in.Text();
  record.info.data_port = static_cast<uint16_t>(in.Number());
  record.info.http_port = static_cast<uint16_t>(in.Number());
  record.info.rack = in.Text();
  record.info.name = in.Text();
  record.info.local_socket = in.Text();
  const uint64_t duty = in.Number();
  if (duty > static_cast<uint64_t>(Duty::kDead)) return std::nullopt;
  record.duty = static_cast<Duty>(duty);
  record.recount = in.Number() != 0;
  if (!in.AtEnd()) return std::nullopt;
  return record;
}

std::string Encode(const BucketRecord& record) {
  std::string bytes;
  AppendBigEndian(record.digest, &bytes);
  ByteWriter count;
  count.Number(record.replicas);
  return bytes + count.Take();
}

std::optional<BucketRecord> DecodeBucketRecord(std::string_view bytes) {
  if (bytes.size() < 8) return std::nullopt;
  ByteReader in(bytes.substr(8));
  BucketRecord record{BigEndian(bytes), in.Number()};
  if (!in.AtEnd()) return std::nullopt;
  return record;
}

std::string EncodeReplica(const Block& replica) {
  ByteWriter out;
  out.Number(replica.generation.value());
  out.Number(replica.length);
  return out.Take();
}

std::optional<Block> DecodeReplica(BlockId id, std::string_view bytes) {
  ByteReader in(bytes);
  Block replica{id, Generation(in.Number()), 0};
  replica.length = in.Number();
  if (!in.AtEnd()) return std::nullopt;
  return replica;
}

}  // namespace tusk::dfs::namenode
