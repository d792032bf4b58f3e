// Logs through glog: LOG(INFO) << ...; one line a record, or one JSON object a line when asked ("log.format" = "json"). The forms
// are described in log_record.h.
//
// Every record is written at once (log_file.h); a process that is killed loses none. glog's own files, prefixes and signal
// handlers are off; only a failed CHECK prints a stack trace. Thread: InitLogging at the start of main (again, in a test, it
// takes the new options); LOG and LogFields from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>

namespace tusk::observe {

struct LogOptions {
  std::string component = {};  // "namenode": a field of each JSON record and the name of the file
  std::string node = {};       // "node3": likewise
  std::string directory = {};  // empty: standard error
  bool json = false;
  bool verbose = false;  // also INFO on standard error when directory is empty; tools show only warnings otherwise
  uint64_t file_limit_bytes = 64 << 20;  // the file, and one older "NAME.1" beside it
};

// A directory that cannot be written is reported on standard error, where the records then go.
void InitLogging(const LogOptions& options);

// "datanode-node3.log"; "namenode.log" where node is empty or the same as component.
std::string LogFileName(const std::string& component, const std::string& node);

// Adds fields to every record this thread logs in this scope: LogFields f({{"job", id}, {"attempt", attempt}}).
class LogFields {
 public:
  LogFields(std::initializer_list<std::pair<std::string, std::string>> fields);
  ~LogFields();
  LogFields(const LogFields&) = delete;

 private:
  size_t before_;
};

}  // namespace tusk::observe
