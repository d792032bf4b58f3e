// Where Map and Reduce put their records: out(key, value).
//
// Records are encoded where they stand into a small buffer; a full buffer goes to the task's collector or output file in one
// call. So there is one branch per record and no call; keys and values may point to memory that is reused right after. Errors: a
// failed collector (full disk, lost connection) makes further records vanish and ends the attempt at the next record. Thread: the
// task's.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "common/base/status.h"
#include "mapreduce/api/codec.h"
#include "mapreduce/api/text_form.h"

namespace tusk::mr {

enum class Framing : uint8_t {
  kRecords,  // to the collector: u32 key bytes, u32 value bytes, key, value
  kText,     // key TAB value LF
  kRaw,      // key bytes and value bytes, one after the other: fixed-size records
};

// Takes full buffers.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  // `staged` may be read up to kSlack bytes past its end.
  virtual Status Drain(std::span<const char> staged, uint64_t records) = 0;
  static constexpr size_t kSlack = 64;
};

// The buffer, whatever the types of the records.
class Emitter {
 public:
  Emitter(Framing framing, size_t bytes, RecordSink& sink);
  Emitter(const Emitter&) = delete;

  Framing framing() const { return framing_; }
  // Room for one record of at most `bytes`.
  char* Reserve(size_t bytes) {
    if (bytes <= static_cast<size_t>(limit_ - cursor_)) [[likely]]
      return cursor_;
    return MakeRoom(bytes);
  }
  void Commit(char* end) {
    cursor_ = end;
    ++staged_;
  }
  Status Flush();
  // The first failure of the sink, or of the job itself.
  const Status& status() const { return status_; }
  bool failed() const { return failed_; }
  void Fail(Status status);
  uint64_t records() const { return drained_ + staged_; }

 private:
  char* MakeRoom(size_t bytes);
  void Allocate(size_t bytes);

  const Framing framing_;
  RecordSink& sink_;
  std::unique_ptr<char[]> buffer_;
  char* cursor_ = nullptr;
  char* limit_ = nullptr;
  uint64_t staged_ = 0;
  uint64_t drained_ = 0;
  Status status_;
  bool failed_ = false;
};

template <class K, class V>
class Out {
 public:
  using Key = K;
  using Value = V;
  explicit Out(Emitter& emitter) : emitter_(emitter) {}

  void operator()(const K& key, const V& value) {
    switch (emitter_.framing()) {
      case Framing::kRecords: {
        char* begin = emitter_.Reserve(8 + KeyCodec<K>::MaxBytes(key) + ValueCodec<V>::MaxBytes(value));
        char* middle = KeyCodec<K>::template Put<true>(key, begin + 8);
        char* end = ValueCodec<V>::template Put<true>(value, middle);
        const uint32_t sizes[2] = {static_cast<uint32_t>(middle - begin - 8), static_cast<uint32_t>(end - middle)};
        std::memcpy(begin, sizes, 8);
        emitter_.Commit(end);
        return;
      }
      case Framing::kText: {
        char* to = emitter_.Reserve(TextForm<K>::MaxBytes(key) + TextForm<V>::MaxBytes(value) + 2);
        to = TextForm<K>::Put(key, to);
        if constexpr (!std::is_same_v<V, Nothing>) {
          *to++ = '\t';
          to = TextForm<V>::Put(value, to);
        }
        *to++ = '\n';
        emitter_.Commit(to);
        return;
      }
      case Framing::kRaw: {
        char* to = emitter_.Reserve(KeyCodec<K>::MaxBytes(key) + ValueCodec<V>::MaxBytes(value));
        to = KeyCodec<K>::template Put<true>(key, to);
        emitter_.Commit(ValueCodec<V>::template Put<true>(value, to));
        return;
      }
    }
  }

  // A key alone: out("line") for an Out<std::string_view, Nothing>.
  void operator()(const K& key)
    requires std::is_same_v<V, Nothing>
  {
    (*this)(key, Nothing{});
  }

  // The attempt fails with this sentence; the rest of its input is not read.
  void Fail(Status status) { emitter_.Fail(std::move(status)); }

 private:
  Emitter& emitter_;
};

}  // namespace tusk::mr
