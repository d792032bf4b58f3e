// Logs through glog: LOG(INFO) << ...; one line a record, or one JSON object a line when asked ("log.format" = "json").
//
// Thread: InitLogging once, at the start of main; LOG from any thread.
#pragma once

#include <string>

namespace tusk::observe {

struct LogOptions {
  std::string component;  // "namenode": a field of each JSON record and the name of the file
  std::string node;       // "node3": likewise
  std::string directory;  // empty: standard error
  bool json = false;
  bool verbose = false;  // also INFO on standard error when directory is empty; tools show only warnings otherwise
};

void InitLogging(const LogOptions& options);

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
