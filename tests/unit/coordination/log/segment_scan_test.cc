#include "coordination/log/segment_scan.h"

#include <gtest/gtest.h>

#include <tuple>
#include <vector>

namespace tusk::coordination {
namespace {

constexpr uint32_t kSalt = 0x5A17;
const LogIdentity kIdentity = {.cluster_id = 1, .node_id = 2, .group = "main"};

// A segment built record by record.
struct Builder {
  std::vector<std::byte> bytes;
  std::vector<uint64_t> offsets;
  uint32_t chain = 77;
  LogIndex next = 10;

  explicit Builder(uint32_t salt = kSalt) : salt_(salt) {
    const PageBytes page =
        EncodeSegmentHeader({.identity = kIdentity, .first_index = next, .prev_term = 1, .chain_crc = chain, .salt = salt});
    bytes.assign(page.begin(), page.end());
  }
  Builder& Add(std::string_view text, LogIndex durable, Term term = 2) {
    offsets.push_back(bytes.size());
    const auto payload = std::as_bytes(std::span(text));
    bytes.resize(bytes.size() + RecordBytes(text.size()));
    std::copy(payload.begin(), payload.end(), bytes.begin() + static_cast<ptrdiff_t>(offsets.back() + kRecordHeaderBytes));
    chain = EncodeRecordHeader({.length = static_cast<uint32_t>(text.size()),
                                .index = next++,
                                .term = term,
                                .durable_index = durable,
                                .chain_crc = chain,
                                .payload_crc = PayloadCrc(payload)},
                               salt_, bytes.data() + offsets.back());
    return *this;
  }
  Builder& Zeroes(size_t n) {
    bytes.resize(bytes.size() + n);
    return *this;
  }
  SegmentScan Scan(LogIndex known_durable, LogIndex stop_before = 0) const {
    SpanSource source(bytes);
    ScanRequest request;
    request.identity = kIdentity;
    request.first_index = 10;
    request.stop_before = stop_before;
    request.known_durable = known_durable;
    auto scan = ScanSegment(source, request);
    if (!scan.ok()) throw std::runtime_error(scan.status().ToString());
    return std::move(scan).value();
  }

