#!/usr/bin/env python3
"""Installs a build below a scratch directory and uses it from there.

install_test.py BUILD PREFIX LIBDIR BINDIR PROGRAM.cpp -- CXX... Nothing of RLX is set in the environment: librlx finds
its plugins relative to itself. LD_LIBRARY_PATH only stands in for ldconfig.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import programs

BUILD, PREFIX, LIBDIR, BINDIR, PROGRAM = sys.argv[1:6]
CXX = sys.argv[7:]


def below(root, path):
    return root / pathlib.PurePosixPath(path).relative_to("/")


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.root = pathlib.Path(cls.scratch.name)
        subprocess.run(["meson", "install", "-C", BUILD, "--no-rebuild", "--quiet", "--destdir", cls.root],
                       check=True, stdout=subprocess.DEVNULL)
        cls.prefix = below(cls.root, PREFIX)
        cls.libdir = cls.prefix / LIBDIR
        cls.environment = {
            "PATH": os.environ["PATH"], "LD_LIBRARY_PATH": str(cls.libdir),
            "PKG_CONFIG_LIBDIR": str(cls.libdir / "pkgconfig"), "PKG_CONFIG_SYSROOT_DIR": str(cls.root)}

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def run_installed(self, *command):
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)

    def pkg_config(self, *options):
        result = self.run_installed("pkg-config", *options, "rlx")
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout.split()

    def plugins(self):
        """The installed plugin files, where pkg-config says that they are."""
        directory = self.pkg_config("--variable=plugindir")[0]
        # Some versions of pkg-config put the scratch directory in front themselves.
        path = pathlib.Path(directory)
        return sorted((path if path.is_relative_to(self.root) else below(self.root, directory)).glob("*.so"))

    def test_plugins_lie_where_pkg_config_says(self):
        self.assertNotEqual(self.plugins(), [])

    def test_plugins_keep_the_link_rules(self):
        """Here all of them: in the build tree those linked to libraries in odd places have run paths of their own."""
        exports = pathlib.Path(__file__).resolve().parents[1] / "abi" / "exports.py"
        result = self.run_installed(sys.executable, exports, "plugin", *self.plugins())
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_rlx_probe_finds_the_plugins_beside_librlx(self):
        result = self.run_installed(self.prefix / BINDIR / "rlx-probe")
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        for plugin in self.plugins():
            self.assertIn(str(plugin), result.stdout)
        # A plugin whose hardware is absent is found and says so; the CPU is always there.
        verdicts = {plugin["path"]: plugin["verdict"] for plugin in self.probe()["plugins"]}
        self.assertEqual({str(plugin) for plugin in self.plugins()}, set(verdicts))
        self.assertLessEqual(set(verdicts.values()), {"loaded", "init_failed"})
        for path, verdict in verdicts.items():
            if pathlib.Path(path).name in ("rlx_cpu.so", "rlx_ref.so"):
                self.assertEqual(verdict, "loaded", result.stdout)

    def probe(self):
        return json.loads(self.run_installed(self.prefix / BINDIR / "rlx-probe", "--json").stdout)

    def test_a_program_builds_with_pkg_config_and_finds_devices(self):
        program = self.root / "program"
        subprocess.run([*CXX, "-std=c++20", PROGRAM, "-o", program, *self.pkg_config("--cflags", "--libs")], check=True)
        result = self.run_installed(program)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(result.stdout.split(), [device["id"] for device in self.probe()["devices"]])

    def test_a_moved_tree_works_as_well(self):
        moved = self.root / "elsewhere"
        self.prefix.rename(moved)
        try:
            environment = {"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": str(moved / LIBDIR)}
            result = subprocess.run([moved / BINDIR / "rlx-probe"], env=environment, capture_output=True, text=True,
                                    check=False)
        finally:
            moved.rename(self.prefix)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_every_installed_program_has_a_manual_page(self):
        programs = sorted(path.name for path in (self.prefix / BINDIR).iterdir())
        self.assertIn("rlx-probe", programs)
        pages = sorted(path.name.split(".")[0] for path in self.prefix.glob("**/man1/*"))
        self.assertEqual(pages, programs)


if __name__ == "__main__":
    programs.main()
