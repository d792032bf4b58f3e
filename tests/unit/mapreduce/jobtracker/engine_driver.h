// An Engine with a journal in memory and a simulated clock: facts become durable when Settle() is called.
#pragma once

#include <string>
#include <vector>

#include "common/base/clock.h"
#include "mapreduce/jobtracker/engine.h"

namespace tusk::mr::jobtracker {

inline JobSpec SpecOf(uint32_t maps, uint32_t reducers, const std::string& output = "/out") {
  JobSpec spec;
  spec.name = "test";
  spec.binary = "/bin/x";
  spec.binary_digest = std::string(64, 'a');
  spec.output = output;
  spec.reducers = reducers;
  spec.max_attempts = 4;
  for (uint32_t i = 0; i < maps; ++i) {
    spec.splits.push_back({"/in", i * 100, 100, {"host" + std::to_string(i % 3)}, maps * 100});
  }
  return spec;
}

class EngineDriver {
 public:
  EngineDriver() { Start(); }

  // A new process over the same journal. What was proposed and not settled is lost.
  void Start() {
    ++epoch;
    engine = std::make_unique<Engine>(
        Engine::Options{epoch, std::chrono::milliseconds(500), std::chrono::seconds(5), 3'600'000, "/staging"});
    for (size_t i = 0; i < journal.size(); ++i) engine->Replay(i + 1, journal[i].first, Reread(journal[i].second));
    engine->Propose(
        Started{engine->table().identifier() + 1, {engine->table().trackers().begin(), engine->table().trackers().end()}});
    Settle();
    engine->Begin(clock.Now());
    Settle();
  }

  // Facts through the journal, until nothing is left to do; collects commands and work.
  void Settle() {
    for (;;) {
      engine->AssignSlots(clock.Now(), clock.WallMillis());
      auto facts = engine->TakeFacts();
      for (auto& command : engine->TakeCommands()) commands.push_back(std::move(command));
      for (auto& item : engine->TakeWork()) work.push_back(std::move(item));
      if (facts.empty()) return;
      for (Fact& fact : facts) {
        journal.emplace_back(epoch, Entry{clock.WallMillis(), std::move(fact)});
        engine->Applied(journal.size(), epoch, Reread(journal.back().second));
      }
    }
  }

  std::string Submit(JobSpec spec, const std::string& token = "") {
    const std::string id = engine->NewJobId();
    engine->Propose(Submitted{id, token.empty() ? id : token, std::move(spec)});
    Settle();
    return id;
  }

  TrackerInfo Info(int number, uint32_t slots = 2) const {
    const std::string n = std::to_string(number);
    return {"node" + n, "host" + n, number == 2 ? "/rack2" : "/rack1",
            1,          2,          3,
            slots,      slots,      instance_of.count(number) ? instance_of.at(number) : 1};
  }
  std::vector<std::string> Register(int number, std::vector<AttemptId> running = {}, std::vector<AttemptId> finished = {},
                                    uint32_t slots = 2) {
    auto forget = engine->Register(Info(number, slots), running, finished, clock.Now(), clock.WallMillis());
    Settle();
    return forget;
  }
  bool Report(int number, const AttemptId& id, AttemptUpdate::State state, const std::string& message = "",
              Counters counters = {}) {
    AttemptUpdate update;
    update.attempt = id;
    update.state = state;
    update.message = message;
    update.counters = std::move(counters);
    if (state == AttemptUpdate::State::kSucceeded) {
      update.output.file = "/staging/jobs/" + id.task.job + "/" + id.ToString() + "/part";
      update.output.name = "part-" + std::to_string(id.task.index);
    }
    const bool known = engine->Heartbeat("node" + std::to_string(number), Info(number).instance, {update}, clock.Now());
    Settle();
    return known;
  }
  void Beat(int number) {
    (void)engine->Heartbeat("node" + std::to_string(number), Info(number).instance, {}, clock.Now());
    Settle();
  }
  void Pass(Duration time) {
    clock.Advance(time);
    engine->Tick(clock.Now(), clock.WallMillis());
    Settle();
  }
  bool Grant(const AttemptId& id) {
    CommitAnswer answer = engine->CanCommit(id);
    Settle();
    return answer == CommitAnswer::kGranted || (answer == CommitAnswer::kAskJournal && engine->IsGranted(id));
  }
  // The launches since the last call, of one kind, by tracker number order of command.
  std::vector<std::pair<std::string, AttemptId>> TakeLaunches() {
    std::vector<std::pair<std::string, AttemptId>> launches;
    std::erase_if(commands, [&](const Command& command) {
      if (command.kind != Command::Kind::kLaunch) return false;
      launches.emplace_back(command.tracker, command.attempt);
      return true;
    });
    return launches;
  }
  const Job& job(const std::string& id) const { return *engine->table().Find(id); }

  // Through its bytes, as a real journal does.
  static Entry Reread(const Entry& entry) {
    auto decoded = Decode(Encode(entry));
    CHECK(decoded.ok()) << decoded.status();
    return *decoded;
  }

  SimulatedClock clock;
  Term epoch = 0;
  std::unique_ptr<Engine> engine;
  std::vector<std::pair<Term, Entry>> journal;
  std::vector<Command> commands;
  std::vector<JobWork> work;
  std::map<int, uint64_t> instance_of;
};

}  // namespace tusk::mr::jobtracker
