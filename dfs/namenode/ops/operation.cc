#include "dfs/namenode/ops/operation.h"

#include <cstring>

#include "dfs/protocol/convert.h"

namespace tusk::dfs::namenode {
namespace {

constexpr size_t kMaxCallerBytes = 1024;

Status CheckCaller(wire::CallerId::Reader caller) {
  const size_t user = caller.getUser().size();
  const size_t host = caller.getHost().size();
  if (user <= kMaxCallerBytes && host <= kMaxCallerBytes) return OkStatus();
  return InvalidArgument("the request names a " + std::string(user > kMaxCallerBytes ? "user" : "host") + " of " +
                         std::to_string(user > kMaxCallerBytes ? user : host) + " bytes; at most " +
                         std::to_string(kMaxCallerBytes) + " are taken: set dfs.user and dfs.client_host of the client");
}

}  // namespace

Status Admit(Core& core, wire::CallerId::Reader caller, std::optional<Answer>& kept) {
  TUSK_TRY(CheckCaller(caller));
  const ClientId client = ClientOf(caller);
  core.leases.Renew(client, core.clock.Now());
  if (core.state->HasAnswered(client, caller.getSequence())) return core.state->FindAnswer(client, caller.getSequence(), kept);
  if (core.safe_mode.on()) {
    return Status(Code::kSafeMode, "the file system is in safe mode and does not change: " + core.safe_mode.reason());
  }
  return OkStatus();
}

Status CheckWriter(wire::CallerId::Reader caller) {
  if (!IsRecovery(ClientOf(caller))) return OkStatus();
  return InvalidArgument("a writer needs a client id of its own, not " + std::to_string(caller.getClientHigh()) + "-" +
                         std::to_string(caller.getClientLow()) + "; make a random one");
}

Status CheckNewPath(const Core& core, std::string_view path) {
  const size_t longest = core.options.max_component_bytes;
  if (path.size() > core.options.max_path_bytes) {
    return InvalidArgument("cannot make " + std::string(path.substr(0, 80)) + "...: the path has " + std::to_string(path.size()) +
                           " bytes; at most " + std::to_string(core.options.max_path_bytes) +
                           " are allowed here (dfs.max_path_length)");
  }
  if (longest >= kMaxNameBytes) return OkStatus();  // NormalizePath has looked
  auto walk = WalkPath(core.state->view(), path);
  if (!walk.ok()) return OkStatus();  // the operation itself will say
  for (; !walk->exists(); walk->Step(InodeId(), true)) {
    const std::string_view name = walk->next();
    if (name.size() <= longest) continue;
    return InvalidArgument("cannot make " + std::string(path) + ": the name " + std::string(name) + " has " +
                           std::to_string(name.size()) + " bytes; at most " + std::to_string(longest) +
                           " are allowed here (dfs.max_component_length)");
  }
  return OkStatus();
}

Result<Identity> Identify(Core& core, wire::CallerId::Reader caller) {
  const std::string_view user = ToView(caller.getUser());
  Identity who{.user = user};
  if (!core.options.permissions || user == core.options.superuser) return who;
  who.known = core.groups.Find(user);
  if (who.known == nullptr) return Unavailable("the groups of user " + std::string(user) + " are being looked up; ask again");
  who.groups.assign(who.known->begin(), who.known->end());
  who.superuser = who.IsIn(core.options.supergroup);
  return who;
}

Status CheckMayWrite(Core& core, wire::CallerId::Reader caller, std::string_view path) {
  TUSK_ASSIGN(const Identity who, Identify(core, caller));
  return FindAllowed(core.state->view(), who, path, {.target = kWrite}).status();
}

Status CheckAdmin(Core& core, wire::CallerId::Reader caller, std::string_view what) {
  TUSK_ASSIGN(const Identity who, Identify(core, caller));
  return CheckSuperuser(who, what);
}

Status StampEdit(Core& core, wire::CallerId::Reader caller, edit::Edit::Builder edit) {
  edit.setTimeMs(core.clock.WallMillis());
  auto stamped = edit.initCaller();
  stamped.setClientHigh(caller.getClientHigh());
  stamped.setClientLow(caller.getClientLow());
  stamped.setSequence(caller.getSequence());
  stamped.setAckedUpTo(caller.getAckedUpTo());
  stamped.setUser(caller.getUser());
  stamped.setHost(caller.getHost());
  TUSK_ASSIGN(const Identity who, Identify(core, caller));
  if (who.superuser) return OkStatus();
  stamped.setChecked(true);
  auto groups = stamped.initGroups(static_cast<unsigned>(who.groups.size()));
  for (unsigned i = 0; i < groups.size(); ++i) groups.set(i, capnp::Text::Reader(who.groups[i].data(), who.groups[i].size()));
  return OkStatus();
}

std::string WriteToken(Core& core, wire::CallerId::Reader caller, BlockId block) {
  return core.tokens.Mint(block, kReadAccess | kWriteAccess | kCopyAccess, ToView(caller.getUser()));
}

std::string ReadToken(Core& core, wire::CallerId::Reader caller, BlockId block) {
  return core.tokens.Mint(block, kReadAccess, ToView(caller.getUser()));
}

std::string_view HostOf(wire::CallerId::Reader caller, const CallContext& call) {
  const std::string_view told = ToView(caller.getHost());
  return told.empty() ? std::string_view(call.peer_host) : told;
}

void FillCommands(Core& core, const std::vector<NodeCommand>& commands, capnp::List<wire::Command>::Builder out) {
  for (unsigned i = 0; i < commands.size(); ++i) {
    const NodeCommand& command = commands[i];
    switch (command.kind) {
      case NodeCommand::Kind::kTransfer: {
        auto transfer = out[i].initTransfer();
        transfer.setBytesPerSecond(command.bytes_per_second);
        transfer.setMove(command.move);
        ToWire(command.block, transfer.initBlock());
        auto targets = transfer.initTargets(static_cast<unsigned>(command.targets.size()));
        for (unsigned t = 0; t < command.targets.size(); ++t) ToWire(command.targets[t], targets[t]);
        transfer.setToken(AsData(core.tokens.Mint(command.block.id, kCopyAccess, "NameNode")));
        break;
      }
      case NodeCommand::Kind::kInvalidate: {
        auto blocks = out[i].initInvalidate(static_cast<unsigned>(command.blocks.size()));
        for (unsigned b = 0; b < command.blocks.size(); ++b) ToWire(command.blocks[b], blocks[b]);
        break;
      }
      case NodeCommand::Kind::kRecover: {
        auto recover = out[i].initRecover();
        ToWire(command.block, recover.initBlock());
        recover.setNewGeneration(command.new_generation.value());
        auto nodes = recover.initNodes(static_cast<unsigned>(command.targets.size()));
        for (unsigned t = 0; t < command.targets.size(); ++t) ToWire(command.targets[t], nodes[t]);
        recover.setTruncate(command.truncate_to.has_value());
        recover.setTruncateTo(command.truncate_to.value_or(0));
        recover.setGiveUpAbsent(command.give_up_absent);
        recover.setToken(AsData(core.tokens.Mint(command.block.id, kCopyAccess, "NameNode")));
        break;
      }
      case NodeCommand::Kind::kReportAll: out[i].setReportAll(); break;
      case NodeCommand::Kind::kReportBuckets: {
        auto buckets = out[i].initReportBuckets(static_cast<unsigned>(command.buckets.size()));
        for (unsigned b = 0; b < command.buckets.size(); ++b) buckets.set(b, command.buckets[b]);
        break;
      }
      case NodeCommand::Kind::kCheck: {
        auto blocks = out[i].initCheck(static_cast<unsigned>(command.blocks.size()));
        for (unsigned b = 0; b < command.blocks.size(); ++b) ToWire(command.blocks[b], blocks[b]);
        break;
      }
      case NodeCommand::Kind::kRegister: out[i].setRegister(); break;
      case NodeCommand::Kind::kKeys: core.tokens.Fill(out[i].initKeys(static_cast<unsigned>(core.tokens.valid().size()))); break;
    }
  }
}

}  // namespace tusk::dfs::namenode
