// Patterns of file names: * any run, ? any byte, [abc] [a-z] [!a] one of, {a,b} either, \x the byte x.
//
// Thread: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tusk::mr {

bool IsGlob(std::string_view text);
// One path component against one pattern without braces.
bool MatchesGlob(std::string_view pattern, std::string_view name);
// {a,b} written out, nested ones too; at most 1024 alternatives.
std::vector<std::string> ExpandBraces(std::string_view pattern);

}  // namespace tusk::mr
