"""Writes, reads, lists and removes through fsspec's WebHDFS file system. usage: fsspec_client.py HOST PORT BLOCK_BYTES [LARGE_BYTES]"""
import hashlib
import sys

import fsspec

PIECE = 8 << 20


def pieces(size):
    """Bytes of a file, the same each time."""
    pattern = hashlib.sha512(str(size).encode()).digest() * (PIECE // 64)
    for at in range(0, size, PIECE):
        yield pattern[: min(PIECE, size - at)]


def digest(parts):
    total = hashlib.sha256()
    for part in parts:
        total.update(part)
    return total.hexdigest()


def reading(stream):
    while part := stream.read(PIECE):
        yield part


def check(what, found, expected):
    if found != expected:
        sys.exit(f"fsspec: {what}: found {found!r}, expected {expected!r}")


def main():
    host, port, block = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    sizes = [0, 1, block, 3 * block + 17] + [int(size) for size in sys.argv[4:]]
    fs = fsspec.filesystem("webhdfs", host=host, port=port, user="root")
    fs.makedirs("/fsspec/deep", exist_ok=True)
    for size in sizes:
        path = f"/fsspec/{size}"
        with fs.open(path, "wb") as out:
            for part in pieces(size):
                out.write(part)
        check(f"length of {path}", fs.info(path)["size"], size)
        with fs.open(path, "rb") as stream:
            check(f"content of {path}", digest(reading(stream)), digest(pieces(size)))
        print(f"fsspec: {size} bytes there and back")
    path = f"/fsspec/{sizes[3]}"
    whole = b"".join(pieces(sizes[3]))
    with fs.open(path, "rb") as stream:
        stream.seek(block - 5)
        check("a range over a block's end", stream.read(10), whole[block - 5 : block + 5])
    with fs.open("/fsspec/1", "ab") as out:
        out.write(b"more")
    check("after an append", fs.cat("/fsspec/1"), next(pieces(1)) + b"more")
    check("names", sorted(fs.ls("/fsspec", detail=False)), sorted([f"/fsspec/{size}" for size in sizes] + ["/fsspec/deep"]))
    fs.mv("/fsspec/1", "/fsspec/deep/one")
    check("what was moved", (fs.exists("/fsspec/1"), fs.isfile("/fsspec/deep/one"), fs.isdir("/fsspec/deep")), (False, True, True))
    fs.chmod("/fsspec/deep/one", "600")
    check("its permission", fs.info("/fsspec/deep/one")["permission"], "600")
    check("directories and files", fs.content_summary("/fsspec")["fileCount"], len(sizes))
    try:
        fs.info("/none")
        sys.exit("fsspec: a file that is not there was found")
    except FileNotFoundError:
        pass
    fs.rm("/fsspec", recursive=True)
    check("after rm", fs.exists("/fsspec"), False)


main()
