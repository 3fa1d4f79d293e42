"""What the tests of programs share: running a program as a newcomer would, and counting the cases as ./dev sums them."""
import os
import re
import subprocess
import sys
import unittest


def run(program, *arguments, **variables):
    """Runs the program with only these RLX_ and XDG_ variables set. The result has returncode, stdout and stderr."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("RLX_", "XDG_"))}
    return subprocess.run([program, *arguments], env={**clean, **variables}, capture_output=True, text=True, check=False)


def check_ranks(case, result, ranks):
    """The case fails unless each of these ranks of one test program ran tests and passed them all."""
    case.assertEqual(result.returncode, 0, result.stdout + result.stderr)
    closing = re.findall(r"(\d+) passed, (\d+) failed", result.stdout)
    case.assertEqual(len(closing), ranks, result.stdout)
    case.assertTrue(all(int(passed) > 0 and failed == "0" for passed, failed in closing), result.stdout)


def main():
    """Runs the cases of the calling file and ends with a line "skipped: CASE: REASON" for each that was skipped, then
    "N passed, N failed, N skipped". Exit code: 0 passed, 1 failed or nothing to run, 77 everything was skipped."""
    result = unittest.main(argv=sys.argv[:1], exit=False, verbosity=0).result
    # A case is listed once for each of its failed subtests.
    failed = {getattr(case, "test_case", case).id() for case, _ in result.failures + result.errors}
    skipped = {case.id(): reason for case, reason in result.skipped}
    for case, reason in skipped.items():
        print(f"skipped: {case}: {reason}")
    passed = max(0, result.testsRun - len(failed) - len(skipped))
    print(f"{passed} passed, {len(failed)} failed, {len(skipped)} skipped", flush=True)
    # A class that skips itself runs no case.
    sys.exit(1 if failed or not (result.testsRun or skipped) else 0 if passed else 77)
