#include "common/cli/command_line.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <iostream>

#include "common/base/nearest.h"
#include "common/cli/help_formatter.h"

namespace tusk::cli {
namespace {

std::string_view WithoutDashes(std::string_view word) {
  const size_t start = word.find_first_not_of('-');
  return start == std::string_view::npos ? std::string_view() : word.substr(start);
}

// "tusk dfs put": the names from the root to this command.
std::string CommandPath(const CLI::App& app) {
  const std::string own = app.get_name();
  if (app.get_parent() == nullptr) return own.empty() ? "tusk" : own;
  return CommandPath(*app.get_parent()) + (own.empty() ? "" : " " + own);
}

// The innermost command that the arguments reached.
const CLI::App& Reached(const CLI::App& app) {
  const std::vector<CLI::App*> parsed = app.get_subcommands();
  return parsed.empty() ? app : Reached(*parsed.back());
}

std::vector<std::string> FlagNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back(name);
  }
  // A fall-through command takes its parents' flags too.
  if (app.get_fallthrough() && app.get_parent() != nullptr) {
    for (std::string& name : FlagNames(*app.get_parent())) names.push_back(std::move(name));
  }
  return names;
}

std::vector<std::string> CommandNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!command->get_name().empty()) names.push_back(command->get_name());
    for (const std::string& alias : command->get_aliases()) names.push_back(alias);
  }
  return names;
}

// A single letter is near every other one; no guess is better than that.
std::optional<std::string> NearestWord(std::string_view word, const std::vector<std::string>& known) {
  if (word.size() < 2) return std::nullopt;
  return tusk::Nearest(word, known);
}

std::string Quoted(std::string_view word) { return "\"" + std::string(word) + "\""; }

// What the reached command could not place: the sentence for its first word.
std::optional<std::string> ExplainExtra(const CLI::App& reached) {
  const std::vector<std::string> extras = reached.remaining();
  if (extras.empty()) return std::nullopt;
  const auto flag = std::find_if(extras.begin(), extras.end(), [](const std::string& word) { return word.starts_with('-'); });
  const std::vector<std::string> commands = CommandNames(reached);
  // A stray word matters more than a flag when a command was to be named: what follows it was meant for that command.
  const bool word_first = !commands.empty() && !extras.front().starts_with('-');
  if (flag != extras.end() && !word_first) {
    const std::string shown = flag->substr(0, flag->find('='));
    const std::string_view bare = WithoutDashes(shown);
    std::string sentence = "unknown flag " + Quoted(shown);
    if (const auto nearest = NearestWord(bare, FlagNames(reached))) return sentence + "; did you mean \"--" + *nearest + "\"?";
    if (const auto nearest = NearestWord(bare, commands))
      return sentence + "; did you mean the command " + Quoted(*nearest) + "?";
    return sentence;
  }
  const std::string& word = extras.front();
  if (commands.empty()) return "unexpected argument " + Quoted(word);
  std::string sentence = "unknown command " + Quoted(word);
  if (const auto nearest = NearestWord(word, commands)) sentence += "; did you mean " + Quoted(*nearest) + "?";
  return sentence;
}

std::string LowerFirst(std::string text) {
  // CLI11 begins its sentences with a capital, unless the first word is a flag or a NAME.
  if (text.size() > 1 && std::isupper(static_cast<unsigned char>(text[0])) && std::islower(static_cast<unsigned char>(text[1]))) {
    text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  }
  while (!text.empty() && (text.back() == '\n' || text.back() == '.' || text.back() == ' ')) text.pop_back();
  return text;
}

bool LacksCommand(const CLI::App& reached) {
  return reached.get_require_subcommand_min() > 0 && reached.get_subcommands().empty() && !CommandNames(reached).empty();
}

std::string WithAdvice(const CLI::App& command, const std::string& sentence) {
  const std::string path = CommandPath(command);
  return path + ": " + sentence + (sentence.ends_with('?') ? " " : "; ") + "see " + path + " --help";
}

void UseHouseFormat(CLI::App& app, const std::shared_ptr<HelpFormatter>& formatter) {
  app.formatter(formatter);
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) UseHouseFormat(*command, formatter);
}

}  // namespace

std::optional<std::string> Nearest(std::string_view word, std::span<const std::string> candidates) {
  return tusk::Nearest(word, candidates);
}

std::string ExplainParseError(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& reached = Reached(app);
  // A mistyped word explains most of what else is wrong: what follows it is missing or in the wrong place.
  for (const CLI::App* command = &reached; command != nullptr; command = command->get_parent()) {
    if (const auto sentence = ExplainExtra(*command)) return WithAdvice(*command, *sentence);
  }
  if (LacksCommand(reached)) return WithAdvice(reached, "a command is missing");
  return WithAdvice(reached, LowerFirst(error.what()));
}

std::optional<int> Parse(CLI::App& app, std::vector<std::string> arguments) {
  UseHouseFormat(app, std::make_shared<HelpFormatter>());
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::Success& success) {  // --help, --version
    return app.exit(success, std::cout, std::cerr);
  } catch (const CLI::RuntimeError& chosen) {  // a callback that ends the command with a code of its own
    return chosen.get_exit_code();
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "%s\n", ExplainParseError(app, error).c_str());
    return kExitUsage;
  }
  return std::nullopt;
}

std::vector<std::string> AcceptSingleDash(std::vector<std::string> arguments, std::span<const std::string> known) {
  for (std::string& argument : arguments) {
    if (argument == "--") break;  // what follows is never a flag
    if (argument.size() < 3 || argument[0] != '-' || argument[1] == '-') continue;
    const std::string_view word = std::string_view(argument).substr(1, argument.find('=') - 1);
    const bool matches =
        std::any_of(known.begin(), known.end(), [&](const std::string& name) { return WithoutDashes(name) == word; });
    if (matches && word.size() > 1) argument.insert(0, "-");
  }
  return arguments;
}

ExitCode ExitCodeFor(const Status& status) {
  switch (status.code()) {
    case Code::kOk: return kExitOk;
    case Code::kUnavailable:
    case Code::kDeadlineExceeded: return kExitUnreachable;
    default: return kExitFailed;
  }
}

int Fail(std::string_view program, const Status& status) {
  std::fprintf(stderr, "%.*s: %s\n", static_cast<int>(program.size()), program.data(), status.message().c_str());
  return ExitCodeFor(status);
}

}  // namespace tusk::cli
