#!/usr/bin/env python3
"""Checks the rules of the house that a compiler cannot: layering, doors, build lists, names, sizes, macros, links in the documents.

usage: tests/lint/lint.py [--root DIR]      prints one line for each finding; exit code 1 if there is any
       tests/lint/lint.py --self-test       checks the checks on planted mistakes
"""
import argparse
import os
import re
import sys
import tempfile

# Direction of dependencies: a folder may include from itself and from those to its left.
LAYERS = ["common", "coordination", "dfs", "mapreduce", "sqlgateway", "cluster", "tests"]
# How another top-level folder may be entered. `command` and `shell` are the entries for the `tusk` binary.
DOORS = {"protocol", "client", "api", "command", "shell"}
EXTRA_DOORS = {("coordination", "log"), ("coordination", "raft")}
MACROS = {"TUSK_TRY", "TUSK_CO_TRY", "TUSK_ASSIGN", "TUSK_CO_ASSIGN", "TUSK_FAULT_POINT"}
# Programs that are written against libhdfs use these of its header.
LIBHDFS_MACROS = {"EINTERNAL", "ELASTIC_BYTE_BUFFER_POOL_CLASS"}
MAX_LINES = 600
EMPTY_NAMES = re.compile(r"(^|_)(utils?|helpers?|misc|stuff)(_|\.|$)")


class Lint:
    def __init__(self, root):
        self.root = root
        self.findings = []

    def say(self, path, line, text):
        self.findings.append(f"{path}:{line}: {text}")

    def files(self, *endings):
        for top in sorted(os.listdir(self.root)):
            if top.startswith(".") or top == "build" or not os.path.isdir(os.path.join(self.root, top)):
                continue
            for folder, _, names in os.walk(os.path.join(self.root, top)):
                for name in sorted(names):
                    if name.endswith(endings):
                        yield os.path.relpath(os.path.join(folder, name), self.root)

    def read(self, path):
        with open(os.path.join(self.root, path), encoding="utf-8", errors="replace") as file:
            return file.read()

    def check_layers(self, path, text):
        parts = path.split("/")
        if parts[0] not in LAYERS:
            return
        for number, line in enumerate(text.splitlines(), 1):
            match = re.match(r'\s*#include "([^"]+)"', line) or re.match(r'\s*using \w+ = import "/?([a-z]+/[^"]+)"', line)
            if not match or match.group(1).startswith("capnp/"):
                continue
            target = match.group(1).split("/")
            if target[0] not in LAYERS:
                if path.endswith(".capnp"):
                    continue  # a neighbour in the same folder
                if target[0] == "glog":
                    self.say(path, number, f'write #include <{match.group(1)}>: quotes are for our own headers')
                    continue
                self.say(path, number, f'include "{match.group(1)}" is not written from the root of the repository')
                continue
            if LAYERS.index(target[0]) > LAYERS.index(parts[0]):
                self.say(path, number, f"{parts[0]} may not depend on {target[0]}: dependencies go {' < '.join(LAYERS)}")
            elif target[0] not in (parts[0], "common") and parts[0] != "tests":
                if target[1] not in DOORS and (target[0], target[1]) not in EXTRA_DOORS:
                    self.say(path, number, f"{target[0]}/{target[1]} is not a door of {target[0]} (doors: {', '.join(sorted(DOORS))})")

    def check_built(self, path):
        folder = os.path.dirname(path)
        while True:
            lists = os.path.join(self.root, folder, "CMakeLists.txt")
            if os.path.exists(lists):
                with open(lists, encoding="utf-8") as file:
                    listed = re.sub(r"#.*", "", file.read())
                name = os.path.relpath(path, folder) if folder else path
                if re.search(r"(^|[\s(/])" + re.escape(name) + r"($|[\s)])", listed):
                    return
            if not folder:
                break
            folder = os.path.dirname(folder)
        self.say(path, 1, "no CMakeLists.txt lists this file: nobody builds it")

    def check_text(self, path, text):
        name = os.path.basename(path)
        lines = text.splitlines()
        if EMPTY_NAMES.search(name):
            self.say(path, 1, "the name tells nothing; call the file by its concept")
        if len(lines) > MAX_LINES and "Long because" not in "\n".join(lines[:30]):
            self.say(path, len(lines), f"{len(lines)} lines: split it, or write `// Long because ...` at its head")
        if path.endswith(".h"):
            if "#pragma once" not in text:
                self.say(path, 1, "a header begins with its purpose and #pragma once")
            if not lines or not lines[0].startswith("//"):
                self.say(path, 1, "a header opens with a comment: purpose, invariants, thread, recovery, owner")
        for number, line in enumerate(lines, 1):
            define = re.match(r"\s*#\s*define\s+(\w+)", line)
            allowed = MACROS | LIBHDFS_MACROS if path == "dfs/capi/hdfs.h" else MACROS
            if define and define.group(1) not in allowed and not define.group(1).endswith("_") and not re.match(r"[A-Z]+_[A-Z_]*VERSION", define.group(1)):
                if path.split("/")[0] != "tests" and not define.group(1).startswith("BOOST_"):
                    self.say(path, number, f"macro {define.group(1)}: the code base has five ({', '.join(sorted(MACROS))})")
            if path.endswith((".cc", ".h")) and re.search(r"\b(if|while|for) ?\([^;]*\bco_await\b[^;]*\)\s*(\{|co_return|return|break|continue|;|$)", line) \
                    and not re.search(r"\b(if|while|for) ?\([^()]*(\([^()]*\)[^()]*)*\)\s*[^{;]*co_await", line):
                self.say(path, number, "co_await inside a condition: g++ 12 miscompiles the coroutine frame; await into a local first")
            if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", line):
                self.say(path, number, "an unfinished place; finish it or write an issue")
            if path.startswith("tests/unit/") and re.search(r"sleep_for|sleep_until|usleep\(|[^a-zA-Z_]sleep\(", line):
                self.say(path, number, "a unit test does not sleep: use SimulatedClock, or wait for the condition")

    def check_documents(self):
        for path in list(self.files(".md")) + [n for n in sorted(os.listdir(self.root)) if n.endswith(".md")]:
            text = self.read(path)
            for number, line in enumerate(text.splitlines(), 1):
                for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", line):
                    if re.match(r"[a-z]+:", target):
                        continue
                    if not os.path.exists(os.path.normpath(os.path.join(self.root, os.path.dirname(path), target))):
                        self.say(path, number, f"link to {target}, which does not exist")
                # The tour names code as `dir/file.cc` `Function`: both must be there.
                for source, symbol in re.findall(r"`([a-z_]+/[\w/]+\.(?:cc|h|capnp))`(?:[ ,:]+`([A-Za-z_:~]+)(?:\(\))?`)?", line):
                    full = os.path.join(self.root, source)
                    if not os.path.exists(full):
                        self.say(path, number, f"names {source}, which does not exist")
                    elif symbol and symbol.split("::")[-1] not in self.read(source):
                        self.say(path, number, f"names {symbol} in {source}, which is not there")

    def run(self):
        for path in self.files(".h", ".cc", ".capnp"):
            text = self.read(path)
            self.check_layers(path, text)
            self.check_text(path, text)
            if path.endswith(".cc"):
                self.check_built(path)
        self.check_documents()
        return self.findings


