#include "mapreduce/api/context.h"

#include <charconv>

namespace tusk::mr {

std::optional<std::string_view> Context::Find(std::string_view name) const {
  for (const auto& [key, value] : arguments_) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::string Context::Get(std::string_view name, std::string_view otherwise) const {
  return std::string(Find(name).value_or(otherwise));
}

Result<int64_t> Context::GetInteger(std::string_view name, int64_t otherwise) const {
  const auto text = Find(name);
  if (!text) return otherwise;
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size()) {
    return InvalidArgument(std::string(name) + " must be a whole number, not \"" + std::string(*text) + "\"");
  }
  return value;
}

}  // namespace tusk::mr
