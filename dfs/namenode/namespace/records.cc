#include "dfs/namenode/namespace/records.h"

#include <bit>
#include <cstring>
#include <type_traits>

#include "dfs/namenode/namespace/byte_codec.h"

namespace tusk::dfs::namenode {
namespace {

constexpr uint64_t kDirectoryFlag = 1;
constexpr uint64_t kUnderConstructionFlag = 2;
constexpr uint64_t kAclFlag = 4;      // of inodes: a list of access rights follows the group
constexpr uint64_t kXattrsFlag = 8;   // of inodes
constexpr uint64_t kQuotaFlag = 16;   // of inodes
constexpr uint64_t kRecordFlag = 1;   // of answers: an inode follows
constexpr uint64_t kDeletedFlag = 2;  // of answers

std::string NumberKey(char tag, uint64_t number) {
  char key[9] = {tag};
  PutBigEndian(number, key + 1);
  return std::string(key, sizeof key);  // short: in the string itself
}

// An inode is read and changed more often than anything else: its numbers have fixed places.
template <class Number>
struct Place {
  size_t at;
};
constexpr Place<uint8_t> kFlags{0};
constexpr Place<uint16_t> kMode{1};
constexpr Place<uint64_t> kParent{3};
constexpr Place<int64_t> kModified{11}, kAccessed{19};
constexpr Place<uint32_t> kCount{27};  // of children, or of blocks
constexpr size_t kDirectoryHead = 31;
constexpr Place<uint16_t> kReplication{31};
constexpr Place<uint64_t> kBlockSize{33}, kLength{41};
constexpr size_t kFileHead = 49;

// Least significant byte first.
static_assert(std::endian::native == std::endian::little);
template <class Number>
void Store(char* record, Place<Number> place, std::type_identity_t<Number> value) {
  std::memcpy(record + place.at, &value, sizeof value);
}
template <class Number>
Number Fetch(const char* record, Place<Number> place) {
  Number value;
  std::memcpy(&value, record + place.at, sizeof value);
  return value;
}

// The numbers at the head of an inode's record; nullptr: they are not whole.
const char* ReadHead(ByteReader* in) {
  const std::string_view bytes = in->Rest();
  const bool is_directory = !bytes.empty() && (Fetch(bytes.data(), kFlags) & kDirectoryFlag) != 0;
  return in->Skip(is_directory ? kDirectoryHead : kFileHead) ? bytes.data() : nullptr;
}

void ReadInode(ByteReader* in, Inode* inode) {
  const char* const record = ReadHead(in);
  if (record == nullptr) return;
  const uint8_t flags = Fetch(record, kFlags);
  inode->is_directory = (flags & kDirectoryFlag) != 0;
  inode->under_construction = (flags & kUnderConstructionFlag) != 0;
  inode->mode = Fetch(record, kMode);
  inode->parent = InodeId(Fetch(record, kParent));
  inode->modified_ms = Fetch(record, kModified);
  inode->accessed_ms = Fetch(record, kAccessed);
  const uint32_t count = Fetch(record, kCount);
  (inode->is_directory ? inode->children : inode->block_count) = count;
  if (!inode->is_directory) {
    inode->replication = Fetch(record, kReplication);
    inode->block_size = Fetch(record, kBlockSize);
    inode->length = Fetch(record, kLength);
  }
  inode->name = in->Text();
  inode->owner = in->Text();
  inode->group = in->Text();
  if ((flags & kAclFlag) != 0) inode->acl = in->Text();
  inode->has_xattrs = (flags & kXattrsFlag) != 0;
  inode->has_quota = (flags & kQuotaFlag) != 0;
}

template <class T>
std::optional<T> IfWhole(const ByteReader& in, T value) {
  if (!in.AtEnd()) return std::nullopt;
  return value;
}

}  // namespace

void Write(const Inode& inode, ByteWriter* out) {
  char* const record = out->Extend(inode.is_directory ? kDirectoryHead : kFileHead);
  Store(record, kFlags,
        static_cast<uint8_t>((inode.is_directory ? kDirectoryFlag : 0) | (inode.under_construction ? kUnderConstructionFlag : 0) |
                             (inode.acl.empty() ? 0 : kAclFlag) | (inode.has_xattrs ? kXattrsFlag : 0) |
                             (inode.has_quota ? kQuotaFlag : 0)));
  Store(record, kMode, inode.mode);
  Store(record, kParent, inode.parent.value());
  Store(record, kModified, inode.modified_ms);
  Store(record, kAccessed, inode.accessed_ms);
  Store(record, kCount, inode.is_directory ? inode.children : inode.block_count);
  if (!inode.is_directory) {
    Store(record, kReplication, inode.replication);
    Store(record, kBlockSize, inode.block_size);
    Store(record, kLength, inode.length);
  }
  out->Text(inode.name);
  out->Text(inode.owner);
  out->Text(inode.group);
  if (!inode.acl.empty()) out->Text(inode.acl);
}

std::string DirentPrefix(InodeId parent) { return NumberKey('D', parent.value()); }
std::string DirentKey(InodeId parent, std::string_view name) { return DirentPrefix(parent).append(name); }
std::string_view DirentName(std::string_view key) { return key.substr(9); }
DirentKeyHere::DirentKeyHere(InodeId parent, std::string_view name) : size_(kHeadBytes + name.size()) {
  char* out = inline_;
  if (size_ > sizeof inline_) out = (large_ = std::make_unique_for_overwrite<char[]>(size_)).get();
  out[0] = 'D';
  PutBigEndian(parent.value(), out + 1);
  std::memcpy(out + kHeadBytes, name.data(), name.size());
}
std::string InodeKey(InodeId inode) { return NumberKey('I', inode.value()); }
std::string BlockPrefix(InodeId inode) { return NumberKey('B', inode.value()); }
std::string BlockKey(InodeId inode, uint32_t index) {
  std::string key = BlockPrefix(inode);
  AppendBigEndian32(index, &key);
  return key;
}
InodeId BlockKeyInode(std::string_view key) { return InodeId(BigEndian(key.substr(1, 8))); }
uint32_t BlockKeyIndex(std::string_view key) { return BigEndian32(key.substr(9, 4)); }
std::string LeaseKey(InodeId inode) { return NumberKey('L', inode.value()); }
std::string QuotaKey(InodeId inode) { return NumberKey('Q', inode.value()); }
std::string XattrKey(InodeId inode) { return NumberKey('X', inode.value()); }
std::string RetryKey(ClientId client, uint64_t sequence) {
  // The last letter of all: answers are deleted as fast as they are written, and a scan that ended just before their keys would
  // step over every one that LevelDB has not compacted away yet.
  std::string key = NumberKey(kRetryTag, client.high);
  AppendBigEndian(client.low, &key);
  AppendBigEndian(sequence, &key);
  return key;
}
std::string FenceKey(std::string_view job) { return std::string("J").append(job); }

std::string NodeAdminKey(DataNodeId node) { return NumberKey('A', node.value()); }
DataNodeId NodeAdminKeyNode(std::string_view key) { return DataNodeId(BigEndian(key.substr(1, 8))); }

std::string GarbageKey(InodeId inode) { return NumberKey('G', inode.value()); }
InodeId GarbageKeyInode(std::string_view key) { return InodeId(BigEndian(key.substr(1, 8))); }

std::string Encode(const Garbage& garbage) {
  ByteWriter out;
  out.Text(garbage.after);
  for (const QuotaRef& quota : garbage.quotas) {
    out.Number(quota.directory.value());
    out.Number(quota.made);
  }
  return out.Take();
}

std::optional<Garbage> DecodeGarbage(std::string_view bytes) {
  ByteReader in(bytes);
  Garbage garbage{std::string(in.Text())};
  while (in.ok() && !in.AtEnd()) {
    const InodeId directory(in.Number());
    garbage.quotas.push_back({directory, in.Number()});
  }
  return IfWhole(in, std::move(garbage));
}

std::string Encode(const NodeAdminRecord& record) {
  ByteWriter out;
  out.Number(static_cast<uint64_t>(record.order));
  out.Signed(record.until_ms);
  return out.Take();
}

std::optional<NodeAdminRecord> DecodeNodeAdmin(std::string_view bytes) {
  ByteReader in(bytes);
  NodeAdminRecord record;
  const uint64_t order = in.Number();
  if (order > static_cast<uint64_t>(NodeOrder::kMaintenance)) return std::nullopt;
  record.order = static_cast<NodeOrder>(order);
  record.until_ms = in.Signed();
  return IfWhole(in, record);
}

void Write(const Dirent& dirent, ByteWriter* out) {
  out->Number(dirent.is_directory ? kDirectoryFlag : 0);
  out->Number(dirent.inode.value());
}

std::string Encode(const Dirent& dirent) {
  ByteWriter out;
  Write(dirent, &out);
  return out.Take();
}

std::optional<Dirent> DecodeDirent(std::string_view bytes) {
  ByteReader in(bytes);
  Dirent dirent;
  dirent.is_directory = (in.Number() & kDirectoryFlag) != 0;
  dirent.inode = InodeId(in.Number());
  return IfWhole(in, dirent);
}

std::string Encode(const Inode& inode) {
  ByteWriter out;
  Write(inode, &out);
  return out.Take();
}

bool ChangeChildren(char* directory, size_t bytes, int32_t more, int64_t modified_ms) {
  ByteReader in({directory, bytes});
  if (ReadHead(&in) == nullptr) return false;
  for (int text = (Fetch(directory, kFlags) & kAclFlag) != 0 ? 4 : 3; text > 0; --text) in.Text();
  if (!in.AtEnd() || (Fetch(directory, kFlags) & kDirectoryFlag) == 0) return false;
  Store(directory, kModified, modified_ms);
  Store(directory, kCount, Fetch(directory, kCount) + static_cast<uint32_t>(more));
  return true;
}

bool Read(std::string_view bytes, Inode* inode) {
  ByteReader in(bytes);
  ReadInode(&in, inode);
  return in.AtEnd();
}

bool ReadHasQuota(std::string_view inode) { return !inode.empty() && (Fetch(inode.data(), kFlags) & kQuotaFlag) != 0; }

uint32_t ReadCount(std::string_view inode) {
  ByteReader in(inode);
  const char* const record = ReadHead(&in);
  return record == nullptr ? 0 : Fetch(record, kCount);
}

std::optional<InodePlace> ReadPlace(std::string_view inode) {
  ByteReader in(inode);
  const char* const record = ReadHead(&in);
  if (record == nullptr) return std::nullopt;
  const InodePlace place{InodeId(Fetch(record, kParent)), in.Text()};
  if (!in.ok()) return std::nullopt;
  return place;
}

std::optional<Inherited> ReadInherited(std::string_view directory) {
  ByteReader in(directory);
  const char* const record = ReadHead(&in);
  if (record == nullptr) return std::nullopt;
  in.Text();  // name
  in.Text();  // owner
  Inherited inherited{in.Text(), {}};
  if ((Fetch(record, kFlags) & kAclFlag) != 0) inherited.acl = in.Text();
  if (!in.ok()) return std::nullopt;
  return inherited;
}

std::optional<ClientId> ReadHolder(std::string_view lease) {
  ByteReader in(lease);
  ClientId holder;
  holder.high = in.Number();
  holder.low = in.Number();
  if (!in.ok()) return std::nullopt;
  return holder;
}

std::optional<Inode> DecodeInode(std::string_view bytes) {
  std::optional<Inode> inode(std::in_place);
  if (!Read(bytes, &*inode)) inode.reset();
  return inode;
}

std::string Encode(const BlockRecord& block) {
  ByteWriter out;
  out.Number(block.under_construction ? kUnderConstructionFlag : 0);
  out.Number(block.id.value());
  out.Number(block.generation.value());
  out.Number(block.next_generation.value());
  out.Number(block.length);
  out.Number(block.replication);
  if (block.under_construction) {
    out.Number(block.nodes.size());
    for (const DataNodeId node : block.nodes) out.Number(node.value());
  }
  return out.Take();
}

std::optional<BlockRecord> DecodeBlock(std::string_view bytes) {
  ByteReader in(bytes);
  BlockRecord block;
  block.under_construction = (in.Number() & kUnderConstructionFlag) != 0;
  block.id = BlockId(in.Number());
  block.generation = Generation(in.Number());
  block.next_generation = Generation(in.Number());
  block.length = in.Number();
  block.replication = static_cast<uint16_t>(in.Number());
  if (block.under_construction) {
    for (uint64_t left = in.Number(); left > 0 && in.ok(); --left) block.nodes.emplace_back(in.Number());
  }
  return IfWhole(in, std::move(block));
}

void Write(const Lease& lease, ByteWriter* out) {
  out->Number(lease.holder.high);
  out->Number(lease.holder.low);
  out->Text(lease.user);
  out->Text(lease.host);
}

std::string Encode(const Lease& lease) {
  ByteWriter out;
  Write(lease, &out);
  return out.Take();
}

std::optional<Lease> DecodeLease(std::string_view bytes) {
  ByteReader in(bytes);
  Lease lease;
  lease.holder.high = in.Number();
  lease.holder.low = in.Number();
  lease.user = in.Text();
  lease.host = in.Text();
  return IfWhole(in, std::move(lease));
}

void Write(const RetryMark& mark, const Answer& answer, ByteWriter* out) {
  out->Number(mark.index);
  out->Signed(mark.time_ms);
  out->Number(mark.acked);
  out->Number((answer.record ? kRecordFlag : 0) | (answer.deleted ? kDeletedFlag : 0));
  out->Number(static_cast<uint64_t>(answer.status.code()));
  out->Text(answer.status.message());
  out->Number(answer.inode.value());
  out->Number(answer.block.id.value());
  out->Number(answer.block.generation.value());
  out->Number(answer.block.length);
  out->Number(answer.offset);
  out->Number(answer.nodes.size());
  for (const DataNodeId node : answer.nodes) out->Number(node.value());
  if (answer.record) Write(*answer.record, out);
}

std::string Encode(const RetryRecord& record) {
  ByteWriter out;
  Write(RetryMark{record.index, record.time_ms, record.acked}, record.answer, &out);
  return out.Take();
}

std::optional<RetryRecord> DecodeRetry(std::string_view bytes) {
  ByteReader in(bytes);
  RetryRecord record;
  record.index = in.Number();
  record.time_ms = in.Signed();
  record.acked = in.Number();
  Answer& answer = record.answer;
  const uint64_t flags = in.Number();
  answer.deleted = (flags & kDeletedFlag) != 0;
  const auto code = static_cast<Code>(in.Number());
  answer.status = Status(code, std::string(in.Text()));
  answer.inode = InodeId(in.Number());
  answer.block.id = BlockId(in.Number());
  answer.block.generation = Generation(in.Number());
  answer.block.length = in.Number();
  answer.offset = in.Number();
  for (uint64_t left = in.Number(); left > 0 && in.ok(); --left) answer.nodes.emplace_back(in.Number());
  if ((flags & kRecordFlag) != 0) ReadInode(&in, &answer.record.emplace());
  return IfWhole(in, std::move(record));
}

std::string Encode(const QuotaRecord& quota) {
  ByteWriter out;
  for (const int64_t number : {quota.names_limit, quota.space_limit, quota.names, quota.space}) out.Signed(number);
  out.Number(quota.made);
  return out.Take();
}

std::optional<QuotaRecord> DecodeQuota(std::string_view bytes) {
  ByteReader in(bytes);
  QuotaRecord quota;
  for (int64_t* const number : {&quota.names_limit, &quota.space_limit, &quota.names, &quota.space}) *number = in.Signed();
  quota.made = in.Number();
  return IfWhole(in, quota);
}

std::string Encode(const Meta& meta) {
  ByteWriter out;
  out.Number(meta.format);
  out.Number(meta.applied);
  out.Number(meta.next_inode);
  out.Number(meta.next_block);
  out.Number(meta.next_generation);
  out.Number(meta.files);
  out.Number(meta.directories);
  out.Number(meta.blocks);
  out.Signed(meta.last_time_ms);
  if (meta.quotas != 0) out.Number(meta.quotas);  // older states have none
  return out.Take();
}

std::optional<Meta> DecodeMeta(std::string_view bytes) {
  ByteReader in(bytes);
  Meta meta;
  meta.format = in.Number();
  meta.applied = in.Number();
  meta.next_inode = in.Number();
  meta.next_block = in.Number();
  meta.next_generation = in.Number();
  meta.files = in.Number();
  meta.directories = in.Number();
  meta.blocks = in.Number();
  meta.last_time_ms = in.Signed();
  if (in.ok() && !in.AtEnd()) meta.quotas = in.Number();
  return IfWhole(in, meta);
}

}  // namespace tusk::dfs::namenode
