#!/usr/bin/env python3
"""Runs a test program as the ranks of mpirun: mpi_test.py MPIRUN PROGRAM RLX_BENCH (empty: was not found, not built)"""
import json
import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
import programs

MPIRUN, PROGRAM, BENCH = sys.argv[1:4]

# mpirun refuses root, more ranks than cores, and hosts without ssh even when it needs none, unless told.
ENVIRONMENT = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
                   OMPI_MCA_rmaps_base_oversubscribe="1", OMPI_MCA_plm="isolated")


def mpirun(ranks, *command):
    return subprocess.run([MPIRUN, "-n", str(ranks), *command], env=ENVIRONMENT, capture_output=True, text=True,
                          check=False, stdin=subprocess.DEVNULL)


def left_behind():
    return sorted(p.name for p in pathlib.Path("/dev/shm").glob("*") if "osc" in p.name or "vader" in p.name)


@unittest.skipUnless(MPIRUN, "mpirun was not found; install openmpi-bin")
class MpiTest(unittest.TestCase):
    def run_tests(self, ranks, *arguments, more=()):
        programs.check_ranks(self, mpirun(ranks, *more, PROGRAM, *arguments), ranks)

    def test_every_world(self):
        before = left_behind()
        for ranks in (1, 2, 3, 4, 5):
            with self.subTest(ranks=ranks):
                self.run_tests(ranks)
        self.assertEqual(left_behind(), before)

    def test_a_late_rank(self):
        self.run_tests(3, "[.late]")

    def test_over_tcp(self):
        self.run_tests(2, more=("--mca", "btl", "self,tcp", "--mca", "pml", "ob1"))

    def test_a_rank_that_dies_ends_the_job(self):
        result = mpirun(2, PROGRAM, "[.dies]")
        self.assertEqual(result.returncode, 128 + 9, result.stdout + result.stderr)

    @unittest.skipUnless(BENCH, "rlx-bench is not built")
    def test_bench(self):
        result = mpirun(3, BENCH, "collective", "--transport", "mpi", "--seconds", "0.01", "--max-bytes", "32768",
                        "--json")
        self.assertEqual(result.returncode, 0, result.stderr)
        lines = [json.loads(line) for line in result.stdout.splitlines()]
        self.assertEqual([line["bytes"] for line in lines], [8 * 4**i for i in range(7)])
        self.assertTrue(all(line["ranks"] == 3 and line["algorithm"] == "native" for line in lines), lines)
        for op in ("put", "get", "barrier", "all_to_all"):
            result = mpirun(2, BENCH, "collective", "--transport", "mpi", "--op", op, "--seconds", "0.01",
                            "--max-bytes", "32768")
            self.assertIn(f"{op} f32, mpi, 2 ranks", result.stdout, result.stderr)


if __name__ == "__main__":
    programs.main()
