#include <map>

#include "dfs/client/file_system.h"
#include "dfs/namenode/namenode.h"
#include "dfs/protocol/settings.h"
#include "tests/crash/formats.h"
#include "tests/simulation/kernel/scheduler.h"

namespace tusk::crash {
namespace {

// A client on the NameNode's own machine makes folders and empty files, renames and deletes them.
class NameNodeTrial final : public Trial {
 public:
  void Work() override {
    auto namenode = Start();
    if (!namenode.ok()) return;
    auto fs = Connect((*namenode)->endpoint());
    for (int i = 0; i < 6; ++i) {
      const std::string folder = "/d" + std::to_string(i);
      Change(folder, true, [&] { return fs->Mkdirs(folder, true); });
      const std::string file = folder + "/f";
      Change(file, true, [&]() -> Status {
        auto out = fs->Create(file, {});
        return out.ok() ? (*out)->Close() : out.status();
      });
      if (i % 2 == 0) continue;
      const std::string to = "/moved" + std::to_string(i);
      states_[to] = kEither;
      Change(file, false, [&] { return fs->Rename(file, to); });
      states_[to] = states_[file] == kGone ? kThere : kEither;
      if (i == 3)
        Change(
            "/d2", false, [&] { return fs->Delete("/d2", true).status(); }, "/d2/f");
    }
    fs.reset();
    namenode->release();  // ends with its machine
  }

  std::string Check() override {
    auto namenode = Start();
    if (!namenode.ok()) return "the NameNode does not start: " + namenode.status().ToString();
    auto fs = Connect((*namenode)->endpoint());
    namenode->release();
    for (const auto& [path, state] : states_) {
      const auto exists = fs->Exists(path);
      if (!exists.ok()) return path + ": " + exists.status().ToString();
      if (state == kThere && !*exists) return path + " is gone";
      if (state == kGone && *exists) return path + " came back";
    }
    return {};
  }

 private:
  enum State { kGone, kThere, kEither };

  template <class F>
  void Change(const std::string& path, bool appears, F operation, const std::string& also = {}) {
    states_[path] = kEither;
    if (!also.empty()) states_[also] = kEither;
    const Status status = operation();
    if (!status.ok()) return;
    states_[path] = appears ? kThere : kGone;
    if (!also.empty()) states_[also] = states_[path];
  }

  static config::Config Settings() {
    config::Config config = config::Config::Defaults({dfs::kDfsSettings});
    const std::string host = "10.0.0." + std::to_string(sim::Scheduler::Get().node() & 0xFF);
    for (const auto& [name, value] : std::map<std::string, std::string>{{"dfs.namenode_address", host + ":8020"},
                                                                        {"dfs.namenode_http_address", host + ":9870"},
                                                                        {"dfs.namenode_dir", "/sim/namenode"},
                                                                        {"dfs.user", "crash"}}) {
      const Status set = config.Set(name, value);
      CHECK(set.ok()) << set;
    }
    return config;
  }
  static Result<std::unique_ptr<dfs::NameNode>> Start() { return dfs::NameNode::Start(Settings()); }
  static std::shared_ptr<dfs::FileSystem> Connect(const net::Endpoint& endpoint) {
    auto options = dfs::ClientOptions::FromConfig(Settings());
    CHECK(options.ok()) << options.status();
    options->namenode = endpoint;
    auto fs = dfs::FileSystem::Connect(*options);
    CHECK(fs.ok()) << fs.status();
    return *fs;
  }

  std::map<std::string, State> states_;
};

}  // namespace

Format NameNodeFormat() {
  return {"NameNode folder", "folders and empty files made, renamed and deleted through the real NameNode",
          [](uint64_t) { return std::make_unique<NameNodeTrial>(); }};
}

}  // namespace tusk::crash
