// The known name that a mistyped one most likely meant: for settings, commands and flags.
//
// Thread: pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tusk {

// Damerau-Levenshtein distance (insertions, deletions, substitutions, swaps of neighbours; no piece is edited twice), in bytes.
// Only the first 256 bytes of each are compared.
size_t EditDistance(std::string_view a, std::string_view b);

// The candidate at the smallest distance, if that is at most max(1, length of word / 3); of equals the first.
std::optional<std::string> Nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace tusk
