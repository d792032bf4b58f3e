// How --help looks: what the command does, its usage, aligned and wrapped lists, and the footer (examples) as it was written.
//
// Thread: main only.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace tusk::cli {

class HelpFormatter final : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override;
  std::string make_usage(const CLI::App* app, std::string name) const override;
  std::string make_footer(const CLI::App* app) const override;
  std::string make_option(const CLI::Option* option, bool is_positional) const override;
  std::string make_option_opts(const CLI::Option* option) const override;
  std::string make_subcommand(const CLI::App* command) const override;
};

// "  NAME            text, wrapped at 100 columns below itself".
std::string FormatHelpEntry(const std::string& name, const std::string& text);

}  // namespace tusk::cli
