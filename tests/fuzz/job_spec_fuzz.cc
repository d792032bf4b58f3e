// What passes between a TaskTracker and the processes of a job: job.spec as a task host reads it, and the commands and events on
// the line between the two.
#include <capnp/serialize.h>
#include <glog/logging.h>
#include <kj/exception.h>

#include "mapreduce/protocol/ids.h"
#include "mapreduce/protocol/tasktracker.capnp.h"
#include "mapreduce/task/job_spec.h"
#include "tests/fuzz/seeds.h"

namespace tusk::fuzz {
namespace {

using namespace mr;  // NOLINT(google-build-using-namespace)

std::string Flat(capnp::MessageBuilder& message) {
  const auto words = capnp::messageToFlatArray(message);
  return {words.asChars().begin(), words.asChars().size()};
}

// No more can come out than a walk over the message may visit.
void CheckSpec(std::string_view bytes) {
  const auto job = ParseJobSpec(bytes);
  if (!job.ok()) {
    CHECK(job.status().code() == Code::kCorruption) << job.status();
    return;
  }
  const size_t limit = 32 * bytes.size() + (512 << 10);
  size_t text = job->name.size() + job->output.size();
  for (const auto& [name, value] : job->arguments) text += name.size() + value.size();
  for (const InputSplit& split : job->splits) text += split.path.size();
  for (const std::string& boundary : job->boundaries) text += boundary.size();
  CHECK_LE(text, limit);
  const auto stage = StageOf(*job, 3);
  CHECK(stage.ok() ? *stage < 3 : stage.status().code() == Code::kInvalidArgument);
}

void CheckAttempt(mr::wire::AttemptId::Reader from) {
  const auto id = FromWire(from);
  if (!id.ok()) {
    CHECK(id.status().code() == Code::kInvalidArgument) << id.status();
    return;
  }
  capnp::MallocMessageBuilder message;
  auto again = message.initRoot<mr::wire::AttemptId>();
  ToWire(*id, again);
  const auto same = FromWire(again.asReader());
  CHECK(same.ok() && *same == *id) << id->ToString();
  CHECK(id->ToString().find('/') == std::string::npos) << "it becomes a folder's name";
}

void CheckLine(std::string_view bytes) {
  auto words = kj::heapArray<capnp::word>(bytes.size() / sizeof(capnp::word));
  if (words.size() > 0) std::memcpy(words.begin(), bytes.data(), words.size() * sizeof(capnp::word));
  try {
    capnp::FlatArrayMessageReader reader(words);
    const auto command = reader.getRoot<mr::wire::HostCommand>();
    if (command.isLaunch()) CheckAttempt(command.getLaunch());
    if (command.isKill()) CheckAttempt(command.getKill());
    const auto event = reader.getRoot<mr::wire::HostEvent>();
    if (event.isStarted()) CheckAttempt(event.getStarted().getAttempt());
    if (event.isExited()) CheckAttempt(event.getExited().getAttempt());
    if (event.isFailed()) (void)std::string(event.getFailed().cStr(), event.getFailed().size());
  } catch (const kj::Exception&) {  // the TaskTracker ends the host
  }
}

void FillAttempt(mr::wire::AttemptId::Builder attempt) { attempt.setJob("job_1764000000_0001"); }

}  // namespace

std::vector<std::string> Seeds() {
  std::vector<std::string> seeds;
  {
    capnp::MallocMessageBuilder message;
    auto spec = message.initRoot<mr::wire::JobSpec>();
    spec.setName("wordcount");
    auto arguments = spec.initArguments(2);
    arguments[0].setKey("tusk.stage");
    arguments[0].setValue("1");
    arguments[1].setKey("pattern");
    arguments[1].setValue("a.*b");
    auto splits = spec.initSplits(2);
    for (unsigned i = 0; i < splits.size(); ++i) {
      splits[i].setPath("/books/a");
      splits[i].setOffset(i << 20);
      splits[i].setLength(1 << 20);
      splits[i].initHosts(1).set(0, "127.0.1.2");
    }
    spec.setOutput("/counts");
    spec.setReducers(4);
    auto boundaries = spec.initBoundaries(1);
    boundaries.set(0, kj::StringPtr("key").asBytes());
    seeds.push_back(Flat(message));
  }
  for (const bool launch : {false, true}) {
    capnp::MallocMessageBuilder message;
    auto command = message.initRoot<mr::wire::HostCommand>();
    FillAttempt(launch ? command.initLaunch() : command.initKill());
    seeds.push_back(Flat(message));
  }
  {
    capnp::MallocMessageBuilder message;
    auto exited = message.initRoot<mr::wire::HostEvent>().initExited();
    FillAttempt(exited.initAttempt());
    exited.setExitCode(3);
    seeds.push_back(Flat(message));
  }
  {
    capnp::MallocMessageBuilder message;
    message.initRoot<mr::wire::HostEvent>().setFailed("no memory");
    seeds.push_back(Flat(message));
  }
  return seeds;
}

}  // namespace tusk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto bytes = tusk::fuzz::View(data, size);
  tusk::fuzz::CheckSpec(bytes);
  tusk::fuzz::CheckLine(bytes);
  return 0;
}
