#!/usr/bin/env python3
"""Compiles every source file with clang 15, warnings as errors, without making objects; with --tidy also the checks of .clang-tidy.

usage: tests/lint/clang_check.py [--tidy] [PATTERN...]      PATTERN: only files whose path contains one of these

Generated headers and the precompiled header are made first (preset clang). Exit code 1 if any file has a finding.
"""
import argparse
import concurrent.futures
import json
import os
import shlex
import subprocess
import sys

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
BUILD = os.path.join(ROOT, "build", "clang")


def run(command, directory=ROOT):
    return subprocess.run(command, cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False)


def prepare():
    if not os.path.exists(os.path.join(BUILD, "build.ninja")):
        made = run(["cmake", "--preset", "clang"])
        if made.returncode != 0:
            sys.exit(made.stdout)
    run(["ninja", "-C", BUILD, "build.ninja"])  # new schemas are targets only after this
    targets = run(["ninja", "-C", BUILD, "-t", "targets", "all"]).stdout
    wanted = ["tusk_pch", "tusk_pch_pic"] + sorted({line.split(":")[0] for line in targets.splitlines() if line.split(":")[0].endswith(".capnp.h")})
    built = run(["ninja", "-C", BUILD] + wanted)
    if built.returncode != 0:
        sys.exit(built.stdout)


def check(entry, tidy):
    words = shlex.split(entry["command"])
    # What CMake puts before the compiler is the cache's launcher; nothing is cached here.
    compiler = next(i for i, word in enumerate(words) if os.path.basename(word).startswith("clang++"))
    words = words[compiler:]
    output = words.index("-o")
    del words[output:output + 2]
    result = run(words + ["-fsyntax-only"], entry["directory"])
    text = result.stdout if result.returncode != 0 else ""
    if tidy and not text:
        result = run(["clang-tidy-15", "--quiet", "-p", BUILD, entry["file"]])
        text = result.stdout if result.returncode != 0 else ""
    return text


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tidy", action="store_true")
    parser.add_argument("patterns", nargs="*")
    options = parser.parse_args()
    prepare()
    with open(os.path.join(BUILD, "compile_commands.json"), encoding="utf-8") as file:
        entries = [e for e in json.load(file) if not e["file"].startswith(BUILD)]
    if options.patterns:
        entries = [e for e in entries if any(pattern in e["file"] for pattern in options.patterns)]
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for text in pool.map(lambda entry: check(entry, options.tidy), entries):
            if text:
                bad += 1
                print(text, flush=True)
    print(f"clang 15: {len(entries) - bad} files clean, {bad} with findings")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
