// A C program as it would be written against libhdfs: writes, reads, lists, renames, and makes mistakes. Prints nothing but what it
// found wrong; exit code 0 when that was nothing. usage: c_program HOST PORT DIRECTORY
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hdfs.h"

static int failures = 0;

#define CHECK(condition)                                                                                              \
  do {                                                                                                                \
    if (!(condition)) {                                                                                               \
      const char* why = hdfsGetLastExceptionRootCause();                                                              \
      fprintf(stderr, "line %d: %s is false; errno %d, %s\n", __LINE__, #condition, errno, why ? why : "no sentence"); \
      ++failures;                                                                                                     \
    }                                                                                                                 \
  } while (0)

static void write_and_read(hdfsFS fs, const char* path) {
  const char text[] = "The quick brown fox\njumps over the lazy dog\n";
  const tSize bytes = (tSize)strlen(text);
  hdfsFile out = hdfsOpenFile(fs, path, O_WRONLY, 0, 1, 0);
  CHECK(out != NULL && hdfsFileIsOpenForWrite(out) && !hdfsFileIsOpenForRead(out));
  CHECK(hdfsWrite(fs, out, text, bytes) == bytes);
  CHECK(hdfsHFlush(fs, out) == 0 && hdfsHSync(fs, out) == 0);
  CHECK(hdfsTell(fs, out) == bytes);
  CHECK(hdfsCloseFile(fs, out) == 0);
  out = hdfsOpenFile(fs, path, O_WRONLY | O_APPEND, 0, 0, 0);
  CHECK(out != NULL && hdfsWrite(fs, out, "more\n", 5) == 5 && hdfsCloseFile(fs, out) == 0);

  char buffer[128] = {0};
  hdfsFile in = hdfsOpenFile(fs, path, O_RDONLY, 0, 0, 0);
  CHECK(in != NULL && hdfsAvailable(fs, in) == bytes + 5);
  CHECK(hdfsRead(fs, in, buffer, sizeof buffer) == bytes + 5 && memcmp(buffer, text, (size_t)bytes) == 0);
  CHECK(hdfsRead(fs, in, buffer, sizeof buffer) == 0);
  CHECK(hdfsPread(fs, in, 4, buffer, 5) == 5 && memcmp(buffer, "quick", 5) == 0);
  CHECK(hdfsSeek(fs, in, 10) == 0 && hdfsTell(fs, in) == 10);
  CHECK(hdfsPreadFully(fs, in, bytes, buffer, 6) == -1);
  struct hadoopRzOptions* options = hadoopRzOptionsAlloc();
  CHECK(hadoopRzOptionsSetByteBufferPool(options, ELASTIC_BYTE_BUFFER_POOL_CLASS) == 0);
  struct hadoopRzBuffer* zero = hadoopReadZero(in, options, 5);
  CHECK(zero != NULL && hadoopRzBufferLength(zero) == 5 && memcmp(hadoopRzBufferGet(zero), "brown", 5) == 0);
  hadoopRzBufferFree(in, zero);
  hadoopRzOptionsFree(options);
  CHECK(hdfsCloseFile(fs, in) == 0);
}

static void look(hdfsFS fs, const char* directory, const char* name) {
  int count = -1;
  hdfsFileInfo* entries = hdfsListDirectory(fs, directory, &count);
  CHECK(entries != NULL && count == 1);
  if (entries != NULL && count == 1) {
    CHECK(strncmp(entries[0].mName, "hdfs://", 7) == 0 && strstr(entries[0].mName, name) != NULL);
    CHECK(entries[0].mKind == kObjectKindFile && entries[0].mReplication == 1);
    CHECK(hdfsExists(fs, entries[0].mName) == 0);
  }
  hdfsFreeFileInfo(entries, count);
}

static void make_mistakes(hdfsFS fs) {
  CHECK(hdfsOpenFile(fs, "/does/not/exist", O_RDONLY, 0, 0, 0) == NULL && errno == ENOENT);
  CHECK(strstr(hdfsGetLastExceptionRootCause(), "/does/not/exist") != NULL);
  CHECK(hdfsOpenFile(fs, "/", O_RDONLY, 0, 0, 0) == NULL && errno == EISDIR);
  CHECK(hdfsExists(fs, NULL) == -1 && errno == EINVAL);
  CHECK(hdfsExists(NULL, "/") == -1 && errno == EBADF);
  CHECK(hdfsCloseFile(fs, NULL) == -1 && errno == EBADF);
}

int main(int argc, char** argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: c_program HOST PORT DIRECTORY\n");
    return 2;
  }
  hdfsFS fs = hdfsConnect(argv[1], (tPort)atoi(argv[2]));
  CHECK(fs != NULL);
  if (fs == NULL) return 1;
  CHECK(hdfsCreateDirectory(fs, argv[3]) == 0 && hdfsSetWorkingDirectory(fs, argv[3]) == 0);
  write_and_read(fs, "draft");
  CHECK(hdfsRename(fs, "draft", "final") == 0);
  look(fs, argv[3], "/final");
  make_mistakes(fs);
  CHECK(hdfsDisconnect(fs) == 0);
  return failures == 0 ? 0 : 1;
}
