#!/usr/bin/env python3
"""all_reduce of f32 against Open MPI's, put and get against memcpy: compare_mpi.py [--rounds N] [--seconds S] BUILD

Rounds of Open MPI and of rlx-bench alternate, so that a burst of other work meets both; best is compared with best. Times
are those of the slowest rank, in microseconds. Needs mpicc and mpirun."""
import argparse
import json
import os
import pathlib
import subprocess
import tempfile

SIZES = [4, 64, 256, 1024, 4096, 16384, 65536, 1 << 20, 4 << 20, 64 << 20]
# Open MPI reduces from private memory; "heap" is what a program gets that takes its buffers from Rank::allocate.
KINDS = [("local", []), ("shm", []), ("shm", ["--heap"])]
ONE_SIDED = [8, 1 << 20, 32 << 20]
BARRIERS = [2, 8]


def mpi(program, ranks, seconds, sizes):
    variables = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
                 "OMPI_MCA_rmaps_base_oversubscribe": "1"}
    out = subprocess.run(["mpirun", "-n", str(ranks), program, str(seconds), *map(str, sizes)], text=True, check=True,
                         env={**os.environ, **variables}, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL).stdout
    return {int(line.split()[0]): float(line.split()[1]) for line in out.splitlines()}


class Best:
    """The shortest time for each key."""

    def __init__(self):
        self.times = {}

    def add(self, key, us):
        self.times[key] = min(us, self.times.get(key, us))

    def __getitem__(self, key):
        return self.times[key]


def rlx(args, ranks, transport, size, *more):
    bench = args.build / "tools" / "rlx-bench" / "rlx-bench"
    out = subprocess.run([bench, "collective", "--transport", transport, "--ranks", str(ranks), "--seconds",
                          str(args.seconds), "--min-bytes", str(size), "--max-bytes", str(size), "--json", *more],
                         text=True, check=True, stdout=subprocess.PIPE).stdout
    return json.loads(out)["min_us"]


def compare_all_reduce(args, program, ranks):
    best = Best()
    for _ in range(args.rounds):
        for size, us in mpi(program, ranks, args.seconds, args.sizes).items():
            best.add(("mpi", size), us)
        for transport, more in KINDS:
            for size in args.sizes:
                best.add((transport, *more, size), rlx(args, ranks, transport, size, *more))
    print(f"{ranks} ranks, best of {args.rounds} rounds, us (and Open MPI's time over it)")
    for size in args.sizes:
        peer = best["mpi", size]
        cells = [f"{' '.join([transport, *more])} {us:.2f} ({peer / us:.2f})" for transport, more in KINDS
                 for us in [best[(transport, *more, size)]]]
        print(f"{size:>10} B  Open MPI {peer:.2f}  " + "  ".join(cells), flush=True)


def compare_one_sided(args):
    best = Best()
    for _ in range(args.rounds):
        for transport in ("local", "shm"):
            for size in ONE_SIDED:
                for op in ("copy", "put", "get"):
                    best.add((transport, op, size), rlx(args, 2, transport, size, "--op", op))
            for ranks in BARRIERS:
                best.add((transport, ranks), rlx(args, ranks, transport, 8, "--op", "barrier"))
    print(f"one-sided, best of {args.rounds} rounds, us (and memcpy's time over it)")
    for transport in ("local", "shm"):
        for size in ONE_SIDED:
            copy = min(best[t, "copy", size] for t in ("local", "shm"))
            cells = [f"{op} {us:.3f} ({copy / us:.2f})" for op in ("put", "get") for us in [best[transport, op, size]]]
            print(f"{transport:>6} {size:>9} B  memcpy {copy:.3f}  " + "  ".join(cells))
        print(f"{transport:>6} barrier  " + "  ".join(f"{n} ranks {best[transport, n]:.3f}" for n in BARRIERS),
              flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.1, help="for each size in each round")
    parser.add_argument("--ranks", type=int, nargs="+", default=[2, 4], help="of all_reduce")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="of all_reduce, in bytes")
    parser.add_argument("--no-all-reduce", action="store_true")
    parser.add_argument("--no-one-sided", action="store_true")
    parser.add_argument("build", type=pathlib.Path)
    args = parser.parse_args()
    if not args.no_all_reduce:
        source = pathlib.Path(__file__).with_name("mpi_all_reduce.c")
        with tempfile.TemporaryDirectory() as scratch:
            program = os.path.join(scratch, "mpi_all_reduce")
            subprocess.run(["mpicc", "-O2", "-o", program, source], check=True)
            for ranks in args.ranks:
                compare_all_reduce(args, program, ranks)
    if not args.no_one_sided:
        compare_one_sided(args)


if __name__ == "__main__":
    main()
