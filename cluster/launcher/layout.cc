#include "cluster/launcher/layout.h"

#include <algorithm>
#include <map>

#include "common/base/json_text.h"
#include "common/net/endpoint.h"

namespace tusk::cluster {
namespace {

constexpr uint16_t kNameNodePort = 8020, kNameNodeHttp = 9870;
constexpr uint16_t kJobTrackerPort = 8021, kJobTrackerHttp = 50030;
constexpr uint16_t kDataNodePort = 9866, kDataNodeHttp = 9864;
constexpr uint16_t kTrackerPort = 50050, kTrackerHttp = 50060, kShufflePort = 13562;

bool IsLoopbackSubnet(const std::string& subnet) {
  if (!subnet.starts_with("127.")) return false;
  int parts = 1, value = 0, digits = 0;
  for (const char c : subnet) {
    if (c == '.') {
      if (digits == 0) return false;
      ++parts;
      value = digits = 0;
    } else if (c >= '0' && c <= '9') {
      value = value * 10 + (c - '0');
      if (++digits > 3 || value > 255) return false;
    } else {
      return false;
    }
  }
  return parts == 3 && digits > 0;
}

// A TOML basic string: the settings given by people may hold anything.
std::string Quote(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

// Numbers and truth values stay bare, so that the file reads as a person would write it.
std::string TomlValue(const std::string& text) {
  const bool number =
      !text.empty() && text.find_first_not_of("0123456789") == std::string::npos && (text.size() == 1 || text[0] != '0');
  return number || text == "true" || text == "false" ? text : Quote(text);
}

class LayoutBuilder {
 public:
  explicit LayoutBuilder(const ClusterOptions& options) : options_(options) {
    layout_.config_file = options.directory + "/tusk.toml";
  }

  void Master(const std::string& node, int host, uint16_t port, uint16_t http, const std::string& dir_setting) {
    const std::string address = options_.subnet + "." + std::to_string(host);
    ProcessSpec& process = Add(node, node, address, http);
    process.listens.push_back({address, port});
    Set(process, dir_setting, process.data_directory);
  }

  void Worker(int number) {
    const std::string node = "node" + std::to_string(number);
    const std::string address = options_.subnet + "." + std::to_string(number);
    const std::string rack = "/rack" + std::to_string((number - 1) % options_.racks + 1);
    ProcessSpec& datanode = Add(node, "datanode", address, kDataNodeHttp);
    datanode.listens.push_back({address, kDataNodePort});
    Set(datanode, "dfs.datanode_host", address);
    Set(datanode, "dfs.datanode_dir", DataFolders(datanode.data_directory));
    Set(datanode, "dfs.node_name", node);
    Set(datanode, "dfs.rack", rack);
    ProcessSpec& tracker = Add(node, "tasktracker", address, kTrackerHttp);
    tracker.listens.push_back({address, kTrackerPort});
    tracker.listens.push_back({address, kShufflePort});
    Set(tracker, "mapreduce.tasktracker_host", address);
    Set(tracker, "mapreduce.tasktracker_dir", tracker.data_directory);
    Set(tracker, "dfs.node_name", node);
    Set(tracker, "dfs.rack", rack);
    Set(tracker, "dfs.client_host", address);
  }

  Layout Take() {
    layout_.config_text = ConfigText();
    return std::move(layout_);
  }

 private:
  ProcessSpec& Add(const std::string& node, const std::string& role, const std::string& address, uint16_t http) {
    ProcessSpec process;
    process.node = node;
    process.role = role;
    process.name = node == role ? node : node + "/" + role;
    process.address = address;
    process.data_directory = options_.directory + "/data/" + node + (node == role ? "" : "/" + role);
    process.log_file = options_.directory + "/logs/" + node + (node == role ? "" : "-" + role) + ".log";
    process.pages = {address, http};
    process.listens.push_back(process.pages);
    process.arguments = {role, "--conf", layout_.config_file};
    layout_.processes.push_back(std::move(process));
    return layout_.processes.back();
  }

  std::string DataFolders(const std::string& directory) const {
    if (options_.folders == 1) return directory;
    std::string list;
    for (int disk = 1; disk <= options_.folders; ++disk) {
      list += (disk == 1 ? "" : ",") + directory + "/disk" + std::to_string(disk);
    }
    return list;
  }

  static void Set(ProcessSpec& process, const std::string& name, const std::string& value) {
    process.arguments.push_back("--set");
    process.arguments.push_back(name + "=" + value);
  }

  std::string ConfigText() const {
    std::map<std::string, std::string> values;  // "section.key" -> TOML value
    const std::string masters = options_.subnet + ".";
    values["dfs.namenode_address"] = Quote(masters + "251:" + std::to_string(kNameNodePort));
    values["dfs.namenode_http_address"] = Quote(masters + "251:" + std::to_string(kNameNodeHttp));
    values["dfs.replication"] = std::to_string(std::min(3, options_.nodes));
    values["mapreduce.jobtracker_address"] = Quote(masters + "252:" + std::to_string(kJobTrackerPort));
    values["mapreduce.jobtracker_http_address"] = Quote(masters + "252:" + std::to_string(kJobTrackerHttp));
    // All nodes share the machine's processors: more tasks than processors only fight for caches and memory.
    const int slots = std::max(1, options_.cpus / std::max(1, options_.nodes));
    values["mapreduce.map_slots"] = std::to_string(slots);
    values["mapreduce.reduce_slots"] = std::to_string(slots);
    for (const auto& [name, value] : options_.settings) values[name] = TomlValue(value);

    std::string text = "# Written by `tusk cluster start`; every process and command of this cluster reads it.\n";
    std::string section;
    for (const auto& [name, value] : values) {
      const auto dot = name.find('.');
      if (name.substr(0, dot) != section) {
        section = name.substr(0, dot);
        text += "\n[" + section + "]\n";
      }
      text += name.substr(dot + 1) + " = " + value + "\n";
    }
    return text;
  }

  const ClusterOptions& options_;
  Layout layout_;
};

}  // namespace

Result<Layout> PlanCluster(const ClusterOptions& options) {
  if (options.nodes < 1 || options.nodes > kMaxNodes) {
    return InvalidArgument("a local cluster has 1 to " + std::to_string(kMaxNodes) + " nodes, not " +
                           std::to_string(options.nodes));
  }
  if (options.racks < 1 || options.racks > options.nodes) {
    return InvalidArgument("the number of racks must be between 1 and the number of nodes (" + std::to_string(options.nodes) +
                           "), not " + std::to_string(options.racks));
  }
  if (options.folders < 1 || options.folders > kMaxFolders) {
    return InvalidArgument("a DataNode has 1 to " + std::to_string(kMaxFolders) + " data folders here, not " +
                           std::to_string(options.folders));
  }
  if (!IsLoopbackSubnet(options.subnet)) {
    return InvalidArgument("\"" + options.subnet + "\" is not a loopback subnet; write three numbers such as 127.0.1");
  }
  for (const auto& [name, value] : options.settings) {
    if (name.find('.') == std::string::npos || name.find_first_of("\n\r\"") != std::string::npos ||
        value.find_first_of("\n\r") != std::string::npos) {
      return InvalidArgument("--set wants section.key=value on one line, not \"" + name + "=" + value + "\"");
    }
  }
  LayoutBuilder builder(options);
  builder.Master("namenode", 251, kNameNodePort, kNameNodeHttp, "dfs.namenode_dir");
  builder.Master("jobtracker", 252, kJobTrackerPort, kJobTrackerHttp, "mapreduce.jobtracker_dir");
  for (int number = 1; number <= options.nodes; ++number) builder.Worker(number);
  return builder.Take();
}

std::string ToJson(const std::string& directory, const Layout& layout) {
  std::string json =
      "{\"directory\":" + QuoteJson(directory) + ",\"config\":" + QuoteJson(layout.config_file) + ",\"processes\":[";
  for (const ProcessSpec& process : layout.processes) {
    json += (json.ends_with('[') ? "" : ",") + ("{\"name\":" + QuoteJson(process.name)) + ",\"node\":" + QuoteJson(process.node) +
            ",\"role\":" + QuoteJson(process.role) + ",\"address\":" + QuoteJson(process.address) +
            ",\"url\":" + QuoteJson("http://" + process.pages.ToString()) + ",\"log\":" + QuoteJson(process.log_file) + "}";
  }
  return json + "]}";
}

Result<std::vector<size_t>> SelectProcesses(const std::vector<ProcessSpec>& processes, const std::string& name) {
  std::vector<size_t> chosen;
  std::string known;
  for (size_t i = 0; i < processes.size(); ++i) {
    if (name == "all" || processes[i].name == name || processes[i].node == name) chosen.push_back(i);
    if (known.find(processes[i].node + ",") == std::string::npos) known += processes[i].node + ", ";
  }
  if (!chosen.empty()) return chosen;
  known.resize(known.size() - 2);
  return NotFound("there is no node or process \"" + name + "\" in this cluster; nodes are " + known +
                  ", processes are written node1/datanode, and all means all");
}

}  // namespace tusk::cluster
