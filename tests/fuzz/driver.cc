// Runs a fuzz target where there is no libFuzzer.
//
//   X_fuzz FILE...                             runs these inputs, one after another: how a crash is looked at again
//   X_fuzz [--runs N] [--seed S] [CORPUS]...   the target's own seeds and the files of the folders as they are, then N inputs
//   bred
//                                              from them; input i belongs to the seed S + i alone
//   X_fuzz --write-seeds FOLDER                writes the target's own seeds to files, as a corpus for libFuzzer
//
// When the target dies (a failed CHECK, a sanitizer's report, a signal, 60 seconds without an end) the input is written to
// crash-<seed> in the working directory and its seed is printed; `--runs 1 --seed <seed>` makes the same input again.
#include <fcntl.h>
#include <glog/logging.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/fuzz/mutate.h"
#include "tests/fuzz/seeds.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
extern "C" void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));
// One allocation of more than this is an answer to a length that was believed unchecked.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() { return "max_allocation_size_mb=512"; }

namespace tusk::fuzz {
namespace {

constexpr unsigned kSecondsToEnd = 60;
constexpr uint64_t kAddressSpace = uint64_t{4} << 30;
constexpr uint64_t kNamedFile = UINT64_MAX;

// What runs now, for whoever must tell about its end.
struct {
  const std::string* input = nullptr;
  uint64_t seed = kNamedFile;
  const char* name = "";
  bool told = false;
} running;

void Say(const char* text) { [[maybe_unused]] const auto n = ::write(STDERR_FILENO, text, std::strlen(text)); }

// Also in signal handlers: no memory is allocated.
void Tell() {
  if (running.input == nullptr || running.told) return;
  running.told = true;
  if (running.seed == kNamedFile) {
    Say("\nfuzz: this input fails: ");
    Say(running.name);
    return Say("\n");
  }
  std::array<char, 64> name{};
  std::memcpy(name.data(), "crash-", 6);
  std::to_chars(name.data() + 6, name.data() + name.size() - 1, running.seed);
  const int fd = ::open(name.data(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd >= 0) {
    [[maybe_unused]] const auto n = ::write(fd, running.input->data(), running.input->size());
    ::close(fd);
  }
  Say("\nfuzz: the input of seed ");
  Say(name.data() + 6);
  Say(" fails; it is in ");
  Say(name.data());
  Say("\n");
}

void OnSignal(int signal_number) {
  if (signal_number == SIGALRM) Say("\nfuzz: no end after 60 seconds\n");
  Tell();
  ::signal(signal_number == SIGALRM ? SIGABRT : signal_number, SIG_DFL);
  ::raise(signal_number == SIGALRM ? SIGABRT : signal_number);
}

void WatchForDeath() {
  // A stack of its own: the end may be an endless recursion.
  static std::array<char, 64 << 10> stack;
  stack_t alternate{};
  alternate.ss_sp = stack.data();
  alternate.ss_size = stack.size();
  ::sigaltstack(&alternate, nullptr);
  struct sigaction action {};
  action.sa_handler = &OnSignal;
  action.sa_flags = SA_ONSTACK | SA_NODEFER;
  std::vector<int> signals = {SIGABRT, SIGALRM};
  if (__sanitizer_set_death_callback != nullptr) {
    __sanitizer_set_death_callback(&Tell);
  } else {
    signals.insert(signals.end(), {SIGSEGV, SIGBUS, SIGFPE, SIGILL});
    const rlimit limit{kAddressSpace, kAddressSpace};
    ::setrlimit(RLIMIT_AS, &limit);
  }
  for (const int number : signals) ::sigaction(number, &action, nullptr);
}

std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    std::fprintf(stderr, "cannot read %s\n", path.c_str());
    std::exit(2);
  }
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void Run(const std::string& input, uint64_t seed, const char* name) {
  running.input = &input;
  running.seed = seed;
  running.name = name;
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
  running.input = nullptr;
}

struct Options {
  uint64_t runs = 100'000;
  uint64_t seed = 1;
  bool breed = true;
  std::string write_seeds;
  std::vector<std::filesystem::path> files;  // of arguments and folders
};

[[noreturn]] void Usage(const char* program) {
  std::fprintf(stderr, "usage: %s FILE... | [--runs N] [--seed S] [CORPUS]... | --write-seeds FOLDER\n", program);
  std::exit(2);
}

Options Parse(int argc, char** argv) {
  Options options;
  bool single_files = false, told_to_breed = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    const auto value = [&]() -> std::string_view { return ++i < argc ? argv[i] : (Usage(argv[0]), ""); };
    const auto number = [&] {
      const std::string_view text = value();
      uint64_t parsed = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
      if (error != std::errc() || end != text.data() + text.size()) Usage(argv[0]);
      told_to_breed = true;
      return parsed;
    };
    if (argument == "--runs") {
      options.runs = number();
    } else if (argument == "--seed") {
      options.seed = number();
    } else if (argument == "--write-seeds") {
      options.write_seeds = value();
    } else if (argument.starts_with('-')) {
      Usage(argv[0]);
    } else if (std::filesystem::is_directory(argument)) {
      for (const auto& entry : std::filesystem::directory_iterator(argument)) options.files.push_back(entry.path());
    } else {
      options.files.emplace_back(argument);
      single_files = true;
    }
  }
  options.breed = told_to_breed || !single_files;
  std::sort(options.files.begin(), options.files.end());  // the same parents everywhere
  return options;
}

int Main(int argc, char** argv) {
  const Options options = Parse(argc, argv);
  std::vector<std::string> parents = Seeds();
  if (!options.write_seeds.empty()) {
    std::filesystem::create_directories(options.write_seeds);
    for (size_t i = 0; i < parents.size(); ++i) {
      std::ofstream(options.write_seeds + "/seed-" + std::to_string(i), std::ios::binary) << parents[i];
    }
    return 0;
  }
  FLAGS_minloglevel = google::GLOG_FATAL;  // thousands of refusals are not news
  WatchForDeath();
  ::alarm(kSecondsToEnd);
  if (options.breed) {
    for (const std::string& seed : parents) Run(seed, kNamedFile, "one of the target's own seeds");
  }
  for (const auto& file : options.files) {
    parents.push_back(ReadAll(file));
    Run(parents.back(), kNamedFile, file.c_str());
  }
  if (!options.breed) {
    std::printf("%zu inputs passed\n", options.files.size());
    return 0;
  }
  const auto begin = std::chrono::steady_clock::now();
  for (uint64_t i = 0; i < options.runs; ++i) {
    if (i % 256 == 0) ::alarm(kSecondsToEnd);
    Run(Breed(options.seed + i, parents), options.seed + i, "");
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf("%zu parents and %llu inputs passed, seeds %llu and up, %.1f s\n", parents.size(),
              static_cast<unsigned long long>(options.runs), static_cast<unsigned long long>(options.seed), took.count());
  return 0;
}

}  // namespace
}  // namespace tusk::fuzz

int main(int argc, char** argv) { return tusk::fuzz::Main(argc, argv); }
