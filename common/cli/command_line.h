// What all commands of `tusk` and all job binaries share: CLI11 with the nearest real name for a mistyped one, exit codes, help
// text.
//
// Exit codes (docs/operations.md): 0 done; 1 the operation failed; 2 the command line or configuration is wrong; 3 the cluster
// cannot be reached; 4 a check found something wrong (fsck, -checksum --compare). Hadoop's shell verbs keep Hadoop's: -test
// answers 1 for "no".
// Thread: main only.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"

namespace tusk::cli {

enum ExitCode : int { kExitOk = 0, kExitFailed = 1, kExitUsage = 2, kExitUnreachable = 3, kExitFindings = 4 };

// The candidate with the smallest Damerau-Levenshtein distance, if it is at most max(1, length/3); ties: the first.
std::optional<std::string> Nearest(std::string_view word, std::span<const std::string> candidates);

// app.parse with our messages and help. `arguments` without the program's name, which app.get_name() gives. nullopt: go on; else
// the exit code (help printed: 0; error, with "did you mean": 2).
std::optional<int> Parse(CLI::App& app, std::vector<std::string> arguments);

// The sentence that Parse prints: "tusk dfs: unknown flag "--recursiv"; did you mean "--recursive"? see tusk dfs --help".
std::string ExplainParseError(const CLI::App& app, const CLI::ParseError& error);

// Hadoop's shell writes verbs and long flags with one dash (`-ls`, `-skipTrash`); CLI11 wants two. Turns each "-word" of `known`
// into "--word".
std::vector<std::string> AcceptSingleDash(std::vector<std::string> arguments, std::span<const std::string> known);

// kExitUnreachable for kUnavailable and kDeadlineExceeded, kExitOk for success, else kExitFailed.
ExitCode ExitCodeFor(const Status& status);

// "PROGRAM: MESSAGE" to standard error, and the exit code for it; kExitUsage never.
int Fail(std::string_view program, const Status& status);

}  // namespace tusk::cli
