// Counts what a regular expression matches, most frequent first: two jobs, the second sorts the counts of the first.
//
// Expressions are RE2's (Perl's syntax without back-references), matched against bytes; a line may match several times.
#pragma once

#include <re2/re2.h>

#include <charconv>
#include <memory>

#include "mapreduce/api/job.h"

namespace tusk::mr::examples {

struct GrepSearch {
  Status Setup(const Context& context) {
    RE2::Options options(RE2::Latin1);  // any byte is a character
    options.set_log_errors(false);
    const std::string regex = context.Get("REGEX");
    regex_ = std::make_unique<RE2>(regex, options);
    if (!regex_->ok()) return InvalidArgument("the regular expression " + regex + " is wrong: " + regex_->error());
    const auto group = context.GetInteger("GROUP", 0);
    if (!group.ok()) return group.status();
    if (*group < 0 || *group > regex_->NumberOfCapturingGroups()) {
      return InvalidArgument("the regular expression " + regex + " has no group " + std::to_string(*group));
    }
    groups_.resize(static_cast<size_t>(*group) + 1);
    return OkStatus();
  }

  void Map(std::string_view line, Out<std::string_view, uint64_t>& out) {
    const re2::StringPiece text(line.data(), line.size());
    for (size_t at = 0; at <= line.size();) {
      if (!regex_->Match(text, at, line.size(), RE2::UNANCHORED, groups_.data(), static_cast<int>(groups_.size()))) return;
      const re2::StringPiece& match = groups_.back();
      out({match.data(), match.size()}, 1);
      const size_t end = static_cast<size_t>(groups_[0].data() + groups_[0].size() - line.data());
      at = groups_[0].empty() ? end + 1 : end;  // an empty match makes no way by itself
    }
  }

  static uint64_t Combine(uint64_t a, uint64_t b) { return a + b; }

  static UsageText Usage() {
    UsageText usage;
    usage.summary = "Counts the matches of a regular expression, most frequent first.";
    usage.positionals = {{"IN", "input: a file, a directory or a glob"},
                         {"OUT", "output directory; must not exist"},
                         {"REGEX", "regular expression (RE2)", "'dfs[a-z.]+'"},
                         {"[GROUP]", "count this group of the expression instead of the whole match"}};
    usage.check = [](const Context& arguments) { return GrepSearch().Setup(arguments); };  // here rather than in every map
    return usage;
  }

 private:
  std::unique_ptr<RE2> regex_;
  std::vector<re2::StringPiece> groups_;
};

// Lines match TAB count, in; count TAB match, out.
struct GrepSort {
  using Rank = std::pair<Descending<uint64_t>, std::string_view>;
  static constexpr uint32_t kReducers = 1;

  void Map(std::string_view line, Out<Rank, Nothing>& out) {
    const size_t tab = line.rfind('\t');
    uint64_t count = 0;
    if (tab == std::string_view::npos ||
        std::from_chars(line.data() + tab + 1, line.data() + line.size(), count).ec != std::errc()) {
      return out.Fail(Corruption("a line between the two jobs of grep has no count"));
    }
    out({{count}, line.substr(0, tab)});
  }

  void Reduce(Rank rank, Values<Nothing>, Out<uint64_t, std::string_view>& out) { out(rank.first.value, rank.second); }
};

}  // namespace tusk::mr::examples
