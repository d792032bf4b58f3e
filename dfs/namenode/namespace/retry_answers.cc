#include "dfs/namenode/namespace/retry_answers.h"

#include <glog/logging.h>

#include <algorithm>

#include "dfs/namenode/namespace/byte_codec.h"

namespace tusk::dfs::namenode {
namespace {

constexpr size_t kFewGone = 1 << 14;  // names of answers that are gone are left until there are so many

}  // namespace

std::deque<RetryAnswers::Kept>::const_iterator RetryAnswers::Client::Find(uint64_t sequence) const {
  const auto place = std::lower_bound(kept.begin(), kept.end(), sequence,
                                      [](const Kept& answer, uint64_t wanted) { return answer.sequence < wanted; });
  return place != kept.end() && place->sequence == sequence ? place : kept.end();
}

void RetryAnswers::Add(ClientId client, uint64_t sequence, const RetryRecord& record) {
  Client& entry = clients_[client];
  entry.acked = std::max(entry.acked, record.acked);
  const auto place = std::upper_bound(entry.kept.begin(), entry.kept.end(), sequence,
                                      [](uint64_t added, const Kept& answer) { return added < answer.sequence; });
  entry.kept.insert(place, {sequence, record.index});
  by_age_.push_back({record.index, record.time_ms, client, sequence});
  ++by_age_size_;
}

void RetryAnswers::Load(const View& view) {
  view.Scan("Z", {}, [&](std::string_view key, std::string_view value) {
    const auto record = DecodeRetry(value);
    CHECK(record && key.size() == 25) << "a retry record of the applied state is broken; remove the NameNode's state folder";
    Add({BigEndian(key.substr(1, 8)), BigEndian(key.substr(9, 8))}, BigEndian(key.substr(17, 8)), *record);
    return true;
  });
  std::sort(by_age_.begin(), by_age_.end(), [](const Aged& a, const Aged& b) { return a.index < b.index; });
}

Result<std::optional<Answer>> RetryAnswers::Find(const View& view, ClientId client, uint64_t sequence) const {
  const auto known = clients_.find(client);
  if (sequence == 0 || known == clients_.end()) return std::optional<Answer>();
  if (known->second.Find(sequence) != known->second.kept.end()) {
    const auto bytes = view.Find(RetryKey(client, sequence));
    auto record = bytes ? DecodeRetry(*bytes) : std::nullopt;
    CHECK(record) << "a kept answer is missing from the applied state; remove the NameNode's state folder: it is rebuilt";
    return std::optional<Answer>(std::move(record->answer));
  }
  if (sequence <= known->second.acked) {
    return Aborted("request " + std::to_string(sequence) +
                   " of this client was answered and acknowledged before; it is not repeated");
  }
  return std::optional<Answer>();
}

void RetryAnswers::Keep(Transaction& tx, ClientId client, uint64_t sequence, uint64_t acked_up_to, RetryRecord record) {
  const auto known = clients_.find(client);
  record.acked = std::min(acked_up_to, sequence - 1);
  if (known != clients_.end()) {
    record.acked = std::max(record.acked, known->second.acked);
    auto& kept = known->second.kept;
    while (!kept.empty() && kept.front().sequence <= record.acked) {
      tx.Delete(RetryKey(client, kept.front().sequence));
      kept.pop_front();
      --by_age_size_;
    }
  }
  tx.PutNew(RetryKey(client, sequence), Encode(record));  // Find has said so
  Add(client, sequence, record);
}

bool RetryAnswers::IsKept(const Aged& aged) const {
  const auto client = clients_.find(aged.client);
  if (client == clients_.end()) return false;
  const auto kept = client->second.Find(aged.sequence);
  return kept != client->second.kept.end() && kept->index == aged.index;
}

// An answer that its client never acknowledges stays at the front for ten minutes, and behind it the names of all that have been
// acknowledged meanwhile.
void RetryAnswers::DropGone() {
  if (by_age_.size() <= 2 * by_age_size_ + kFewGone) return;
  std::erase_if(by_age_, [this](const Aged& aged) { return !IsKept(aged); });
}

void RetryAnswers::ForgetOld(Transaction& tx, int64_t now_ms) {
  DropGone();
  // An entry deletes at most kForgetPerEntry answers; names of answers that are gone already are not counted, because after a
  // restart they are not there.
  for (int deleted = 0; deleted < kForgetPerEntry && !by_age_.empty();) {
    const Aged oldest = by_age_.front();
    const auto client = clients_.find(oldest.client);
    if (client != clients_.end()) {
      const auto kept = client->second.Find(oldest.sequence);
      if (kept == client->second.kept.end() || kept->index != oldest.index) {
        by_age_.pop_front();
        continue;
      }
      if (oldest.time_ms + kKeepMs > now_ms) return;
      tx.Delete(RetryKey(oldest.client, oldest.sequence));
      client->second.kept.erase(kept);
      if (client->second.kept.empty()) clients_.erase(client);
      --by_age_size_;
      ++deleted;
    }
    by_age_.pop_front();
  }
}

}  // namespace tusk::dfs::namenode
