// What the JobTracker reads: entries of its journal, and the job descriptions, outputs, counters and ids of its peers.
#include <capnp/serialize.h>
#include <glog/logging.h>
#include <kj/exception.h>

#include "common/rpc/message.h"
#include "mapreduce/jobtracker/state/entry.h"
#include "mapreduce/jobtracker/state/job_spec.h"
#include "mapreduce/protocol/jobtracker.capnp.h"
#include "tests/fuzz/seeds.h"

namespace tusk::fuzz {
namespace {

using namespace mr;              // NOLINT(google-build-using-namespace)
using namespace mr::jobtracker;  // NOLINT(google-build-using-namespace)

std::string Flat(capnp::MessageBuilder& message) {
  const auto words = capnp::messageToFlatArray(message);
  return {words.asChars().begin(), words.asChars().size()};
}

void CheckEntry(std::string_view bytes) {
  const auto entry = Decode(Bytes(bytes));
  if (!entry.ok()) {
    CHECK(entry.status().code() == Code::kCorruption) << entry.status();
    return;
  }
  if (const auto* submitted = std::get_if<Submitted>(&entry->fact)) {
    const auto kept = Decode(Encode(*entry));
    CHECK(kept.ok() && std::get<Submitted>(kept->fact).spec == submitted->spec) << "a job does not survive the journal";
  }
  const auto encoded = Encode(*entry);
  const auto again = Decode(encoded);
  CHECK(again.ok() && again->fact.index() == entry->fact.index() && again->time_ms == entry->time_ms);
  CHECK(Encode(*again) == encoded) << "an entry does not survive encoding";
}

template <class T, class Read>
void CheckWire(std::string_view bytes, Read read) {
  auto words = kj::heapArray<capnp::word>(bytes.size() / sizeof(capnp::word));
  if (words.size() > 0) std::memcpy(words.begin(), bytes.data(), words.size() * sizeof(capnp::word));
  const auto raw = rpc::RawMessage::FromWords(std::move(words));
  if (!raw.ok()) return;
  try {
    read(raw->reader().getRoot<T>());
  } catch (const kj::Exception&) {  // the server answers kInvalidArgument
  }
}

void CheckSpec(mr::wire::JobSpec::Reader from) {
  const auto spec = SpecFromWire(from);
  if (!spec.ok()) {
    CHECK(spec.status().code() == Code::kInvalidArgument) << spec.status();
    return;
  }
  CHECK_LE(spec->reducers, kMaxReducers);
  CHECK_LE(spec->splits.size(), kMaxSplits);
  capnp::MallocMessageBuilder message;
  SpecToWire(*spec, message.initRoot<mr::wire::JobSpec>());
  const auto again = SpecFromWire(message.getRoot<mr::wire::JobSpec>().asReader());
  CHECK(again.ok() && *again == *spec) << "a job does not survive the wire";
}

void CheckId(mr::wire::AttemptId::Reader from) {
  const auto id = FromWire(from);
  if (!id.ok()) return;
  const auto parsed = ParseAttemptId(id->ToString());
  CHECK(parsed.ok() && *parsed == *id) << id->ToString();
}

JobSpec Example() {
  JobSpec spec;
  spec.name = "wordcount";
  spec.user = "ann";
  spec.binary = "/jobs/wordcount";
  spec.binary_digest = std::string(64, 'a');
  spec.output = "/out";
  spec.arguments = {{"input", "/in/*"}, {"reducers", "2"}};
  spec.splits = {{"/in/a", 0, 1 << 20, {"node1", "node2"}, 1 << 21}, {"/in/a", 1 << 20, 1 << 20, {}, 1 << 21}};
  spec.reducers = 2;
  spec.boundaries = {"m"};
  return spec;
}

}  // namespace

std::vector<std::string> Seeds() {
  std::vector<std::string> seeds;
  const AttemptId attempt{{"job_1764000000_0001", TaskKind::kMap, 3}, 1};
  const std::vector<Fact> facts = {
      Started{17, {"node1", "node2"}},
      Submitted{"job_1764000000_0001", "token", Example()},
      TaskSucceeded{
          attempt, "node1", "127.0.1.3", 9863, 1000, {"/f", "part-r-00000", 5, 50, {10, 40}, {1, 4}}, {{"X", 5}, {"Y", -1}}},
      AttemptEnded{attempt, "node1", true, "the disk is full", 1000},
      CommitGranted{attempt, "node1"},
      OutputLost{attempt, true, "checksum"},
      JobKilled{"job_1764000000_0001", "by ann"},
      JobCommitted{"job_1764000000_0001", ""},
      JobForgotten{"job_1764000000_0001"},
      TrackerJoined{"node3"},
      TrackerLost{"node3"}};
  for (const Fact& fact : facts) seeds.push_back(Text(Encode(Entry{1'764'000'000'000, fact})));
  capnp::MallocMessageBuilder spec;
  SpecToWire(Example(), spec.initRoot<mr::wire::JobSpec>());
  seeds.push_back(Flat(spec));
  capnp::MallocMessageBuilder id;
  ToWire(attempt, id.initRoot<mr::wire::AttemptId>());
  seeds.push_back(Flat(id));
  capnp::MallocMessageBuilder output;
  auto task_output = output.initRoot<mr::wire::TaskOutput>();
  task_output.setFile("/staging/part-r-00000");
  task_output.initPartitionBytes(3).set(1, 77);
  seeds.push_back(Flat(output));
  capnp::MallocMessageBuilder reply;
  auto counters = reply.initRoot<mr::wire::JobStatusReply>().initCounters(3);
  for (const unsigned i : {0u, 1u, 2u}) {
    counters[i].setName(i < 2 ? "MAP_INPUT_RECORDS" : "SPILLED_RECORDS");
    counters[i].setValue(i == 0 ? INT64_MAX : 10);
  }
  seeds.push_back(Flat(reply));
  capnp::MallocMessageBuilder job;
  auto named = job.initRoot<mr::wire::JobStatus>();
  named.setId("job_1764000000_0001");
  named.setMapProgress(0.5);
  seeds.push_back(Flat(job));
  return seeds;
}

}  // namespace tusk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tusk::fuzz;
  namespace wire = tusk::mr::wire;
  const std::string_view bytes = View(data, size);
  CheckEntry(bytes);
  CheckWire<wire::JobSpec>(bytes, CheckSpec);
  CheckWire<wire::AttemptId>(bytes, CheckId);
  CheckWire<wire::TaskOutput>(bytes, [](auto output) { (void)tusk::mr::jobtracker::OutputFromWire(output); });
  CheckWire<wire::JobStatusReply>(bytes, [&](auto reply) {
    const auto counters = tusk::mr::jobtracker::CountersFromWire(reply.getCounters());
    CHECK_LE(counters.size(), std::max<size_t>(bytes.size(), 1) * 8 + 4096) << "more counters than the reader may show";
  });
  CheckWire<wire::JobStatus>(bytes, [](auto status) { (void)status.toString().flatten(); });
  return 0;
}
