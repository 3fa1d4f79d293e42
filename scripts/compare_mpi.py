#!/usr/bin/env python3
"""all_reduce of f32 against Open MPI's: compare_mpi.py [--rounds N] [--seconds S] BUILD

Rounds of Open MPI and of rlx-bench alternate, so that a burst of other work meets both; best is compared with best. Times
are those of the slowest rank, in microseconds. Needs mpicc and mpirun."""
import argparse
import json
import os
import pathlib
import subprocess
import tempfile

SIZES = [4, 1024, 65536, 1 << 20, 64 << 20]
# Open MPI reduces from private memory; "heap" is what a program gets that takes its buffers from Rank::allocate.
KINDS = [("local", []), ("shm", []), ("shm", ["--heap"])]


def mpi(program, ranks, seconds):
    variables = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
                 "OMPI_MCA_rmaps_base_oversubscribe": "1"}
    out = subprocess.run(["mpirun", "-n", str(ranks), program, str(seconds), *map(str, SIZES)], text=True, check=True,
                         env={**os.environ, **variables}, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL).stdout
    return {int(line.split()[0]): float(line.split()[1]) for line in out.splitlines()}


def rlx(bench, ranks, seconds, transport, more):
    times = {}
    for size in SIZES:
        out = subprocess.run([bench, "collective", "--transport", transport, "--ranks", str(ranks), "--seconds",
                              str(seconds), "--min-bytes", str(size), "--max-bytes", str(size), "--json", *more],
                             text=True, check=True, stdout=subprocess.PIPE).stdout
        times[size] = json.loads(out)["min_us"]
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.1, help="for each size in each round")
    parser.add_argument("--ranks", type=int, nargs="+", default=[2, 4])
    parser.add_argument("build", type=pathlib.Path)
    args = parser.parse_args()
    bench = args.build / "tools" / "rlx-bench" / "rlx-bench"
    source = pathlib.Path(__file__).with_name("mpi_all_reduce.c")
    with tempfile.TemporaryDirectory() as scratch:
        program = os.path.join(scratch, "mpi_all_reduce")
        subprocess.run(["mpicc", "-O2", "-o", program, source], check=True)
        for ranks in args.ranks:
            best = {}
            for _ in range(args.rounds):
                for size, us in mpi(program, ranks, args.seconds).items():
                    best[("mpi", size)] = min(us, best.get(("mpi", size), us))
                for transport, more in KINDS:
                    for size, us in rlx(bench, ranks, args.seconds, transport, more).items():
                        key = (transport + " ".join(more), size)
                        best[key] = min(us, best.get(key, us))
            print(f"{ranks} ranks, best of {args.rounds} rounds, us (and Open MPI's time over it)")
            for size in SIZES:
                peer = best[("mpi", size)]
                cells = [f"{transport}{' '.join(more)} {best[(transport + ' '.join(more), size)]:.2f} "
                         f"({peer / best[(transport + ' '.join(more), size)]:.2f})" for transport, more in KINDS]
                print(f"{size:>10} B  Open MPI {peer:.2f}  " + "  ".join(cells), flush=True)


if __name__ == "__main__":
    main()
