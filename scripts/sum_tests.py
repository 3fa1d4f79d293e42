#!/usr/bin/env python3
"""Sums a Meson test log over test cases.

Usage: sum_tests.py testlog.json. Prints one line for each suite and ends with "N passed, N failed, N skipped". A test
program that prints such a line itself counts with its numbers; any other counts as one test case. A program that failed
without counting a failure (a crash, a leak found at exit) adds one. Exit code: 1 if anything failed or nothing ran.
"""
import collections
import json
import re
import sys

CLOSING_LINE = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.MULTILINE)
PASSED = {"OK", "EXPECTEDFAIL"}
SKIPPED = {"SKIP"}


def count(test):
    """Returns (passed, failed, skipped) of one entry of the log."""
    result = test["result"]
    lines = CLOSING_LINE.findall(test.get("stdout") or "")
    if not lines:
        return (int(result in PASSED), int(result not in PASSED | SKIPPED), int(result in SKIPPED))
    passed, failed, skipped = (int(number or 0) for number in lines[-1])
    if result not in PASSED | SKIPPED:
        failed = max(failed, 1)
    return (passed, failed, skipped)


def suite_of(test):
    """Meson writes names as "project:suite / test", or just "test"."""
    head, separator, _ = test["name"].partition(" / ")
    return head.split(":")[-1].split("+")[0] if separator else "other"


def read_log(path):
    try:
        with open(path, encoding="utf-8") as log:
            return [json.loads(line) for line in log if line.strip()]
    except FileNotFoundError:
        return []


def main():
    suites = collections.defaultdict(lambda: [0, 0, 0])
    for test in read_log(sys.argv[1]):
        for index, number in enumerate(count(test)):
            suites[suite_of(test)][index] += number
    for suite, (passed, failed, skipped) in sorted(suites.items()):
        print(f"  {suite:<14}{passed:>6} passed {failed:>5} failed {skipped:>5} skipped")
    passed, failed, skipped = (sum(numbers) for numbers in zip(*suites.values())) if suites else (0, 0, 0)
    if passed + failed + skipped == 0:
        print("no test ran")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed + skipped else 0


if __name__ == "__main__":
    sys.exit(main())