PLANTED = {
    "dfs/CMakeLists.txt": "tusk_library(x SOURCES a.cc)",
    "dfs/a.cc": '#include "mapreduce/api/job.h"\n',
    "mapreduce/CMakeLists.txt": "tusk_library(y SOURCES b.cc)",
    "mapreduce/b.cc": '#include "dfs/namenode/secret.h"\n#include "dfs/client/file_system.h"\n',
    "common/string_utils.h": "// x\n#pragma once\n",
    "common/bare.h": "int x;\n",
    "common/macro.h": "// x\n#pragma once\n#define FOO 1\n",
    "common/forgotten.cc": "// TODO: later\n",
    "common/wait.cc": "void f() { if (!co_await x()) co_return; }\n",
    "tests/unit/a_test.cc": "sleep_for(1s);\n",
    "docs/tour.md": "[x](missing.md) and `dfs/a.cc` `NoSuchFunction` and `dfs/gone.cc`\n",
}
EXPECTED = ["may not depend on mapreduce", "not a door", "tells nothing", "opens with a comment", "#pragma once", "macro FOO", "unfinished", "inside a condition", "nobody builds",
            "does not sleep", "link to missing.md", "NoSuchFunction", "dfs/gone.cc"]


def self_test():
    with tempfile.TemporaryDirectory() as root:
        for path, text in PLANTED.items():
            os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write(text)
        found = "\n".join(Lint(root).run())
        missed = [text for text in EXPECTED if text not in found]
        wrong = [line for line in found.splitlines() if "file_system.h" in line]
        for text in missed:
            print(f"lint missed a planted mistake: {text}")
        return 1 if missed or wrong else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", default=os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")))
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    if options.self_test:
        return self_test()
    findings = Lint(options.root).run()
    print("\n".join(findings) if findings else "lint: no findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
