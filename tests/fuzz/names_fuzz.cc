// Small texts from command lines, folders and peers: addresses, ids, file names, paths, fault points.
#include <glog/logging.h>

#include "common/fault/fault.h"
#include "common/net/endpoint.h"
#include "coordination/log/log_format.h"
#include "dfs/datanode/store/layout.h"
#include "dfs/protocol/path.h"
#include "dfs/protocol/types.h"
#include "mapreduce/protocol/ids.h"
#include "tests/fuzz/seeds.h"

namespace tusk::fuzz {
namespace {

void CheckEndpoint(std::string_view text) {
  const auto endpoint = net::ParseEndpoint(text, 8020);
  if (!endpoint.ok()) return;
  const auto again = net::ParseEndpoint(endpoint->ToString());
  CHECK(again.ok() && *again == *endpoint) << text;
  CHECK_LE(endpoint->host.size(), text.size());
}

void CheckIds(std::string_view text) {
  const auto attempt = mr::ParseAttemptId(text);
  if (attempt.ok()) {
    CHECK_EQ(attempt->ToString(), text);
    CHECK(mr::IsJobId(attempt->task.job)) << attempt->task.job;
  }
  if (mr::IsJobId(text)) {
    CHECK(text.find_first_of("/.") == std::string_view::npos) << "a job's id must be safe as a file name: " << text;
    const mr::AttemptId id{{std::string(text), mr::TaskKind::kReduce, 4'294'967'295u}, 4'294'967'295u};
    const auto again = mr::ParseAttemptId(id.ToString());
    CHECK(again.ok() && *again == id) << id.ToString();
  }
}

void CheckFileNames(std::string_view text) {
  if (const auto name = dfs::datanode::ParseReplicaFileName(text)) {
    const std::string again =
        name->generation ? dfs::datanode::MetaName(name->id, *name->generation) : dfs::datanode::DataName(name->id);
    CHECK_EQ(again, text);
  }
  if (const auto index = coordination::ParseSegmentFileName(text)) CHECK_EQ(coordination::SegmentFileName(*index), text);
}

void CheckPath(std::string_view text) {
  const auto path = dfs::NormalizePath(text);
  if (!path.ok()) {
    CHECK(path.status().code() == Code::kInvalidArgument);
    CHECK_LE(path.status().message().size(), 1000u) << "a bad path floods the terminal";
    return;
  }
  CHECK_LE(path->size(), dfs::kMaxPathBytes);
  const auto again = dfs::NormalizePath(*path);
  CHECK(again.ok() && *again == *path) << "the normal form is not normal: " << *path;
  std::string joined = "/";
  for (const std::string_view name : dfs::PathComponents(*path)) {
    CHECK(!name.empty() && name.size() <= dfs::kMaxNameBytes && name != "." && name != "..");
    CHECK_EQ(dfs::PathParent(dfs::JoinDfsPath(joined, name)), joined);
    joined = dfs::JoinDfsPath(joined, name);
    CHECK_EQ(dfs::PathName(joined), name);
  }
  CHECK_EQ(joined, *path);
}

// Arms and disarms; no point is hit.
void CheckFaults(std::string_view text) {
  const Status armed = fault::ArmFromText(text);
  CHECK(armed.ok() || armed.code() == Code::kInvalidArgument) << armed;
  const std::string twice = std::string(text) + ";" + std::string(text);
  CHECK(fault::ArmFromText(twice).ok() == armed.ok()) << text;
  fault::DisarmAll();
}

}  // namespace

std::vector<std::string> Seeds() {
  return {"127.0.0.1:8020",
          "node-1.rack_2.example:65535",
          "localhost",
          "job_1764000000_0001",
          "attempt_1764000000_0001_m_000003_0",
          "attempt_1764000000_0001_r_1000000_12",
          dfs::datanode::DataName(dfs::BlockId(1 << 30)),
          dfs::datanode::MetaName(dfs::BlockId(UINT64_MAX), dfs::Generation(1001)),
          coordination::SegmentFileName(1),
          coordination::SegmentFileName(UINT64_MAX),
          "/a/b/c",
          "//user//ann/./x/../",
          "/" + std::string(255, 'n') + "/" + std::string(256, 'm'),
          "datanode.before_ack=abort@3;log.sync=fail",
          "a.b=delay:600000@18446744073709551615;;c=stop"};
}

}  // namespace tusk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = tusk::fuzz::View(data, size);
  tusk::fuzz::CheckEndpoint(text);
  tusk::fuzz::CheckIds(text);
  tusk::fuzz::CheckFileNames(text);
  tusk::fuzz::CheckPath(text);
  tusk::fuzz::CheckFaults(text);
  return 0;
}
