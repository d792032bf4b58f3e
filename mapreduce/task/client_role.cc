#include "mapreduce/task/client_role.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/base/try.h"
#include "common/cli/command_line.h"
#include "common/cli/progress.h"
#include "common/observe/settings.h"
#include "dfs/protocol/settings.h"
#include "mapreduce/api/context.h"
#include "mapreduce/protocol/settings.h"
#include "mapreduce/task/job_plan.h"
#include "mapreduce/task/job_report.h"
#include "mapreduce/task/local_runner.h"

namespace tusk::mr {
namespace {

struct ClientFlags {
  CommandLine line;
  config::Config::Sources config;
  std::vector<std::string> sets;
  bool json = false;
  bool local = false;
  bool no_combine = false;
};

// "[GROUP]" is optional and known as GROUP.
bool IsOptional(const std::string& positional) { return positional.starts_with('['); }
std::string PlainName(const std::string& positional) {
  return IsOptional(positional) ? positional.substr(1, positional.size() - 2) : positional;
}

// The values CLI11 writes into, by the job's names.
using Values = std::map<std::string, std::string>;

void AddFlags(CLI::App& app, const UsageText& usage, ClientFlags* flags, Values* values, std::map<std::string, bool>* switches) {
  for (const auto& positional : usage.positionals) {
    auto* option = app.add_option(PlainName(positional.name), (*values)[PlainName(positional.name)], positional.help);
    if (!IsOptional(positional.name)) option->required();
  }
  for (const auto& option : usage.options) {
    if (option.flag) {
      app.add_flag("--" + option.name, (*switches)[option.name], option.help);
    } else {
      (*values)[option.name] = option.otherwise;
      app.add_option("--" + option.name, (*values)[option.name], option.help);
    }
  }
  app.add_option("--reduces", flags->line.reducers, "reducers of the job")->check(CLI::Range(1, 100'000));
  app.add_option("--replication", flags->line.replication, "replicas of the output")->check(CLI::Range(1, 512));
  app.add_option("--name", flags->line.name, "the job's name in lists");
  app.add_flag("--no-combine", flags->no_combine, "switch the combiner off");
  app.add_flag("--local", flags->local, "run all tasks in this process, one after the other, without JobTracker (for debuggers)");
  app.add_option("--conf", flags->config.file, "the cluster's configuration file")->envname("TUSK_CONF");
  app.add_option("--set", flags->sets, "a setting: section.key=value")->allow_extra_args(false);
  app.add_flag("--json", flags->json, "the result as one JSON object");
}

// The footer of --help: the job as it is mostly run, with more reducers (where their number is free), and in one process.
std::string Examples(const MainParts& parts, const std::string& name) {
  std::string run = "  " + name;
  for (const auto& positional : parts.usage.positionals) {
    if (IsOptional(positional.name)) continue;
    run += ' ';
    run += !positional.example.empty() ? positional.example
           : positional.name == "IN"   ? "/in"
           : positional.name == "OUT"  ? "/out"
                                       : positional.name;
  }
  const bool reducers_are_free = std::any_of(parts.stages.begin(), parts.stages.end(), [](const JobProgram* stage) {
    const ProgramTraits traits = stage->traits();
    return !traits.map_only && traits.reducers == 0;
  });
  std::string text = "Examples:\n" + run + "\n";
  if (reducers_are_free) text += run + " --reduces 4\n";
  return text + run + " --local";
}

class Session {
 public:
  Session(const MainParts& parts, ClientFlags flags, config::Config config)
      : parts_(parts), flags_(std::move(flags)), config_(std::move(config)) {}

  Result<int> Run() {
    TUSK_ASSIGN(const auto options, dfs::ClientOptions::FromConfig(config_));
    TUSK_ASSIGN(fs_, dfs::FileSystem::Connect(options));
    const std::string output = flags_.line.values["OUT"];
    TUSK_ASSIGN(const bool exists, fs_->Exists(output));
    if (exists) return AlreadyExists("the output directory " + output + " exists; choose another, or delete it first");
    if (!flags_.local) {
      TUSK_ASSIGN(jobs_, JobClient::Connect(config_, fs_));
    }
    // Between two stages the data lies in the staging folder.
    const std::string between = config_.Get(kStagingDir) + "/between-" + std::to_string(SecureRandom64());
    Result<int> code = RunStages(output, between);
    if (parts_.stages.size() > 1) {
      const auto deleted = fs_->Delete(between, true);
      if (code.ok() && !deleted.ok() && deleted.status().code() != Code::kNotFound) return deleted.status();
    }
    return code;
  }

 private:
  Result<int> RunStages(const std::string& output, const std::string& between) {
    std::string input = flags_.line.values["IN"];
    for (size_t stage = 0; stage < parts_.stages.size(); ++stage) {
      const bool last = stage + 1 == parts_.stages.size();
      const std::string to = last ? output : between + "/" + std::to_string(stage);
      TUSK_ASSIGN(const auto job, PlanJob(*parts_.stages[stage], parts_.usage, flags_.line, {input, to, stage}, *fs_));
      TUSK_ASSIGN(const JobStatus status, flags_.local ? RunHere(stage, job) : Submit(job));
      if (flags_.json) {
        std::printf("%s\n", SummaryJson(status).c_str());
      } else {
        std::fprintf(stderr, "%s", SummaryText(status).c_str());
      }
      if (status.state == JobState::kFailed) return Aborted(status.id + " failed: " + status.failure);
      if (status.state != JobState::kSucceeded) return Aborted(status.id + " was killed");
      input = to;
    }
    if (parts_.usage.finish != nullptr) return parts_.usage.finish(*fs_, output);
    return static_cast<int>(cli::kExitOk);
  }

  Result<JobStatus> Submit(const JobDescription& job) {
    TUSK_ASSIGN(const std::string id, jobs_->Submit(job));
    if (!flags_.json)
      std::fprintf(stderr, "%s submitted: %s, %zu maps, %u reduces\n", id.c_str(), job.name.c_str(), job.splits.size(),
                   job.reducers);
    uint64_t bytes = 0;
    for (const auto& split : job.splits) bytes += split.path.empty() ? 0 : split.length;
    if (flags_.json) return jobs_->Watch(id, [](const JobStatus&) {});
    ProgressLine line(bytes, cli::StdErrIsTerminal());
    return jobs_->Watch(id, [&line](const JobStatus& status) { line.Show(status); });
  }

  Result<JobStatus> RunHere(size_t stage, const JobDescription& job) {
    LocalOptions options;
    options.fs = fs_;
    options.disk = &storage::Disk::Posix();
    options.job_id = "job_" + std::to_string(::getpid()) + "_" + std::to_string(stage);
    options.directory = std::filesystem::temp_directory_path() / ("tusk-local-" + std::to_string(::getpid()));
    options.staging = config_.Get(kStagingDir);
    options.sort_bytes = config_.Get(kSortBytes);
    options.merge_bytes = config_.Get(kMergeBytes);
    JobStatus status;
    status.id = options.job_id;
    status.name = job.name;
    status.output = job.output;
    status.maps = static_cast<uint32_t>(job.splits.size());
    status.reduces = job.reducers;
    status.submitted_ms = Clock::System().WallMillis();
    TUSK_ASSIGN(status.counters, RunLocally(*parts_.stages[stage], job, options));
    status.finished_ms = Clock::System().WallMillis();
    status.state = JobState::kSucceeded;
    return status;
  }

  const MainParts& parts_;
  ClientFlags flags_;
  const config::Config config_;
  std::shared_ptr<dfs::FileSystem> fs_;
  std::unique_ptr<JobClient> jobs_;
};

}  // namespace

int RunClient(const MainParts& parts, const std::string& program, std::vector<std::string> arguments) {
  const UsageText& usage = parts.usage;
  const std::string name = usage.name.empty() ? program : usage.name;
  ClientFlags flags;
  Values values;
  std::map<std::string, bool> switches;
  CLI::App app(usage.summary, name);
  AddFlags(app, usage, &flags, &values, &switches);
  app.footer(Examples(parts, name));
  if (const auto code = cli::Parse(app, std::move(arguments))) return *code;
  for (const auto& [key, value] : values) {
    if (!value.empty()) flags.line.values[key] = value;
  }
  for (const auto& [key, on] : switches) {
    if (on) flags.line.values[key] = "true";
  }
  if (flags.line.name.empty()) flags.line.name = name;
  flags.line.combine = !flags.no_combine;
  if (usage.check != nullptr) {
    const std::vector<std::pair<std::string, std::string>> given(flags.line.values.begin(), flags.line.values.end());
    if (const Status checked = usage.check(Context({}, given)); !checked.ok()) {
      cli::Fail(name, checked);
      return cli::kExitUsage;
    }
  }
  // Later stages read what the earlier ones wrote: only the first is made from the command line.
  if (const Status checked = CheckArguments(*parts.stages.front(), usage, flags.line); !checked.ok()) {
    cli::Fail(name, checked);
    return cli::kExitUsage;
  }
  std::error_code no_path;
  flags.line.binary = std::filesystem::read_symlink("/proc/self/exe", no_path);
  for (const std::string& set : flags.sets) {
    const size_t equals = set.find('=');
    if (equals == std::string::npos) {
      std::fprintf(stderr, "%s: --set wants section.key=value, not %s\n", name.c_str(), set.c_str());
      return cli::kExitUsage;
    }
    flags.config.flags.emplace_back(set.substr(0, equals), set.substr(equals + 1));
  }
  // The cluster's file also has sections of daemons that a client does not know.
  flags.config.allow_unknown_sections = true;
  auto config = config::Config::Load({dfs::kDfsSettings, kMapReduceSettings, observe::kLogSettings}, flags.config);
  if (!config.ok()) {
    cli::Fail(name, config.status());
    return cli::kExitUsage;
  }
  flags.line.split_bytes = config->Get(kSplitBytes);
  Session session(parts, std::move(flags), std::move(config).value());
  const auto code = session.Run();
  return code.ok() ? *code : cli::Fail(name, code.status());
}

}  // namespace tusk::mr
