#include "dfs/shell/decompress.h"

#include <zlib.h>
#include <zstd.h>

#include <string>
#include <vector>

#include "common/base/try.h"

namespace tusk::dfs::shell {

class Decompressor::Codec {
 public:
  virtual ~Codec() = default;
  virtual Status Write(std::span<const std::byte> bytes, const Sink& sink) = 0;
  virtual Status Finish() = 0;
};

namespace {

constexpr size_t kOutBytes = 256 << 10;
constexpr size_t kMagicBytes = 4;

bool StartsWith(const std::vector<std::byte>& bytes, std::initializer_list<int> magic) {
  if (bytes.size() < magic.size()) return false;
  size_t i = 0;
  for (const int byte : magic) {
    if (bytes[i++] != static_cast<std::byte>(byte)) return false;
  }
  return true;
}

class Plain final : public Decompressor::Codec {
 public:
  Status Write(std::span<const std::byte> bytes, const Decompressor::Sink& sink) override { return sink(bytes); }
  Status Finish() override { return OkStatus(); }
};

class Gzip final : public Decompressor::Codec {
 public:
  Gzip() : ready_(::inflateInit2(&stream_, 15 + 16) == Z_OK), out_(kOutBytes) {}
  ~Gzip() override {
    if (ready_) ::inflateEnd(&stream_);
  }

  Status Write(std::span<const std::byte> bytes, const Decompressor::Sink& sink) override {
    if (!ready_) return ResourceExhausted("no memory to decompress gzip");
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    bool full = false;
    while (stream_.avail_in > 0 || full) {
      if (ended_) {  // another member follows
        if (::inflateReset(&stream_) != Z_OK) return Corruption("the gzip stream cannot be continued");
        ended_ = false;
      }
      stream_.next_out = reinterpret_cast<Bytef*>(out_.data());
      stream_.avail_out = static_cast<uInt>(out_.size());
      const int code = ::inflate(&stream_, Z_NO_FLUSH);
      if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
        return Corruption(std::string("the gzip data is damaged (") + (stream_.msg != nullptr ? stream_.msg : "bad data") + ")");
      }
      TUSK_TRY(sink(std::span(out_).first(out_.size() - stream_.avail_out)));
      ended_ = code == Z_STREAM_END;
      full = stream_.avail_out == 0 && !ended_;
      if (code == Z_BUF_ERROR) break;
    }
    return OkStatus();
  }
  Status Finish() override { return ended_ ? OkStatus() : Corruption("the gzip data ends too early"); }

 private:
  z_stream stream_{};
  const bool ready_;
  bool ended_ = false;
  std::vector<std::byte> out_;
};

class Zstd final : public Decompressor::Codec {
 public:
  Zstd() : stream_(::ZSTD_createDStream(), &::ZSTD_freeDStream), out_(kOutBytes) {}

  Status Write(std::span<const std::byte> bytes, const Decompressor::Sink& sink) override {
    if (!stream_) return ResourceExhausted("no memory to decompress zstd");
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    bool full = false;
    while (in.pos < in.size || full) {
      ZSTD_outBuffer out{out_.data(), out_.size(), 0};
      const size_t left = ::ZSTD_decompressStream(stream_.get(), &out, &in);
      if (::ZSTD_isError(left) != 0) {
        return Corruption(std::string("the zstd data is damaged (") + ::ZSTD_getErrorName(left) + ")");
      }
      TUSK_TRY(sink(std::span(out_).first(out.pos)));
      ended_ = left == 0;
      full = out.pos == out.size && !ended_;
    }
    return OkStatus();
  }
  Status Finish() override { return ended_ ? OkStatus() : Corruption("the zstd data ends too early"); }

 private:
  std::unique_ptr<ZSTD_DStream, size_t (*)(ZSTD_DStream*)> stream_;
  bool ended_ = false;
  std::vector<std::byte> out_;
};

}  // namespace

Decompressor::Decompressor(Sink sink) : sink_(std::move(sink)) {}
Decompressor::~Decompressor() = default;

Status Decompressor::Write(std::span<const std::byte> bytes) {
  if (codec_) return codec_->Write(bytes, sink_);
  start_.insert(start_.end(), bytes.begin(), bytes.end());
  return start_.size() >= kMagicBytes ? Choose() : OkStatus();
}

Status Decompressor::Choose() {
  if (StartsWith(start_, {0x1f, 0x8b})) {
    codec_ = std::make_unique<Gzip>();
  } else if (StartsWith(start_, {0x28, 0xb5, 0x2f, 0xfd})) {
    codec_ = std::make_unique<Zstd>();
  } else {
    codec_ = std::make_unique<Plain>();
  }
  const std::vector<std::byte> start = std::move(start_);
  return codec_->Write(start, sink_);
}

Status Decompressor::Finish() {
  if (!codec_) TUSK_TRY(Choose());
  return codec_->Finish();
}

}  // namespace tusk::dfs::shell
