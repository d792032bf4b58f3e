#include "cluster/cli/generic_options.h"

namespace tusk::cluster {

Result<GenericOptions> TakeGenericOptions(const std::vector<std::string>& arguments, const char* tusk_conf) {
  GenericOptions options;
  if (tusk_conf != nullptr) options.config_file = tusk_conf;
  size_t at = 0;
  for (; at < arguments.size(); ++at) {
    std::string name = arguments[at];
    std::string value;
    bool has_value = false;
    if (const auto equals = name.find('='); name.starts_with("--") && equals != std::string::npos) {
      value = name.substr(equals + 1);
      name.resize(equals);
      has_value = true;
    }
    const bool conf = name == "--conf" || name == "-conf";
    const bool set = name == "--set" || name == "-D";
    if (!conf && !set) break;
    if (!has_value) {
      if (at + 1 == arguments.size())
        return InvalidArgument(name + (conf ? " wants a file: --conf DIR/tusk.toml" : " wants section.key=value"));
      value = arguments[++at];
    }
    if (conf) {
      options.config_file = value;
      continue;
    }
    const auto equals = value.find('=');
    if (equals == std::string::npos) return InvalidArgument(name + " wants section.key=value, not \"" + value + "\"");
    options.settings.emplace_back(value.substr(0, equals), value.substr(equals + 1));
  }
  options.rest.assign(arguments.begin() + static_cast<ptrdiff_t>(at), arguments.end());
  return options;
}

}  // namespace tusk::cluster
