// The namespace is a function of its log: random operations, then the same entries again, give the same bytes. Also after power
// cuts in the middle, where nothing that was answered may be missing.
#include "tests/unit/dfs/namenode/core_fixture.h"

#include "common/base/random.h"
#include "common/storage/memory_disk.h"
#include "coordination/log/memory_log.h"
#include "coordination/log/segmented_log.h"
#include "dfs/protocol/convert.h"

namespace tusk::dfs::namenode {
namespace {

class Replay : public CoreFixture {
 protected:
  Replay() { Join(); }
  void Join() {
    beating.clear();
    for (uint64_t node = 1; node <= 4; ++node) {
      JoinNode(NodeInfo(node, node % 2 == 0 ? "/rack0" : "/rack1"));
      beating.push_back(node);
    }
    core->safe_mode.Leave();
    core->UpdateSafeMode();
  }

  std::string Path(Random& random) {
    std::string path;
    for (uint64_t depth = 1 + random.Below(3); depth > 0; --depth)
      path += "/" + std::string(1, static_cast<char>('a' + random.Below(4)));
    return path;
  }

  // One operation, which may fail; half of them are sent twice.
  void Step(Random& random) {
    TestClient& who = clients_[random.Below(3)];
    client.next_sequence = who.next_sequence;
    client.high = who.high;
    client.acked = who.next_sequence > 4 ? who.next_sequence - 4 : 0;
    const std::string path = Path(random), other = Path(random);
    switch (random.Below(10)) {
      case 0: static_cast<void>(Mkdir(path, random.OneIn(2))); break;
      case 1: {
        const auto created =
            CreateFileWithBlock(path, client, random.OneIn(2), static_cast<uint16_t>(1 + random.Below(4)), false);
        if (created.status.ok()) open_.push_back({created.inode, client.high, created.first.block});
        break;
      }
      case 2:
        if (const auto inode = CreateFile(path, client, random.OneIn(2), static_cast<uint16_t>(1 + random.Below(4)));
            inode.ok()) {
          open_.push_back({*inode, client.high, {}});
        }
        break;
      case 3:
      case 4:
      case 5: Write(random); break;
      case 6: static_cast<void>(RenamePath(path, other, random.OneIn(2))); break;
      case 7:
        if (random.OneIn(2)) static_cast<void>(DeletePath(path, random.OneIn(2)));
        break;
      case 8:
        static_cast<void>(Call(kSetReplication, SetReplication, [&](auto request) {
          FillCaller(request.initCaller(), client);
          request.setPath(path);
          request.setReplication(static_cast<uint16_t>(1 + random.Below(5)));
        }));
        break;
      case 9:
        static_cast<void>(Call(kPublish, Publish, [&](auto request) {
          FillCaller(request.initCaller(), client);
          request.setJob("job" + std::to_string(random.Below(3)));
          request.setEpoch(random.Below(5));
          request.setDirectory(path);
          auto move = request.initMoves(1)[0];
          move.setFrom(other);
          move.setName("part");
          request.initMarkers(1).set(0, "_SUCCESS");
          if (random.OneIn(3)) request.setDeleteTree(Path(random));
        }));
        break;
    }
    who.next_sequence = std::max(who.next_sequence, client.next_sequence);
    if (random.OneIn(20)) clock.Advance(std::chrono::minutes(random.Below(8)));
    if (random.OneIn(50)) {
      for (int step = 0; step < 504; ++step) {  // 21 minutes, without a pause: leases expire
        clock.Advance(std::chrono::milliseconds(2500));
        BeatAll(beating);
        Tick();
      }
    }
  }

  bool AllReported(InodeId inode, const Block& last) {
    for (const BlockRecord& block : FileBlocks(core->state->view(), inode)) {
      if (!core->blocks.HasEnough(block.id, &last)) return false;
    }
    return true;
  }

  void Write(Random& random) {
    if (open_.empty()) return;
    const size_t at = random.Below(open_.size());
    Open& file = open_[at];
    client.high = file.client;
    TestClient& who = clients_[file.client];
    client.next_sequence = who.next_sequence;
    if (file.last.id != BlockId()) {
      file.last.length = 1 + random.Below(1000);
      Received(1 + random.Below(4), file.last);
    }
    if (random.OneIn(2)) {
      const auto next = NextBlock(file.inode, client, file.last);
      if (next.ok()) file.last = next->block;
    } else if (AllReported(file.inode, file.last)) {
      static_cast<void>(CompleteFile(file.inode, client, file.last));
      open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(at));
    }
    who.next_sequence = client.next_sequence;
  }

