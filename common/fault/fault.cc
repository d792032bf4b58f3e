#include "common/fault/fault.h"

#include <glog/logging.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "common/base/result.h"
#include "common/base/try.h"

namespace tusk::fault {
namespace {

constexpr uint64_t kLongestDelayMillis = 10 * 60 * 1000;

struct Armed {
  std::function<Status()> action;
  uint64_t on_hit = 0;  // 0: every hit
  uint64_t hits = 0;
};

struct Registry {
  std::mutex mutex;
  std::map<std::string, std::vector<Armed>, std::less<>> points;
  std::once_flag environment_read;
  // Read at every point: false lets a point pass without the mutex. True until the environment has been read.
  std::atomic<bool> may_be_armed{true};
};

Registry& TheRegistry() {
  static Registry* registry = new Registry;  // never destroyed: points may be hit while the process ends
  return *registry;
}

Status GrammarError(std::string_view entry, std::string_view what) {
  return InvalidArgument("cannot arm the fault \"" + std::string(entry) + "\": " + std::string(what) +
                         "; write POINT=ACTION[@HIT] separated by semicolons, with ACTION one of fail, abort, delay:MS, stop");
}

std::optional<uint64_t> ParseNumber(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool IsPointName(std::string_view name) {
  return !name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.") == std::string_view::npos;
}

Result<std::function<Status()>> ParseAction(std::string_view entry, const std::string& point, std::string_view action) {
  if (action == "fail") {
    return std::function<Status()>([point] { return IoError("injected fault at " + point); });
  }
  if (action == "abort") return std::function<Status()>([]() -> Status { std::abort(); });
  if (action == "stop") {
    return std::function<Status()>([] {
      raise(SIGSTOP);
      return Status();
    });
  }
  if (action.starts_with("delay:")) {
    const std::optional<uint64_t> millis = ParseNumber(action.substr(6));
    if (!millis || *millis > kLongestDelayMillis) {
      return GrammarError(entry, "a delay is a number of milliseconds from 0 to " + std::to_string(kLongestDelayMillis));
    }
    return std::function<Status()>([delay = std::chrono::milliseconds(*millis)] {
      std::this_thread::sleep_for(delay);
      return Status();
    });
  }
  return GrammarError(entry, "the action \"" + std::string(action) + "\" is unknown");
}

using ParsedPoints = std::vector<std::pair<std::string, Armed>>;

Result<ParsedPoints> Parse(std::string_view text) {
  ParsedPoints parsed;
  while (!text.empty()) {
    const size_t end = std::min(text.find(';'), text.size());
    const std::string_view entry = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (entry.empty()) continue;
    const size_t equals = entry.find('=');
    if (equals == std::string_view::npos) return GrammarError(entry, "there is no \"=\"");
    const std::string point(entry.substr(0, equals));
    if (!IsPointName(point)) return GrammarError(entry, "a point's name has small letters, digits, dots and underscores");
    std::string_view action = entry.substr(equals + 1);
    Armed armed;
    if (const size_t at = action.find('@'); at != std::string_view::npos) {
      const std::optional<uint64_t> hit = ParseNumber(action.substr(at + 1));
      if (!hit || *hit == 0) return GrammarError(entry, "after \"@\" comes the number of a hit, from 1");
      armed.on_hit = *hit;
      action = action.substr(0, at);
    }
    TUSK_ASSIGN(armed.action, ParseAction(entry, point, action));
    parsed.emplace_back(point, std::move(armed));
  }
  return parsed;
}

void Add(Registry& registry, ParsedPoints parsed) {
  std::lock_guard lock(registry.mutex);
  for (auto& [point, armed] : parsed) registry.points[point].push_back(std::move(armed));
  if (!registry.points.empty()) registry.may_be_armed.store(true, std::memory_order_release);
}

// A daemon is armed by its environment at the first point it meets. A mistake there ends the process: a test that believes its
// fault is armed would pass for the wrong reason.
void ReadEnvironmentOnce(Registry& registry) {
  std::call_once(registry.environment_read, [&registry] {
    const char* text = std::getenv("TUSK_FAULT");
    if (text != nullptr) {
      Result<ParsedPoints> parsed = Parse(text);
      if (!parsed.ok()) LOG(FATAL) << "TUSK_FAULT: " << parsed.status().message();
      Add(registry, std::move(parsed).value());
    }
    std::lock_guard lock(registry.mutex);
    registry.may_be_armed.store(!registry.points.empty(), std::memory_order_release);
  });
}

}  // namespace

Status Hit(std::string_view point) {
  Registry& registry = TheRegistry();
  if (!registry.may_be_armed.load(std::memory_order_acquire)) return {};
  ReadEnvironmentOnce(registry);
  std::vector<std::function<Status()>> due;
  {
    std::lock_guard lock(registry.mutex);
    const auto found = registry.points.find(point);
    if (found == registry.points.end()) return {};
    for (Armed& armed : found->second) {
      ++armed.hits;
      if (armed.on_hit == 0 || armed.on_hit == armed.hits) due.push_back(armed.action);
    }
  }
  // Outside the mutex: an action may wait, and may meet other points.
  for (const auto& action : due) {
    LOG(WARNING) << "injected fault at " << point;
    TUSK_TRY(action());
  }
  return {};
}

void Arm(std::string point, std::function<Status()> action) {
  Registry& registry = TheRegistry();
  ReadEnvironmentOnce(registry);
  std::lock_guard lock(registry.mutex);
  std::vector<Armed>& actions = registry.points[std::move(point)];
  actions.clear();
  actions.push_back(Armed{std::move(action), 0, 0});
  registry.may_be_armed.store(true, std::memory_order_release);
}

void DisarmAll() {
  Registry& registry = TheRegistry();
  ReadEnvironmentOnce(registry);
  std::lock_guard lock(registry.mutex);
  registry.points.clear();
  registry.may_be_armed.store(false, std::memory_order_release);
}

Status ArmFromText(std::string_view text) {
  Registry& registry = TheRegistry();
  ReadEnvironmentOnce(registry);
  TUSK_ASSIGN(ParsedPoints parsed, Parse(text));
  Add(registry, std::move(parsed));
  return {};
}

}  // namespace tusk::fault
