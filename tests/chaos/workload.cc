#include "tests/chaos/workload.h"

#include <algorithm>
#include <cstring>
#include <thread>
#include <vector>

#include "common/base/random.h"
#include "common/base/try.h"

namespace tusk::chaos {
namespace {

constexpr size_t kPiece = 256 * 1024;

// Sizes on and around what matters: nothing, a chunk, a packet, a block, several blocks.
uint64_t ChooseLength(Random& random) {
  static constexpr uint64_t kBorders[] = {0, 1, 16 * 1024, 64 * 1024, 1024 * 1024, 2 * 1024 * 1024, 3 * 1024 * 1024};
  const uint64_t border = kBorders[random.Below(std::size(kBorders))];
  switch (random.Below(3)) {
    case 0: return border;
    case 1: return border + random.Below(5000);
    default: return random.Below(2'500'000);
  }
}

Status CheckContent(dfs::InputStream& in, const Content& content) {
  std::vector<std::byte> read(kPiece), expected(kPiece);
  for (uint64_t at = 0; at < content.length;) {
    const size_t want = std::min<uint64_t>(kPiece, content.length - at);
    TUSK_ASSIGN(const size_t got, in.Read(std::span(read).first(want)));
    if (got == 0) return Corruption("ends at byte " + std::to_string(at) + " of " + std::to_string(content.length));
    FillContent(content, at, std::span(expected).first(got));
    if (std::memcmp(read.data(), expected.data(), got) != 0)
      return Corruption("differs within the " + std::to_string(got) + " bytes at " + std::to_string(at));
    at += got;
  }
  return OkStatus();
}

}  // namespace

Status Workload::WriteFile(const std::string& path, const Content& content) {
  TUSK_ASSIGN(auto out, fs_->Create(path, {}));
  std::vector<std::byte> piece(kPiece);
  for (uint64_t at = 0; at < content.length;) {
    const size_t count = std::min<uint64_t>(kPiece, content.length - at);
    FillContent(content, at, std::span(piece).first(count));
    TUSK_TRY(out->Write(std::span<const std::byte>(piece).first(count)));
    at += count;
  }
  return out->Close();
}

void Workload::Write(uint64_t seed, int writer, const std::atomic<bool>& stop) {
  Random random(seed);
  for (uint64_t number = 0; !stop; ++number) {
    const std::string path =
        directory_ + "/w" + std::to_string(writer) + "-" + std::to_string(seed) + "-" + std::to_string(number);
    const uint64_t choice = random.Below(10);
    const uint64_t pick = random();
    const auto existing = choice < 3 ? ledger_.Pick(pick) : std::nullopt;
    if (existing && ledger_.Claim(existing->first)) {
      const auto& [old_path, content] = *existing;
      if (choice == 0) {
        const auto deleted = fs_->Delete(old_path, false);
        if (deleted.ok()) {
          ledger_.Acknowledge(old_path, std::nullopt);
          ++counts_.deleted;
        } else {
          ledger_.Doubt(old_path, std::nullopt);
          ++counts_.failed;
        }
      } else {
        const Status renamed = fs_->Rename(old_path, path);
        if (renamed.ok()) {
          ledger_.Acknowledge(path, content);
          ledger_.Acknowledge(old_path, std::nullopt);
          ++counts_.renamed;
        } else {
          ledger_.DoubtRename(old_path, path, content);
          ++counts_.failed;
        }
      }
      continue;
    }
    const Content content{random(), ChooseLength(random)};
    if (WriteFile(path, content).ok()) {
      ledger_.Acknowledge(path, content);
      ++counts_.written;
    } else {
      // Not acknowledged: it may be absent, complete, or still under construction; it owes nothing and is left alone.
      ++counts_.failed;
    }
  }
}

void Workload::Run(uint64_t seed, int writers, const std::atomic<bool>& stop) {
  std::vector<std::thread> threads;
  Random seeds(seed);
  for (int writer = 0; writer < writers; ++writer) {
    const uint64_t writer_seed = seeds();
    threads.emplace_back([this, writer_seed, writer, &stop] { Write(writer_seed, writer, stop); });
  }
  for (auto& thread : threads) thread.join();
}

Status VerifyLedger(dfs::FileSystem& fs, const Ledger& ledger) {
  for (const auto& expectation : ledger.All()) {
    const auto status = fs.Stat(expectation.path);
    if (!status.ok() && status.status().code() != Code::kNotFound) return status.status().WithContext(expectation.path);
    Status verdict = Corruption(status.ok() ? "it is there, with " + std::to_string(status->length) + " bytes, but should not be"
                                            : "it is gone");
    for (const auto& allowed : expectation.allowed) {
      if (!allowed) {
        if (!status.ok()) verdict = OkStatus();
      } else if (status.ok() && status->length == allowed->length) {
        auto in = fs.Open(expectation.path);
        verdict = in.ok() ? CheckContent(**in, *allowed) : in.status();
      }
      if (verdict.ok()) break;
    }
    if (!verdict.ok()) return verdict.WithContext("acknowledged file " + expectation.path);
  }
  // Each path alone may be either; where one is, it has the content, as checked above.
  for (const auto& rename : ledger.DoubtfulRenames()) {
    TUSK_ASSIGN(const bool at_old, fs.Exists(rename.old_path));
    TUSK_ASSIGN(const bool at_new, fs.Exists(rename.new_path));
    if (at_old != at_new) continue;
    return Corruption("the rename of " + rename.old_path + " to " + rename.new_path + " has an unknown outcome, but " +
                      (at_old ? "both paths are there" : "both paths are gone"));
  }
  return OkStatus();
}

}  // namespace tusk::chaos
