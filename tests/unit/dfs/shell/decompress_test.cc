#include "dfs/shell/decompress.h"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <string>

#include "common/base/random.h"

namespace tusk::dfs::shell {
namespace {

std::string Gzip(const std::string& text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string Zstd(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

struct Outcome {
  Status status;
  std::string text;
};

Outcome Decompressed(const std::string& input, size_t piece) {
  Outcome outcome;
  Decompressor decompressor([&](std::span<const std::byte> bytes) {
    outcome.text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return OkStatus();
  });
  for (size_t at = 0; at < input.size() && outcome.status.ok(); at += piece) {
    const std::string part = input.substr(at, piece);
    outcome.status = decompressor.Write(std::as_bytes(std::span(part)));
  }
  if (outcome.status.ok()) outcome.status = decompressor.Finish();
  return outcome;
}

std::string Text() {
  Random random(7);
  std::string text;
  while (text.size() < 900'000) text += "line " + std::to_string(random.Below(1000)) + "\n";
  return text;
}

TEST(Decompressor, GivesPlainBytesAsTheyAre) {
  for (const char* text : {"", "a", "abc", "plain text that is longer"}) EXPECT_EQ(Decompressed(text, 1).text, text);
}

TEST(Decompressor, ReadsGzipInPiecesOfAnySize) {
  const std::string text = Text();
  for (const size_t piece : {1000, 65536, 10'000'000}) {
    const Outcome outcome = Decompressed(Gzip(text), piece);
    EXPECT_TRUE(outcome.status.ok()) << outcome.status;
    EXPECT_EQ(outcome.text, text);
  }
  EXPECT_EQ(Decompressed(Gzip("tiny"), 1).text, "tiny");
}

TEST(Decompressor, ReadsZstdInPiecesOfAnySize) {
  const std::string text = Text();
  for (const size_t piece : {1000, 10'000'000}) EXPECT_EQ(Decompressed(Zstd(text), piece).text, text);
  EXPECT_EQ(Decompressed(Zstd("tiny"), 1).text, "tiny");
}

TEST(Decompressor, JoinsSeveralMembers) {
  EXPECT_EQ(Decompressed(Gzip("one ") + Gzip("two"), 5).text, "one two");
  EXPECT_EQ(Decompressed(Zstd("one ") + Zstd("two"), 5).text, "one two");
}

TEST(Decompressor, RefusesCutAndDamagedStreams) {
  const std::string text = Text();
  for (const std::string& good : {Gzip(text), Zstd(text)}) {
    EXPECT_EQ(Decompressed(good.substr(0, good.size() - 20), 4096).status.code(), Code::kCorruption);
  }
  std::string bad = Gzip(text);
  bad[bad.size() / 2] = static_cast<char>(bad[bad.size() / 2] ^ 0x55);
  EXPECT_EQ(Decompressed(bad, 4096).status.code(), Code::kCorruption);
}

}  // namespace
}  // namespace tusk::dfs::shell
