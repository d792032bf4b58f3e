// What every Disk does, run against all three.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "common/storage/disk.h"
#include "common/storage/memory_disk.h"

namespace tusk::storage {
namespace {

std::span<const std::byte> Bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string MakeTemporaryFolder() {
  std::string path = (std::filesystem::temp_directory_path() / "tusk-disk-XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr) std::abort();
  return path;
}

struct Posix {
  Disk& disk() { return Disk::Posix(); }
  std::string root = MakeTemporaryFolder();
  ~Posix() { std::filesystem::remove_all(root); }
};
struct Memory {
  Disk& disk() { return disk_; }
  MemoryDisk disk_;
  std::string root = "/root";
  Memory() { disk_.CreateDirectories(root).ok(); }
};
struct Forgetful {
  Disk& disk() { return disk_; }
  ForgetfulDisk disk_{42};
  std::string root = "/root";
  Forgetful() { disk_.CreateDirectories(root).ok(); }
};

template <class Body>
class DiskContract : public ::testing::Test {
 protected:
  Disk& disk() { return body_.disk(); }
  std::string Path(std::string_view name) { return JoinPath(body_.root, name); }

  void Put(std::string_view name, std::string_view text) {
    auto file = disk().Open(Path(name), OpenMode::kTruncate);
    ASSERT_TRUE(file.ok()) << file.status();
    ASSERT_EQ((*file)->WriteAt(0, Bytes(text)), OkStatus());
  }
  std::string Get(std::string_view name) {
    auto text = ReadFile(disk(), Path(name));
    return text.ok() ? *text : text.status().ToString();
  }
  Code OpenCode(std::string_view name, OpenMode mode) { return disk().Open(Path(name), mode).status().code(); }

  Body body_;
};

using Bodies = ::testing::Types<Posix, Memory, Forgetful>;
TYPED_TEST_SUITE(DiskContract, Bodies);

TYPED_TEST(DiskContract, ReadsWhatWasWritten) {
  auto file = this->disk().Open(this->Path("a"), OpenMode::kCreateNew);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ((*file)->WriteAt(0, Bytes("hello world")), OkStatus());
  EXPECT_EQ((*file)->WriteAt(6, Bytes("WORLD!")), OkStatus());
  std::string out(100, 'x');
  auto read = (*file)->ReadAt(0, std::as_writable_bytes(std::span(out)));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(out.substr(0, *read), "hello WORLD!");
  read = (*file)->ReadAt(6, std::as_writable_bytes(std::span(out).first(3)));
  EXPECT_EQ(*read, 3u);
  EXPECT_EQ(out.substr(0, 3), "WOR");
  EXPECT_EQ(*(*file)->ReadAt(12, std::as_writable_bytes(std::span(out))), 0u);
  EXPECT_EQ(*(*file)->ReadAt(1000, std::as_writable_bytes(std::span(out))), 0u);
  EXPECT_EQ(*(*file)->Size(), 12u);
  EXPECT_EQ((*file)->path(), this->Path("a"));
  EXPECT_EQ((*file)->Sync(), OkStatus());
}

TYPED_TEST(DiskContract, ReadsTheGapBehindAFarWriteAsZeroes) {
  auto file = this->disk().Open(this->Path("a"), OpenMode::kCreate);
  ASSERT_TRUE(file.ok());
  EXPECT_EQ((*file)->WriteAt(10'000, Bytes("z")), OkStatus());
  EXPECT_EQ(this->Get("a"), std::string(10'000, '\0') + "z");
  EXPECT_EQ((*file)->WriteAt(20'000, {}), OkStatus());  // nothing written, nothing grown
  EXPECT_EQ(*(*file)->Size(), 10'001u);
}

TYPED_TEST(DiskContract, WritesManyPiecesInOrder) {
  auto file = this->disk().Open(this->Path("a"), OpenMode::kCreate);
  ASSERT_TRUE(file.ok());
  std::vector<std::string> texts;
  std::string expected = "..";
  for (int i = 0; i < 1000; ++i)
    texts.push_back(i % 7 == 0 ? "" : std::string(static_cast<size_t>(i % 13), static_cast<char>('a' + i % 26)));
  std::vector<std::span<const std::byte>> parts;
  for (const auto& text : texts) {
    parts.push_back(Bytes(text));
    expected += text;
  }
  ASSERT_EQ((*file)->WriteAt(0, Bytes("..")), OkStatus());
  EXPECT_EQ((*file)->WriteVectorAt(2, parts), OkStatus());
  EXPECT_EQ(this->Get("a"), expected);
  EXPECT_EQ((*file)->WriteVectorAt(2, {}), OkStatus());
}

TYPED_TEST(DiskContract, OpensByMode) {
  EXPECT_EQ(this->OpenCode("a", OpenMode::kRead), Code::kNotFound);
  EXPECT_EQ(this->OpenCode("a", OpenMode::kReadWrite), Code::kNotFound);
  EXPECT_EQ(this->OpenCode("a", OpenMode::kCreateNew), Code::kOk);
  EXPECT_EQ(this->OpenCode("a", OpenMode::kCreateNew), Code::kAlreadyExists);
  this->Put("a", "text");
  EXPECT_EQ(this->OpenCode("a", OpenMode::kCreate), Code::kOk);
  EXPECT_EQ(this->OpenCode("a", OpenMode::kReadWrite), Code::kOk);
  EXPECT_EQ(this->Get("a"), "text");
  EXPECT_EQ(this->OpenCode("a", OpenMode::kTruncate), Code::kOk);
  EXPECT_EQ(this->Get("a"), "");
}

TYPED_TEST(DiskContract, RefusesToWriteAFileOpenedForReading) {
  this->Put("a", "text");
  auto file = this->disk().Open(this->Path("a"), OpenMode::kRead);
  ASSERT_TRUE(file.ok());
  EXPECT_EQ((*file)->WriteAt(0, Bytes("x")).code(), Code::kFailedPrecondition);
  EXPECT_EQ((*file)->Truncate(0).code(), Code::kFailedPrecondition);
  EXPECT_EQ((*file)->Allocate(100).code(), Code::kFailedPrecondition);
  EXPECT_EQ(this->Get("a"), "text");
}

TYPED_TEST(DiskContract, NamesThePathInErrors) {
  const auto status = this->disk().Open(this->Path("missing/a"), OpenMode::kCreate).status();
  EXPECT_EQ(status.code(), Code::kNotFound);
  EXPECT_NE(status.message().find("cannot open " + this->Path("missing/a")), std::string::npos) << status;
  this->Put("file", "");
  EXPECT_EQ(this->OpenCode("file/a", OpenMode::kCreate), Code::kNotADirectory);
  ASSERT_EQ(this->disk().CreateDirectories(this->Path("folder")), OkStatus());
  EXPECT_EQ(this->OpenCode("folder", OpenMode::kRead), Code::kIsADirectory);
  EXPECT_EQ(this->OpenCode("folder", OpenMode::kReadWrite), Code::kIsADirectory);
  EXPECT_EQ(this->disk().CreateDirectories(this->Path("file/b")).code(), Code::kNotADirectory);
  EXPECT_EQ(this->disk().CreateDirectories(this->Path("file")).code(), Code::kNotADirectory);
}

TYPED_TEST(DiskContract, TruncatesAndShowsZeroesWhenGrownAgain) {
  this->Put("a", std::string(9000, 'x'));
  auto file = this->disk().Open(this->Path("a"), OpenMode::kReadWrite);
  ASSERT_TRUE(file.ok());
  EXPECT_EQ((*file)->Truncate(5), OkStatus());
  EXPECT_EQ(this->Get("a"), "xxxxx");
  EXPECT_EQ((*file)->Truncate(8), OkStatus());
  EXPECT_EQ(this->Get("a"), std::string("xxxxx\0\0\0", 8));
}

TYPED_TEST(DiskContract, AllocatesZeroesBehindWhatIsThere) {
  this->Put("a", "head");
  auto file = this->disk().Open(this->Path("a"), OpenMode::kReadWrite);
  ASSERT_TRUE(file.ok());
  EXPECT_EQ((*file)->Allocate(700'000), OkStatus());
  EXPECT_EQ(this->Get("a"), "head" + std::string(700'000 - 4, '\0'));
  EXPECT_EQ((*file)->Allocate(10), OkStatus());  // at least: never smaller
  EXPECT_EQ(*(*file)->Size(), 700'000u);
}

TYPED_TEST(DiskContract, RenamesOverAnExistingFile) {
  this->Put("a", "new");
  this->Put("b", "old");
  EXPECT_EQ(this->disk().Rename(this->Path("a"), this->Path("b")), OkStatus());
  EXPECT_EQ(this->Get("b"), "new");
  EXPECT_EQ(this->OpenCode("a", OpenMode::kRead), Code::kNotFound);
  EXPECT_EQ(this->disk().Rename(this->Path("a"), this->Path("b")).code(), Code::kNotFound);
  EXPECT_EQ(this->disk().Rename(this->Path("b"), this->Path("missing/b")).code(), Code::kNotFound);
  ASSERT_EQ(this->disk().CreateDirectories(this->Path("d/e")), OkStatus());
  EXPECT_EQ(this->disk().Rename(this->Path("b"), this->Path("d")).code(), Code::kIsADirectory);
  EXPECT_EQ(this->disk().Rename(this->Path("d"), this->Path("d/e/f")).code(), Code::kInvalidArgument);
  EXPECT_EQ(this->disk().Rename(this->Path("d"), this->Path("g")), OkStatus());
  EXPECT_TRUE(this->disk().Stat(this->Path("g/e"))->is_directory);
}

TYPED_TEST(DiskContract, RemovesFilesAndEmptyFolders) {
  ASSERT_EQ(this->disk().CreateDirectories(this->Path("d/e")), OkStatus());
  this->Put("d/e/a", "x");
  EXPECT_EQ(this->disk().Remove(this->Path("d/e")).code(), Code::kNotEmpty);
  EXPECT_EQ(this->disk().Remove(this->Path("d/e/a")), OkStatus());
  EXPECT_EQ(this->disk().Remove(this->Path("d/e/a")).code(), Code::kNotFound);
  EXPECT_EQ(this->disk().Remove(this->Path("d/e")), OkStatus());
  this->Put("d/b", "x");
  EXPECT_EQ(this->disk().RemoveAll(this->Path("d")), OkStatus());
  EXPECT_EQ(this->disk().Stat(this->Path("d")).status().code(), Code::kNotFound);
  EXPECT_EQ(this->disk().RemoveAll(this->Path("d")), OkStatus());
}

TYPED_TEST(DiskContract, KeepsARemovedFileForWhoeverHasItOpen) {
  this->Put("a", "text");
  auto file = this->disk().Open(this->Path("a"), OpenMode::kRead);
  ASSERT_TRUE(file.ok());
  ASSERT_EQ(this->disk().Remove(this->Path("a")), OkStatus());
  this->Put("a", "another");
  std::string out(4, ' ');
  EXPECT_EQ(*(*file)->ReadAt(0, std::as_writable_bytes(std::span(out))), 4u);
  EXPECT_EQ(out, "text");
}

TYPED_TEST(DiskContract, ListsSortedByName) {
  ASSERT_EQ(this->disk().CreateDirectories(this->Path("d/sub")), OkStatus());
  this->Put("d/b", "12");
  this->Put("d/a", "1");
  const auto list = this->disk().List(this->Path("d"));
  ASSERT_TRUE(list.ok());
  ASSERT_EQ(list->size(), 3u);
  EXPECT_EQ((*list)[0].name, "a");
  EXPECT_EQ((*list)[0].size, 1u);
  EXPECT_EQ((*list)[1].name, "b");
  EXPECT_EQ((*list)[1].size, 2u);
  EXPECT_FALSE((*list)[1].is_directory);
  EXPECT_EQ((*list)[2].name, "sub");
  EXPECT_TRUE((*list)[2].is_directory);
  EXPECT_EQ((*list)[2].size, 0u);
  EXPECT_EQ(this->disk().List(this->Path("missing")).status().code(), Code::kNotFound);
  EXPECT_EQ(this->disk().List(this->Path("d/a")).status().code(), Code::kNotADirectory);
}

TYPED_TEST(DiskContract, StatsAndMeasuresSpace) {
  this->Put("a", "12345");
  const auto info = this->disk().Stat(this->Path("a"));
  ASSERT_TRUE(info.ok());
  EXPECT_EQ(info->name, "a");
  EXPECT_EQ(info->size, 5u);
  EXPECT_EQ(this->disk().Stat(this->body_.root + "/")->name, ParentPath(this->Path("x")).substr(this->body_.root.rfind('/') + 1));
  EXPECT_EQ(this->disk().Stat(this->Path("b")).status().code(), Code::kNotFound);
  const auto space = this->disk().Space(this->body_.root);
  ASSERT_TRUE(space.ok());
  EXPECT_GT(space->capacity, 0u);
  EXPECT_GT(space->available, 0u);
  EXPECT_EQ(this->disk().SyncDirectory(this->body_.root), OkStatus());
  EXPECT_EQ(this->disk().SyncDirectory(this->Path("none")).code(), Code::kNotFound);
  EXPECT_EQ(this->disk().SyncDirectory(this->Path("a")).code(), Code::kNotADirectory);
}

TYPED_TEST(DiskContract, WritesAtomicallyAndReadsWithinABound) {
  EXPECT_EQ(WriteFileAtomically(this->disk(), this->Path("a"), "one"), OkStatus());
  EXPECT_EQ(WriteFileAtomically(this->disk(), this->Path("a"), "second"), OkStatus());
  EXPECT_EQ(this->Get("a"), "second");
  EXPECT_EQ(this->disk().List(this->body_.root)->size(), 1u);  // no .tmp is left
  EXPECT_EQ(ReadFile(this->disk(), this->Path("a"), 6).status(), OkStatus());
  const auto status = ReadFile(this->disk(), this->Path("a"), 5).status();
  EXPECT_EQ(status.code(), Code::kResourceExhausted);
  EXPECT_NE(status.message().find(this->Path("a")), std::string::npos) << status;
  EXPECT_EQ(WriteFileAtomically(this->disk(), this->Path("none/a"), "x").code(), Code::kNotFound);
}

TEST(DiskPaths, JoinAndSplit) {
  EXPECT_EQ(JoinPath("/a", "b"), "/a/b");
  EXPECT_EQ(JoinPath("/a/", "/b"), "/a/b");
  EXPECT_EQ(JoinPath("/", "b"), "/b");
  EXPECT_EQ(JoinPath("", "b"), "b");
  EXPECT_EQ(ParentPath("/a/b"), "/a");
  EXPECT_EQ(ParentPath("/a/b/"), "/a");
  EXPECT_EQ(ParentPath("/a"), "/");
  EXPECT_EQ(ParentPath("/"), "/");
  EXPECT_EQ(ParentPath("a"), ".");
  EXPECT_EQ(ParentPath("a//b"), "a");
  EXPECT_EQ(ParentPath(""), ".");
}

TEST(PosixDisk, GivesADescriptor) {
  Posix body;
  auto file = body.disk().Open(JoinPath(body.root, "a"), OpenMode::kCreate);
  ASSERT_TRUE(file.ok());
  EXPECT_GE((*file)->fd(), 0);
}

}  // namespace
}  // namespace tusk::storage
