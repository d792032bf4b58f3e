// hdfsConnect and its kin, and hdfsDisconnect. Connections to one NameNode with the same settings share one FileSystem.
#include "dfs/capi/connect.h"

#include <map>

#include "common/base/try.h"
#include "dfs/capi/handles.h"
#include "dfs/protocol/settings.h"

namespace tusk::dfs::capi {
namespace {

constexpr std::chrono::seconds kFirstContact{5};
constexpr std::string_view kScheme = "hdfs://";

// The FileSystems that live connections use.
class SharedFileSystems {
 public:
  std::shared_ptr<FileSystem> Find(const std::string& key) {
    std::lock_guard lock(mutex_);
    const auto found = shared_.find(key);
    return found == shared_.end() ? nullptr : found->second.lock();
  }
  void Add(const std::string& key, const std::shared_ptr<FileSystem>& fs) {
    std::lock_guard lock(mutex_);
    std::erase_if(shared_, [](const auto& entry) { return entry.second.expired(); });
    shared_.insert_or_assign(key, fs);
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<FileSystem>> shared_;
};

SharedFileSystems& Shared() {
  static auto* const shared = new SharedFileSystems();
  return *shared;
}

// A name for everything that two connections must have in common; no part of it can hold a NUL.
std::string KeyOf(const ConnectRequest& request, const ClientOptions& options) {
  std::string key = options.namenode.ToString() + '\0' + options.user;
  for (const auto& [name, value] : request.settings) key += '\0' + name + '\0' + value;
  return key;
}

Result<std::shared_ptr<FileSystem>> FileSystemFor(const ConnectRequest& request, const ClientOptions& options) {
  const std::string key = KeyOf(request, options);
  if (!request.new_instance) {
    if (auto shared = Shared().Find(key)) return shared;
  }
  TUSK_ASSIGN(std::shared_ptr<FileSystem> fs, FileSystem::Connect(options));
  TUSK_TRY(fs->Exists("/").status());  // that somebody answers at this address is told now, not by the first file
  if (!request.new_instance) Shared().Add(key, fs);
  return fs;
}

}  // namespace

Result<std::string> NameNodeAddress(const std::string& namenode, uint16_t port) {
  std::string_view address = namenode;
  if (address.starts_with(kScheme)) {
    address.remove_prefix(kScheme.size());
    address = address.substr(0, address.find('/'));
  }
  if (address.empty() || address.find('/') != std::string_view::npos) {
    return InvalidArgument("\"" + namenode + "\" is no NameNode; write host, host:port or hdfs://host:port");
  }
  if (port == 0) return std::string(address);
  if (address.find(':') != std::string_view::npos) {
    return InvalidArgument("the NameNode " + namenode + " has a port already, and port " + std::to_string(port) +
                           " was given as well; give it in one way");
  }
  return std::string(address) + ":" + std::to_string(port);
}

hdfsFS Connect(const ConnectRequest& request) {
  return Answer<hdfsFS>(nullptr, [&]() -> Result<hdfsFS> {
    if (!request.namenode) {
      return Status(Code::kUnimplemented,
                    "a NameNode of NULL means the local file system, which Tusk does not serve; name a NameNode");
    }
    NamedValues settings = request.settings;
    if (*request.namenode != "default") {
      TUSK_ASSIGN(std::string address, NameNodeAddress(*request.namenode, request.port));
      settings.emplace_back(kNameNodeAddress.name, std::move(address));
    }
    TUSK_ASSIGN(const config::Config config, LoadSettings(settings));
    TUSK_ASSIGN(ClientOptions options, ClientOptions::FromConfig(config));
    if (!request.user.empty()) options.user = request.user;
    options.first_contact = kFirstContact;
    auto connection = std::make_shared<hdfs_internal>();
    TUSK_ASSIGN(connection->fs, FileSystemFor(request, options));
    connection->block_size = options.block_size;
    connection->working_directory = connection->fs->HomeDirectory();
    return Connections().Add(std::move(connection));
  });
}

}  // namespace tusk::dfs::capi

namespace capi = tusk::dfs::capi;

namespace {

hdfsFS ConnectTo(const char* nn, tPort port, const char* user, bool new_instance) {
  return capi::Answer<hdfsFS>(nullptr, [&]() -> tusk::Result<hdfsFS> {
    capi::ConnectRequest request;
    if (nn != nullptr) request.namenode = nn;
    request.port = port;
    if (user != nullptr) request.user = user;
    request.new_instance = new_instance;
    return capi::Connect(request);
  });
}

}  // namespace

hdfsFS hdfsConnect(const char* nn, tPort port) { return ConnectTo(nn, port, nullptr, false); }
hdfsFS hdfsConnectAsUser(const char* nn, tPort port, const char* user) { return ConnectTo(nn, port, user, false); }
hdfsFS hdfsConnectNewInstance(const char* nn, tPort port) { return ConnectTo(nn, port, nullptr, true); }
hdfsFS hdfsConnectAsUserNewInstance(const char* nn, tPort port, const char* user) { return ConnectTo(nn, port, user, true); }

int hdfsDisconnect(hdfsFS fs) {
  return capi::OnConnection(fs, -1, [&](hdfs_internal&) -> tusk::Result<int> {
    capi::Connections().Remove(fs);
    return 0;
  });
}
