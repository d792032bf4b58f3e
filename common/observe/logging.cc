#include "common/observe/logging.h"

#include <glog/logging.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <mutex>
#include <vector>

#include "common/observe/log_file.h"
#include "common/observe/log_record.h"

namespace tusk::observe {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

Fields& ThreadFields() {
  thread_local Fields fields;
  return fields;
}

// Source paths are shown from the root of the repository: what stands before this file's own path is cut off.
std::string_view FromRoot(std::string_view file) {
  static constexpr std::string_view kThisFile = __FILE__;
  static constexpr std::string_view kFromRoot = "common/observe/logging.cc";
  constexpr std::string_view root = kThisFile.substr(0, kThisFile.ends_with(kFromRoot) ? kThisFile.size() - kFromRoot.size() : 0);
  return file.starts_with(root) ? file.substr(root.size()) : file;
}

class RecordSink final : public google::LogSink {
 public:
  using google::LogSink::send;

  void Configure(const LogOptions& options, std::unique_ptr<LogFile> file) {
    std::lock_guard lock(mutex_);
    options_ = options;
    file_ = std::move(file);
  }

  void send(google::LogSeverity severity, const char* full_filename, const char* /*base_filename*/, int line,
            const google::LogMessageTime& time, const char* message, size_t message_len) override {
    std::lock_guard lock(mutex_);
    LogRecord record;
    record.micros = static_cast<int64_t>(time.timestamp()) * 1'000'000 + time.usec();
    record.level = google::GetLogSeverityName(severity);
    record.component = options_.component;
    record.node = options_.node;
    record.file = FromRoot(full_filename);
    record.line = line;
    record.message = std::string_view(message, message_len);
    record.fields = ThreadFields();
    const std::string text = options_.json ? FormatJsonRecord(record) : FormatTextRecord(record);
    if (file_ != nullptr) file_->Write(text);
    // The stack trace of a failed CHECK goes to standard error; its reason belongs beside it.
    if (file_ == nullptr || severity == google::GLOG_FATAL) WriteFully(STDERR_FILENO, text);
  }

 private:
  std::mutex mutex_;
  LogOptions options_;
  std::unique_ptr<LogFile> file_;
};

}  // namespace

std::string LogFileName(const std::string& component, const std::string& node) {
  const std::string base = component.empty() ? "tusk" : component;
  return (node.empty() || node == component ? base : base + "-" + node) + ".log";
}

void InitLogging(const LogOptions& options) {
  static RecordSink* sink = new RecordSink;  // never destroyed: other threads may log while the process ends
  std::unique_ptr<LogFile> file;
  int open_error = 0;
  const std::string path = options.directory + "/" + LogFileName(options.component, options.node);
  if (!options.directory.empty()) {
    file = std::make_unique<LogFile>();
    if (!file->Open(path, options.file_limit_bytes)) {
      open_error = errno;
      file.reset();
    }
  }
  const bool quiet = options.directory.empty() && !options.verbose;
  sink->Configure(options, std::move(file));

  FLAGS_logtostderr = false;
  FLAGS_logtostdout = false;
  FLAGS_alsologtostderr = false;
  FLAGS_stderrthreshold = google::NUM_SEVERITIES;  // the sink writes to standard error itself
  FLAGS_minloglevel = quiet ? google::GLOG_WARNING : google::GLOG_INFO;
  if (!google::IsGoogleLoggingInitialized()) {
    // glog keeps the pointer.
    static const std::string* name = new std::string(options.component.empty() ? "tusk" : options.component);
    google::InitGoogleLogging(name->c_str());
    for (int severity = 0; severity < google::NUM_SEVERITIES; ++severity) google::SetLogDestination(severity, "");
    google::AddLogSink(sink);
  }
  if (open_error != 0) {
    LOG(WARNING) << "cannot write the log file " << path << ": " << std::strerror(open_error) << "; logging to standard error";
  }
}

LogFields::LogFields(std::initializer_list<std::pair<std::string, std::string>> fields) : before_(ThreadFields().size()) {
  ThreadFields().insert(ThreadFields().end(), fields.begin(), fields.end());
}

LogFields::~LogFields() { ThreadFields().resize(before_); }

}  // namespace tusk::observe