  struct Open {
    InodeId inode;
    uint64_t client;
    Block last;
  };
  std::vector<Open> open_;
  std::vector<TestClient> clients_ = {{0, 1, {}, 1, 0}, {1, 1, {}, 1, 0}, {2, 1, {}, 1, 0}};
};

// Counters, entries and children agree with each other.
void CheckInvariants(const Namespace& state) {
  const View& view = state.view();
  uint64_t files = 0, directories = 0, blocks = 0, leases = 0;
  std::vector<InodeId> left{kRootInode};
  while (!left.empty()) {
    const InodeId id = left.back();
    left.pop_back();
    const Inode inode = GetInode(view, id);
    if (!inode.is_directory) {
      ++files;
      const auto records = FileBlocks(view, id);
      ASSERT_EQ(records.size(), inode.block_count);
      blocks += records.size();
      uint64_t length = 0;
      for (size_t i = 0; i < records.size(); ++i) {
        length += records[i].length;
        ASSERT_EQ(records[i].replication, inode.replication);
        if (records[i].under_construction) {
          ASSERT_TRUE(inode.under_construction && i + 1 == records.size());
        }
      }
      ASSERT_EQ(length, inode.length);
      ASSERT_EQ(FindLease(view, id).has_value(), inode.under_construction);
      leases += inode.under_construction ? 1 : 0;
      continue;
    }
    ++directories;
    uint32_t children = 0;
    view.Scan(DirentPrefix(id), {}, [&](std::string_view key, std::string_view value) {
      const Dirent dirent = *DecodeDirent(value);
      const Inode child = GetInode(view, dirent.inode);
      EXPECT_EQ(child.name, DirentName(key));
      EXPECT_EQ(child.parent, id);
      left.push_back(dirent.inode);
      ++children;
      return true;
    });
    ASSERT_EQ(children, inode.children);
  }
  EXPECT_EQ(state.meta().files, files);
  EXPECT_EQ(state.meta().directories, directories);
  EXPECT_EQ(state.meta().blocks, blocks);
  uint64_t inodes = 0, all_blocks = 0, all_leases = 0;
  view.Scan("I", {}, [&](std::string_view, std::string_view) { return ++inodes > 0; });
  state.ForEachBlock([&](InodeId, const BlockRecord&) { ++all_blocks; });
  state.ForEachLease([&](InodeId, const ClientId&) { ++all_leases; });
  EXPECT_EQ(inodes, files + directories) << "an inode without an entry";
  EXPECT_EQ(all_blocks, blocks) << "a block without a file";
  EXPECT_EQ(all_leases, leases) << "a lease without a file";
}

TEST_F(Replay, FromTheWholeLogGivesTheSameBytes) {
  for (const uint64_t seed : {1, 2, 3}) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    for (int step = 0; step < 1500; ++step) {
      Step(random);
      if (HasFatalFailure()) return;
    }
    CheckInvariants(*core->state);
    const uint32_t live = core->state->Digest();
    const Meta meta = core->state->meta();
    EXPECT_GT(meta.files, 3u);
    Restart();
    EXPECT_EQ(core->state->meta(), meta);
    EXPECT_EQ(core->state->Digest(), live);
    // A restart that keeps the state goes on from where it was.
    Join();
    for (int step = 0; step < 100; ++step) Step(random);
    const uint32_t later = core->state->Digest();
    Restart(true);
    EXPECT_EQ(core->state->Digest(), later);
    Restart();
    EXPECT_EQ(core->state->Digest(), later);
    Join();
  }
}

// A log on a disk that forgets; entries become durable when the test flushes. The applied state is lost at each cut.
class PowerCuts : public CoreFixture {
 protected:
  struct Request {
    capnp::MallocMessageBuilder request, reply;
    CallRun run;
    std::string path;
  };

  void OpenLog(storage::Disk& disk) {
    coordination::Log::Options log_options;
    log_options.directory = "/log";
    log_options.segment_bytes = 1 << 20;
    log_options.spare_segments = 0;
    auto opened = coordination::SegmentedLog::Open(disk, log_options, {.on_fatal = [](const Status&) {}, .by_hand = true});
    ASSERT_TRUE(opened.ok()) << opened.status();
    StartOn(std::move(*opened));
  }

  void StartOn(std::unique_ptr<coordination::Log> next) {
    core->Stop();
    core.reset();
    log = std::move(next);
    Restart();
  }

  std::unique_ptr<Request> Send(const std::string& path, TestClient& writer) {
    auto sent = std::make_unique<Request>();
    sent->path = path;
    auto request = sent->request.initRoot<wire::MkdirsRequest>();
    FillCaller(request.initCaller(), writer);
    request.setPath(path);
    request.setParents(true);
    Spawn(Mkdirs(*core, call, request.asReader(), sent->reply.initRoot<wire::MkdirsReply>()), &sent->run);
    Poll();
    EXPECT_FALSE(sent->run.done) << "answered before it was durable";
    return sent;
  }
};

TEST_F(PowerCuts, LoseNothingThatWasAnswered) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    storage::ForgetfulDisk disk(seed);
    Random random(seed);
    std::vector<std::string> answered;
    TestClient writer{100 + seed, 5, {}, 1, 0};
    for (int life = 0; life < 4; ++life) {
      OpenLog(disk);
      if (HasFatalFailure()) return;
      for (const std::string& path : answered) ASSERT_TRUE(StatPath(path).ok()) << path << " was answered and is gone";
      CheckInvariants(*core->state);
      std::vector<std::unique_ptr<Request>> open;
      for (uint64_t i = 3 + random.Below(20); i > 0; --i) {
        open.push_back(Send("/life" + std::to_string(life) + "/" + std::to_string(i), writer));
        if (!random.OneIn(3)) continue;
        ASSERT_TRUE(log->Flush().ok());
        Poll();
        for (const auto& request : open) {
          ASSERT_TRUE(request->run.done && request->run.status.ok()) << request->run.status;
          answered.push_back(request->path);
        }
        open.clear();
      }
      disk.PowerCut();
      // The process dies: what was not answered never is.
      core->journal.Abandon();
      Poll();
      for (const auto& request : open) EXPECT_FALSE(request->run.done && request->run.status.ok());
    }
    StartOn(coordination::OpenMemoryLog());  // before the disk goes
  }
}

}  // namespace
}  // namespace tusk::dfs::namenode
