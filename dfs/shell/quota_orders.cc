#include "dfs/shell/quota_orders.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "common/base/units.h"
#include "common/cli/command_line.h"

namespace tusk::dfs::shell {
namespace {

struct Order {
  std::string_view name;
  bool space;
  bool sets;
};
constexpr std::array<Order, 4> kOrders = {
    {{"setQuota", false, true}, {"clrQuota", false, false}, {"setSpaceQuota", true, true}, {"clrSpaceQuota", true, false}}};

std::string Usage(const Order& order) {
  return "-" + std::string(order.name) + (order.sets ? (order.space ? " BYTES" : " N") : "") + " DIRECTORY ...";
}

std::optional<int64_t> ParseLimit(const std::string& text, bool space) {
  if (space) {
    const auto bytes = ParseBytes(text);
    if (!bytes.ok() || *bytes == 0 || *bytes >= static_cast<uint64_t>(kKeepQuota)) return std::nullopt;
    return static_cast<int64_t>(*bytes);
  }
  int64_t limit = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (error != std::errc() || end != text.data() + text.size() || limit <= 0 || limit == kKeepQuota) return std::nullopt;
  return limit;
}

}  // namespace

std::optional<int> RunQuotaOrder(const std::vector<std::string>& args, const Shell::Connect& connect, std::ostream& err) {
  const std::string word = args.empty() ? "" : args[0];
  const std::string_view name = std::string_view(word).substr(std::min(word.find_first_not_of('-'), word.size()));
  const auto order = std::find_if(kOrders.begin(), kOrders.end(), [&](const Order& each) { return each.name == name; });
  if (order == kOrders.end() || !word.starts_with('-')) return std::nullopt;
  const auto misused = [&](const std::string& why) {
    err << "tusk dfsadmin: " << why << "; write " << Usage(*order) << '\n';
    return cli::kExitUsage;
  };
  const size_t directories = order->sets ? 2 : 1;  // from this word on
  if (args.size() <= directories) return misused("-" + std::string(name) + " needs more words");
  int64_t limit = kNoQuota;
  if (order->sets) {
    const auto given = ParseLimit(args[1], order->space);
    if (!given) {
      return misused("\"" + args[1] + "\" is no " +
                     (order->space ? "number of bytes (for example 10g; replicas count)" : "number of names above 0"));
    }
    limit = *given;
  }
  auto fs = connect();
  if (!fs.ok()) return cli::Fail("dfsadmin", fs.status());
  int code = cli::kExitOk;
  for (size_t i = directories; i < args.size(); ++i) {
    const auto path = AbsoluteWord(**fs, args[i]);
    const Status set =
        path.ok() ? (*fs)->SetQuota(*path, order->space ? kKeepQuota : limit, order->space ? limit : kKeepQuota) : path.status();
    if (set.ok()) continue;
    err << name << ": " << set.message() << '\n';
    code = cli::ExitCodeFor(set);
  }
  return code;
}

}  // namespace tusk::dfs::shell
