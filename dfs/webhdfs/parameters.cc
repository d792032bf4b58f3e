#include "dfs/webhdfs/parameters.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "common/base/try.h"

namespace tusk::dfs::webhdfs {
namespace {

constexpr size_t kMostUserBytes = 255;
constexpr size_t kShownBytes = 100;

template <class T>
std::optional<T> Parse(const std::string& text, int base) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

Status InvalidParameter(std::string_view name, std::string_view value, std::string_view why) {
  return InvalidArgument("Invalid value for webhdfs parameter \"" + std::string(name) + "\": \"" +
                         std::string(value.substr(0, kShownBytes)) + "\" " + std::string(why));
}

std::string Parameters::Text(std::string_view name, std::string_view otherwise) const {
  const auto [first, end] = query_.equal_range(std::string(name));
  const std::string& last = first == end ? std::string() : std::prev(end)->second;
  return last.empty() ? std::string(otherwise) : last;
}

std::vector<std::string> Parameters::All(std::string_view name) const {
  std::vector<std::string> values;
  const auto [first, end] = query_.equal_range(std::string(name));
  for (auto at = first; at != end; ++at) values.push_back(at->second);
  return values;
}

Result<bool> Parameters::Flag(std::string_view name, bool otherwise) const {
  std::string text = Text(name, otherwise ? "true" : "false");
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (text != "true" && text != "false") return InvalidParameter(name, text, "is neither true nor false");
  return text == "true";
}

Result<uint64_t> Parameters::Number(std::string_view name, uint64_t otherwise, uint64_t most) const {
  const std::string text = Text(name);
  if (text.empty() || text == "null") return otherwise;
  const auto value = Parse<uint64_t>(text, 10);
  if (!value || *value > most) return InvalidParameter(name, text, "is not a number from 0 to " + std::to_string(most));
  return *value;
}

Result<int64_t> Parameters::Time(std::string_view name) const {
  const std::string text = Text(name, "-1");
  const auto value = Parse<int64_t>(text, 10);
  if (!value || *value < -1) return InvalidParameter(name, text, "is not a time in milliseconds since 1970");
  return *value;
}

Result<std::optional<uint16_t>> Parameters::Permission(std::string_view name) const {
  const std::string text = Text(name);
  if (text.empty()) return std::optional<uint16_t>();
  const auto value = Parse<uint16_t>(text, 8);
  if (!value || *value > 01777) return InvalidParameter(name, text, "is not an octal number from 0 to 1777");
  return value;
}

Result<std::string> Parameters::User(std::string_view otherwise) const {
  std::string user = Text("user.name", otherwise);
  const auto allowed = [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '.' || c == '-' || c == '$'; };
  if (user.size() > kMostUserBytes || !std::all_of(user.begin(), user.end(), allowed) || user.starts_with('-') ||
      user.starts_with('.')) {
    return InvalidParameter("user.name", user, "is not a user name");
  }
  return user;
}

}  // namespace tusk::dfs::webhdfs
