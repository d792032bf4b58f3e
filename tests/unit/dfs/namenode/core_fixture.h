// Drives the NameNode's core without sockets, threads or the machine's clock: requests are the real wire messages, the operations
// the real ones; time moves when the test says so.
//
// Thread: one. The log lies on a disk in memory, the applied state in a LevelDB in memory: dropping the state and keeping the log
// is what a restart does at worst.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "coordination/log/log.h"
#include "dfs/namenode/core.h"
#include "dfs/namenode/ops/operation.h"
#include "dfs/protocol/methods.h"

namespace tusk::dfs::namenode {

struct TestClient {
  uint64_t high = 7;
  uint64_t low = 1;
  std::string host;
  uint64_t next_sequence = 1;
  uint64_t acked = 0;
  std::string user = "tester";
};

struct CallRun {  // a request that has been sent
  bool done = false;
  Status status;
};

struct CreatedFile {  // with its first block
  Status status;
  InodeId inode;
  LocatedBlock first;
};

class CoreFixture : public ::testing::Test {
 protected:
  CoreFixture();
  ~CoreFixture() override;

  // Ends the core and starts another on the same log. Without `keep_state` the applied state is lost too.
  void Restart(bool keep_state = false);
  CoreOptions options;  // change, then Restart()

  // One operation, to its end.
  template <class Req, class Rep, class Fill>
  Status Call(const Method<Req, Rep>&, Task<Status> (*op)(Core&, const CallContext&, typename Req::Reader, typename Rep::Builder),
              Fill fill, capnp::MallocMessageBuilder* reply = nullptr) {
    capnp::MallocMessageBuilder request, own_reply;
    fill(request.initRoot<Req>());
    CallRun run;
    auto out = (reply != nullptr ? *reply : own_reply).initRoot<Rep>();
    Spawn(op(*core, call, request.getRoot<Req>().asReader(), out), &run);
    Poll();
    EXPECT_TRUE(run.done) << "the operation waits for something that does not come";
    return run.status;
  }
  void Spawn(Task<Status> task, CallRun* run);
  void Poll();
  void Advance(std::chrono::milliseconds by);  // in steps of half a second, each with a tick
  void Tick();
  bool Reclaim();  // one entry of the reclaimer; true: there is more to do

  // The caller id of the client's next request; `repeat` uses the last sequence again.
  void FillCaller(wire::CallerId::Builder out, TestClient& client, bool repeat = false);

  Status Mkdir(const std::string& path, bool parents = true);
  Result<InodeId> CreateFile(const std::string& path, TestClient& client, bool overwrite = false, uint16_t replication = 3,
                             bool parents = true);
  CreatedFile CreateFileWithBlock(const std::string& path, TestClient& client, bool overwrite, uint16_t replication, bool repeat);
  Result<LocatedBlock> NextBlock(InodeId inode, TestClient& client, Block previous = {}, std::vector<DataNodeId> exclude = {});
  Status CompleteFile(InodeId inode, TestClient& client, Block last = {});
  Status RenamePath(const std::string& from, const std::string& to, bool overwrite = false);
  Result<bool> DeletePath(const std::string& path, bool recursive = true);
  Result<FileStatus> StatPath(const std::string& path);
  Result<std::vector<std::string>> Names(const std::string& path, uint32_t limit = 0, const std::string& after = "");
  std::vector<LocatedBlock> BlocksOf(const std::string& path);
  // A finished file of these blocks, each written to `replication` nodes and reported by them.
  std::vector<Block> WriteFile(const std::string& path, std::vector<uint64_t> lengths, uint16_t replication = 3);
  Status WriteEmpty(const std::string& path) { return WriteFile(path, {}), OkStatus(); }

  // DataNodes 1, 2, ... on racks; registered, with an empty report.
  void AddNodes(int count, int racks = 2);
  DataNodeInfo NodeInfo(uint64_t id, const std::string& rack);
  void JoinNode(const DataNodeInfo& info, uint64_t instance = 1);
  void ReportAll(uint64_t node, const std::vector<Block>& replicas, uint64_t instance = 1);
  void Event(uint64_t node, BlockEventKind kind, const Block& block);
  void Received(uint64_t node, const Block& block) { Event(node, BlockEventKind::kReceived, block); }
  // A heartbeat; the orders that this and all replies since the last one brought.
  std::vector<NodeCommand> Beat(uint64_t node, uint64_t instance = 1);
  void BeatAll(const std::vector<uint64_t>& nodes);
  std::vector<uint64_t> Holders(const std::string& path, size_t block = 0);

  SimulatedClock clock;
  asio::io_context context;
  std::unique_ptr<coordination::Log> log;
  std::unique_ptr<Core> core;
  CallContext call;
  TestClient client;
  std::vector<uint64_t> beating;  // nodes whose heartbeats Advance sends

 private:
  std::unique_ptr<Namespace> OpenState();
  void Take(uint64_t node, capnp::List<wire::Command>::Reader commands);
  std::map<uint64_t, std::vector<NodeCommand>> taken_;  // orders, by node
};

}  // namespace tusk::dfs::namenode
