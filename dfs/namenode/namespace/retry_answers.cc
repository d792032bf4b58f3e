#include "dfs/namenode/namespace/retry_answers.h"

#include <glog/logging.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <utility>

#include "dfs/namenode/namespace/byte_codec.h"

namespace tusk::dfs::namenode {
namespace {

constexpr size_t kFewGone = 1 << 14;  // names of answers that are gone are left until there are so many

}  // namespace

size_t RetryAnswers::Client::Find(uint64_t sequence) const {
  if (kept.empty() || sequence < kept.front().sequence || sequence > kept.back().sequence) return kept.size();
  // Clients number their requests one after the other: mostly it lies where it would if none were missing.
  const uint64_t guess = sequence - kept.front().sequence;
  if (guess < kept.size() && kept[guess].sequence == sequence) return guess;
  const auto place = std::lower_bound(kept.begin(), kept.end(), sequence,
                                      [](const Kept& answer, uint64_t wanted) { return answer.sequence < wanted; });
  return place->sequence == sequence ? static_cast<size_t>(place - kept.begin()) : kept.size();
}

RetryAnswers::~RetryAnswers() {
  for (auto& [id, client] : clients_) {
    for (Kept& kept : client.kept) FreeRecord(kept);
  }
}

void RetryAnswers::FreeRecord(Kept& kept) {
  if (kept.record != nullptr) arena_.Free(kept.record, kept.record_bytes);
  kept.record = nullptr;
  kept.record_bytes = 0;
}

void RetryAnswers::Add(ClientId client, uint64_t sequence, const RetryMark& mark, std::string_view record) {
  Client& entry = clients_[client];
  entry.acked = std::max(entry.acked, mark.acked);
  Kept kept{sequence, mark.index};
  if (!record.empty()) {
    kept.record = static_cast<char*>(arena_.Allocate(record.size()));
    kept.record_bytes = static_cast<uint32_t>(record.size());
    std::memcpy(kept.record, record.data(), record.size());
  }
  if (entry.kept.empty() || entry.kept.back().sequence < sequence) {
    entry.kept.push_back(kept);
  } else {
    const auto place = std::upper_bound(entry.kept.begin(), entry.kept.end(), sequence,
                                        [](uint64_t added, const Kept& answer) { return added < answer.sequence; });
    entry.kept.insert(place, kept);
  }
  by_age_.push_back({mark.index, mark.time_ms, client, sequence});
  ++by_age_size_;
}

void RetryAnswers::Load(const View& view) {
  view.Scan("Z", {}, [&](std::string_view key, std::string_view value) {
    const auto record = DecodeRetry(value);
    CHECK(record && key.size() == 25) << "a retry record of the applied state is broken; remove the NameNode's state folder";
    Add({BigEndian(key.substr(1, 8)), BigEndian(key.substr(9, 8))}, BigEndian(key.substr(17, 8)),
        {record->index, record->time_ms, record->acked}, {});
    return true;
  });
  std::sort(by_age_.begin(), by_age_.end(), [](const Aged& a, const Aged& b) { return a.index < b.index; });
}

bool RetryAnswers::Has(ClientId client, uint64_t sequence) const {
  const auto known = clients_.find(client);
  if (sequence == 0 || known == clients_.end()) return false;
  return sequence <= known->second.acked || known->second.Find(sequence) < known->second.kept.size();
}

Status RetryAnswers::Find(const View& view, ClientId client, uint64_t sequence, std::optional<Answer>& kept) const {
  const auto known = clients_.find(client);
  if (sequence == 0 || known == clients_.end()) return OkStatus();
  const auto& all = known->second.kept;
  if (const size_t place = known->second.Find(sequence); place < all.size()) {
    const std::string_view here = all[place].here();
    auto record = here.empty() ? DecodeRetry(view.Find(RetryKey(client, sequence)).value_or("")) : DecodeRetry(here);
    CHECK(record) << "a kept answer is missing from the applied state; remove the NameNode's state folder: it is rebuilt";
    kept = std::move(record->answer);
    return OkStatus();
  }
  if (sequence <= known->second.acked) {
    return Aborted("request " + std::to_string(sequence) +
                   " of this client was answered and acknowledged before; it is not repeated");
  }
  return OkStatus();
}

void RetryAnswers::Keep(Transaction& tx, ClientId client, uint64_t sequence, RetryMark mark, const Answer& answer) {
  const auto known = clients_.find(client);
  mark.acked = std::min(mark.acked, sequence - 1);
  if (known != clients_.end()) {
    mark.acked = std::max(mark.acked, known->second.acked);
    auto& kept = known->second.kept;
    while (!kept.empty() && kept.front().sequence <= mark.acked) {
      if (kept.front().record == nullptr) tx.Delete(RetryKey(client, kept.front().sequence));
      FreeRecord(kept.front());
      kept.pop_front();
      --by_age_size_;
    }
  }
  ByteWriter record;
  Write(mark, answer, &record);
  Add(client, sequence, mark, record.view());
  ++only_here_;
  while (only_here_ > kOnlyHere) {
    TakeOldest([&tx](std::string_view key, std::string_view bytes) { tx.PutNew(key, bytes); });  // it was never there
  }
}

template <class Put>
void RetryAnswers::TakeOldest(const Put& put) {
  const Aged& oldest = by_age_[by_age_.size() - only_here_];
  --only_here_;
  const auto client = clients_.find(oldest.client);
  if (client == clients_.end()) return;
  auto& all = client->second.kept;
  const size_t place = client->second.Find(oldest.sequence);
  if (place == all.size() || all[place].index != oldest.index || all[place].record == nullptr) return;
  put(RetryKey(oldest.client, oldest.sequence), all[place].here());
  FreeRecord(all[place]);
}

void RetryAnswers::Flush(StateStore& store) {
  while (only_here_ > 0) {
    TakeOldest([&store](std::string_view key, std::string_view bytes) { store.PutLate(key, bytes); });
  }
}

void RetryAnswers::ForEach(const View& view,
                           const std::function<void(std::string_view key, std::string_view record)>& visit) const {
  std::map<std::string, std::string> all;
  for (const auto& [id, client] : clients_) {
    for (const Kept& kept : client.kept) {
      std::string key = RetryKey(id, kept.sequence);
      std::string record = kept.record == nullptr ? view.Find(key).value_or("") : std::string(kept.here());
      all.emplace(std::move(key), std::move(record));
    }
  }
  for (const auto& [key, record] : all) visit(key, record);
}

bool RetryAnswers::IsKept(const Aged& aged) const {
  const auto client = clients_.find(aged.client);
  if (client == clients_.end()) return false;
  const size_t place = client->second.Find(aged.sequence);
  return place < client->second.kept.size() && client->second.kept[place].index == aged.index;
}

// An answer that its client never acknowledges stays at the front for ten minutes, and behind it the names of all that have been
// acknowledged meanwhile.
void RetryAnswers::DropGone() {
  if (by_age_.size() <= 2 * by_age_size_ + kFewGone) return;
  const auto kept = [this](const Aged& aged) { return IsKept(aged); };
  only_here_ = static_cast<size_t>(std::count_if(by_age_.end() - static_cast<ptrdiff_t>(only_here_), by_age_.end(), kept));
  std::erase_if(by_age_, std::not_fn(kept));
}

void RetryAnswers::ForgetOld(Transaction& tx, int64_t now_ms) {
  DropGone();
  // An entry deletes at most kForgetPerEntry answers; names of answers that are gone already are not counted, because after a
  // restart they are not there.
  for (int deleted = 0; deleted < kForgetPerEntry && !by_age_.empty();) {
    const Aged oldest = by_age_.front();
    const auto client = clients_.find(oldest.client);
    if (client != clients_.end()) {
      auto& all = client->second.kept;
      const size_t place = client->second.Find(oldest.sequence);
      if (place == all.size() || all[place].index != oldest.index) {
        by_age_.pop_front();
        continue;
      }
      if (oldest.time_ms + kKeepMs > now_ms) break;
      if (all[place].record == nullptr) tx.Delete(RetryKey(oldest.client, oldest.sequence));
      FreeRecord(all[place]);
      all.erase(all.begin() + static_cast<ptrdiff_t>(place));
      if (all.empty()) clients_.erase(client);
      --by_age_size_;
      ++deleted;
    }
    by_age_.pop_front();
  }
  only_here_ = std::min(only_here_, by_age_.size());
}

}  // namespace tusk::dfs::namenode
