// The namespace: a deterministic state machine over the NameNode's log.
//
// Apply(entry) is the only way to change it, live and at restart. The same entries in the same order give the same bytes in the
// store, whatever happened between: Digest() proves it in tests.
// Invariants: entries are applied once, in index order without gaps; an entry that fails changes nothing but the kept answer.
// Durability: of the log; the store is applied state (state_store.h).
// Thread:     namespace loop.
#pragma once

#include <memory>

#include "common/base/result.h"
#include "coordination/log/log.h"
#include "dfs/namenode/journal/edit.capnp.h"
#include "dfs/namenode/namespace/retry_answers.h"
#include "dfs/namenode/namespace/tree.h"

namespace tusk::dfs::namenode {

class Namespace {
 public:
  using Options = StateStore::Options;
  // kCorruption: the store is of another format or broken; destroy it and apply the whole log.
  static Result<std::unique_ptr<Namespace>> Open(std::unique_ptr<storage::KeyValueStore> store, Options options);

  struct Applied {
    Answer answer;
    Effects effects;
  };
  // CHECKs that index is applied() + 1. `applied` is one to be used again, with what it held gone.
  void Apply(coordination::LogIndex index, edit::Edit::Reader edit, Applied& applied);
  Applied Apply(coordination::LogIndex index, edit::Edit::Reader edit) {
    Applied applied;
    Apply(index, edit, applied);
    return applied;
  }

  // The answer kept for a repeated request; kAborted for a late duplicate (retry_answers.h).
  Status FindAnswer(ClientId client, uint64_t sequence, std::optional<Answer>& kept) const {
    return retries_.Find(store_, client, sequence, kept);
  }
  // Whether there was such an answer, kept or not.
  bool HasAnswered(ClientId client, uint64_t sequence) const { return retries_.Has(client, sequence); }

  const View& view() const { return store_; }
  // For the soft state: PutSoft, DeleteSoft, Find, Scan.
  StateStore& store() { return store_; }
  const Meta& meta() const { return meta_; }
  coordination::LogIndex applied() const { return meta_.applied; }
  size_t kept_answers() const { return retries_.size(); }
  size_t remembered_answers() const { return retries_.remembered(); }

  // All blocks and leases of the state: fills the volatile tables at start.
  void ForEachBlock(const std::function<void(InodeId inode, const BlockRecord& block)>& visit) const;
  void ForEachLease(const std::function<void(InodeId inode, const ClientId& holder)>& visit) const;

  // Of every key and value of the log's state; soft keys are left out.
  uint32_t Digest() const;

 private:
  Namespace(std::unique_ptr<storage::KeyValueStore> store, Options options);
  StateStore store_;
  Meta meta_;
  RetryAnswers retries_;
};

}  // namespace tusk::dfs::namenode
