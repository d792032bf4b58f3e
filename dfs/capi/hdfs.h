// Tusk's C API: the functions of Hadoop's libhdfs under their names, so that programs written against it are linked again and
// run.
//
//   hdfsFS fs = hdfsConnect("127.0.0.1", 8020);
//   hdfsFile out = hdfsOpenFile(fs, "/logs/today", O_WRONLY, 0, 0, 0);
//   hdfsWrite(fs, out, bytes, count);
//   hdfsCloseFile(fs, out);              // durable: on disk at every replica
//
// Errors: -1 (a NULL where a pointer is returned) and errno; hdfsGetLastExceptionRootCause has the sentence. EBADF: not an open
//         file, file system or builder; EINVAL: a wrong argument; ENOENT, EEXIST, ENOTDIR, EISDIR, ENOTEMPTY, EACCES, EROFS (safe
//         mode), ENOSPC, EDQUOT (a quota), EBUSY (somebody else writes the file) as for files; EHOSTUNREACH: the NameNode cannot
//         be reached; EIO.
// Paths:  absolute, relative to the working directory, or "hdfs://host:port/path" of the cluster of `fs`.
// Thread: every function from any thread; calls that move the position of one file wait for each other.
// Owner:  what a function returns belongs to the caller until the function named with it. A file may outlive its hdfsFS.
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

// The errno of libhdfs for what has no number; here such an error is EIO.
#ifndef EINTERNAL
#define EINTERNAL 255
#endif
#define ELASTIC_BYTE_BUFFER_POOL_CLASS "org/apache/hadoop/io/ElasticByteBufferPool"

