#include "mapreduce/api/main.h"

#include "mapreduce/task/client_role.h"
#include "mapreduce/task/task_host.h"

namespace tusk::mr {

int RunMain(const MainParts& parts, int argc, char** argv) {
  std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  if (!arguments.empty() && arguments.front() == kTaskHostFlag) return RunTaskHost(parts, std::move(arguments));
  const std::string path = argc > 0 ? argv[0] : "job";
  return RunClient(parts, path.substr(path.rfind('/') + 1), std::move(arguments));
}

}  // namespace tusk::mr
