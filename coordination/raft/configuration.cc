#include <algorithm>

#include "coordination/raft/types.h"

namespace tusk::coordination::raft {
namespace {

constexpr size_t kMaxMembers = 1000;

// u32 version (1), u32 voters, u32 learners, then u64 ids, all little endian.
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
  for (const NodeId node : configuration.voters) Put(out, node, 8);
  for (const NodeId node : configuration.learners) Put(out, node, 8);
  return out;
}

std::optional<Configuration> DecodeConfiguration(std::span<const std::byte> bytes) {
  if (bytes.size() < 12 || Take(bytes, 4) != 1) return std::nullopt;
  const uint64_t voters = Take(bytes, 4), learners = Take(bytes, 4);
  if (voters == 0 || voters + learners > kMaxMembers || bytes.size() != 8 * (voters + learners)) return std::nullopt;
  Configuration configuration;
  for (uint64_t i = 0; i < voters; ++i) configuration.voters.push_back(Take(bytes, 8));
  for (uint64_t i = 0; i < learners; ++i) configuration.learners.push_back(Take(bytes, 8));
  if (!Ordered(configuration.voters) || !Ordered(configuration.learners)) return std::nullopt;
  for (const NodeId node : configuration.learners) {
    if (configuration.IsVoter(node)) return std::nullopt;
  }
  return configuration;
}

}  // namespace tusk::coordination::raft
