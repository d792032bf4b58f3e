#include "common/base/login_name.h"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace tusk {

std::string LoginName() {
  std::array<char, 4096> memory;
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(::geteuid(), &entry, memory.data(), memory.size(), &found) == 0 && found != nullptr) return found->pw_name;
  const char* name = std::getenv("USER");
  return name != nullptr ? name : std::to_string(::geteuid());
}

}  // namespace tusk
