#!/usr/bin/env python3
"""Runs rlx-bench collective on few small sizes: rlx_bench_collective_test.py RLX_BENCH"""
import json
import pathlib
import sys
import tempfile
import unittest
import xml.dom.minidom

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import programs

BENCH = sys.argv[1]


def bench(*arguments):
    return programs.run(BENCH, "collective", "--seconds", "0.01", *arguments)


class CollectiveTest(unittest.TestCase):
    def test_every_size_is_a_line_and_a_point(self):
        for transport in ("local", "shm"):
            with tempfile.TemporaryDirectory() as scratch:
                plot = pathlib.Path(scratch, "plot.svg")
                result = bench("--transport", transport, "--ranks", "3", "--max-bytes", "131072", "--heap", "--json",
                               "--plot", str(plot))
                self.assertEqual(result.returncode, 0, result.stderr)
                lines = [json.loads(line) for line in result.stdout.splitlines()]
                self.assertEqual([line["bytes"] for line in lines], [8 * 4**i for i in range(8)])
                self.assertEqual(lines[-1]["algorithm"], "direct")
                # 2 (n-1)/n of the message, give or take a cache line.
                self.assertAlmostEqual(lines[-1]["moved_share"], 4 / 3, delta=0.05)
                self.assertAlmostEqual(lines[-1]["bus_gbytes"], lines[-1]["algorithm_gbytes"] * 4 / 3, places=3)
                svg = xml.dom.minidom.parse(str(plot))
                self.assertEqual(len(svg.getElementsByTagName("circle")), len(lines))

    def test_every_op_runs(self):
        for op in ("all_gather", "reduce_scatter", "broadcast", "all_to_all", "put", "get", "copy", "barrier"):
            result = bench("--op", op, "--max-bytes", "32768")
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertIn(f"{op} f32, local, 2 ranks", result.stdout)

    def test_the_algorithm_that_was_asked_for_runs(self):
        result = bench("--algorithm", "ring", "--max-bytes", "8", "--json")
        self.assertEqual(json.loads(result.stdout)["algorithm"], "ring")

    def test_wrong_usage(self):
        self.assertEqual(bench("--transport", "pigeon").returncode, 2)
        self.assertEqual(bench("--ranks", "0").returncode, 2)
        self.assertEqual(bench("--min-bytes", "6").returncode, 2)
        refused = bench("--plot", "/nonexistent/plot.svg", "--max-bytes", "8")
        self.assertEqual(refused.returncode, 2)
        self.assertIn("/nonexistent", refused.stderr)

    def test_a_plot_that_cannot_be_written(self):
        failed = bench("--plot", "/proc/plot.svg", "--max-bytes", "8")
        self.assertEqual(failed.returncode, 1)
        self.assertIn("/proc/plot.svg", failed.stderr)


if __name__ == "__main__":
    programs.main()
