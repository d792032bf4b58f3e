#include "dfs/shell/verb.h"

#include <algorithm>

#include "common/base/nearest.h"
#include "common/base/try.h"
#include "common/cli/command_line.h"

namespace tusk::dfs::shell {
namespace {

constexpr std::string_view kProgram = "tusk dfs";

const Verb* Find(std::string_view name) {
  const auto verbs = Verbs();
  const auto found = std::find_if(verbs.begin(), verbs.end(), [&](const Verb& verb) { return verb.name == name; });
  return found == verbs.end() ? nullptr : &*found;
}

std::string Dashed(std::string_view name) { return (name.size() == 1 ? "-" : "--") + std::string(name); }

void ShowOverview(std::ostream& out) {
  out << "Usage: tusk dfs -VERB [flags] PATH ...\n\n";
  for (const Verb& verb : Verbs()) {
    std::string usage = Usage(verb);
    usage.resize(std::max<size_t>(usage.size() + 2, 52), ' ');
    out << "  " << usage << verb.summary << '\n';
  }
  out << "\nA path without a leading slash begins in /user/NAME; * ? [a-z] {a,b} match names. `tusk dfs -help VERB` tells more "
         "of one.\n"
         "Exit codes: 0 done, 1 failed (-test: no), 2 wrong command line, 3 the NameNode cannot be reached, 4 a check failed.\n";
}

int UnknownVerb(Shell& shell, std::string_view name) {
  std::vector<std::string> names;
  for (const Verb& verb : Verbs()) names.emplace_back(verb.name);
  shell.err << kProgram << ": unknown verb \"-" << name << "\"";
  if (const auto nearest = Nearest(name, names)) shell.err << "; did you mean \"-" << *nearest << "\"?";
  shell.err << " `tusk dfs -help` lists all\n";
  return cli::kExitUsage;
}

std::string HelpText(const Verb& verb) {
  std::string help(verb.summary);
  if (!verb.examples.empty()) help += "\n\nExamples:\n" + std::string(verb.examples);
  return help;
}

int Help(Shell& shell, const std::vector<std::string>& args, bool usage_only) {
  if (args.empty()) {
    ShowOverview(shell.out);
    return cli::kExitOk;
  }
  for (const std::string& arg : args) {
    const size_t name_at = arg.find_first_not_of('-');
    const std::string_view name = name_at == std::string::npos ? "" : std::string_view(arg).substr(name_at);
    const Verb* verb = Find(name);
    if (verb == nullptr) return UnknownVerb(shell, name);
    shell.out << "Usage: tusk dfs " << Usage(*verb) << '\n';
    if (usage_only) continue;
    shell.out << HelpText(*verb) << '\n';
    if (!verb->options.empty()) shell.out << "Flags:\n";
    for (const Option& option : verb->options) {
      std::string left = "  -" + std::string(option.name) + (option.value.empty() ? "" : " " + std::string(option.value));
      left.resize(std::max<size_t>(left.size() + 2, 20), ' ');
      shell.out << left << option.help << '\n';
    }
  }
  return cli::kExitOk;
}

std::optional<int> ParseArguments(const Verb& verb, std::vector<std::string> args, Arguments* parsed) {
  CLI::App app(HelpText(verb), std::string(kProgram) + " -" + std::string(verb.name));
  app.set_help_flag("--help", "this text");  // -h is human sizes, as in Hadoop
  std::vector<std::string> known{"help"};
  for (const Option& option : verb.options) {
    known.emplace_back(option.name);
    const std::string name(option.name);
    if (option.value.empty()) {
      app.add_flag_callback(
          Dashed(name), [parsed, name] { parsed->options[name] = ""; }, std::string(option.help));
    } else {
      app.add_option_function<std::string>(
             Dashed(name), [parsed, name](const std::string& value) { parsed->options[name] = value; }, std::string(option.help))
          ->type_name(std::string(option.value));
    }
  }
  if (verb.max_words > 0) {
    app.add_option("words", parsed->words, std::string(verb.words))->type_name(std::string(verb.words));
  }
  return cli::Parse(app, cli::AcceptSingleDash(std::move(args), known));
}

Status MakeAbsolute(const FileSystem& fs, PathWords is_path, std::vector<std::string>* words) {
  const std::vector<std::string> given = *words;
  for (size_t i = 0; i < given.size(); ++i) {
    if (!is_path(i, given)) continue;
    TUSK_ASSIGN((*words)[i], AbsoluteWord(fs, given[i]));
  }
  return OkStatus();
}

}  // namespace

bool EveryWord(size_t, const std::vector<std::string>&) { return true; }
bool LastWord(size_t index, const std::vector<std::string>& words) { return index + 1 == words.size(); }
bool AllButLastWord(size_t index, const std::vector<std::string>& words) { return index + 1 < words.size() || index == 0; }
bool AllButFirstWord(size_t index, const std::vector<std::string>&) { return index > 0; }

std::string Usage(const Verb& verb) {
  std::string usage = "-" + std::string(verb.name);
  for (const Option& option : verb.options) {
    usage += " [-" + std::string(option.name) + (option.value.empty() ? "" : " " + std::string(option.value)) + "]";
  }
  if (!verb.words.empty()) usage += " " + std::string(verb.words);
  return usage;
}

int RunVerb(Shell& shell, std::vector<std::string> args) {
  if (args.empty()) {
    ShowOverview(shell.err);
    return cli::kExitUsage;
  }
  const size_t name_at = args[0].find_first_not_of('-');
  const std::string name = name_at == std::string::npos ? "" : args[0].substr(name_at);
  args.erase(args.begin());
  if (name == "help" || name == "h") return Help(shell, args, false);
  if (name == "usage") return Help(shell, args, true);
  const Verb* verb = Find(name);
  if (verb == nullptr) return UnknownVerb(shell, name);
  Arguments arguments;
  if (const auto code = ParseArguments(*verb, std::move(args), &arguments)) return *code;
  const size_t words = arguments.words.size();
  if (words < verb->min_words || words > verb->max_words) {
    shell.err << "-" << verb->name << ": " << (words < verb->min_words ? "Not enough arguments" : "Too many arguments")
              << ": expected " << verb->words << " but got " << words << "\nUsage: tusk dfs " << Usage(*verb) << '\n';
    return cli::kExitUsage;
  }
  shell.verb = std::string(verb->name);
  Status ready = shell.ConnectNow();
  if (ready.ok()) ready = MakeAbsolute(shell.fs(), verb->paths, &arguments.words);
  if (!ready.ok()) {
    shell.Fail("", ready);
  } else {
    verb->run(shell, arguments);
  }
  shell.out.flush();
  return shell.exit_code();
}

}  // namespace tusk::dfs::shell
