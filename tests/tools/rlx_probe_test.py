#!/usr/bin/env python3
"""Runs rlx-probe on the test plugins: rlx_probe_test.py PROGRAM PLUGIN_DIR DOCUMENT. DOCUMENT lists the variables."""
import json
import os
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import programs

PROGRAM = sys.argv[1]
PLUGINS = pathlib.Path(sys.argv[2])
DOCUMENT = pathlib.Path(sys.argv[3])


def plugin(name):
    return str(PLUGINS / f"rlx_{name}.so")


def run(*arguments, plugins=(), **variables):
    """Runs the tool on these plugins only."""
    paths = [word for name in plugins for word in ("--plugin-path", plugin(name))]
    return programs.run(PROGRAM, "--no-default-path", *paths, *arguments, **variables)


class Probe(unittest.TestCase):
    def test_lists_devices_and_plugins(self):
        result = run(plugins=["null", "fast", "future_major"])
        self.assertEqual(result.returncode, 0)
        self.assertIn("fast:0 *", result.stdout)
        self.assertIn("null:0", result.stdout)
        self.assertIn("major_mismatch", result.stdout)
        self.assertEqual(result.stderr, "")

    def test_a_default_that_is_not_there_is_named(self):
        result = run(plugins=["null"], RLX_DEVICE="toaster:0")
        self.assertEqual(result.returncode, 0)
        self.assertIn("no default: device 'toaster:0' not found", result.stdout)

    def test_no_device_is_exit_code_2(self):
        self.assertEqual(run().returncode, 2)
        result = run(plugins=["future_major"])
        self.assertEqual(result.returncode, 2)
        self.assertIn("No device", result.stdout)

    def test_explains_each_check(self):
        result = run("--explain", plugins=["null", "missing_library"])
        self.assertEqual(result.returncode, 0)
        self.assertIn("note: id null, version 1.0.0", result.stdout)
        self.assertIn("=> loaded", result.stdout)
        self.assertIn("librlx_test_gone.so.7", result.stdout)
        self.assertIn("=> open_failed; install the package", result.stdout)

    def test_explains_one_plugin(self):
        result = run("--explain", "enumerate_fails", plugins=["null", "enumerate_fails"])
        self.assertEqual(result.returncode, 3)
        self.assertIn("DRIVER_MISSING", result.stdout)
        self.assertIn("install the toaster driver", result.stdout)
        self.assertNotIn("id null", result.stdout)
        self.assertEqual(run("--explain", "null", plugins=["null", "enumerate_fails"]).returncode, 0)
        self.assertEqual(run("--explain", "cuda", plugins=["null"]).returncode, 3)
        self.assertEqual(run("--explain", "no_devices", plugins=["no_devices"]).returncode, 3)

    def test_json_has_a_stable_schema(self):
        result = run("--json", plugins=["uuid", "null_slot"])
        self.assertEqual(result.returncode, 0)
        report = json.loads(result.stdout)
        self.assertEqual(report["schema"], 1)
        self.assertEqual(report["default_device"], "uuid:0")
        self.assertEqual([d["id"] for d in report["devices"]], ["uuid:0", "uuid:1", "uuid:2"])
        self.assertEqual(report["devices"][0]["uuid"], "ab" + 30 * "0")
        self.assertEqual(report["devices"][0]["memory_total_bytes"], 1 << 20)
        verdicts = {p["id"]: p for p in report["plugins"]}
        self.assertEqual(verdicts["uuid"]["verdict"], "loaded")
        self.assertEqual(verdicts["null_slot"]["verdict"], "bad_table")
        self.assertIn("executable.compile", verdicts["null_slot"]["reason"])
        self.assertIn("RLX_DEVICE", report["environment"])

    def test_json_is_valid_whatever_a_file_is_called(self):
        with tempfile.TemporaryDirectory() as scratch:
            pathlib.Path(os.fsdecode(os.fsencode(scratch) + b"/\xff.so")).write_bytes(b"no plugin")
            result = run("--json", "--plugin-path", scratch)
        self.assertEqual(json.loads(result.stdout)["plugins"][0]["verdict"], "not_a_plugin")

    def test_lists_the_environment(self):
        result = run("--env", RLX_DEVICE="null:0")
        self.assertEqual(result.returncode, 0)
        self.assertIn("RLX_DEVICE=null:0", result.stdout)
        self.assertIn("RLX_PLUGIN_PATH (not set)", result.stdout)

    def test_every_variable_is_documented(self):
        documented = DOCUMENT.read_text(encoding="utf-8")
        for name in json.loads(run("--json").stdout)["environment"]:
            self.assertIn(f"`{name}`", documented)

    def test_selects_plugins(self):
        result = run("--select", "^fast", plugins=["null", "fast"])
        self.assertIn("denied", result.stdout)
        self.assertIn("null:0 *", result.stdout)
        self.assertEqual(run("--select", "^", plugins=["null"]).returncode, 1)

    def test_wrong_usage_is_exit_code_1(self):
        result = run("--no-such-option")
        self.assertEqual(result.returncode, 1)
        self.assertNotEqual(result.stderr, "")

    def test_help_names_the_exit_codes(self):
        result = run("--help")
        self.assertEqual(result.returncode, 0)
        self.assertIn("Exit status", result.stdout)

    def test_logs_only_when_asked(self):
        self.assertEqual(run(plugins=["future_major"]).stderr, "")
        self.assertIn("major_mismatch", run(plugins=["future_major"], RLX_DEBUG="info").stderr)


if __name__ == "__main__":
    programs.main()
