// fsimages: for any bytes every entry that the trailer vouches for, or an error; and what is read is what a writer writes again.
#include <glog/logging.h>

#include "common/storage/crc32c.h"
#include "common/storage/memory_disk.h"
#include "dfs/namenode/image/image_reader.h"
#include "dfs/namenode/image/image_writer.h"
#include "tests/fuzz/seeds.h"

namespace tusk::fuzz {
namespace {

using namespace dfs::namenode;  // NOLINT(google-build-using-namespace)

constexpr uint64_t kCluster = 42;
using Entries = std::vector<std::pair<std::string, std::string>>;

storage::MemoryDisk& Disk() {
  static storage::MemoryDisk disk;
  return disk;
}

void Put(const std::string& bytes) {
  auto file = Disk().Open("/image", storage::OpenMode::kTruncate);
  CHECK(file.ok() && (*file)->WriteAt(0, Bytes(bytes)).ok());
}

std::string Written(const Entries& entries) {
  auto writer = ImageWriter::Create(Disk(), "/written", {kCluster, 9});
  CHECK(writer.ok());
  for (const auto& [key, value] : entries) CHECK((*writer)->Add(key, value).ok());
  CHECK((*writer)->Finish().ok());
  return *storage::ReadFile(Disk(), "/written");
}

// Puts every checksum right that can be found by the lengths in the bytes.
void Seal(std::string* bytes) {
  uint32_t crc = 0;
  const auto seal = [&](size_t from, size_t size) {
    if (from + size + 4 > bytes->size()) return false;
    crc = storage::Crc32c(bytes->data() + from, size, crc);
    PutAt(bytes, from + size, crc);
    return true;
  };
  if (!seal(0, kImageHeaderBytes - 4)) return;
  for (size_t at = kImageHeaderBytes; at + kImageBlockHead <= bytes->size();) {
    const bool trailer = GetAt<uint32_t>(*bytes, at) == 0;
    const size_t size = trailer ? kImageTrailerBytes - 4 : kImageBlockHead + GetAt<uint32_t>(*bytes, at + 4);
    if (!seal(at, size) || trailer) return;
    at += size + 4;
  }
}

}  // namespace

std::vector<std::string> Seeds() {
  std::vector<std::string> seeds;
  AddOrdered(Written({}), &seeds);
  AddOrdered(Written({{"Da", "1"}, {"M", "meta"}, {"Z", std::string(300, 'z')}}), &seeds);
  Entries many;
  for (int i = 0; i < 12; ++i) many.emplace_back("I" + std::to_string(i), std::string(120'000, static_cast<char>('a' + i)));
  AddOrdered(Written(many), &seeds);
  return seeds;
}

}  // namespace tusk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tusk::fuzz;  // NOLINT(google-build-using-namespace)
  auto [seal, bytes] = Order(data, size);
  if (seal) Seal(&bytes);
  Put(bytes);
  const auto reader = ImageReader::Open(Disk(), "/image", kCluster);
  if (!reader.ok()) return 0;
  CHECK_GE(bytes.size(), kImageHeaderBytes);
  Entries entries;
  size_t total = 0;
  const tusk::Status read = (*reader)->Read([&](std::string_view key, std::string_view value) {
    total += key.size() + value.size();
    if (total < (8 << 20)) entries.emplace_back(key, value);
    return tusk::OkStatus();
  });
  if (!read.ok() || total >= (8 << 20)) return 0;
  // The same entries, written anew, are read as the same entries.
  Put(Written(entries));
  const auto again = ImageReader::Open(Disk(), "/image", kCluster);
  CHECK(again.ok());
  size_t next = 0;
  const tusk::Status same = (*again)->Read([&](std::string_view key, std::string_view value) {
    CHECK(next < entries.size() && entries[next].first == key && entries[next].second == value);
    ++next;
    return tusk::OkStatus();
  });
  CHECK(same.ok() && next == entries.size()) << same;
  return 0;
}
