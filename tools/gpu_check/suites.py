"""The test programs on a device. Cases compile for a second each on a real GPU, so that processes share them."""
import concurrent.futures
import os
import re
import time

from .report import last_line, run

CLOSING = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.M)
LIMIT_S = 400


def add_suite(report, name, commands, env):
    """Runs commands side by side, each of which ends with 'N passed, N failed, N skipped'; nothing passed at all, or no
    such line, is a failure."""
    begin = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(max_workers=len(commands)) as pool:
        runs = list(pool.map(lambda command: run(command, env, LIMIT_S), commands))
    totals, bad = [0, 0, 0], []
    for code, output, errors, _ in runs:
        closing = CLOSING.findall(output + errors)
        if closing:
            totals = [total + int(number or 0) for total, number in zip(totals, closing[-1])]
        # A process whose share of the cases was skipped altogether says 77.
        if not closing or code not in (0, 77):
            failed = re.findall(r"^FAILED.*$", output, re.M | re.I)
            bad.append(failed[0][:200] if failed else f"exit code {code}: {last_line(output + errors)}")
    detail = "{} passed, {} failed, {} skipped".format(*totals)
    good = not bad and totals[0] > 0 and totals[1] == 0
    report.add(name, "passed" if good else "FAILED", "; ".join([detail] + bad[:1]), time.monotonic() - begin)


def conformance(paths, device, pattern, processes):
    return [[paths.build / "tests/conformance/conformance", "--device", device, "--filter", pattern, "--shard",
             f"{i}/{processes}", "--expect", paths.data / "tests/conformance/expect"] for i in range(processes)]


def onnx_suite(paths, device, pattern, processes):
    """Case directories in equal parts; none when the data are not here."""
    cases = sorted(path.parent for root in ("node", "simple") for path in (paths.onnx_data / root).glob("*/model.onnx")
                   if pattern in str(path))
    known = paths.data / "tests/onnx/known_differences.txt"
    return [[paths.build / "tools/rlx-onnx-suite/rlx-onnx-suite", "--device", device, "--known", known, *cases[i::processes]]
            for i in range(processes) if cases[i::processes]]


def run_suites(report, paths, device, env, small):
    """Conformance cases and behaviour, and the ONNX backend suite."""
    prefix = device.partition(":")[0]
    # The emulated GPU shares the processor with whatever else is tested.
    processes = 1 if small else min(16, os.cpu_count() or 1)
    pattern = "softmax*" if small else "*"
    add_suite(report, f"{prefix}: conformance", conformance(paths, device, pattern, processes), env)
    chosen = ["attention rows that see no key are zero"] if small else []
    add_suite(report, f"{prefix}: behaviour",
              [[paths.build / "tests/conformance/conformance_behaviour", "--device", device, *chosen]], env)
    cases = onnx_suite(paths, device, "test_relu" if small else "", processes)
    if cases:
        add_suite(report, f"{prefix}: onnx suite", cases, env)
    else:
        report.add(f"{prefix}: onnx suite", "absent" if small else "MISSING",
                   f"no cases below {paths.onnx_data}: install libonnx-testdata")
