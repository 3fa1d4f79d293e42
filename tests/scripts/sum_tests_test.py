"""sum_tests.py decides whether ./dev test passed, so a failure that it loses would be lost for everybody."""
import contextlib
import io
import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))
import sum_tests


def entry(result, stdout="", name="rlx:unit / graph"):
    return {"name": name, "result": result, "stdout": stdout}


class CountTest(unittest.TestCase):
    def test_a_program_with_a_closing_line_counts_its_test_cases(self):
        self.assertEqual(sum_tests.count(entry("OK", "noise\nskipped 2: why\n7 passed, 0 failed, 2 skipped\n")),
                         (7, 0, 2))

    def test_a_program_without_a_closing_line_is_one_test_case(self):
        self.assertEqual(sum_tests.count(entry("OK")), (1, 0, 0))
        self.assertEqual(sum_tests.count(entry("FAIL")), (0, 1, 0))
        self.assertEqual(sum_tests.count(entry("SKIP", "skipped: case: why\n")), (0, 0, 1))
        self.assertEqual(sum_tests.count(entry("TIMEOUT")), (0, 1, 0))
        self.assertEqual(sum_tests.count(entry("UNEXPECTEDPASS")), (0, 1, 0))

    def test_a_crash_after_the_closing_line_is_a_failure(self):
        self.assertEqual(sum_tests.count(entry("FAIL", "7 passed, 0 failed, 0 skipped\n")), (7, 1, 0))

    def test_only_the_last_closing_line_counts(self):
        self.assertEqual(sum_tests.count(entry("FAIL", "1 passed, 0 failed\n2 passed, 3 failed\n")), (2, 3, 0))

    def test_a_skip_without_a_reason_is_a_failure(self):
        self.assertEqual(sum_tests.count(entry("SKIP")), (0, 1, 1))
        self.assertEqual(sum_tests.count(entry("OK", "skipped: a: why\n7 passed, 0 failed, 2 skipped\n")), (7, 1, 2))

    def test_numbers_inside_another_line_do_not_count(self):
        self.assertEqual(sum_tests.count(entry("OK", "child: 9 passed, 0 failed, 0 skipped\n")), (1, 0, 0))


class MainTest(unittest.TestCase):
    def sum_of(self, *entries):
        code, lines = self.print_of(*entries)
        return code, lines[-1]

    def print_of(self, *entries):
        with tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder, "testlog.json")
            log.write_text("".join(json.dumps(entry) + "\n" for entry in entries), encoding="utf-8")
            return self.run_main(log)

    def run_main(self, log):
        output = io.StringIO()
        sys.argv = ["sum_tests.py", str(log)]
        with contextlib.redirect_stdout(output):
            code = sum_tests.main()
        return code, output.getvalue().splitlines()

    def test_the_last_line_sums_over_suites(self):
        entries = [entry("OK", "7 passed, 0 failed"), entry("SKIP", "skipped: a: why", name="rlx:onnx / all")]
        self.assertEqual(self.sum_of(*entries), (0, "7 passed, 0 failed, 1 skipped"))

    def test_equal_reasons_of_a_suite_are_one_line(self):
        code, lines = self.print_of(entry("OK", "skipped 2: no GPU\n1 passed, 0 failed, 2 skipped"),
                                    entry("SKIP", "skipped 3: no GPU\n0 passed, 0 failed, 3 skipped"))
        self.assertEqual(code, 0)
        self.assertEqual([line.split() for line in lines if "no GPU" in line], [["5", "skipped:", "no", "GPU"]])

    def test_a_program_that_skips_without_a_reason_is_named(self):
        code, lines = self.print_of(entry("SKIP", name="rlx:unit / silent"))
        self.assertEqual(code, 1)
        self.assertIn("  FAILED rlx:unit / silent: 1 skipped without a reason", lines)

    def test_one_failure_fails_the_run(self):
        self.assertEqual(self.sum_of(entry("OK"), entry("FAIL"))[0], 1)

    def test_a_run_without_tests_fails(self):
        self.assertEqual(self.sum_of(), (1, "0 passed, 0 failed, 0 skipped"))
        self.assertEqual(self.run_main("no/such/log"), (1, ["no test ran", "0 passed, 0 failed, 0 skipped"]))


if __name__ == "__main__":
    unittest.main()
