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

struct Verb {
  std::string_view name = {};      // "ls"
  std::string_view words = {};     // "PATH ..."
  std::string_view summary = {};   // one line
  std::string_view examples = {};  // lines
  std::vector<Option> options = {};
  size_t min_words = 0;
  size_t max_words = SIZE_MAX;
  void (*run)(Shell& shell, const Arguments& arguments) = nullptr;
};

// All of them, by name. An alias (copyFromLocal) is a verb of its own.
std::span<const Verb> Verbs();

// "-ls [-d] [-R] PATH ...".
std::string Usage(const Verb& verb);

// Runs one command line of `tusk dfs`; the exit code.
int RunVerb(Shell& shell, std::vector<std::string> args);

}  // namespace tusk::dfs::shell
