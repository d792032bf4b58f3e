#include <algorithm>
#include <string_view>

#include "coordination/raft/types.h"

namespace tusk::coordination::raft {
namespace {

constexpr size_t kMaxMembers = 1000;
constexpr size_t kMaxAddressBytes = 300;

// u32 version (1), u32 voters, u32 learners, then for each member u64 id, u16 length and the address; all little endian.
void Put(std::vector<std::byte>& out, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<std::byte>(value >> (8 * i)));
}
uint64_t Take(std::span<const std::byte>& bytes, size_t count) {
  uint64_t value = 0;
  for (size_t i = 0; i < count; ++i) value |= static_cast<uint64_t>(bytes[i]) << (8 * i);
  bytes = bytes.subspan(count);
  return value;
}
bool Ordered(const std::vector<NodeId>& nodes) {
  return std::adjacent_find(nodes.begin(), nodes.end(), std::greater_equal<>()) == nodes.end() &&
         (nodes.empty() || nodes.front() != kNobody);
}

}  // namespace

bool Configuration::IsVoter(NodeId node) const { return std::binary_search(voters.begin(), voters.end(), node); }
bool Configuration::IsMember(NodeId node) const {
  return IsVoter(node) || std::binary_search(learners.begin(), learners.end(), node);
}

std::vector<std::byte> Encode(const Configuration& configuration) {
  std::vector<std::byte> out;
  Put(out, 1, 4);
  Put(out, configuration.voters.size(), 4);
  Put(out, configuration.learners.size(), 4);
  for (const auto* nodes : {&configuration.voters, &configuration.learners}) {
    for (const NodeId node : *nodes) {
      const auto found = configuration.addresses.find(node);
      const std::string_view address = found == configuration.addresses.end() ? std::string_view() : found->second;
      Put(out, node, 8);
      Put(out, address.size(), 2);
      for (const char byte : address) out.push_back(static_cast<std::byte>(byte));
    }
  }
  return out;
}

std::optional<Configuration> DecodeConfiguration(std::span<const std::byte> bytes) {
  if (bytes.size() < 12 || Take(bytes, 4) != 1) return std::nullopt;
  const uint64_t voters = Take(bytes, 4), learners = Take(bytes, 4);
  if (voters == 0 || voters + learners > kMaxMembers) return std::nullopt;
  Configuration configuration;
  for (uint64_t i = 0; i < voters + learners; ++i) {
    if (bytes.size() < 10) return std::nullopt;
    const NodeId node = Take(bytes, 8);
    const uint64_t length = Take(bytes, 2);
    if (length > kMaxAddressBytes || length > bytes.size()) return std::nullopt;
    (i < voters ? configuration.voters : configuration.learners).push_back(node);
    if (length > 0) configuration.addresses[node].assign(reinterpret_cast<const char*>(bytes.data()), length);
    bytes = bytes.subspan(length);
  }
  if (!bytes.empty() || !Ordered(configuration.voters) || !Ordered(configuration.learners)) return std::nullopt;
  for (const NodeId node : configuration.learners) {
    if (configuration.IsVoter(node)) return std::nullopt;
  }
  return configuration;
}

}  // namespace tusk::coordination::raft