 private:
  uint32_t salt_;
};

TEST(SegmentScan, JudgesEveryCombination) {
  for (const LogIndex bad : {1, 5, 9}) {
    for (const LogIndex durable : {0, 4, 5, 6, 20}) {
      for (const bool is_last : {false, true}) {
        for (const bool remains : {false, true}) {
          const Tail tail = JudgeTail(bad, is_last, durable, remains);
          // The rules as written in docs/formats/log.md.
          if (!is_last) {
            EXPECT_EQ(tail, Tail::kCorrupt);
          } else if (bad <= durable) {
            EXPECT_EQ(tail, Tail::kCorrupt) << bad << " " << durable;
          } else {
            EXPECT_EQ(tail, remains ? Tail::kTorn : Tail::kWhole) << bad << " " << durable;
          }
        }
      }
    }
  }
}

TEST(SegmentScan, ReadsAWholeSegment) {
  const auto builder = Builder().Add("a", 9).Add("bb", 10).Add("", 10, 3).Zeroes(500);
  const auto scan = builder.Scan(9);
  EXPECT_EQ(scan.tail, Tail::kWhole) << scan.problem;
  EXPECT_EQ(scan.last_index, 12u);
  EXPECT_EQ(scan.last_term, 3u);
  EXPECT_EQ(scan.chain, builder.chain);
  EXPECT_EQ(scan.end_offset, builder.bytes.size() - 500);
  EXPECT_EQ(scan.durable, 10u);
}

TEST(SegmentScan, ReadsAnEmptyAndAFullSegment) {
  EXPECT_EQ(Builder().Scan(9).last_index, 9u);
  EXPECT_EQ(Builder().Scan(9).last_term, 1u);
  EXPECT_EQ(Builder().Scan(9).tail, Tail::kWhole);
  EXPECT_EQ(Builder().Add("a", 9).Scan(10).tail, Tail::kWhole);
  EXPECT_EQ(Builder().Add("a", 9).Zeroes(40).Scan(10).tail, Tail::kWhole);
}

TEST(SegmentScan, CutsTheLastRecordTornAtEveryByte) {
  const auto whole = Builder().Add("first", 9).Add("the last record, of some length", 10);
  const size_t begin = whole.offsets[1];
  for (size_t kept = begin; kept < whole.bytes.size(); ++kept) {
    auto torn = whole;
    std::fill(torn.bytes.begin() + static_cast<ptrdiff_t>(kept), torn.bytes.end(), std::byte{0});
    if (torn.bytes == whole.bytes) continue;  // padding
    torn.Zeroes(100);
    const auto scan = torn.Scan(10);
    EXPECT_EQ(scan.last_index, 10u) << kept;
    EXPECT_NE(scan.tail, Tail::kCorrupt) << kept;
    EXPECT_EQ(scan.end_offset, begin);
    // With the header intact there is something to erase.
    EXPECT_EQ(scan.stray_headers.size(), kept >= begin + kRecordHeaderBytes ? 1u : 0u) << kept;
    // Had it been acknowledged, the same bytes are damage.
    EXPECT_EQ(torn.Scan(11).tail, Tail::kCorrupt) << kept;

    auto shortened = whole;  // the same with a file that ends there
    shortened.bytes.resize(kept);
    EXPECT_EQ(shortened.Scan(10).last_index, 10u) << kept;
    EXPECT_EQ(shortened.Scan(11).tail, Tail::kCorrupt) << kept;
  }
}

TEST(SegmentScan, CutsABatchWhoseLaterRecordsReachedTheDiskAlone) {
  auto builder = Builder().Add("a", 9).Add("b", 10).Add("c", 10).Add("d", 10);  // b, c, d: one batch
  builder.bytes[builder.offsets[1] + kRecordHeaderBytes] ^= std::byte{1};
  const auto scan = builder.Scan(10);
  EXPECT_EQ(scan.tail, Tail::kTorn);
  EXPECT_EQ(scan.last_index, 10u);
  EXPECT_EQ(scan.stray_headers, std::vector<uint64_t>(builder.offsets.begin() + 1, builder.offsets.end()));
}

TEST(SegmentScan, CallsItDamageWhenALaterRecordSaysThatItWasDurable) {
  for (const size_t offset : {size_t{0}, kRecordHeaderBytes}) {  // in the header, in the payload
    auto builder = Builder().Add("a", 9).Add("b", 10).Add("c", 11).Zeroes(64);
    builder.bytes[builder.offsets[1] + offset] ^= std::byte{1};
    const auto scan = builder.Scan(9);
    EXPECT_EQ(scan.tail, Tail::kCorrupt);
    EXPECT_EQ(scan.problem_offset, builder.offsets[1]);
    EXPECT_EQ(scan.durable, 11u);
    EXPECT_NE(scan.problem.find("entry 11"), std::string::npos) << scan.problem;
  }
}

TEST(SegmentScan, CallsAnythingUnreadableBeforeAnotherSegmentDamage) {
  auto builder = Builder().Add("a", 9).Add("b", 9).Zeroes(64);
  EXPECT_EQ(builder.Scan(9, 12).tail, Tail::kWhole);
  EXPECT_EQ(builder.Scan(9, 11).last_index, 10u) << "stops where the next segment begins";
  EXPECT_EQ(builder.Scan(9, 13).tail, Tail::kCorrupt) << "an entry is missing";
  builder.bytes[builder.offsets[1]] ^= std::byte{1};
  EXPECT_EQ(builder.Scan(9, 12).tail, Tail::kCorrupt);
}

TEST(SegmentScan, NeverBelievesRecordsOfTheFilesEarlierLife) {
  // The file was recycled: same indexes even, but another salt.
  auto old = Builder(kSalt + 1).Add("stale a", 9).Add("stale b", 10).Add("stale c", 11);
  const auto fresh = Builder().Add("fresh a", 9);
  std::copy(fresh.bytes.begin(), fresh.bytes.end(), old.bytes.begin());
  const auto scan = old.Scan(10);
  EXPECT_EQ(scan.tail, Tail::kWhole);
  EXPECT_EQ(scan.last_index, 10u);
  EXPECT_TRUE(scan.stray_headers.empty());
}

TEST(SegmentScan, NeverBelievesRecordsOutOfPlace) {
  // Intact records of this very segment at wrong places: a misdirected or a lost write.
  auto lost = Builder().Add("aaaa", 9).Add("bbbb", 10).Add("cccc", 10);
  lost.bytes.erase(lost.bytes.begin() + static_cast<ptrdiff_t>(lost.offsets[1]),
                   lost.bytes.begin() + static_cast<ptrdiff_t>(lost.offsets[2]));
  EXPECT_EQ(lost.Scan(9).last_index, 10u);

  // A replaced predecessor: the chain does not fit although index and term do.
  const auto first = Builder().Add("aaaa", 9).Add("bbbb", 9);
  const auto second = Builder().Add("AAAA", 9).Add("bbbb", 9);
  auto mixed = second;
  std::copy(first.bytes.begin() + static_cast<ptrdiff_t>(first.offsets[1]), first.bytes.end(),
            mixed.bytes.begin() + static_cast<ptrdiff_t>(mixed.offsets[1]));
  EXPECT_EQ(second.Scan(9).last_index, 11u);
  EXPECT_EQ(mixed.Scan(9).last_index, 10u);

  EXPECT_EQ(Builder().Add("a", 9, 5).Add("b", 9, 4).Scan(9).last_index, 10u) << "a falling term";
}

TEST(SegmentScan, DoesNotTakeAQuotedRecordForEvidence) {
  // A payload that contains another segment's record, as a copied log would, says nothing about this segment.
  const auto quoted = Builder(kSalt + 1).Add("a", 9).Add("b", 10).Add("c", 5000);
  const std::string payload(reinterpret_cast<const char*>(quoted.bytes.data() + kPageBytes), quoted.bytes.size() - kPageBytes);
  auto builder = Builder().Add("a", 9).Add(payload, 10);
  builder.bytes[builder.offsets[1]] ^= std::byte{1};
  EXPECT_NE(builder.Scan(10).tail, Tail::kCorrupt);
}

TEST(SegmentScan, ChecksTheHeaderAgainstItsNeighbours) {
  const auto builder = Builder().Add("a", 9);
  const auto scan = [&](auto change) {
    SpanSource source(builder.bytes);
    ScanRequest request;
    request.identity = kIdentity;
    request.first_index = 10;
    request.chain = 77;
    request.prev_term = 1;
    change(request);
    return ScanSegment(source, request);
  };
  EXPECT_EQ(scan([](ScanRequest&) {})->tail, Tail::kWhole);
  EXPECT_EQ(scan([](ScanRequest& request) { request.first_index = 11; })->tail, Tail::kCorrupt);
  EXPECT_EQ(scan([](ScanRequest& request) { request.chain = 78; })->tail, Tail::kCorrupt);
  EXPECT_EQ(scan([](ScanRequest& request) { request.prev_term = 2; })->tail, Tail::kCorrupt);
  EXPECT_EQ(scan([](ScanRequest& request) { request.identity.cluster_id = 9; }).status().code(), Code::kFailedPrecondition);
}

TEST(SegmentScan, AnswersForEveryTruncatedOrFlippedFile) {
  // Whatever the bytes: an answer within bounds, and entries that are a prefix of the true ones.
  const auto whole = Builder().Add("a", 9).Add("bb", 10).Add("ccc", 10).Zeroes(64);
  const auto check = [&](std::span<const std::byte> bytes, size_t what) {
    SpanSource source(bytes);
    ScanRequest request;
    request.identity = kIdentity;
    request.first_index = 10;
    const auto scan = ScanSegment(source, request);
    if (!scan.ok()) return;
    ASSERT_GE(scan->last_index, 9u) << what;
    ASSERT_LE(scan->last_index, 12u) << what;
    ASSERT_LE(scan->end_offset, whole.bytes.size()) << what;
    if (scan->tail != Tail::kWhole || scan->last_index != 12) return;
    ASSERT_EQ(scan->chain, whole.chain) << what;
  };
  for (size_t size = 0; size <= whole.bytes.size(); ++size) check(std::span(whole.bytes).first(size), size);
  auto flipped = whole.bytes;
  for (size_t bit = 0; bit<flipped.size() * 8; bit += bit / 8> 140 && bit / 8 < 4090 ? 64 : 1) {
    flipped[bit / 8] ^= std::byte{1} << (bit % 8);
    check(flipped, bit);
    flipped[bit / 8] ^= std::byte{1} << (bit % 8);
  }
}

TEST(SegmentScan, KeepsAPointEvery64KiB) {
  Builder builder;
  for (int i = 0; i < 300; ++i) builder.Add(std::string(1000, 'x'), 9);
  const auto scan = builder.Scan(9);
  ASSERT_EQ(scan.points.size(), 5u);
  for (const auto& point : scan.points) EXPECT_EQ(point.offset, builder.offsets[point.index - 10]);
}

}  // namespace
}  // namespace tusk::coordination
