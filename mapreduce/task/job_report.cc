#include "mapreduce/task/job_report.h"

#include <algorithm>
#include <cstdio>

#include "common/base/json_text.h"
#include "common/base/units.h"

namespace tusk::mr {
namespace {

constexpr double kReduceShare = 0.5;  // of the bar, of a job with reducers

double Overall(const JobStatus& status) {
  if (status.reduces == 0) return status.map_progress;
  return status.map_progress * (1 - kReduceShare) + status.reduce_progress * kReduceShare;
}

std::string Percent(double fraction) { return std::to_string(static_cast<int>(std::clamp(fraction, 0.0, 1.0) * 100)) + "%"; }

std::string Elapsed(const JobStatus& status) {
  return FormatDuration(std::chrono::milliseconds(std::max<int64_t>(0, status.finished_ms - status.submitted_ms)));
}

}  // namespace

std::string ProgressText(const JobStatus& status, uint64_t input_bytes, std::chrono::nanoseconds elapsed) {
  std::string text =
      " map " + Percent(status.map_progress) + " (" + std::to_string(status.maps_done) + "/" + std::to_string(status.maps) + ")";
  if (status.reduces > 0) {
    text += "  reduce " + Percent(status.reduce_progress) + " (" + std::to_string(status.reduces_done) + "/" +
            std::to_string(status.reduces) + ")";
  }
  const double seconds = std::chrono::duration<double>(elapsed).count();
  if (input_bytes > 0 && status.map_progress > 0 && status.map_progress < 1 && seconds > 0.5) {
    text += "  " + FormatBytes(static_cast<uint64_t>(static_cast<double>(input_bytes) * status.map_progress / seconds)) + "/s";
  }
  const double overall = Overall(status);
  if (overall > 0.02 && overall < 1 && seconds > 1) {
    text += "  " +
            FormatDuration(std::chrono::duration_cast<std::chrono::nanoseconds>(
                std::chrono::duration<double>(seconds * (1 - overall) / overall))) +
            " left";
  }
  if (status.failed_attempts > 0) text += "  " + std::to_string(status.failed_attempts) + " failed attempts";
  return text;
}

ProgressLine::ProgressLine(uint64_t input_bytes, bool terminal) : input_bytes_(input_bytes), terminal_(terminal) {}

ProgressLine::~ProgressLine() {
  if (drawn_) std::fputc('\n', stderr);
}

void ProgressLine::Show(const JobStatus& status) {
  const std::string text = ProgressText(status, input_bytes_, std::chrono::steady_clock::now() - start_);
  if (terminal_) {
    std::fprintf(stderr, "\r%s\033[K", text.c_str());
    drawn_ = true;
    return;
  }
  const int tenth = static_cast<int>(Overall(status) * 10);
  if (tenth == last_tenth_) return;
  last_tenth_ = tenth;
  std::fprintf(stderr, "%s\n", text.c_str());
}

std::string SummaryText(const JobStatus& status) {
  std::string text = status.id + " (" + status.name + ") ";
  switch (status.state) {
    case JobState::kSucceeded: text += "succeeded"; break;
    case JobState::kFailed: text += "failed"; break;
    case JobState::kKilled: text += "was killed"; break;
    case JobState::kRunning:
    case JobState::kCommitting: text += "goes on"; break;
  }
  text +=
      " in " + Elapsed(status) + ": " + std::to_string(status.maps) + " maps, " + std::to_string(status.reduces) + " reduces\n";
  size_t width = 0;
  for (const auto& [name, value] : status.counters) width = std::max(width, name.size());
  for (const auto& [name, value] : status.counters) {
    text += "  " + name + std::string(width - name.size() + 2, ' ') + std::to_string(value) + "\n";
  }
  return text;
}

std::string SummaryJson(const JobStatus& status) {
  std::string json = "{\"id\":" + QuoteJson(status.id) + ",\"name\":" + QuoteJson(status.name) +
                     ",\"state\":" + QuoteJson(JobStateName(status.state)) + ",\"output\":" + QuoteJson(status.output) +
                     ",\"maps\":" + std::to_string(status.maps) + ",\"reduces\":" + std::to_string(status.reduces) +
                     ",\"millis\":" + std::to_string(std::max<int64_t>(0, status.finished_ms - status.submitted_ms)) +
                     ",\"failed_attempts\":" + std::to_string(status.failed_attempts);
  if (!status.failure.empty()) json += ",\"failure\":" + QuoteJson(status.failure);
  json += ",\"counters\":{";
  bool first = true;
  for (const auto& [name, value] : status.counters) {
    json += (first ? "" : ",") + QuoteJson(name) + ":" + std::to_string(value);
    first = false;
  }
  return json + "}}";
}

}  // namespace tusk::mr
