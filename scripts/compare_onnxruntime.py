#!/usr/bin/env python3
"""Latency of rlx-bench and ONNX Runtime on the same models, interleaved in rounds so that both meet the same clock.

  compare_onnxruntime.py MODEL... [--bench build/release/tools/rlx-bench/rlx-bench] [--threads 1] [--rounds 5]

Prints one Markdown row per model: best of all rounds for each side and their ratio (below 1: RLX is faster).
Needs: pip install onnxruntime numpy. Plugins are found as usual (RLX_PLUGIN_PATH).
"""
import argparse
import json
import os
import subprocess
import time

import numpy as np
import onnxruntime as ort

NUMPY = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(int64)": np.int64, "tensor(int32)": np.int32}


def bound_session(path, threads):
    """Inputs and outputs are bound once: the figure is the run alone, as in rlx-bench."""
    options = ort.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    start = time.perf_counter()
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    load_ms = (time.perf_counter() - start) * 1e3
    binding = session.io_binding()
    random = np.random.default_rng(7)
    for value in session.get_inputs():
        shape = [d if isinstance(d, int) and d > 0 else 1 for d in value.shape]
        binding.bind_cpu_input(value.name, random.standard_normal(shape).astype(NUMPY[value.type]))
    for value in session.get_outputs():
        binding.bind_output(value.name)
    return session, binding, load_ms


def ort_best_ms(session, binding, seconds):
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end or best == float("inf"):
        start = time.perf_counter()
        session.run_with_iobinding(binding)
        best = min(best, (time.perf_counter() - start) * 1e3)
    return best


def rlx(bench, path, threads, seconds):
    command = [bench, path, "--device", "cpu", "--threads", str(threads), "--seconds", str(seconds), "--json", "--no-peak"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("models", nargs="+")
    parser.add_argument("--bench", default="build/release/tools/rlx-bench/rlx-bench")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.5)
    args = parser.parse_args()
    print("| model | threads | RLX ms | ONNX Runtime ms | ratio | RLX load + compile ms | ORT load ms | allocations | arena / bound |")
    print("|---|---|---|---|---|---|---|---|---|")
    for path in args.models:
        session, binding, ort_load = bound_session(path, args.threads)
        ort_ms, ours = float("inf"), None
        for _ in range(args.rounds):
            ort_ms = min(ort_ms, ort_best_ms(session, binding, args.seconds))
            run = rlx(args.bench, path, args.threads, args.seconds)
            if ours is None or run["min_ms"] < ours["min_ms"]:
                ours = run
        arena = ours["arena_bytes"] / max(1, ours["arena_lower_bound"])
        print(f"| {os.path.basename(path)} | {args.threads} | {ours['min_ms']:.4g} | {ort_ms:.4g} | {ours['min_ms'] / ort_ms:.2f} "
              f"| {ours['load_ms'] + ours['compile_ms']:.0f} | {ort_load:.0f} | {ours['allocations_per_run']:.1f} | {arena:.3f} |", flush=True)


if __name__ == "__main__":
    main()
