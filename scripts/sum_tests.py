#!/usr/bin/env python3
"""Sums a Meson test log over test cases.

Usage: sum_tests.py testlog.json. Prints one line for each suite, below it why test cases were skipped, and ends with
"N passed, N failed, N skipped". A test program that prints such a line itself counts with its numbers; any other counts
as one test case. A program gives its reasons in lines "skipped: CASE: REASON" or "skipped N: REASON"; cases skipped
without a reason are a failure, and so is a program that failed without counting one (a crash, a leak found at exit).
Exit code: 1 if anything failed or nothing ran.
"""
import collections
import json
import re
import sys
import textwrap

CLOSING_LINE = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.MULTILINE)
SKIP_LINE = re.compile(r"^skipped(?: (\d+))?: (.+)$", re.MULTILINE)
PASSED = {"OK", "EXPECTEDFAIL"}
SKIPPED = {"SKIP"}
REASON_WIDTH = 110


def count(test):
    """Returns (passed, failed, skipped) of one entry of the log."""
    result = test["result"]
    lines = CLOSING_LINE.findall(test.get("stdout") or "")
    if lines:
        passed, failed, skipped = (int(number or 0) for number in lines[-1])
    else:
        passed, failed, skipped = int(result in PASSED), 0, int(result in SKIPPED)
    if result not in PASSED | SKIPPED or skipped > sum(reasons_of(test).values()):
        failed = max(failed, 1)
    return (passed, failed, skipped)


def reasons_of(test):
    """Returns why test cases of one entry of the log were skipped: {reason: how many}."""
    reasons = collections.Counter()
    for number, reason in SKIP_LINE.findall(test.get("stdout") or ""):
        reasons[reason] += int(number or 1)
    return reasons


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
    reasons = collections.defaultdict(collections.Counter)
    for test in read_log(sys.argv[1]):
        counts = count(test)
        for index, number in enumerate(counts):
            suites[suite_of(test)][index] += number
        reasons[suite_of(test)] += reasons_of(test)
        unexplained = counts[2] - sum(reasons_of(test).values())
        if unexplained > 0:
            print(f"  FAILED {test['name']}: {unexplained} skipped without a reason")
    for suite, (passed, failed, skipped) in sorted(suites.items()):
        print(f"  {suite:<14}{passed:>6} passed {failed:>5} failed {skipped:>5} skipped")
        for reason, number in reasons[suite].most_common():
            print(f"{number:>9} skipped: {textwrap.shorten(reason, REASON_WIDTH, placeholder=' ...')}")
    passed, failed, skipped = (sum(numbers) for numbers in zip(*suites.values())) if suites else (0, 0, 0)
    if passed + failed + skipped == 0:
        print("no test ran")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed + skipped else 0


if __name__ == "__main__":
    sys.exit(main())
