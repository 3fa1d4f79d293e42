#!/usr/bin/env python3
"""Tests tools/gpu-check where no GPU is: what fails must fail the whole, and nothing is left out in silence."""
import contextlib
import io
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
import programs
from gpu_check import figures, graphs, paths, suites
from gpu_check.report import Report, run


def suite(text, code=0):
    """The command of a test program that prints this and ends so."""
    return [sys.executable, "-c", f"print({text!r}); raise SystemExit({code})"]


class Check(unittest.TestCase):
    def setUp(self):
        self.report = Report()
        silence = contextlib.redirect_stdout(io.StringIO())
        silence.__enter__()
        self.addCleanup(silence.__exit__, None, None, None)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def results(self):
        return [row["result"] for row in self.report.rows]

    def test_one_bad_row_fails_the_whole_and_is_named(self):
        self.assertFalse(self.report.ok())
        self.report.add("a", "passed", "")
        self.report.add("b", "not built", "")
        self.assertTrue(self.report.ok())
        self.assertIn("not built: b", self.report.closing())
        for result in ("FAILED", "MISSING"):
            self.report.rows = self.report.rows[:2]
            self.report.add("c", result, "")
            self.assertFalse(self.report.ok())
            self.assertIn("FAILED OR DID NOT RUN: c", self.report.closing())

    def test_shares_of_a_suite_are_added_up(self):
        suites.add_suite(self.report, "s", [suite("3 passed, 0 failed, 1 skipped"), suite("2 passed, 0 failed"),
                                            suite("0 passed, 0 failed, 4 skipped", 77)], None)
        self.assertEqual(self.report.rows[0]["detail"], "5 passed, 0 failed, 5 skipped")
        self.assertEqual(self.results(), ["passed"])

    def test_a_suite_that_fails_ends_early_or_does_nothing_has_failed(self):
        for commands in ([suite("3 passed, 1 failed, 0 skipped", 1), suite("3 passed, 0 failed, 0 skipped")],
                         [suite("3 passed, 0 failed, 0 skipped"), suite("terminate called", 134)],
                         [suite("3 passed, 0 failed, 0 skipped", 3)],
                         [suite("0 passed, 0 failed, 9 skipped", 77)],
                         [["/nosuch/program"]]):
            suites.add_suite(self.report, "s", commands, None)
        self.assertEqual(set(self.results()), {"FAILED"})

    def test_a_program_that_hangs_is_ended(self):
        code, _, errors, _ = run([sys.executable, "-c", "import time; time.sleep(60)"], None, 0.2)
        self.assertEqual(code, 124)
        self.assertIn("longer than 0.2 s", errors)

    def bench(self, text, code):
        """A bench whose rlx-run says this whatever it gets."""
        program = self.folder / "tools/rlx-run/rlx-run"
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(f"#!/bin/sh\ncat <<'END'\n{text}\nEND\nexit {code}\n", encoding="utf-8")
        program.chmod(0o755)
        return figures.Bench(self.folder, "cuda:0", None)

    def add_figures(self, text, code, with_peers=False):
        with self.bench(text, code) as bench:
            figures.add_figures(self.report, bench, True, with_peers)
        return {row["check"]: row for row in self.report.rows}

    def test_a_refusal_is_not_built_where_something_may_be_lacking_and_a_failure_elsewhere(self):
        rows = self.add_figures("rlx-run: UNIMPLEMENTED: device cuda:0 cannot run 1 node: no kernel for this op", 1)
        for figure in graphs.figures(True):
            self.assertEqual(rows[figure.name]["result"], "not built" if figure.wants else "FAILED", figure.name)
        rows = self.add_figures("rlx-run: DEVICE_LOST: cuGraphLaunch: the device is lost (error 719)", 1)
        self.assertEqual({row["result"] for row in self.report.rows[len(rows):]}, {"FAILED"})

    def test_what_is_decomposed_is_not_built(self):
        rows = self.add_figures("  decomposed      1 x dequant_matmul (no kernel for this op)\n"
                                "profile  9 kernels, 0.500 ms\nrun      min 2.0 ms", 0)
        for figure in graphs.figures(True):
            self.assertEqual(rows[figure.name]["result"], "not built" if figure.wants else "passed", figure.name)

    def test_times_and_rates_are_those_of_the_output(self):
        said = "run      min 2.000 ms, median 3.000 ms of 20\nprofile  1 kernels, 0.500 ms"
        with mock.patch("gpu_check.peers.milliseconds", return_value=({"matmul bf16 64": 1.0, "copy": 0.25}, "")):
            rows = self.add_figures(said, 0, True)
        self.assertEqual(rows["matmul bf16 64"]["ms"], 0.5)
        self.assertEqual(rows["matmul bf16 64"]["ratio"], 2)
        self.assertEqual(rows["softmax"]["ratio"], 0.5)
        self.assertEqual(rows["decode step"]["ms"], 2)
        self.assertEqual(rows["peers"]["result"], "MISSING")
        self.assertIn("attention causal", rows["peers"]["detail"])

    def test_an_output_without_a_time_is_a_failure(self):
        self.assertEqual({row["result"] for row in self.add_figures("nothing", 0).values()}, {"FAILED"})

    def test_a_packed_folder_is_found_to_be_one(self):
        (self.folder / "build/core").mkdir(parents=True)
        (self.folder / "build/core/librlx.so.0").write_bytes(b"x")
        (self.folder / "packed/lib").mkdir(parents=True)
        whole, archive = paths.pack(self.folder / "build", self.folder / "packed")
        self.assertGreater(whole, 0)
        self.assertGreater(archive, 0)
        there = paths.Paths(self.folder / "packed")
        self.assertTrue(there.packed)
        self.assertTrue((there.data / "tests/conformance/expect/cuda.txt").exists())
        self.assertIn(str(self.folder / "packed/core"), there.environment("ref")["LD_LIBRARY_PATH"])
        self.assertFalse(paths.Paths(self.folder / "build").packed)


if __name__ == "__main__":
    programs.main()