#ifdef __cplusplus
extern "C" {
#endif

typedef int32_t tSize;    // bytes of one call
typedef time_t tTime;     // seconds since 1970
typedef int64_t tOffset;  // bytes in a file
typedef uint16_t tPort;
typedef enum tObjectKind { kObjectKindFile = 'F', kObjectKindDirectory = 'D' } tObjectKind;

typedef struct hdfs_internal* hdfsFS;
typedef struct hdfsFile_internal* hdfsFile;
struct hdfsBuilder;
struct hdfsStreamBuilder;
typedef struct hdfsOpenFileBuilder hdfsOpenFileBuilder;
typedef struct hdfsOpenFileFuture hdfsOpenFileFuture;
struct hadoopRzOptions;
struct hadoopRzBuffer;

// ---- Connections. The first answer of the NameNode is awaited, up to 5 s.

// nn: a host, "host:port" or "hdfs://host:port"; the port in one way only, 0: 8020. "default": as TUSK_CONF and the environment
// say. NULL, which is the local file system for libhdfs, is refused with ENOTSUP. user NULL: the login name. Connections to one
// address as one user share their sockets, except for a new instance; each has a working directory of its own.
hdfsFS hdfsConnect(const char* nn, tPort port);
hdfsFS hdfsConnectAsUser(const char* nn, tPort port, const char* user);
hdfsFS hdfsConnectNewInstance(const char* nn, tPort port);
hdfsFS hdfsConnectAsUserNewInstance(const char* nn, tPort port, const char* user);

struct hdfsBuilder* hdfsNewBuilder(void);
void hdfsBuilderSetForceNewInstance(struct hdfsBuilder* bld);
void hdfsBuilderSetNameNode(struct hdfsBuilder* bld, const char* nn);
void hdfsBuilderSetNameNodePort(struct hdfsBuilder* bld, tPort port);
void hdfsBuilderSetUserName(struct hdfsBuilder* bld, const char* userName);
// There is no Kerberos: the path is not looked at.
void hdfsBuilderSetKerbTicketCachePath(struct hdfsBuilder* bld, const char* kerbTicketCachePath);
// A setting of Tusk ("dfs.block_size") or its name in Hadoop ("dfs.blocksize"); others mean nothing here and are let pass. val
// NULL: no value. A value that cannot be used fails the connection with EINVAL. 0, or the errno.
int hdfsBuilderConfSetStr(struct hdfsBuilder* bld, const char* key, const char* val);
hdfsFS hdfsBuilderConnect(struct hdfsBuilder* bld);  // frees the builder in any case
void hdfsFreeBuilder(struct hdfsBuilder* bld);

// Of TUSK_CONF and the environment; sizes in bytes, times in milliseconds. 0, or the errno. A key that is not known is no error:
// NULL in *val, or *val as it was.
int hdfsConfGetStr(const char* key, char** val);
int hdfsConfGetInt(const char* key, int32_t* val);
void hdfsConfStrFree(char* val);

int hdfsDisconnect(hdfsFS fs);

// ---- Opening and closing.

// flags: O_RDONLY; O_WRONLY creates or replaces (with O_EXCL: creates, or EEXIST); O_WRONLY | O_APPEND goes on at the end of a
// file that exists. O_RDWR: ENOTSUP. bufferSize means nothing; replication and blocksize 0: the default.
hdfsFile hdfsOpenFile(hdfsFS fs, const char* path, int flags, int bufferSize, short replication, tSize blocksize);

struct hdfsStreamBuilder* hdfsStreamBuilderAlloc(hdfsFS fs, const char* path, int flags);
int hdfsStreamBuilderSetBufferSize(struct hdfsStreamBuilder* bld, int32_t bufferSize);
int hdfsStreamBuilderSetReplication(struct hdfsStreamBuilder* bld, int16_t replication);            // EINVAL: for reading
int hdfsStreamBuilderSetDefaultBlockSize(struct hdfsStreamBuilder* bld, int64_t defaultBlockSize);  // EINVAL: for reading
hdfsFile hdfsStreamBuilderBuild(struct hdfsStreamBuilder* bld);                                     // frees the builder
void hdfsStreamBuilderFree(struct hdfsStreamBuilder* bld);

typedef enum javaConcurrentTimeUnit {
  jNanoseconds,
  jMicroseconds,
  jMilliseconds,
  jSeconds,
  jMinutes,
  jHours,
  jDays
} javaConcurrentTimeUnit;

// Opens a file for reading beside the caller. A key of Must has to be one of "fs.option.openfile."; keys of Opt are let pass.
// Both return the builder, or NULL.
hdfsOpenFileBuilder* hdfsOpenFileBuilderAlloc(hdfsFS fs, const char* path);
hdfsOpenFileBuilder* hdfsOpenFileBuilderMust(hdfsOpenFileBuilder* builder, const char* key, const char* value);
hdfsOpenFileBuilder* hdfsOpenFileBuilderOpt(hdfsOpenFileBuilder* builder, const char* key, const char* value);
hdfsOpenFileFuture* hdfsOpenFileBuilderBuild(hdfsOpenFileBuilder* builder);  // frees the builder
void hdfsOpenFileBuilderFree(hdfsOpenFileBuilder* builder);
// The file, the same each time; it is the caller's to close. ETIMEDOUT: not yet.
hdfsFile hdfsOpenFileFutureGet(hdfsOpenFileFuture* future);
hdfsFile hdfsOpenFileFutureGetWithTimeout(hdfsOpenFileFuture* future, int64_t timeout, javaConcurrentTimeUnit timeUnit);
// 0: Get will answer ECANCELED. -1 with EBUSY: the file has been opened, or opening it has failed.
int hdfsOpenFileFutureCancel(hdfsOpenFileFuture* future, int mayInterruptIfRunning);
void hdfsOpenFileFutureFree(hdfsOpenFileFuture* future);  // waits for the opening; closes a file that nobody took

// A file that was written is durable and complete when this returns 0. The handle is gone in any case.
int hdfsCloseFile(hdfsFS fs, hdfsFile file);

// ---- Reading and writing.

int hdfsFileIsOpenForRead(hdfsFile file);  // 1 or 0
int hdfsFileIsOpenForWrite(hdfsFile file);

// Up to `length` bytes; 0 only at the end of the file. hdfsPread does not move the position. EINVAL: not open for reading.
tSize hdfsRead(hdfsFS fs, hdfsFile file, void* buffer, tSize length);
tSize hdfsPread(hdfsFS fs, hdfsFile file, tOffset position, void* buffer, tSize length);
// 0: all of them. EIO: the file ends before.
int hdfsPreadFully(hdfsFS fs, hdfsFile file, tOffset position, void* buffer, tSize length);
int hdfsSeek(hdfsFS fs, hdfsFile file, tOffset desiredPos);  // while reading; EINVAL: beyond the end
tOffset hdfsTell(hdfsFS fs, hdfsFile file);
int hdfsAvailable(hdfsFS fs, hdfsFile file);  // bytes to the end of the file, at most INT_MAX
int hdfsUnbufferFile(hdfsFile file);          // lets go of what was read ahead. 0, or the errno (ENOTSUP: open for writing)

tSize hdfsWrite(hdfsFS fs, hdfsFile file, const void* buffer, tSize length);  // all of them; EINVAL: not open for writing
// Both: at every replica, in memory; who opens the file now sees it.
int hdfsFlush(hdfsFS fs, hdfsFile file);
int hdfsHFlush(hdfsFS fs, hdfsFile file);
int hdfsHSync(hdfsFS fs, hdfsFile file);  // on disk at every replica

struct hdfsReadStatistics {
  uint64_t totalBytesRead;
  uint64_t totalLocalBytesRead;         // from files of DataNodes on this machine
  uint64_t totalShortCircuitBytesRead;  // the same here
  uint64_t totalZeroCopyBytesRead;      // 0: hadoopReadZero copies
};
int hdfsFileGetReadStatistics(hdfsFile file, struct hdfsReadStatistics** stats);
int64_t hdfsReadStatisticsGetRemoteBytesRead(const struct hdfsReadStatistics* stats);
int hdfsFileClearReadStatistics(hdfsFile file);  // 0, or the errno
void hdfsFileFreeReadStatistics(struct hdfsReadStatistics* stats);

// Reads from the position on into a buffer of the library. The options are taken and change nothing: bytes are copied, and
// verified.
struct hadoopRzOptions* hadoopRzOptionsAlloc(void);
int hadoopRzOptionsSetSkipChecksum(struct hadoopRzOptions* opts, int skip);
int hadoopRzOptionsSetByteBufferPool(struct hadoopRzOptions* opts, const char* className);
void hadoopRzOptionsFree(struct hadoopRzOptions* opts);
struct hadoopRzBuffer* hadoopReadZero(hdfsFile file, struct hadoopRzOptions* opts, int32_t maxLength);
int32_t hadoopRzBufferLength(const struct hadoopRzBuffer* buffer);   // 0: the end of the file
const void* hadoopRzBufferGet(const struct hadoopRzBuffer* buffer);  // NULL: the end of the file
void hadoopRzBufferFree(hdfsFile file, struct hadoopRzBuffer* buffer);

// ---- Names.

int hdfsExists(hdfsFS fs, const char* path);                 // 0; -1 with ENOENT: no
int hdfsCreateDirectory(hdfsFS fs, const char* path);        // with its parents; one that exists is no error
int hdfsDelete(hdfsFS fs, const char* path, int recursive);  // ENOENT: nothing there; ENOTEMPTY: a full directory, not recursive
// Into a directory that exists the name is kept; a file that exists is not replaced (EEXIST).
int hdfsRename(hdfsFS fs, const char* oldPath, const char* newPath);
// Files and trees, also into another cluster; into a directory that exists the name is kept, files are replaced. hdfsMove within
// a cluster is one rename.
int hdfsCopy(hdfsFS srcFS, const char* src, hdfsFS dstFS, const char* dst);
int hdfsMove(hdfsFS srcFS, const char* src, hdfsFS dstFS, const char* dst);
// 1: done, the file may be written again at once (this waits for it, so 0 never comes); EINVAL: it is shorter.
int hdfsTruncateFile(hdfsFS fs, const char* path, tOffset newlength);

// "hdfs://host:port/user/NAME" at first. ERANGE: the buffer is too small.
char* hdfsGetWorkingDirectory(hdfsFS fs, char* buffer, size_t bufferSize);
int hdfsSetWorkingDirectory(hdfsFS fs, const char* path);  // need not exist

typedef struct {
  tObjectKind mKind;
  char* mName;  // "hdfs://host:port/path"
  tTime mLastMod;
  tOffset mSize;
  short mReplication;  // 0: a directory
  tOffset mBlockSize;
  char* mOwner;
  char* mGroup;
  short mPermissions;  // with the sticky bit
  tTime mLastAccess;
} hdfsFileInfo;

// Children by name; a file lists itself. NULL with errno 0: an empty directory.
hdfsFileInfo* hdfsListDirectory(hdfsFS fs, const char* path, int* numEntries);
hdfsFileInfo* hdfsGetPathInfo(hdfsFS fs, const char* path);
void hdfsFreeFileInfo(hdfsFileInfo* entries, int numEntries);
int hdfsFileIsEncrypted(hdfsFileInfo* entry);  // 0: nothing is

int hdfsChown(hdfsFS fs, const char* path, const char* owner, const char* group);  // NULL: as it is
int hdfsChmod(hdfsFS fs, const char* path, short mode);
int hdfsUtime(hdfsFS fs, const char* path, tTime mtime, tTime atime);  // -1: as it is
int hdfsSetReplication(hdfsFS fs, const char* path, int16_t replication);

// ---- Places and sizes.

// For each block of the range the hosts of its replicas, nearest first; both lists end with NULL.
char*** hdfsGetHosts(hdfsFS fs, const char* path, tOffset start, tOffset length);
void hdfsFreeHosts(char*** blockHosts);
tOffset hdfsGetDefaultBlockSize(hdfsFS fs);
tOffset hdfsGetDefaultBlockSizeAtPath(hdfsFS fs, const char* path);
tOffset hdfsGetCapacity(hdfsFS fs);  // bytes of all live DataNodes
tOffset hdfsGetUsed(hdfsFS fs);      // of them used, replicas counted

// The last error of this thread, one sentence; NULL: none yet. It belongs to the library and is good until the thread's next
// error. There are no stack traces: both say the same.
char* hdfsGetLastExceptionRootCause(void);
char* hdfsGetLastExceptionStackTrace(void);

#ifdef __cplusplus
}
#endif
