#!/usr/bin/env python3
"""Runs rlx-run and rlx-bench as a newcomer would: rlx_run_test.py RLX_RUN RLX_BENCH PLUGIN..."""
import json
import os
import pathlib
import re
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import programs

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
    return programs.run(program, *arguments, **{"RLX_PLUGIN_PATH": ":".join(PLUGINS), "RLX_DEVICE": DEVICE, **variables})


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


    def fails(self, code, *arguments, program=RUN, **variables):
        """What stderr says; nothing is computed."""
        result = run(program, *arguments, **variables)
        self.assertEqual(result.returncode, code, result.stderr)
        self.assertEqual(result.stdout, "")
        self.assertNotEqual(result.stderr, "")
        return result.stderr

    def test_wrong_usage_names_the_value_and_the_limit(self):
        self.assertIn("MODEL", self.fails(2))
        for option, value, text in (("--threads", "-1", "4096"), ("--repeat", "0", "1"), ("--repeat", "-1", "1"),
                                    ("--rtol", "x", "--rtol"), ("--dim", "n", "'n'"), ("--dim", "n=-3", "'n=-3'"),
                                    ("--input", "x", "'x'"), ("--output", "/nosuch", "/nosuch"),
                                    ("--check", "/nosuch", "/nosuch"), ("--plugin-path", "/nosuch", "/nosuch")):
            with self.subTest(option=option, value=value):
                told = self.fails(2, self.model, option, value)
                self.assertIn(option, told)
                self.assertIn(text, told)
        self.assertIn("86400", self.fails(2, self.model, "--seconds", "-1", program=BENCH))
        self.assertIn("text form", self.fails(2, self.model, "--check", self.dir))

    def test_bad_models_are_named_with_the_reason(self):
        self.assertIn("nosuch.onnx: No such file", self.fails(1, self.dir / "nosuch.onnx"))
        self.assertIn("nosuch.rlx: No such file", self.fails(1, self.dir / "nosuch.rlx"))
        self.assertIn("not a regular file", self.fails(1, self.dir))
        for name, content in (("empty", b""), ("short", b"\x08\x07\x12\x7f"), ("random", bytes(range(256)))):
            path = self.dir / f"{name}.onnx"
            path.write_bytes(content)
            told = self.fails(1, path)
            self.assertIn(f"{name}.onnx: not an ONNX model, or truncated", told)
            self.assertIn(f"({len(content)} bytes)", told)
        bad = self.dir / "bad.rlx"
        bad.write_text(GRAPH.replace("linear", "liner"), encoding="utf-8")
        self.assertIn("bad.rlx: line 5: there is no op 'liner'", self.fails(1, bad))

    def test_unknown_names_list_those_there_are(self):
        self.assertIn("no input 'z'; it has 'x'", self.fails(1, self.model, "--input", "z=random"))
        self.assertIn("no symbolic dim 'm'; it has 'n'", self.fails(1, self.model, "--dim", "m=4"))
        self.assertIn("/nosuch.npy: No such file", self.fails(1, self.model, "--input", "x=/nosuch.npy"))
        told = self.fails(1, self.model, "--device", "toaster")
        self.assertIn("'toaster'", told)
        self.assertIn(f"{DEVICE}:0", told)

    def test_what_a_device_refuses_moves_to_the_fallback(self):
        refuse = {"RLX_TEST_REFUSE": "linear,matmul"}
        for choice in (["--device", "picky", "--fallback", DEVICE], ["--device", f"picky,{DEVICE}"]):
            moved = run(RUN, self.model, *choice, "--report", "--profile", **refuse)
            self.assertEqual(moved.returncode, 0, moved.stderr)
            self.assertIn(f"device   {DEVICE}:0", moved.stdout)
            self.assertRegex(moved.stdout, rf"moved +1 x linear to {DEVICE}:0: .*picky refuses linear")
            self.assertIn(f"segment 1 on {DEVICE}:0: 1 nodes", moved.stdout)
            self.assertIn(f"{DEVICE}:0 ", moved.stdout[moved.stdout.index("slowest kernels"):])
        told = self.fails(1, self.model, "--device", "picky", "--fallback", "none", **refuse)
        self.assertIn("device picky:0 cannot run", told)
        self.assertIn("picky refuses matmul", told)
        self.assertIn("'toaster'", self.fails(1, self.model, "--fallback", "toaster"))

    def test_without_plugins_the_directory_is_named(self):
        told = self.fails(1, self.model, RLX_PLUGIN_PATH="/nosuch/plugins")
        self.assertIn("/nosuch/plugins", told)
        self.assertIn("rlx-probe --explain", told)
        self.assertIn("not an absolute path", self.fails(1, self.model, RLX_PLUGIN_PATH="plugins"))

    def test_a_truncated_plugin_is_named_with_the_remedy(self):
        broken = self.dir / "broken"
        broken.mkdir()
        (broken / "rlx_ref.so").write_bytes(pathlib.Path(PLUGINS[0]).read_bytes()[:20000])
        told = self.fails(1, self.model, "--device", "ref", RLX_PLUGIN_PATH=str(broken))
        self.assertIn("truncated", told)
        self.assertIn("20000 bytes", told)
        self.assertIn("install the plugin again", told)

    def test_a_dim_that_nothing_gives_is_told(self):
        self.assertIn("dim      n = 1", run(RUN, self.model).stdout)
        given = run(RUN, self.model, "--dim", "n=3").stdout
        self.assertNotIn("dim ", given)
        self.assertIn("f32[3, 2]", given)

    def test_launches_and_their_operands_are_told(self):
        told = run(RUN, self.model, "--dim", "n=1000", "--report", "--profile").stdout
        self.assertIn("  1 launches over operands of 0.02 MB\n", told)
        # x and y have 1000 rows of 8 bytes each, the weights 16 bytes: once for the op, once for the kernel.
        self.assertRegex(told, r"linear +1 x +[\d.]+ ms +100\.0 % +0\.016 MB +[\d.]+ GB/s")
        self.assertRegex(told, r"[\d.]+ ms +0\.016 MB +[\d.]+ GB/s +linear")
        bench = run(BENCH, self.model, "--dim", "n=1000", "--no-peak", "--seconds", "0", "--json").stdout
        self.assertEqual(json.loads(bench)["operand_bytes"], 16016)

    def test_bench_goes_on_after_a_model_that_fails(self):
        result = run(BENCH, self.dir / "nosuch.onnx", self.model, "--no-peak", "--seconds", "0")
        self.assertEqual(result.returncode, 1)
        self.assertIn("nosuch.onnx", result.stderr)
        self.assertIn("layer.rlx", result.stdout)


if __name__ == "__main__":
    programs.main()
