#!/usr/bin/env python3
"""Runs the tensor-parallel example in each of its three ways: ranks_test.py RLX_MLP RLX_LAUNCH MPIRUN PLUGIN...
RLX_LAUNCH and MPIRUN are empty where they are not there."""
import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import programs

MLP, LAUNCH, MPIRUN = sys.argv[1:4]
PLUGINS = ":".join(os.path.abspath(p) for p in sys.argv[4:])


def run(*command):
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("RLX_", "OMPI_"))}
    # mpirun refuses root, more ranks than cores, and hosts without ssh even when it needs none, unless told.
    mpi = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "OMPI_MCA_plm": "isolated",
           "OMPI_MCA_rmaps_base_oversubscribe": "1"}
    return subprocess.run(command, env={**clean, **mpi, "RLX_PLUGIN_PATH": PLUGINS, "RLX_DEVICE": "ref"},
                          capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


class RanksTest(unittest.TestCase):
    def check(self, result, line):
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(result.stdout, f"{line}, y[0] = {self.alone()}, equal to one rank's\n")

    def alone(self):
        result = run(MLP)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        start = "local: 1 ranks, y[0] = "
        self.assertTrue(result.stdout.startswith(start), result.stdout)
        return result.stdout[len(start):].split(",")[0]

    def test_threads(self):
        for ranks in (2, 4):
            self.check(run(MLP, "--threads", str(ranks)), f"local: {ranks} ranks")

    @unittest.skipUnless(LAUNCH, "rlx-launch is not built")
    def test_processes(self):
        self.check(run(LAUNCH, "-n", "4", "--no-prefix", MLP), "shm: 4 ranks")

    @unittest.skipUnless(MPIRUN, "mpirun was not found, or the MPI plugin is not built")
    def test_mpi(self):
        self.check(run(MPIRUN, "-n", "4", MLP), "mpi: 4 ranks")

    def test_a_number_of_ranks_that_does_not_divide_the_network(self):
        result = run(MLP, "--threads", "3")
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn("256 hidden values cannot be split over 3 ranks", result.stderr)


if __name__ == "__main__":
    programs.main()
