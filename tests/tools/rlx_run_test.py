#!/usr/bin/env python3
"""Runs rlx-run and rlx-bench as a newcomer would: rlx_run_test.py RLX_RUN RLX_BENCH PLUGIN..."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

RUN, BENCH = sys.argv[1:3]
PLUGINS = [os.path.abspath(plugin) for plugin in sys.argv[3:]]
DEVICE = "cpu" if any("rlx_cpu" in plugin for plugin in PLUGINS) else "ref"

GRAPH = """graph "layer" {
  symbols n
  %0 = input() {name="x"} : f32[n, 2]
  %1 = constant() {value=f32[2, 2] {1, 2, 3, 4}} : f32[2, 2]
  %2 = linear(%0, %1, _) {w_layout="kn"} : f32[n, 2]
  output "y" = %2
}
"""


def run(program, *arguments, **variables):
    clean = {k: v for k, v in os.environ.items() if not k.startswith("RLX_")}
    environment = {**clean, "RLX_PLUGIN_PATH": ":".join(PLUGINS), "RLX_DEVICE": DEVICE, **variables}
    return subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, check=False)


class Case(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.dir = pathlib.Path(scratch.name)
        self.model = self.dir / "layer.rlx"
        self.model.write_text(GRAPH, encoding="utf-8")

    def test_phases_are_told_only_when_asked(self):
        quiet = run(RUN, self.model)
        self.assertEqual((quiet.returncode, quiet.stderr), (0, ""))
        told = run(RUN, self.model, "--progress")
        self.assertEqual(told.returncode, 0)
        phases = re.findall(r"^layer\.rlx: (\w+)", told.stderr, re.MULTILINE)
        self.assertEqual(phases[:3], ["load", "optimise", "compile"])
        if DEVICE == "cpu":
            self.assertEqual(phases[3], "pack")
        # What is computed and where is the same; the times are not.
        self.assertEqual(re.sub(r"[\d.]+ ms", "", told.stdout), re.sub(r"[\d.]+ ms", "", quiet.stdout))

    def test_bench_tells_phases_when_asked(self):
        arguments = [self.model, "--no-peak", "--seconds", "0", "--json"]
        quiet, told = run(BENCH, *arguments), run(BENCH, *arguments, "--progress")
        self.assertEqual((quiet.returncode, quiet.stderr, told.returncode), (0, "", 0))
        self.assertIn("layer.rlx: compile", told.stderr)
        self.assertEqual(len(told.stdout.splitlines()), 1)

    def test_outputs_are_written_whole(self):
        result = run(RUN, self.model, "--output", self.dir)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(sorted(p.name for p in self.dir.iterdir()), ["layer.rlx", "y.npy"])
        self.assertTrue((self.dir / "y.npy").read_bytes().startswith(b"\x93NUMPY"))


if __name__ == "__main__":
    outcome = unittest.main(argv=sys.argv[:1], exit=False).result
    bad = len(outcome.failures) + len(outcome.errors)
    print(f"{outcome.testsRun - bad} passed, {bad} failed, {len(outcome.skipped)} skipped")
    sys.exit(bool(bad))
