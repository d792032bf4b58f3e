#include "dfs/namenode/namespace/namespace.h"

#include <glog/logging.h>

#include <algorithm>

#include "common/storage/crc32c.h"
#include "dfs/namenode/namespace/byte_codec.h"
#include "dfs/namenode/ops/apply.h"

namespace tusk::dfs::namenode {

Namespace::Namespace(std::unique_ptr<storage::KeyValueStore> store, Options options)
    : store_(std::move(store), std::move(options)) {
  // Not with every entry: only a state that reaches the store needs its name there.
  store_.BeforeFlush([this] {
    retries_.Flush(store_);
    store_.PutLate(kMetaKey, Encode(meta_));
  });
}

Result<std::unique_ptr<Namespace>> Namespace::Open(std::unique_ptr<storage::KeyValueStore> store, Options options) {
  auto found = store->Find(kMetaKey);
  if (!found.ok()) return Corruption("cannot read the applied state: " + found.status().message());
  std::unique_ptr<Namespace> result(new Namespace(std::move(store), std::move(options)));
  if (!*found) {
    Effects effects;
    Transaction tx(result->store_, result->meta_, effects);
    Inode root;
    root.is_directory = true;
    root.owner = "root";
    root.group = "supergroup";
    root.mode = 0755;
    PutInode(tx, kRootInode, root);
    tx.Commit();
    result->store_.FlushAndWait();
    return result;
  }
  const auto meta = DecodeMeta(**found);
  if (!meta || meta->format != Meta().format) return Corruption("the applied state has a format that this program does not know");
  result->meta_ = *meta;
  result->retries_.Load(result->store_);
  return result;
}

void Namespace::Apply(coordination::LogIndex index, edit::Edit::Reader edit, Applied& applied) {
  CHECK_EQ(index, meta_.applied + 1) << "entries of the NameNode's log must be applied in order";
  const auto caller = edit.getCaller();
  const ClientId client{caller.getClientHigh(), caller.getClientLow()};
  const uint64_t sequence = caller.getSequence();
  applied.answer.Clear();
  applied.effects.Clear();
  Transaction tx(store_, meta_, applied.effects);
  tx.meta.last_time_ms = std::max(meta_.last_time_ms, edit.getTimeMs());

  if (retries_.Has(client, sequence)) {
    std::optional<Answer> kept;
    Status found = retries_.Find(store_, client, sequence, kept);
    applied.answer = kept ? std::move(*kept) : AnswerOf(std::move(found));
  } else {
    const auto user = caller.getUser(), host = caller.getHost();
    EditContext context{client, {.user = {user.begin(), user.size()}}, tx.meta.last_time_ms, {host.begin(), host.size()}};
    if (caller.getChecked()) {
      context.who.superuser = false;
      for (const auto group : caller.getGroups()) context.who.groups.emplace_back(group.begin(), group.size());
    }
    applied.answer.status = ApplyEdit(tx, context, edit, applied.answer);
    if (!applied.answer.status.ok()) {
      const int64_t time_ms = tx.meta.last_time_ms;
      tx.Clear();
      tx.effects.Clear();
      tx.meta = meta_;
      tx.meta.last_time_ms = time_ms;
      applied.answer = AnswerOf(std::move(applied.answer.status));
    }
    if (sequence > 0) {
      retries_.Keep(tx, client, sequence, {index, tx.meta.last_time_ms, caller.getAckedUpTo()}, applied.answer);
    }
  }
  retries_.ForgetOld(tx, tx.meta.last_time_ms);
  tx.meta.applied = index;
  meta_ = tx.meta;  // before Commit, which may begin a flush
  tx.Commit();
}

void Namespace::ForEachBlock(const std::function<void(InodeId, const BlockRecord&)>& visit) const {
  store_.Scan("B", {}, [&](std::string_view key, std::string_view value) {
    const auto block = DecodeBlock(value);
    CHECK(block) << "a block record of the applied state is broken; remove the NameNode's state folder: it is rebuilt";
    visit(BlockKeyInode(key), *block);
    return true;
  });
}

void Namespace::ForEachLease(const std::function<void(InodeId, const ClientId&)>& visit) const {
  store_.Scan("L", {}, [&](std::string_view key, std::string_view value) {
    const auto lease = DecodeLease(value);
    CHECK(lease && key.size() == 9) << "a lease record of the applied state is broken; remove the NameNode's state folder";
    visit(InodeId(BigEndian(key.substr(1))), lease->holder);
    return true;
  });
}

uint32_t Namespace::Digest() const {
  uint32_t crc = 0;
  const auto add = [&](std::string_view bytes) {
    const uint64_t size = bytes.size();
    crc = storage::Crc32c(&size, sizeof size, crc);
    crc = storage::Crc32c(bytes.data(), bytes.size(), crc);
  };
  store_.Scan("", {}, [&](std::string_view key, std::string_view value) {
    if (key == kMetaKey || IsSoftKey(key) || key.front() == kRetryTag) return true;
    add(key);
    add(value);
    return true;
  });
  retries_.ForEach(store_, [&](std::string_view key, std::string_view record) {
    add(key);
    add(record);
  });
  add(Encode(meta_));
  return crc;
}

}  // namespace tusk::dfs::namenode
