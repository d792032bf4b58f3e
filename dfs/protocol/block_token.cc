#include "dfs/protocol/block_token.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

namespace tusk::dfs {
namespace {

constexpr uint8_t kVersion = 1;
constexpr size_t kFixedBytes = 24;
constexpr size_t kMacBytes = 32;

template <class T>
void Put(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <class T>
T Get(std::string_view in, size_t at) {
  T value;
  std::memcpy(&value, in.data() + at, sizeof value);
  return value;
}

struct FreeContext {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using MacContext = std::unique_ptr<EVP_MAC_CTX, FreeContext>;

MacContext NewMacContext() {
  static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr);
  MacContext context(algorithm != nullptr ? EVP_MAC_CTX_new(algorithm) : nullptr);
  std::array<char, 7> digest{"SHA256"};
  const std::array<OSSL_PARAM, 2> parameters{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
                                             OSSL_PARAM_construct_end()};
  if (context && EVP_MAC_CTX_set_params(context.get(), parameters.data()) != 1) context.reset();
  return context;
}

// One context for each thread: to look up the algorithms by name costs several times what the signature does.
std::array<unsigned char, kMacBytes> Mac(std::string_view bytes, std::string_view secret) {
  thread_local const MacContext context = NewMacContext();
  std::array<unsigned char, kMacBytes> mac{};
  size_t length = 0;
  const auto octets = [](std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); };
  // Fails only without memory or SHA-256; the zeros that are left then are no signature anybody accepts (VerifyToken).
  const bool computed = context && EVP_MAC_init(context.get(), octets(secret), secret.size(), nullptr) == 1 &&
                        EVP_MAC_update(context.get(), octets(bytes), bytes.size()) == 1 &&
                        EVP_MAC_final(context.get(), mac.data(), &length, mac.size()) == 1;
  if (!computed) mac.fill(0);
  return mac;
}

Status Refused(std::string what) { return Status(Code::kPermissionDenied, std::move(what)); }

std::string Modes(uint8_t modes) {
  std::string text;
  const auto add = [&](BlockAccess mode, const char* name) {
    if ((modes & mode) != 0) text += (text.empty() ? "" : " or ") + std::string(name);
  };
  add(kReadAccess, "read");
  add(kWriteAccess, "write");
  add(kCopyAccess, "copy");
  return text.empty() ? "nothing" : text;
}

}  // namespace

std::string MintToken(const BlockToken& token, const BlockKey& key) {
  const std::string_view user = std::string_view(token.user).substr(0, kMaxTokenUserBytes);
  std::string bytes;
  bytes.reserve(kFixedBytes + user.size() + kMacBytes);
  Put(bytes, kVersion);
  Put(bytes, token.modes);
  Put(bytes, static_cast<uint16_t>(user.size()));
  Put(bytes, key.id);
  Put(bytes, token.expires_ms);
  Put(bytes, token.block.value());
  bytes += user;
  const auto mac = Mac(bytes, key.secret);
  bytes.append(reinterpret_cast<const char*>(mac.data()), mac.size());
  return bytes;
}

Result<BlockToken> DecodeToken(std::string_view bytes) {
  if (bytes.empty()) return Refused("the request carries no block token; ask the NameNode for the block's locations");
  if (bytes.size() < kFixedBytes + kMacBytes) return Refused("the block token is cut off");
  const auto version = Get<uint8_t>(bytes, 0);
  if (version != kVersion) return Refused("the block token has version " + std::to_string(version) + "; this DataNode knows 1");
  const auto user_bytes = Get<uint16_t>(bytes, 2);
  if (user_bytes > kMaxTokenUserBytes || bytes.size() != kFixedBytes + user_bytes + kMacBytes) {
    return Refused("the block token of " + std::to_string(bytes.size()) + " bytes does not have the length it announces");
  }
  BlockToken token;
  token.modes = Get<uint8_t>(bytes, 1);
  token.key = Get<uint32_t>(bytes, 4);
  token.expires_ms = Get<int64_t>(bytes, 8);
  token.block = BlockId(Get<uint64_t>(bytes, 16));
  token.user = bytes.substr(kFixedBytes, user_bytes);
  return token;
}

Status VerifyToken(std::string_view bytes, const BlockToken& token, const BlockKey& key, BlockId block, uint8_t modes,
                   int64_t now_ms) {
  const std::string_view signed_part = bytes.substr(0, bytes.size() - kMacBytes);
  const auto expected = Mac(signed_part, key.secret);
  const bool computed = std::any_of(expected.begin(), expected.end(), [](unsigned char byte) { return byte != 0; });
  if (!computed || CRYPTO_memcmp(expected.data(), bytes.data() + signed_part.size(), kMacBytes) != 0) {
    return Refused("the signature of the block token is wrong");
  }
  if (token.block != block) {
    return Refused("the block token is for block " + std::to_string(token.block.value()) + ", not for block " +
                   std::to_string(block.value()));
  }
  if ((token.modes & modes) == 0) {
    return Refused("the token of block " + std::to_string(block.value()) + " allows to " + Modes(token.modes) + ", not to " +
                   Modes(modes));
  }
  const int64_t expires = std::min(token.expires_ms, key.expires_ms);
  if (expires < now_ms - kTokenClockSkewMs) {
    const uint64_t ago_ms = static_cast<uint64_t>(now_ms) - static_cast<uint64_t>(expires);
    return Refused("the token of block " + std::to_string(block.value()) + " expired " + std::to_string(ago_ms / 1000) +
                   " s ago; ask the NameNode for the block's locations again (or are the clocks apart?)");
  }
  return OkStatus();
}

}  // namespace tusk::dfs
