#include "mapreduce/client/commands.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <functional>
#include <set>

#include "common/base/json_text.h"
#include "common/base/units.h"
#include "common/cli/command_line.h"
#include "mapreduce/client/http_get.h"
#include "mapreduce/client/job_client.h"
#include "mapreduce/protocol/ids.h"

namespace tusk::mr {
namespace {

constexpr char kProgram[] = "tusk job";
constexpr char kExamples[] =
    "Examples:\n"
    "  tusk job submit build/bin/wordcount /in /out   runs a job binary's client: shows progress, prints counters\n"
    "  tusk job list --all                            unfinished and finished jobs\n"
    "  tusk job status job_1764000000_0001            one job and its counters\n"
    "  tusk job logs job_1764000000_0001              what its failed attempts printed\n"
    "  tusk job kill job_1764000000_0001              ends it; nothing of its output stays\n";

struct Flags {
  std::string id, binary, stream;
  std::vector<std::string> ids, arguments;
  bool all = false, json = false, wait = false;
};

std::string Time(int64_t wall_ms) {
  if (wall_ms == 0) return "-";
  const std::time_t seconds = wall_ms / 1000;
  std::tm local{};
  ::localtime_r(&seconds, &local);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &local);
  return text;
}

std::string Json(const JobStatus& job, bool counters) {
  const auto number = [](auto value) { return std::to_string(value); };
  std::string text =
      "{\"id\":" + QuoteJson(job.id) + ",\"name\":" + QuoteJson(job.name) + ",\"user\":" + QuoteJson(job.user) +
      ",\"state\":" + QuoteJson(JobStateName(job.state)) + ",\"maps\":" + number(job.maps) +
      ",\"maps_done\":" + number(job.maps_done) + ",\"reduces\":" + number(job.reduces) +
      ",\"reduces_done\":" + number(job.reduces_done) + ",\"map_progress\":" + number(job.map_progress) +
      ",\"reduce_progress\":" + number(job.reduce_progress) + ",\"failed_attempts\":" + number(job.failed_attempts) +
      ",\"killed_attempts\":" + number(job.killed_attempts) + ",\"running_attempts\":" + number(job.running_attempts) +
      ",\"output\":" + QuoteJson(job.output) + ",\"submitted_ms\":" + number(job.submitted_ms) +
      ",\"finished_ms\":" + number(job.finished_ms) + ",\"failure\":" + QuoteJson(job.failure);
  if (counters) {
    text += ",\"counters\":{";
    bool first = true;
    for (const auto& [name, value] : job.counters) {
      text += std::string(first ? "" : ",") + QuoteJson(name) + ":" + number(value);
      first = false;
    }
    text += "}";
  }
  return text + "}";
}

std::string Json(const AttemptInfo& attempt) {
  return "{\"id\":" + QuoteJson(attempt.id) + ",\"state\":" + QuoteJson(attempt.state) +
         ",\"tracker\":" + QuoteJson(attempt.tracker) + ",\"log_url\":" + QuoteJson(attempt.log_url) +
         ",\"progress\":" + std::to_string(attempt.progress) + ",\"started_ms\":" + std::to_string(attempt.started_ms) +
         ",\"finished_ms\":" + std::to_string(attempt.finished_ms) + ",\"message\":" + QuoteJson(attempt.message) + "}";
}

void PrintCounters(const JobStatus& job) {
  for (const auto& [name, value] : job.counters) std::printf("  %-28s %lld\n", name.c_str(), static_cast<long long>(value));
}

int Percent(double share) { return static_cast<int>(100 * share); }

void Print(const JobStatus& job) {
  std::printf("%s  %s  %s\n", job.id.c_str(), std::string(JobStateName(job.state)).c_str(), job.name.c_str());
  std::printf("  user %s, output %s\n", job.user.c_str(), job.output.c_str());
  std::printf("  submitted %s, finished %s\n", Time(job.submitted_ms).c_str(), Time(job.finished_ms).c_str());
  std::printf("  maps %u of %u (%d%%), reduces %u of %u (%d%%)\n", job.maps_done, job.maps, Percent(job.map_progress),
              job.reduces_done, job.reduces, Percent(job.reduce_progress));
  std::printf("  attempts: %u running, %u failed, %u killed\n", job.running_attempts, job.failed_attempts, job.killed_attempts);
  if (!job.failure.empty()) std::printf("  why: %s\n", job.failure.c_str());
}

int List(JobClient& client, const Flags& flags) {
  auto jobs = client.List(flags.all);
  if (!jobs.ok()) return cli::Fail(kProgram, jobs.status());
  if (flags.json) {
    std::string text;
    for (const JobStatus& job : *jobs) text += (text.empty() ? "" : ",") + Json(job, false);
    std::printf("[%s]\n", text.c_str());
    return cli::kExitOk;
  }
  if (jobs->empty()) {
    std::printf("no %sjobs\n", flags.all ? "" : "unfinished ");
    return cli::kExitOk;
  }
  std::printf("%-26s %-10s %6s %7s  %-19s  %-10s %s\n", "JOB", "STATE", "MAPS", "REDUCES", "SUBMITTED", "USER", "NAME");
  for (const JobStatus& job : *jobs) {
    std::printf("%-26s %-10s %5d%% %6d%%  %-19s  %-10s %s\n", job.id.c_str(), std::string(JobStateName(job.state)).c_str(),
                Percent(job.map_progress), Percent(job.reduce_progress), Time(job.submitted_ms).c_str(), job.user.c_str(),
                job.name.c_str());
  }
  return cli::kExitOk;
}

int ShowStatus(JobClient& client, const Flags& flags) {
  auto job = flags.wait ? client.Watch(flags.id, nullptr) : client.GetStatus(flags.id);
  if (!job.ok()) return cli::Fail(kProgram, job.status());
  auto attempts = client.Attempts(flags.id);
  if (!attempts.ok()) return cli::Fail(kProgram, attempts.status());
  if (flags.json) {
    std::string list;
    for (const AttemptInfo& attempt : *attempts) list += (list.empty() ? "" : ",") + Json(attempt);
    const std::string text = Json(*job, true);
    std::printf("%s,\"attempts\":[%s]}\n", text.substr(0, text.size() - 1).c_str(), list.c_str());
    return cli::kExitOk;
  }
  Print(*job);
  for (const AttemptInfo& attempt : *attempts) {
    if (!flags.all && attempt.state != "FAILED" && attempt.state != "RUNNING") continue;
    std::printf("  %s %s on %s %s\n", attempt.id.c_str(), attempt.state.c_str(), attempt.tracker.c_str(),
                attempt.message.c_str());
  }
  if (!job->counters.empty()) std::printf("  counters\n");
  PrintCounters(*job);
  return cli::kExitOk;
}

int Counters(JobClient& client, const Flags& flags) {
  auto job = client.GetStatus(flags.id);
  if (!job.ok()) return cli::Fail(kProgram, job.status());
  if (flags.json) {
    std::string text;
    for (const auto& [name, value] : job->counters)
      text += (text.empty() ? "" : ",") + QuoteJson(name) + ":" + std::to_string(value);
    std::printf("{%s}\n", text.c_str());
  } else {
    PrintCounters(*job);
  }
  return cli::kExitOk;
}

int Kill(JobClient& client, const Flags& flags) {
  int exit_code = cli::kExitOk;
  for (const std::string& id : flags.ids) {
    const Status status = client.Kill(id);
    if (!status.ok()) {
      exit_code = cli::Fail(kProgram, status);
    } else if (!flags.json) {
      std::printf("killed %s\n", id.c_str());
    }
  }
  return exit_code;
}

std::string JobOfId(const std::string& id) {
  const auto attempt = ParseAttemptId(id);
  return attempt.ok() ? attempt->task.job : id;
}

int Logs(JobClient& client, const Flags& flags) {
  const std::string job = JobOfId(flags.id);
  auto attempts = client.Attempts(job);
  if (!attempts.ok()) return cli::Fail(kProgram, attempts.status());
  const bool one = job != flags.id;
  size_t shown = 0;
  int exit_code = cli::kExitOk;
  std::string json;
  std::set<std::string> away;  // trackers that did not answer: asked, and complained about, once
  for (const AttemptInfo& attempt : *attempts) {
    if (one ? attempt.id != flags.id : !flags.all && attempt.state != "FAILED") continue;
    ++shown;
    const std::string base = attempt.log_url.substr(0, attempt.log_url.rfind('/') + 1);
    for (const std::string stream : {"stdout", "stderr"}) {
      if (!flags.stream.empty() && flags.stream != stream) continue;
      if (away.contains(attempt.tracker)) continue;
      auto text = base.empty() ? Result<std::string>(Unavailable("TaskTracker " + attempt.tracker + " of " + attempt.id +
                                                                 " is not known any more"))
                               : HttpGet(base + stream);
      if (!text.ok() && text.status().code() != Code::kNotFound) {
        away.insert(attempt.tracker);
        exit_code = cli::Fail(kProgram, text.status());
        continue;
      }
      const std::string content = text.ok() ? *text : "";
      if (flags.json) {
        json += std::string(json.empty() ? "" : ",") + "{\"attempt\":" + QuoteJson(attempt.id) +
                ",\"stream\":" + QuoteJson(stream) + ",\"text\":" + QuoteJson(content) + "}";
        continue;
      }
      if (content.empty() && !one) continue;
      std::printf("==> %s %s <==\n%s%s", attempt.id.c_str(), stream.c_str(), content.c_str(),
                  content.empty() || content.back() == '\n' ? "" : "\n");
    }
    if (!flags.json && !attempt.message.empty()) std::printf("==> %s: %s\n", attempt.id.c_str(), attempt.message.c_str());
  }
  if (flags.json) std::printf("[%s]\n", json.c_str());
  if (one && shown == 0) return cli::Fail(kProgram, NotFound("job " + job + " has no attempt " + flags.id));
  if (shown == 0 && !flags.json) std::printf("no attempt of %s failed; --all shows the logs of all\n", job.c_str());
  return exit_code;
}

// Becomes the job binary, in its client role, with the settings that this command was given.
int Submit(const Flags& flags, const config::Config& config) {
  std::vector<std::string> words{flags.binary};
  for (const auto& shown : config.Show()) {
    if (shown.origin == "default" || !(shown.name.starts_with("dfs.") || shown.name.starts_with("mapreduce."))) continue;
    words.insert(words.end(), {"--set", shown.name + "=" + shown.value});
  }
  words.insert(words.end(), flags.arguments.begin(), flags.arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  std::fflush(stdout);
  ::execvp(flags.binary.c_str(), pointers.data());
  return cli::Fail(kProgram, FromErrno(errno, "cannot run the job binary " + flags.binary));
}

}  // namespace

int RunJob(std::vector<std::string> args, const config::Config& config) {
  Flags flags;
  CLI::App app("MapReduce jobs: submit, watch, kill, ask", kProgram);
  app.require_subcommand(1);
  app.footer(kExamples);
  std::function<int(JobClient&, const Flags&)> command;
  const auto add = [&](const char* name, const char* help, int (*run)(JobClient&, const Flags&), const char* examples) {
    CLI::App* sub = app.add_subcommand(name, help);
    sub->footer(examples);
    sub->add_flag("--json", flags.json, "JSON instead of text");
    sub->callback([&command, run] { command = run; });
    return sub;
  };
  CLI::App* submit = app.add_subcommand("submit", "Run a job binary's client: submit BINARY ARGS...");
  submit->add_option("binary", flags.binary, "The job binary, a local path")->required();
  submit->add_option("arguments", flags.arguments, "Its arguments, for example IN OUT");
  submit->footer("Example: tusk job submit build/bin/wordcount /in /out --reduces 2");
  CLI::App* list = add("list", "Unfinished jobs", List, "Examples:\n  tusk job list\n  tusk job list --all --json");
  list->add_flag("--all,-a", flags.all, "Finished ones too");
  CLI::App* status = add("status", "One job, its attempts and counters", ShowStatus,
                         "Examples:\n  tusk job status job_1764000000_0001\n  tusk job status job_1764000000_0001 --wait");
  status->add_option("job", flags.id, "Its id")->required();
  status->add_flag("--all,-a", flags.all, "All attempts, not only those that run or failed");
  status->add_flag("--wait,-w", flags.wait, "Until the job has ended");
  CLI::App* kill = add("kill", "End jobs; nothing of their output stays", Kill,
                       "Example: tusk job kill job_1764000000_0001 job_1764000000_0002");
  kill->add_option("jobs", flags.ids, "Their ids")->required();
  CLI::App* counters = add("counters", "A job's counters", Counters, "Example: tusk job counters job_1764000000_0001 --json");
  counters->add_option("job", flags.id, "Its id")->required();
  CLI::App* logs =
      add("logs", "What attempts printed", Logs,
          "Examples:\n  tusk job logs job_1764000000_0001\n  tusk job logs attempt_1764000000_0001_m_000000_0 --stream stderr");
  logs->add_option("id", flags.id, "A job (its failed attempts) or one attempt")->required();
  logs->add_option("--stream", flags.stream, "Only stdout or only stderr")->check(CLI::IsMember({"stdout", "stderr"}));
  logs->add_flag("--all,-a", flags.all, "All attempts of the job");

  if (!args.empty() && args.front() == "submit" && args.size() > 1 && !args[1].starts_with("-")) {
    // What follows the binary is the binary's: its flags are not ours to parse.
    flags.binary = args[1];
    flags.arguments.assign(args.begin() + 2, args.end());
    return Submit(flags, config);
  }
  if (const auto exit_code = cli::Parse(app, std::move(args))) return *exit_code;
  if (submit->parsed()) return Submit(flags, config);
  auto client = JobClient::Connect(config, nullptr);
  if (!client.ok()) return cli::Fail(kProgram, client.status());
  return command(**client, flags);
}

}  // namespace tusk::mr
