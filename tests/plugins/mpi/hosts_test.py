#!/usr/bin/env python3
"""Runs ranks on two hosts that are network namespaces joined by a pair of virtual cards, so that all they exchange goes
over TCP: hosts_test.py MPIRUN PROGRAM RLX_MLP PLUGIN... (empty: was not found, not built)"""
import os
import pathlib
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
import programs

MPIRUN, PROGRAM, MLP = sys.argv[1:4]
PLUGINS = ":".join(os.path.abspath(p) for p in sys.argv[4:])
CARDS = ["left", "right"]
HOSTS = [f"rlx-{os.getpid()}-{side}" for side in "ab"]
ADDRESSES = ["10.213.77.1", "10.213.77.2"]


def ip(*arguments):
    return subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)


def missing():
    """Why there can be no two hosts here; empty when there can."""
    if not MPIRUN:
        return "mpirun was not found; install openmpi-bin"
    for tool in ("ip", "unshare"):
        if not shutil.which(tool):
            return f"{tool} was not found"
    for host in HOSTS:
        made = ip("netns", "add", host)
        if made.returncode != 0:
            return "network namespaces cannot be made: " + made.stderr.strip()
    paired = ip("link", "add", CARDS[0], "netns", HOSTS[0], "type", "veth", "peer", "name", CARDS[1], "netns", HOSTS[1])
    if paired.returncode != 0:
        return "a pair of virtual network cards cannot be made: " + paired.stderr.strip()
    for host, card, address in zip(HOSTS, CARDS, ADDRESSES):
        for arguments in (("addr", "add", address + "/24", "dev", card), ("link", "set", card, "up"),
                          ("link", "set", "lo", "up")):
            done = ip("-n", host, *arguments)
            if done.returncode != 0:
                return f"{' '.join(arguments)} failed: {done.stderr.strip()}"
    return ""


class HostsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        why = missing()
        if why:
            cls.tearDownClass()
            raise unittest.SkipTest(why)
        cls.scratch = tempfile.TemporaryDirectory()
        # What mpirun starts its daemon on the other host with, instead of ssh.
        cls.agent = os.path.join(cls.scratch.name, "agent")
        with open(cls.agent, "w", encoding="utf-8") as script:
            script.write(f"#!/bin/sh\nshift\nexec ip netns exec {HOSTS[1]} unshare --uts "
                         f"sh -c 'hostname {HOSTS[1]}; exec sh -c \"$*\"' sh \"$@\"\n")
        os.chmod(cls.agent, stat.S_IRWXU)

    @classmethod
    def tearDownClass(cls):
        for host in HOSTS:
            ip("netns", "del", host)
        if hasattr(cls, "scratch"):
            cls.scratch.cleanup()

    def mpirun(self, *command):
        variables = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
                     "OMPI_MCA_plm_rsh_agent": self.agent, "OMPI_MCA_btl": "self,tcp", "OMPI_MCA_pml": "ob1",
                     "OMPI_MCA_osc": "pt2pt",
                     "OMPI_MCA_btl_tcp_if_include": ADDRESSES[0] + "/24",
                     "OMPI_MCA_oob_tcp_if_include": ADDRESSES[0] + "/24"}
        inside = ("hostname \"$1\"; shift; exec \"$@\"", "sh", HOSTS[0], MPIRUN, "--host",
                  ",".join(address + ":2" for address in ADDRESSES), "--map-by", "node", "-x", "RLX_PLUGIN_PATH", "-x",
                  "RLX_DEVICE", *command)
        return subprocess.run(["ip", "netns", "exec", HOSTS[0], "unshare", "--uts", "sh", "-c", *inside],
                              env={**os.environ, **variables, "RLX_PLUGIN_PATH": PLUGINS, "RLX_DEVICE": "ref"},
                              capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)

    def test_accesses_and_collectives(self):
        # The links are those between hosts, which another case is about; a thousand collectives take minutes over TCP.
        for ranks, cases in ((2, "[transport]~[links]"), (3, "[mpi]")):
            programs.check_ranks(self, self.mpirun("-n", str(ranks), PROGRAM, cases), ranks)

    def test_links_between_hosts(self):
        result = self.mpirun("-n", "2", PROGRAM, "[.hosts]")
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    @unittest.skipUnless(MLP, "the example is not built")
    def test_a_network_over_two_hosts(self):
        result = self.mpirun("-n", "4", MLP)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertIn("mpi: 4 ranks", result.stdout)


if __name__ == "__main__":
    programs.main()
