#!/usr/bin/env python3
"""Runs the example programs on the reference plugin: programs_test.py EXAMPLE_C EXAMPLE_CPP PLUGIN."""
import math
import os
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import programs

EXAMPLE_C, EXAMPLE_CPP, PLUGIN = sys.argv[1:4]


def run(program, *arguments, **variables):
    return programs.run(program, *arguments, RLX_PLUGIN_PATH=os.path.abspath(PLUGIN), **variables)


def softmax(row):
    exponentials = [math.exp(v) for v in row]
    return [e / sum(exponentials) for e in exponentials]


class Programs(unittest.TestCase):
    def test_c_prints_the_layer(self):
        result = run(EXAMPLE_C, "ref")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        title, *rows = result.stdout.splitlines()
        self.assertEqual(title, "y [2, 2]")
        # The scores by hand: x · w + b of the program's numbers.
        for line, scores in zip(rows, ([3, -0.5], [-0.5, 3.5]), strict=True):
            for got, want in zip(line.split(), softmax(scores), strict=True):
                self.assertAlmostEqual(float(got), want, delta=1e-4)

    def test_c_prints_what_is_wrong_and_what_there_is(self):
        result = run(EXAMPLE_C, "toaster")
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn("toaster", result.stderr)
        self.assertIn("ref:0", result.stderr)

    def test_c_without_plugins_says_so(self):
        result = run(EXAMPLE_C, RLX_PLUGINS="nosuch")
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn("device", result.stderr)

    def test_cpp_prints_its_result(self):
        result = run(EXAMPLE_CPP, RLX_DEVICE="ref")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(result.stdout, "ref:0: 2 0 4 0 6 0 8 0\n")


if __name__ == "__main__":
    programs.main()
