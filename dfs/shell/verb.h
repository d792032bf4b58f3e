// A verb of `tusk dfs`: its command line as data, and what it does. Thread: main.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "dfs/shell/shell.h"

namespace tusk::dfs::shell {

struct Option {
  std::string_view name = {};  // "R", "skipTrash": without dashes
  std::string_view help;       // one line
  std::string_view value;      // "N": takes a value; empty: a flag
};

// Which words of a command line are paths of the DFS: whether the one at `index` is. RunVerb makes them absolute.
using PathWords = bool (*)(size_t index, const std::vector<std::string>& words);
bool EveryWord(size_t index, const std::vector<std::string>& words);
bool LastWord(size_t index, const std::vector<std::string>& words);
bool AllButLastWord(size_t index, const std::vector<std::string>& words);  // a single word is a path
bool AllButFirstWord(size_t index, const std::vector<std::string>& words);

struct Verb {
  std::string_view name = {};      // "ls"
  std::string_view words = {};     // "PATH ..."
  std::string_view summary = {};   // one line
  std::string_view examples = {};  // lines
  std::vector<Option> options = {};
  size_t min_words = 0;
  size_t max_words = SIZE_MAX;
  PathWords paths = EveryWord;
  void (*run)(Shell& shell, const Arguments& arguments) = nullptr;
};

// All of them, by name. An alias (copyFromLocal) is a verb of its own.
std::span<const Verb> Verbs();

// "-ls [-d] [-R] PATH ...".
std::string Usage(const Verb& verb);

// Runs one command line of `tusk dfs`; the exit code.
int RunVerb(Shell& shell, std::vector<std::string> args);

}  // namespace tusk::dfs::shell
