#include "common/cli/help_formatter.h"

#include <algorithm>
#include <string_view>

namespace tusk::cli {
namespace {

constexpr size_t kTextColumn = 30;
constexpr size_t kLineWidth = 100;

}  // namespace

std::string FormatHelpEntry(const std::string& name, const std::string& text) {
  const std::string margin(kTextColumn, ' ');
  std::string out = "  " + name;
  if (!text.empty()) {
    // A name that reaches the text column gets a line of its own.
    if (out.size() + 2 > kTextColumn) {
      out += "\n" + margin;
    } else {
      out.resize(kTextColumn, ' ');
    }
  }
  size_t column = kTextColumn;
  std::string_view rest = text;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find_first_of(" \n"), rest.size());
    const std::string_view word = rest.substr(0, end);
    if (column > kTextColumn && column + 1 + word.size() > kLineWidth) {
      out += "\n" + margin;
      column = kTextColumn;
    }
    if (!word.empty()) {
      if (column > kTextColumn) {
        out += ' ';
        ++column;
      }
      out += word;
      column += word.size();
    }
    if (end < rest.size() && rest[end] == '\n') {
      out += "\n" + margin;
      column = kTextColumn;
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out + "\n";
}

std::string HelpFormatter::make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const {
  std::string text = CLI::Formatter::make_help(app, std::move(name), mode);
  while (text.ends_with("\n\n")) text.pop_back();
  return text;
}

std::string HelpFormatter::make_usage(const CLI::App* app, std::string name) const {
  return "\n" + CLI::Formatter::make_usage(app, std::move(name));
}

std::string HelpFormatter::make_footer(const CLI::App* app) const {
  // The library hands a footer down to all commands below; examples belong to the command that they were written for.
  const CLI::App* parent = app->get_parent();
  if (parent != nullptr && parent->get_footer() == app->get_footer()) return {};
  return CLI::Formatter::make_footer(app);
}

std::string HelpFormatter::make_option(const CLI::Option* option, bool is_positional) const {
  return FormatHelpEntry(make_option_name(option, is_positional) + (is_positional ? "" : make_option_opts(option)),
                         make_option_desc(option));
}

std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
  if (!option->get_option_text().empty()) return " " + option->get_option_text();
  if (option->get_type_size() == 0) return {};
  std::string text;
  const std::string type = option->get_type_name();
  if (!type.empty()) text += " " + type;
  if (!option->get_default_str().empty()) text += "=" + option->get_default_str();
  if (option->get_expected_max() == CLI::detail::expected_max_vector_size) text += "...";
  return text;
}

std::string HelpFormatter::make_subcommand(const CLI::App* command) const {
  // The list shows the first sentence of a command's description; its own --help shows all.
  const std::string description = command->get_description();
  return FormatHelpEntry(command->get_display_name(true), description.substr(0, description.find('\n')));
}

}  // namespace tusk::cli
