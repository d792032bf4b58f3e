#include "mapreduce/jobtracker/state/entry.h"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/array.h>
#include <kj/exception.h>

#include <cstring>

#include "mapreduce/jobtracker/state/journal.capnp.h"

namespace tusk::mr::jobtracker {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

void Put(const AttemptId& from, journal::Attempt::Builder to) {
  to.setJob(AsText(from.task.job));
  to.setReduce(from.task.kind == TaskKind::kReduce);
  to.setTask(from.task.index);
  to.setAttempt(from.attempt);
}

AttemptId Get(journal::Attempt::Reader from) {
  return {{Str(from.getJob()), from.getReduce() ? TaskKind::kReduce : TaskKind::kMap, from.getTask()}, from.getAttempt()};
}

void Put(const JobSpec& from, journal::Spec::Builder to) {
  to.setName(AsText(from.name));
  to.setUser(AsText(from.user));
  to.setBinary(AsText(from.binary));
  to.setBinaryDigest(AsText(from.binary_digest));
  to.setOutput(AsText(from.output));
  auto arguments = to.initArguments(static_cast<unsigned>(from.arguments.size()));
  for (unsigned i = 0; i < arguments.size(); ++i) {
    arguments[i].setKey(AsText(from.arguments[i].first));
    arguments[i].setValue(AsText(from.arguments[i].second));
  }
  auto splits = to.initSplits(static_cast<unsigned>(from.splits.size()));
  for (unsigned i = 0; i < splits.size(); ++i) {
    const Split& split = from.splits[i];
    splits[i].setPath(AsText(split.path));
    splits[i].setOffset(split.offset);
    splits[i].setLength(split.length);
    splits[i].setFileLength(split.file_length);
    auto hosts = splits[i].initHosts(static_cast<unsigned>(split.hosts.size()));
    for (unsigned h = 0; h < hosts.size(); ++h) hosts.set(h, AsText(split.hosts[h]));
  }
  to.setReducers(from.reducers);
  auto boundaries = to.initBoundaries(static_cast<unsigned>(from.boundaries.size()));
  for (unsigned i = 0; i < boundaries.size(); ++i) boundaries.set(i, AsData(from.boundaries[i]));
  to.setMaxAttempts(from.max_attempts);
  to.setSortBytes(from.sort_bytes);
  to.setOutputReplication(from.output_replication);
  to.setCombine(from.combine);
}

JobSpec Get(journal::Spec::Reader from) {
  JobSpec spec;
  spec.name = Str(from.getName());
  spec.user = Str(from.getUser());
  spec.binary = Str(from.getBinary());
  spec.binary_digest = Str(from.getBinaryDigest());
  spec.output = Str(from.getOutput());
  for (auto argument : from.getArguments()) spec.arguments.emplace_back(Str(argument.getKey()), Str(argument.getValue()));
  spec.splits.reserve(from.getSplits().size());
  for (auto split : from.getSplits()) {
    Split& to = spec.splits.emplace_back();
    to.path = Str(split.getPath());
    to.offset = split.getOffset();
    to.length = split.getLength();
    to.file_length = split.getFileLength();
    for (auto host : split.getHosts()) to.hosts.push_back(Str(host));
  }
  spec.reducers = from.getReducers();
  for (auto boundary : from.getBoundaries()) spec.boundaries.push_back(Str(boundary));
  spec.max_attempts = from.getMaxAttempts();
  spec.sort_bytes = from.getSortBytes();
  spec.output_replication = from.getOutputReplication();
  spec.combine = from.getCombine();
  return spec;
}

void Put(const TaskSucceeded& from, journal::TaskSucceeded::Builder to) {
  Put(from.attempt, to.initAttempt());
  to.setTracker(AsText(from.tracker));
  to.setHost(AsText(from.host));
  to.setShufflePort(from.shuffle_port);
  to.setStartedMs(from.started_ms);
  auto output = to.initOutput();
  output.setFile(AsText(from.output.file));
  output.setName(AsText(from.output.name));
  output.setRecords(from.output.records);
  output.setBytes(from.output.bytes);
  auto bytes = output.initPartitionBytes(static_cast<unsigned>(from.output.partition_bytes.size()));
  for (unsigned i = 0; i < bytes.size(); ++i) bytes.set(i, from.output.partition_bytes[i]);
  auto records = output.initPartitionRecords(static_cast<unsigned>(from.output.partition_records.size()));
  for (unsigned i = 0; i < records.size(); ++i) records.set(i, from.output.partition_records[i]);
  auto counters = to.initCounters(static_cast<unsigned>(from.counters.size()));
  unsigned next = 0;
  for (const auto& [name, value] : from.counters) {
    counters[next].setName(AsText(name));
    counters[next++].setValue(value);
  }
}

TaskSucceeded Get(journal::TaskSucceeded::Reader from) {
  TaskSucceeded fact{
      Get(from.getAttempt()), Str(from.getTracker()), Str(from.getHost()), from.getShufflePort(), from.getStartedMs(), {}, {}};
  auto output = from.getOutput();
  fact.output.file = Str(output.getFile());
  fact.output.name = Str(output.getName());
  fact.output.records = output.getRecords();
  fact.output.bytes = output.getBytes();
  for (uint64_t bytes : output.getPartitionBytes()) fact.output.partition_bytes.push_back(bytes);
  for (uint64_t records : output.getPartitionRecords()) fact.output.partition_records.push_back(records);
  for (auto counter : from.getCounters()) fact.counters[Str(counter.getName())] = counter.getValue();
  return fact;
}

void PutFact(const Fact& fact, journal::Entry::Builder to) {
  std::visit(Overloaded{[&](const Started& f) {
                          auto started = to.initStarted();
                          started.setIdentifier(f.identifier);
                          auto trackers = started.initTrackers(static_cast<unsigned>(f.trackers.size()));
                          for (unsigned i = 0; i < trackers.size(); ++i) trackers.set(i, AsText(f.trackers[i]));
                        },
                        [&](const Submitted& f) {
                          auto submitted = to.initSubmitted();
                          submitted.setId(AsText(f.id));
                          submitted.setToken(AsText(f.token));
                          Put(f.spec, submitted.initSpec());
                        },
                        [&](const TaskSucceeded& f) { Put(f, to.initTaskSucceeded()); },
                        [&](const AttemptEnded& f) {
                          auto ended = to.initAttemptEnded();
                          Put(f.attempt, ended.initAttempt());
                          ended.setTracker(AsText(f.tracker));
                          ended.setFailed(f.failed);
                          ended.setMessage(AsText(f.message));
                          ended.setStartedMs(f.started_ms);
                        },
                        [&](const CommitGranted& f) {
                          auto granted = to.initCommitGranted();
                          Put(f.attempt, granted.initAttempt());
                          granted.setTracker(AsText(f.tracker));
                        },
                        [&](const OutputLost& f) {
                          auto lost = to.initOutputLost();
                          Put(f.attempt, lost.initAttempt());
                          lost.setFailed(f.failed);
                          lost.setReason(AsText(f.reason));
                        },
                        [&](const JobKilled& f) {
                          auto killed = to.initJobKilled();
                          killed.setJob(AsText(f.job));
                          killed.setReason(AsText(f.reason));
                        },
                        [&](const JobCommitted& f) {
                          auto committed = to.initJobCommitted();
                          committed.setJob(AsText(f.job));
                          committed.setFailure(AsText(f.failure));
                        },
                        [&](const JobForgotten& f) { to.setJobForgotten(AsText(f.job)); },
                        [&](const TrackerJoined& f) { to.setTrackerJoined(AsText(f.name)); },
                        [&](const TrackerLost& f) { to.setTrackerLost(AsText(f.name)); }},
             fact);
}

Result<Fact> GetFact(journal::Entry::Reader from) {
  switch (from.which()) {
    case journal::Entry::STARTED: {
      Started fact{from.getStarted().getIdentifier(), {}};
      for (auto name : from.getStarted().getTrackers()) fact.trackers.push_back(Str(name));
      return Fact(std::move(fact));
    }
    case journal::Entry::SUBMITTED: {
      auto f = from.getSubmitted();
      return Fact(Submitted{Str(f.getId()), Str(f.getToken()), Get(f.getSpec())});
    }
    case journal::Entry::TASK_SUCCEEDED: return Fact(Get(from.getTaskSucceeded()));
    case journal::Entry::ATTEMPT_ENDED: {
      auto f = from.getAttemptEnded();
      return Fact(AttemptEnded{Get(f.getAttempt()), Str(f.getTracker()), f.getFailed(), Str(f.getMessage()), f.getStartedMs()});
    }
    case journal::Entry::COMMIT_GRANTED:
      return Fact(CommitGranted{Get(from.getCommitGranted().getAttempt()), Str(from.getCommitGranted().getTracker())});
    case journal::Entry::OUTPUT_LOST: {
      auto f = from.getOutputLost();
      return Fact(OutputLost{Get(f.getAttempt()), f.getFailed(), Str(f.getReason())});
    }
    case journal::Entry::JOB_KILLED:
      return Fact(JobKilled{Str(from.getJobKilled().getJob()), Str(from.getJobKilled().getReason())});
    case journal::Entry::JOB_COMMITTED:
      return Fact(JobCommitted{Str(from.getJobCommitted().getJob()), Str(from.getJobCommitted().getFailure())});
    case journal::Entry::JOB_FORGOTTEN: return Fact(JobForgotten{Str(from.getJobForgotten())});
    case journal::Entry::TRACKER_JOINED: return Fact(TrackerJoined{Str(from.getTrackerJoined())});
    case journal::Entry::TRACKER_LOST: return Fact(TrackerLost{Str(from.getTrackerLost())});
  }
  return Corruption("a journal entry holds fact number " + std::to_string(static_cast<int>(from.which())) +
                    ", which this version does not know; start the version that wrote it");
}

}  // namespace

