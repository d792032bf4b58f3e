// Entries of the NameNode's log: read back by Journal::Replay and applied to a namespace, twice, with the same result.
//
// An input is a row of messages, each behind its length. Edits whose paths are not normal are not applied: the service never
// writes them. All else is: an edit that makes no sense must be answered with a status and change nothing but the kept answer.
#include <capnp/serialize.h>
#include <glog/logging.h>
#include <kj/exception.h>

#include "coordination/log/memory_log.h"
#include "dfs/namenode/journal/journal.h"
#include "dfs/namenode/namespace/namespace.h"
#include "dfs/protocol/path.h"
#include "tests/fuzz/new_namespace.h"
#include "tests/fuzz/seeds.h"

namespace tusk::fuzz {
namespace {

using namespace dfs::namenode;  // NOLINT(google-build-using-namespace)
using coordination::EntryType;
namespace edit = dfs::edit;

constexpr size_t kMostEdits = 64;

bool IsNormal(capnp::Data::Reader data) {
  const std::string_view path(reinterpret_cast<const char*>(data.begin()), data.size());
  const auto normal = dfs::NormalizePath(path);
  return normal.ok() && *normal == path;
}

bool IsName(capnp::Data::Reader data) {
  const std::string_view name(reinterpret_cast<const char*>(data.begin()), data.size());
  const auto path = dfs::NormalizePath("/" + std::string(name));
  return !name.empty() && path.ok() && dfs::PathName(*path) == name;
}

// Whether the service could have written it.
bool CouldBeWritten(edit::Edit::Reader edit) {
  if (edit.getTimeMs() < 0 || edit.getTimeMs() > int64_t{1} << 60) return false;
  switch (edit.which()) {
    case edit::Edit::MKDIRS: return IsNormal(edit.getMkdirs().getPath());
    case edit::Edit::CREATE: return IsNormal(edit.getCreate().getPath());
    case edit::Edit::RENAME: return IsNormal(edit.getRename().getFrom()) && IsNormal(edit.getRename().getTo());
    case edit::Edit::DELETE: return IsNormal(edit.getDelete().getPath());
    case edit::Edit::SET_REPLICATION: return IsNormal(edit.getSetReplication().getPath());
    case edit::Edit::SET_TIMES: return IsNormal(edit.getSetTimes().getPath());
    case edit::Edit::PUBLISH: {
      const auto publish = edit.getPublish();
      for (const auto move : publish.getMoves()) {
        if (!IsNormal(move.getFrom()) || !IsName(move.getName())) return false;
      }
      for (const auto marker : publish.getMarkers()) {
        if (!IsName(marker)) return false;
      }
      return IsNormal(publish.getDirectory()) &&
             (publish.getDeleteTree().size() == 0 || (IsNormal(publish.getDeleteTree()) && publish.getDeleteTree().size() > 1));
    }
    case edit::Edit::APPEND: return IsNormal(edit.getAppend().getPath());
    case edit::Edit::TRUNCATE: return IsNormal(edit.getTruncate().getPath());
    case edit::Edit::CONCAT: {
      const auto concat = edit.getConcat();
      for (const auto source : concat.getSources()) {
        if (!IsNormal(source)) return false;
      }
      return IsNormal(concat.getTarget());
    }
    default: return edit.which() <= edit::Edit::RECLAIM;
  }
}

std::vector<std::string_view> Messages(std::string_view input) {
  std::vector<std::string_view> messages;
  while (input.size() >= 2 && messages.size() < kMostEdits) {
    const size_t size = std::min<size_t>(GetAt<uint16_t>(input, 0), input.size() - 2);
    messages.push_back(input.substr(2, size));
    input.remove_prefix(2 + size);
  }
  return messages;
}

// Whether it is a message that can be read to its end and could have been written. Walked with a limit of its own: a list of half
// a billion empty elements takes a few bytes.
bool Readable(std::string_view bytes) {
  auto words = kj::heapArray<capnp::word>(bytes.size() / sizeof(capnp::word));
  if (words.size() == 0 || bytes.size() % sizeof(capnp::word) != 0) return false;
  std::memcpy(words.begin(), bytes.data(), bytes.size());
  try {
    capnp::ReaderOptions options;
    options.traversalLimitInWords = 32 * words.size() + 1024;
    capnp::FlatArrayMessageReader reader(words, options);
    const auto edit = reader.getRoot<edit::Edit>();
    (void)edit.toString().flatten();
    return edit.getVersion() == 1 && CouldBeWritten(edit);
  } catch (const kj::Exception&) {
    return false;
  }
}

// A row of messages as they are: Replay answers kCorruption at the first that is none.
void CheckReplay(std::string_view bytes) {
  auto log = coordination::OpenMemoryLog();
  CHECK(log->Append(1, EntryType::kData, Bytes(bytes), [](Status) {}).ok());
  const Status replayed = Journal::Replay(*log, 0, [&](coordination::LogIndex, edit::Edit::Reader edit) {
    (void)edit.getCaller().getUser().size();
    (void)CouldBeWritten(edit);
    return Answer();
  });
  CHECK(replayed.ok() || replayed.code() == Code::kCorruption) << replayed;
}

uint32_t DigestAfter(const coordination::Log& log) {
  const auto space = NewNamespace();
  const Status replayed = Journal::Replay(
      log, 0, [&](coordination::LogIndex index, edit::Edit::Reader edit) { return space->Apply(index, edit).answer; });
  CHECK(replayed.ok()) << replayed;
  return space->Digest();
}

template <class Fill>
void Add(std::string* row, Fill fill) {
  capnp::MallocMessageBuilder message;
  auto edit = message.initRoot<edit::Edit>();
  edit.setVersion(1);
  edit.setTimeMs(1'764'000'000'000);
  auto caller = edit.initCaller();
  caller.setClientHigh(1);
  caller.setClientLow(2);
  caller.setUser("ann");
  fill(edit);
  const auto words = capnp::messageToFlatArray(message);
  const auto size = static_cast<uint16_t>(words.asBytes().size());
  row->append(reinterpret_cast<const char*>(&size), sizeof(size));
  row->append(words.asChars().begin(), size);
}

capnp::Data::Reader Data(std::string_view bytes) { return {reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()}; }

}  // namespace

std::vector<std::string> Seeds() {
  std::string tree, files, job;
  Add(&tree, [](edit::Edit::Builder edit) {
    edit.initMkdirs().setPath(Data("/a/b/c"));
    edit.getMkdirs().setParents(true);
    edit.getCaller().setSequence(1);
  });
  Add(&tree, [](edit::Edit::Builder edit) {
    edit.initRename().setFrom(Data("/a/b"));
    edit.getRename().setTo(Data("/d"));
  });
  Add(&tree, [](edit::Edit::Builder edit) {
    edit.initSetTimes().setPath(Data("/d"));
    edit.getSetTimes().setModifiedMs(5);
  });
  Add(&tree, [](edit::Edit::Builder edit) {
    edit.initDelete().setPath(Data("/d"));
    edit.getDelete().setRecursive(true);
    edit.getCaller().setSequence(2);
    edit.getCaller().setAckedUpTo(1);
  });
  const auto create = [](std::string_view path) {
    return [path](edit::Edit::Builder edit) {
      auto file = edit.initCreate();
      file.setPath(Data(path));
      file.setCreateParents(true);
      file.setReplication(3);
      file.setBlockSize(1 << 20);
    };
  };
  Add(&files, create("/f/one"));  // inode 3, below 2
  for (const uint64_t length : {0, 1 << 20}) {
    Add(&files, [length](edit::Edit::Builder edit) {
      auto add = edit.initAddBlock();
      add.setInode(3);
      if (length > 0) {
        add.initPrevious().setId(1 << 30);
        add.getPrevious().setGeneration(1001);
        add.getPrevious().setLength(length);
      }
      add.initTargets(2).set(0, 11);
    });
  }
  for (const int kind : {0, 1, 2}) {
    Add(&files, [kind](edit::Edit::Builder edit) {
      auto of = kind == 0 ? edit.initBumpGeneration() : kind == 1 ? edit.initUpdatePipeline() : edit.initComplete();
      of.setInode(3);
      auto block = of.initBlock();
      block.setId((1 << 30) + 1);
      block.setGeneration(kind == 0 ? 1002 : 1003);
      block.setLength(kind == 2 ? 77 : 0);
      if (kind == 1) of.initNodes(1).set(0, 12);
    });
  }
  Add(&files, [](edit::Edit::Builder edit) {
    edit.initSetReplication().setPath(Data("/f/one"));
    edit.getSetReplication().setReplication(2);
  });
  Add(&job, create("/_staging/part-0"));
  Add(&job, [](edit::Edit::Builder edit) { edit.initComplete().setInode(3); });
  Add(&job, [](edit::Edit::Builder edit) {
    auto publish = edit.initPublish();
    publish.setJob(Data("job_1_0001"));
    publish.setEpoch(1);
    publish.setDirectory(Data("/out"));
    auto moves = publish.initMoves(1);
    moves[0].setFrom(Data("/_staging/part-0"));
    moves[0].setName(Data("part-r-00000"));
    publish.initMarkers(1).set(0, Data("_SUCCESS"));
    publish.setDeleteTree(Data("/_staging"));
  });
  Add(&job, create("/g"));
  Add(&job, [](edit::Edit::Builder edit) {
    auto close = edit.initCloseExpired();
    close.setInode(6);
    close.setHolderHigh(1);
    close.setHolderLow(2);
  });
  std::string recovery;
  Add(&recovery, create("/r"));  // inode 2
  Add(&recovery, [](edit::Edit::Builder edit) {
    edit.initAddBlock().setInode(2);
    edit.getAddBlock().initTargets(1).set(0, 11);
  });
  Add(&recovery, [](edit::Edit::Builder edit) {
    auto begin = edit.initBeginRecovery();
    begin.setInode(2);
    begin.setHolderHigh(1);
    begin.setHolderLow(2);
  });
  Add(&recovery, [](edit::Edit::Builder edit) {
    auto commit = edit.initCommitRecovery();
    commit.setInode(2);
    commit.initBlock().setId(1 << 30);
    commit.getBlock().setGeneration(1002);
    commit.getBlock().setLength(5);
    commit.initNodes(1).set(0, 11);
  });
  Add(&recovery, [](edit::Edit::Builder edit) {
    auto append = edit.initAppend();
    append.setPath(Data("/r"));
    append.initLast().setId(1 << 30);
    append.getLast().setGeneration(1002);
    append.getLast().setLength(5);
    append.initNodes(1).set(0, 11);
  });
  Add(&recovery, [](edit::Edit::Builder edit) { edit.initReclaim().initInodes(1).set(0, 2); });
  for (const std::string& row : {tree, files, job, recovery}) {
    for (const std::string_view message : Messages(row)) CHECK(Readable(message)) << "a seed is refused";
  }
  for (const std::string& row : {tree, files, job, recovery}) {
    auto log = coordination::OpenMemoryLog();
    for (const std::string_view message : Messages(row)) {
      CHECK(log->Append(1, EntryType::kData, Bytes(message), [](Status) {}).ok());
    }
    const auto space = NewNamespace();
    const Status replayed = Journal::Replay(*log, 0, [&](coordination::LogIndex index, edit::Edit::Reader edit) {
      Answer answer = space->Apply(index, edit).answer;
      CHECK(answer.status.ok()) << "a seed does nothing: " << answer.status;
      return answer;
    });
    CHECK(replayed.ok()) << replayed;
  }
  return {tree, files, job, recovery, tree + files + job};
}

}  // namespace tusk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tusk;
  auto log = coordination::OpenMemoryLog();
  for (const std::string_view message : fuzz::Messages(fuzz::View(data, size))) {
    fuzz::CheckReplay(message);
    if (!fuzz::Readable(message)) continue;
    CHECK(log->Append(1, coordination::EntryType::kData, fuzz::Bytes(message), [](Status) {}).ok());
  }
  if (log->last_index() > 0) CHECK_EQ(fuzz::DigestAfter(*log), fuzz::DigestAfter(*log)) << "replay gives another state";
  return 0;
}
