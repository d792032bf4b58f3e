#include "common/cli/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "common/base/units.h"

namespace tusk::cli {
namespace {

constexpr auto kRedrawEvery = std::chrono::milliseconds(100);
constexpr size_t kWidestBar = 40;
constexpr size_t kNarrowestBar = 10;

std::string FormatAmount(ProgressUnit unit, uint64_t amount) {
  if (unit == ProgressUnit::kItems) return std::to_string(amount);
  return FormatBytes(amount) + (amount < kKiB ? " B" : "");
}

std::string FormatRate(const ProgressState& state) {
  const double seconds = std::chrono::duration<double>(state.elapsed).count();
  if (seconds <= 0) return {};
  return FormatAmount(state.unit, static_cast<uint64_t>(static_cast<double>(state.done) / seconds)) + "/s";
}

std::string FormatBar(uint64_t done, uint64_t total, size_t width) {
  const double fraction = static_cast<double>(done) / static_cast<double>(total);
  const auto filled = std::min(static_cast<size_t>(fraction * static_cast<double>(width)), width);
  std::string bar(filled, '=');
  if (filled < width) bar += '>';
  bar.resize(width, ' ');
  return "[" + bar + "]";
}

std::string FormatPercent(uint64_t done, uint64_t total) {
  // Rounded down: 100 % means all.
  const auto percent = static_cast<unsigned>(static_cast<double>(done) * 100.0 / static_cast<double>(total));
  std::string text = std::to_string(done >= total ? 100 : std::min(percent, 99u)) + "%";
  return std::string(text.size() < 4 ? 4 - text.size() : 0, ' ') + text;
}

void AppendPart(const std::string& part, std::string* out) {
  if (part.empty()) return;
  if (!out->empty()) out->append("  ");
  out->append(part);
}

size_t TerminalColumns() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

// A progress line is worth no error: what cannot be written is dropped.
void WriteToStdErr(std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = write(STDERR_FILENO, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return;
    text.remove_prefix(static_cast<size_t>(put));
  }
}

}  // namespace

std::string FormatProgress(const ProgressState& state) {
  const bool known = state.total > 0;
  const uint64_t done = known ? std::min(state.done, state.total) : state.done;

  std::string figures;
  if (known) AppendPart(FormatPercent(done, state.total), &figures);
  std::string amount = FormatAmount(state.unit, done);
  if (known && !state.finished) amount += " of " + FormatAmount(state.unit, state.total);
  AppendPart(amount, &figures);
  if (state.finished) {
    AppendPart("in " + FormatDuration(state.elapsed), &figures);
    AppendPart(FormatRate(state), &figures);
  } else {
    AppendPart(FormatRate(state), &figures);
    if (known && done > 0) {
      const double left = static_cast<double>(state.total - done) / static_cast<double>(done);
      const auto nanos = std::min(static_cast<double>(state.elapsed.count()) * left, 9e18);
      AppendPart(FormatDuration(std::chrono::nanoseconds(static_cast<int64_t>(nanos))) + " left", &figures);
    }
  }

  std::string line = state.label;
  const size_t used = line.size() + figures.size() + 5;  // two gaps and the bar's brackets
  if (known && state.columns >= used + kNarrowestBar) {
    const size_t width = std::min(kWidestBar, state.columns - used);
    line += (line.empty() ? "" : " ") + FormatBar(done, state.total, width) + " " + figures;
  } else {
    AppendPart(figures, &line);
  }
  if (state.columns > 0 && line.size() >= state.columns) line.resize(state.columns - 1);
  return line;
}

Progress::Progress(Options options)
    : terminal_(StdErrIsTerminal()), start_(std::chrono::steady_clock::now()), options_(std::move(options)), last_draw_(start_) {}

Progress::~Progress() { Finish(); }

void Progress::Add(uint64_t amount) {
  done_.fetch_add(amount, std::memory_order_relaxed);
  DrawIfDue();
}

void Progress::SetTotal(uint64_t total) {
  std::lock_guard lock(mutex_);
  options_.total = total;
}

void Progress::SetLabel(std::string label) {
  std::lock_guard lock(mutex_);
  options_.label = std::move(label);
}

void Progress::Finish() {
  std::lock_guard lock(mutex_);
  if (finished_) return;
  finished_ = true;
  if (options_.enabled) Draw(true, std::chrono::steady_clock::now());
}

void Progress::DrawIfDue() {
  // Somebody else is drawing: he shows our amount too.
  std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock() || finished_ || !options_.enabled) return;
  const auto every = terminal_ ? std::chrono::milliseconds(kRedrawEvery) : options_.plain_every;
  if (every.count() == 0) return;
  const auto now = std::chrono::steady_clock::now();
  if (now - last_draw_ >= every) Draw(false, now);
}

void Progress::Draw(bool last, std::chrono::steady_clock::time_point now) {
  last_draw_ = now;
  ProgressState state;
  state.label = options_.label;
  state.unit = options_.unit;
  state.done = done_.load(std::memory_order_relaxed);
  state.total = options_.total;
  state.elapsed = now - start_;
  state.columns = terminal_ ? TerminalColumns() : 0;
  state.finished = last;
  const std::string line = FormatProgress(state);
  // On a terminal: back to the start of the line, and clear what is left of a longer one.
  WriteToStdErr(terminal_ ? "\r" + line + "\x1b[K" + (last ? "\n" : "") : line + "\n");
}

bool StdErrIsTerminal() { return isatty(STDERR_FILENO) == 1; }

}  // namespace tusk::cli