std::vector<std::byte> Encode(const Entry& entry) {
  capnp::MallocMessageBuilder message;
  auto root = message.initRoot<journal::Entry>();
  root.setTimeMs(entry.time_ms);
  PutFact(entry.fact, root);
  const kj::Array<capnp::word> words = capnp::messageToFlatArray(message);
  const auto bytes = words.asBytes();
  std::vector<std::byte> out(bytes.size());
  std::memcpy(out.data(), bytes.begin(), bytes.size());
  return out;
}

Result<Entry> Decode(std::span<const std::byte> payload) {
  if (payload.empty() || payload.size() % sizeof(capnp::word) != 0) {
    return Corruption("a journal entry of " + std::to_string(payload.size()) + " bytes is not a whole message");
  }
  // The log's buffer need not be aligned for a reader in place.
  auto words = kj::heapArray<capnp::word>(payload.size() / sizeof(capnp::word));
  std::memcpy(words.begin(), payload.data(), payload.size());
  try {
    capnp::ReaderOptions options;
    options.traversalLimitInWords = 8 * words.size() + 1024;
    capnp::FlatArrayMessageReader message(words, options);
    auto root = message.getRoot<journal::Entry>();
    auto fact = GetFact(root);
    if (!fact.ok()) return fact.status();
    return Entry{root.getTimeMs(), std::move(*fact)};
  } catch (const kj::Exception& e) {
    return Corruption(std::string("a journal entry cannot be read: ") + e.getDescription().cStr());
  }
}

}  // namespace tusk::mr::jobtracker
