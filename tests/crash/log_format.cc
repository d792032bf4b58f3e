#include <map>

#include "common/base/random.h"
#include "coordination/log/log.h"
#include "tests/crash/formats.h"

namespace tusk::crash {
namespace {

using coordination::EntryView;
using coordination::Log;
using coordination::LogIndex;

class LogTrial final : public Trial {
 public:
  explicit LogTrial(uint64_t seed) : random_(seed) {}

  void Work() override {
    auto log = Open();
    if (!log.ok()) return;
    for (LogIndex i = 1; i <= 30; ++i) {
      // Often equal, so that old bytes have every chance to be mistaken for new ones.
      const std::string text = i % 3 == 0 ? "same" : std::string(100 + random_.Below(900), static_cast<char>('a' + i % 26));
      appended_[i] = text;
      if (!(*log)->Append(1, coordination::EntryType::kData, std::as_bytes(std::span(text)), {}).ok()) return;
      if (i % 4 == 0 && (*log)->Flush().ok()) acknowledged_ = i;
      if (i == 13) {
        keep_from_ = 9;
        static_cast<void>((*log)->TruncatePrefix(keep_from_));
      }
      if (i == 17 && (*log)->SetHardState({7, 3}).ok()) term_ = 7;
    }
    if ((*log)->Flush().ok()) acknowledged_ = 30;
  }

  std::string Check() override {
    auto log = Open();
    if (!log.ok()) return "the log does not open: " + log.status().ToString();
    if ((*log)->first_index() > keep_from_) return "it begins at " + std::to_string((*log)->first_index());
    if ((*log)->last_index() < acknowledged_) {
      return "it ends at " + std::to_string((*log)->last_index()) + ", acknowledged: " + std::to_string(acknowledged_);
    }
    if ((*log)->hard_state().term < term_) return "the vote is lost";
    std::string wrong;
    const Status read = (*log)->Read((*log)->first_index(), [&](const EntryView& entry) -> Status {
      const std::string text(reinterpret_cast<const char*>(entry.payload.data()), entry.payload.size());
      if (appended_[entry.index] != text) wrong = "entry " + std::to_string(entry.index) + " is another one";
      return OkStatus();
    });
    return read.ok() ? wrong : read.ToString();
  }

 private:
  static Result<std::unique_ptr<Log>> Open() {
    Log::Options options;
    options.directory = "/sim/log";
    options.cluster_id = 5;
    options.group = "crash";
    options.segment_bytes = 8192;
    return Log::Open(storage::Disk::Posix(), options);
  }

  Random random_;
  std::map<LogIndex, std::string> appended_;
  LogIndex acknowledged_ = 0;
  LogIndex keep_from_ = 1;
  uint64_t term_ = 0;
};

}  // namespace

Format LogFormat() {
  return {"log", "30 entries over segments of 8 KiB, a dropped prefix, a vote",
          [](uint64_t seed) { return std::make_unique<LogTrial>(seed); }};
}

}  // namespace tusk::crash
