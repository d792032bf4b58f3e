#include "tests/chaos/workload.h"

#include <algorithm>
#include <thread>
#include <vector>

#include "common/base/try.h"
#include "tests/chaos/judge.h"

namespace tusk::chaos {
namespace {

constexpr size_t kPiece = 256 * 1024;

// Sizes on and around what matters: nothing, a chunk, a packed block, a packet, a block, several blocks.
uint64_t ChooseLength(Random& random) {
  static constexpr uint64_t kBorders[] = {0, 1, 16 * 1024, 64 * 1024, 1024 * 1024, 2 * 1024 * 1024, 3 * 1024 * 1024};
  const uint64_t border = kBorders[random.Below(std::size(kBorders))];
  switch (random.Below(4)) {
    case 0: return border;
    case 1: return border + random.Below(5000);
    case 2: return random.Below(64 * 1024);
    default: return random.Below(2'500'000);
  }
}

// The bytes [from, content.length) of the file.
Status WriteContent(dfs::OutputStream& out, const Content& content, uint64_t from) {
  std::vector<std::byte> piece(kPiece);
  for (uint64_t at = from; at < content.length;) {
    const size_t count = std::min<uint64_t>(kPiece, content.length - at);
    FillContent(content, at, std::span(piece).first(count));
    TUSK_TRY(out.Write(std::span<const std::byte>(piece).first(count)));
    at += count;
  }
  return OkStatus();
}

}  // namespace

Status Workload::wrong_read() const {
  const std::lock_guard lock(wrong_mutex_);
  return wrong_read_;
}

void Workload::CreateOne(const std::string& path, Random& random) {
  const Content content{random(), ChooseLength(random)};
  auto out = fs_->Create(path, {});
  Status done = out.status();
  if (done.ok()) done = WriteContent(**out, content, 0);
  if (done.ok()) done = (*out)->Close();
  if (done.ok()) {
    ledger_.Acknowledge(path, content);
    ++counts_.written;
  } else {
    // Not acknowledged: it may be absent, complete, or still under construction; it owes nothing and is left alone.
    ++counts_.failed;
  }
}

void Workload::AbandonOne(const std::string& path, Random& random) {
  const Content synced{random(), ChooseLength(random)};
  Content written = synced;
  written.length += random.Below(100'000);
  auto out = fs_->Create(path, {});
  Status done = out.status();
  if (done.ok()) done = WriteContent(**out, synced, 0);
  if (done.ok()) done = (*out)->Sync();
  if (!done.ok()) {
    ++counts_.failed;
    return;
  }
  (void)WriteContent(**out, written, synced.length);  // the writer dies with these on their way
  out->reset();
  ledger_.Acknowledge(path, Content{synced.seed, synced.length, written.length});
  ++counts_.abandoned;
}

void Workload::AppendOne(const Existing& file, Random& random) {
  const auto& [path, content] = file;
  Content longer = content;
  longer.length += 1 + ChooseLength(random) / 2;
  auto out = fs_->Append(path);
  if (!out.ok()) {
    // It may have been opened, and the answer lost: nothing was written, but the file is perhaps under construction.
    ledger_.Acknowledge(path, content);
    ++counts_.failed;
    return;
  }
  Status done = WriteContent(**out, longer, content.length);
  if (done.ok()) done = (*out)->Close();
  if (done.ok()) {
    ledger_.Acknowledge(path, longer);
    ++counts_.appended;
  } else {
    ledger_.Acknowledge(path, Content{content.seed, content.length, longer.length});
    ++counts_.failed;
  }
}

void Workload::RenameOne(const Existing& file, const std::string& to) {
  const auto& [from, content] = file;
  if (fs_->Rename(from, to).ok()) {
    ledger_.Acknowledge(to, content);
    ledger_.Acknowledge(from, std::nullopt);
    ++counts_.renamed;
  } else {
    ledger_.DoubtRename(from, to, content);
    ++counts_.failed;
  }
}

void Workload::DeleteOne(const Existing& file) {
  if (fs_->Delete(file.first, false).ok()) {
    ledger_.Acknowledge(file.first, std::nullopt);
    ++counts_.deleted;
  } else {
    ledger_.Doubt(file.first, std::nullopt);
    ++counts_.failed;
  }
}

void Workload::ReadOne(const Existing& file) {
  // While nodes are down a read may fail; but what it answers must be right.
  const auto in = fs_->Open(file.first);
  const Status verdict = in.ok() ? CheckContent(**in, file.second) : in.status();
  ledger_.Release(file.first);
  if (verdict.ok()) {
    ++counts_.read;
  } else if (verdict.code() == Code::kFailedPrecondition) {
    const std::lock_guard lock(wrong_mutex_);
    if (wrong_read_.ok()) wrong_read_ = verdict.WithContext("a reader beside the faults, " + file.first);
  } else {
    ++counts_.failed;
  }
}

void Workload::Write(uint64_t seed, int writer, const std::atomic<bool>& stop) {
  Random random(seed);
  for (uint64_t number = 0; !stop; ++number) {
    const std::string path =
        directory_ + "/w" + std::to_string(writer) + "-" + std::to_string(seed) + "-" + std::to_string(number);
    const uint64_t choice = random.Below(12);
    const uint64_t pick = random();
    const auto existing = choice < 5 ? ledger_.Pick(pick) : std::nullopt;
    if (existing && ledger_.Claim(existing->first)) {
      if (choice == 0) {
        DeleteOne(*existing);
      } else if (choice < 3 && existing->second.exact()) {
        AppendOne(*existing, random);
      } else {
        RenameOne(*existing, path);
      }
    } else if (choice == 5) {
      AbandonOne(path, random);
    } else {
      CreateOne(path, random);
    }
  }
}

void Workload::Read(uint64_t seed, const std::atomic<bool>& stop) {
  Random random(seed);
  while (!stop) {
    const auto existing = ledger_.Pick(random());
    if (existing && existing->second.exact() && ledger_.Claim(existing->first)) {
      ReadOne(*existing);
    } else {
      std::this_thread::yield();
    }
  }
}

void Workload::Run(uint64_t seed, int writers, int readers, const std::atomic<bool>& stop) {
  std::vector<std::thread> threads;
  Random seeds(seed);
  for (int client = 0; client < writers + readers; ++client) {
    const uint64_t client_seed = seeds();
    if (client < writers) {
      threads.emplace_back([this, client_seed, client, &stop] { Write(client_seed, client, stop); });
    } else {
      threads.emplace_back([this, client_seed, &stop] { Read(client_seed, stop); });
    }
  }
  for (auto& thread : threads) thread.join();
}

}  // namespace tusk::chaos
