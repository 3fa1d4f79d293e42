#!/usr/bin/env python3
"""Runs rlx-launch: rlx_launch_test.py RLX_LAUNCH RANK_PROGRAM"""
import os
import pathlib
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import programs

LAUNCH, RANK = sys.argv[1:3]


def launch(*arguments):
    return programs.run(LAUNCH, *arguments)


def left_behind():
    return sorted(p.name for p in pathlib.Path("/dev/shm").glob(f"rlx-{os.geteuid()}-job-*"))


class LaunchTest(unittest.TestCase):
    def setUp(self):
        self.before = left_behind()

    def tearDown(self):
        self.assertEqual(left_behind(), self.before)

    def test_ranks_find_each_other_and_lines_carry_the_rank(self):
        result = launch("-n", "3", RANK)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(sorted(result.stdout.splitlines()),
                         [f"[{r}] shm: rank {r} of 3, sum 6" for r in range(3)])

    def test_a_program_without_launcher_is_alone(self):
        result = programs.run(RANK)
        self.assertEqual(result.stdout, "local: rank 0 of 1, sum 1\n")

    def test_arguments_reach_the_program_unchanged(self):
        result = launch("-n", "1", "--no-prefix", "printf", "%s|", "-n", "--group", "a b", "")
        self.assertEqual(result.stdout, "-n|--group|a b||\n")

    def test_a_rank_that_fails_gives_the_exit_code(self):
        result = launch("-n", "3", RANK, "fail")
        self.assertEqual(result.returncode, 7)
        self.assertIn("rank 1 ended with exit code 7", result.stderr)

    def test_a_rank_that_is_killed_ends_the_job(self):
        result = launch("-n", "3", RANK, "die")
        self.assertEqual(result.returncode, 128 + signal.SIGKILL)
        self.assertIn("rank 1 was ended by signal 9", result.stderr)

    def test_ranks_that_do_not_listen_are_killed(self):
        result = launch("-n", "2", "--grace-ms", "100", "sh", "-c",
                        'trap "" TERM; if [ $RLX_RANK = 1 ]; then exit 9; fi; while :; do sleep 1; done')
        self.assertEqual(result.returncode, 9)

    def test_a_signal_to_the_launcher_ends_all(self):
        process = subprocess.Popen([LAUNCH, "-n", "2", "sh", "-c", "echo up; exec sleep 1000"],
                                   stdout=subprocess.PIPE, text=True)
        self.assertEqual({process.stdout.readline(), process.stdout.readline()}, {"[0] up\n", "[1] up\n"})
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 128 + signal.SIGTERM)
        process.stdout.close()

    def test_a_launcher_that_is_killed_takes_its_ranks_along(self):
        process = subprocess.Popen([LAUNCH, "-n", "1", "sh", "-c", "echo $$; exec sleep 1000"],
                                   stdout=subprocess.PIPE, text=True)
        rank = int(process.stdout.readline().split()[1])
        process.kill()
        process.wait()
        process.stdout.close()
        while True:  # the system needs a moment to tell the child
            state = pathlib.Path(f"/proc/{rank}/stat")
            if not state.exists() or ") Z " in state.read_text():
                break
            time.sleep(0.01)

    def test_wrong_usage_and_a_missing_program(self):
        self.assertEqual(launch("-n", "0", "true").returncode, 2)
        self.assertEqual(launch("true").returncode, 2)
        self.assertEqual(launch("-n", "2").returncode, 2)
        unknown = launch("--nope", "-n", "2", "true")
        self.assertEqual(unknown.returncode, 2)
        self.assertIn("rlx-launch: ", unknown.stderr)
        self.assertIn("--nope", unknown.stderr)
        self.assertEqual(launch("-n", "1", "--group", "a b", "true").returncode, 2)
        self.assertEqual(launch("-n", "1", "--group", "a.b-c_1", "--", "true").returncode, 0)
        self.assertEqual(launch("-n", "1", os.path.dirname(os.path.abspath(__file__))).returncode, 126)
        missing = launch("-n", "1", "/nonexistent/program")
        self.assertEqual(missing.returncode, 127)
        self.assertIn("/nonexistent/program", missing.stderr)


if __name__ == "__main__":
    programs.main()
