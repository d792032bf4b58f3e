// A DFS, a JobTracker and TaskTrackers in one process; job binaries are processes, as always.
//
// Thread: the test's. Owner: the test; everything stops and the folders go with it.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <future>
#include <string>
#include <vector>

#include "dfs/protocol/settings.h"
#include "mapreduce/client/job_client.h"
#include "mapreduce/jobtracker/job_tracker.h"
#include "mapreduce/protocol/settings.h"
#include "mapreduce/tasktracker/task_tracker.h"
#include "tests/harness/eventually.h"
#include "tests/harness/mini_cluster.h"

namespace tusk::mr {

class JobCluster {
 public:
  struct Run {
    int exit_code = -1;
    std::string text;  // standard output and error
  };

  explicit JobCluster(int trackers = 2) {
    char name[] = "/tmp/tusk-jobs-XXXXXX";
    folder_ = ::mkdtemp(name);
    auto dfs = testing::StartInProcessCluster({.datanodes = 2, .racks = 1, .settings = {{"dfs.replication", "2"}}});
    CHECK(dfs.ok()) << dfs.status();
    dfs_ = std::move(*dfs);
    CHECK(dfs_->AwaitReady().ok());
    StartJobTracker();
    for (int i = 0; i < trackers; ++i) {
      trackers_.emplace_back();
      StartTracker(i);
    }
    client_ = std::move(*JobClient::Connect(ConfigOf(0), nullptr));
  }

  ~JobCluster() {
    client_.reset();
    trackers_.clear();
    jobtracker_.reset();
    dfs_.reset();
    std::filesystem::remove_all(folder_);
  }

  void StartJobTracker() {
    auto started = JobTracker::Start(ConfigOf(0));
    CHECK(started.ok()) << started.status();
    jobtracker_ = std::move(*started);
    address_ = jobtracker_->endpoint().ToString();
  }
  void StopJobTracker() { jobtracker_.reset(); }
  void StartTracker(int index) {
    auto started = TaskTracker::Start(ConfigOf(index));
    CHECK(started.ok()) << started.status();
    trackers_[static_cast<size_t>(index)] = std::move(*started);
  }
  void StopTracker(int index) { trackers_[static_cast<size_t>(index)].reset(); }

  // The job binary in its client role.
  Run RunBinary(const std::string& binary, const std::string& arguments) const {
    const std::string command = "exec '" + binary + "' --set dfs.namenode_address=" + dfs_->namenode_address().ToString() +
                                " --set mapreduce.jobtracker_address=" + address_ + " " + arguments + " 2>&1";
    int ends[2];
    CHECK(::pipe2(ends, O_CLOEXEC) == 0);
    // Not popen: the child must not inherit this process's sockets, or peers of a stopped daemon never see their connection end.
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    ::posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    const char* const words[] = {"sh", "-c", command.c_str(), nullptr};
    pid_t pid = -1;
    CHECK(::posix_spawn(&pid, "/bin/sh", &actions, nullptr, const_cast<char* const*>(words), environ) == 0);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    Run run;
    char piece[4096];
    for (ssize_t got; (got = ::read(ends[0], piece, sizeof piece)) > 0;) run.text.append(piece, static_cast<size_t>(got));
    ::close(ends[0]);
    int status = 0;
    CHECK(::waitpid(pid, &status, 0) == pid);
    run.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
    return run;
  }
  std::future<Run> Begin(std::string binary, std::string arguments) const {
    return std::async(std::launch::async, [this, binary, arguments] { return RunBinary(binary, arguments); });
  }

  // `lines` lines of ten words.
  void WriteInput(const std::string& path, int lines) {
    std::string text;
    for (int i = 0; i < lines; ++i) text += "the quick brown fox " + std::to_string(i % 1000) + " jumps over the lazy dog\n";
    const Status written = dfs::WriteWholeFile(fs(), path, text, {});
    CHECK(written.ok()) << written;
  }
  std::string ReadOutput(const std::string& directory) {
    auto files = fs().List(directory);
    if (!files.ok()) return files.status().ToString();
    std::string text;
    for (const auto& file : *files) {
      if (file.path.find("/part-") == std::string::npos) continue;
      text += dfs::ReadWholeFile(fs(), file.path, 64 << 20).value();
    }
    return text;
  }
  JobStatus Newest() {
    const auto jobs = client_->List(true);
    return jobs.ok() && !jobs->empty() ? jobs->back() : JobStatus{};
  }
  bool StagingIsEmpty() {
    const auto left = fs().List("/tmp/tusk/jobs");
    return !left.ok() || left->empty();
  }

  dfs::FileSystem& fs() { return dfs_->filesystem(); }
  JobClient& client() { return *client_; }
  config::Config config() const { return ConfigOf(0); }

 private:
  config::Config ConfigOf(int index) const {
    auto config = config::Config::Defaults({dfs::kDfsSettings, kMapReduceSettings});
    const std::string number = std::to_string(index);
    const std::vector<std::pair<std::string, std::string>> settings{
        {"dfs.namenode_address", dfs_->namenode_address().ToString()},
        {"dfs.node_name", "tracker" + number},
        {"mapreduce.jobtracker_address", address_},
        {"mapreduce.jobtracker_http_address", "127.0.0.1:0"},
        {"mapreduce.jobtracker_dir", folder_ + "/jobtracker"},
        {"mapreduce.tasktracker_dir", folder_ + "/tracker" + number},
        {"mapreduce.tasktracker_port", "0"},
        {"mapreduce.tasktracker_http_port", "0"},
        {"mapreduce.shuffle_port", "0"},
        {"mapreduce.heartbeat_interval", "100ms"},
        {"mapreduce.tasktracker_dead_after", "2s"},
    };
    for (const auto& [name, value] : settings) {
      const Status set = config.Set(name, value);
      CHECK(set.ok()) << set;
    }
    return config;
  }

  std::string folder_;
  std::string address_ = "127.0.0.1:0";  // the port stays the same when the JobTracker starts again
  std::unique_ptr<testing::MiniCluster> dfs_;
  std::unique_ptr<JobTracker> jobtracker_;
  std::vector<std::unique_ptr<TaskTracker>> trackers_;
  std::unique_ptr<JobClient> client_;
};

}  // namespace tusk::mr
