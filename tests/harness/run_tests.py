#!/usr/bin/env python3
"""Runs the test programs that CTest knows, one after another, and counts single test cases.

usage: run_tests.py BUILD_DIR [--label REGEX] [--filter REGEX]

Prints one line for each program, the output of those that fail, and at the end `N passed, N failed`. Exit code 1 if any failed.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ET


def cases_of(report, returncode):
    """(passed, failed, names of failures) from a GoogleTest XML report; a crashed program leaves none or a partial one."""
    passed, failures = 0, []
    if os.path.exists(report):
        for case in ET.parse(report).getroot().iter("testcase"):
            if case.get("status") == "notrun" or case.get("result") in ("suppressed", "skipped"):
                continue
            if case.find("failure") is not None:
                failures.append(f'{case.get("classname")}.{case.get("name")}')
            else:
                passed += 1
    if returncode != 0 and not failures:
        failures.append(f"the program ended with code {returncode}")
    return passed, failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--label", default="")
    parser.add_argument("--filter", default="")
    options = parser.parse_args()

    listing = subprocess.run(["ctest", "--show-only=json-v1"], cwd=options.build, capture_output=True, text=True, check=True)
    passed, failed = 0, 0
    for test in json.loads(listing.stdout)["tests"]:
        properties = {p["name"]: p["value"] for p in test.get("properties", [])}
        if options.label and not any(re.fullmatch(options.label, label) for label in properties.get("LABELS", [])):
            continue
        if options.filter and not re.search(options.filter, test["name"]):
            continue
        report = os.path.join(options.build, "reports", test["name"] + ".xml")
        os.makedirs(os.path.dirname(report), exist_ok=True)
        if os.path.exists(report):
            os.remove(report)
        command = list(test["command"])
        gtest = "googletest" in properties.get("LABELS", [])
        if gtest:
            command.append(f"--gtest_output=xml:{os.path.abspath(report)}")
        environment = dict(os.environ)
        for setting in properties.get("ENVIRONMENT", []):
            key, _, value = setting.partition("=")
            environment[key] = value
        begin = time.monotonic()
        try:
            run = subprocess.run(command, cwd=options.build, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                 stdin=subprocess.DEVNULL, timeout=float(properties.get("TIMEOUT", 600)), check=False)
            output, code = run.stdout, run.returncode
        except subprocess.TimeoutExpired as expired:
            output, code = (expired.stdout or b"") + b"\n(timed out)\n", -1
        if gtest:
            ok, failures = cases_of(report, code)
        else:
            ok, failures = (1, []) if code == 0 else (0, [test["name"]])
        passed, failed = passed + ok, failed + len(failures)
        verdict = "ok" if not failures else "FAILED"
        print(f'{verdict:6} {test["name"]}: {ok} passed, {len(failures)} failed, {time.monotonic() - begin:.1f} s', flush=True)
        if failures:
            text = output.decode(errors="replace")
            print("\n".join("  | " + line for line in text.splitlines()[-150:]))
            for name in failures:
                print(f"  failed: {name}", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
