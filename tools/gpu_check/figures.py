"""Times of graphs on the device, each beside its peer's, and what runs, plugins and memory cost."""
import json
import pathlib
import re
import resource
import tempfile

from . import graphs, peers
from .report import last_line, run

PROFILE = re.compile(r"^profile\s+\d+ kernels, ([0-9.]+) ms$", re.M)
WHOLE_RUN = re.compile(r"^run\s+min ([0-9.]+) ms", re.M)
MEMORY = re.compile(r"^memory\s+arena ([0-9.]+) MiB, scratch ([0-9.]+) MiB of it, weights ([0-9.]+) MiB, "
                    r"lower bound ([0-9.]+) MiB, peak of the pool ([0-9.]+) MiB$", re.M)
# What RLX says of an op, a scheme or an element type that it does not have.
REFUSAL = re.compile(r"decomposed|there is no op|cannot run \d+ node|not supported|no kernel for|unimplemented", re.I)
LIMIT_S = 150


class Bench:
    """Runs graphs on one device of one build."""

    def __init__(self, build, device, env):
        self.rlx_run, self.device, self.env = build / "tools/rlx-run/rlx-run", device, env
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name) / "graph.rlx"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.folder.cleanup()

    def run(self, text, *options):
        """What rlx-run prints, why it failed ("" when it did not), and seconds."""
        self.path.write_text(text, encoding="utf-8")
        code, output, errors, seconds = run([self.rlx_run, self.path, "--device", self.device, "--fallback", "none",
                                             "--resident", *options], self.env, LIMIT_S)
        return output, "" if code == 0 else last_line(output + errors), seconds


def measure(bench, figure):
    """Milliseconds or None, why not, and seconds."""
    runs = ("--repeat", "20") if figure.whole else ("--repeat", "5", "--profile")
    output, why, seconds = bench.run(figure.text, *runs, "--report")
    if figure.wants and re.search(rf"^\s+decomposed\s+\d+ x {figure.wants}\b", output, re.M):
        return None, f"no kernel for {figure.wants}: it is decomposed", seconds
    found = (WHOLE_RUN if figure.whole else PROFILE).search(output)
    if why or not found:
        return None, why or "no time in the output", seconds
    return float(found[1]), "", seconds


def add_figures(report, bench, small, with_peers):
    """A row for each figure; with_peers False leaves PyTorch out and says so in no row."""
    wanted = graphs.figures(small)
    peer_ms, why = peers.milliseconds(wanted) if with_peers else ({}, "")
    if with_peers:
        missing = [figure.name for figure in wanted if figure.peer and figure.name not in peer_ms]
        report.add("peers", "MISSING" if missing else "passed",
                   f"{len(peer_ms)} of PyTorch's times" + (f"; none for {', '.join(missing)}: {why}" if missing else ""))
    # Bytes a millisecond: PyTorch's copy, else the negation, which is the first of its kind.
    copied = next((f.moved / peer_ms["copy"] for f in wanted if f.copy_share and "copy" in peer_ms), None)
    for figure in wanted:
        took, why, seconds = measure(bench, figure)
        if took is None:
            lacks = figure.wants and REFUSAL.search(why)
            report.add(figure.name, "not built" if lacks else "FAILED", why, seconds)
            continue
        if figure.copy_share:
            copied = copied or figure.moved / took
        numbers = {"ms": took, "goal": figure.goal}
        detail = f"{took:.3f} ms, {figure.rate(took)}"
        if figure.name in peer_ms:
            numbers.update(peer_ms=peer_ms[figure.name], ratio=round(peer_ms[figure.name] / took, 3))
            detail += f"; PyTorch {peer_ms[figure.name]:.3f} ms"
        if figure.copy_share:
            numbers["ratio"] = round(figure.moved / took / copied, 3)
            detail += f"; of {'a copy' if 'copy' in peer_ms else 'the negation'}"
        if "ratio" in numbers:
            detail += f" {numbers['ratio']:.2f} (goal {figure.goal})"
        report.add(figure.name, "passed", detail, seconds, **numbers)


def add_steady_run(report, bench):
    """CPU and wall time of one more run of a small graph that is on the device."""
    times, runs, text = [], 2000, graphs.small_graph()
    for repeat in (1, 1 + runs):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        output, why, seconds = bench.run(text, "--repeat", str(repeat))
        if why:
            report.add("steady run", "FAILED", why)
            return
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append((after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, seconds))
    cpu, wall = (1e6 * (long - short) / runs for short, long in zip(*times))
    report.add("steady run", "passed", f"CPU {cpu:.1f} us (goal 10), wall {wall:.1f} us", cpu_us=cpu, wall_us=wall)


def add_memory(report, bench, small):
    """What a context holds of the device against what its tensors need at one time."""
    figure = graphs.encoder(1, 8, 1, 32, 2) if small else graphs.encoder(1, 384, 4, 1024, 16)
    output, why, seconds = bench.run(figure.text, "--report")
    found = MEMORY.search(output)
    if why or not found:
        report.add("memory", "FAILED", why or "no memory in the report", seconds)
        return
    arena, scratch, weights, bound, peak = map(float, found.groups())
    ratio = (peak + weights) / (bound + weights) if bound + weights > 0 else 0
    report.add("memory", "passed", f"{peak + weights:.2f} MiB at most, bound and weights {bound + weights:.2f} MiB, ratio "
               f"{ratio:.3f} (goal 1.05), scratch {scratch:.2f} MiB", seconds, ratio=round(ratio, 3))


def add_open_time(report, build, plugin, env):
    """The best of some processes, with the machine's driver and with a file in its place that is none."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("libcuda.so.1", *(f"libamdhip64.so{number}" for number in (".7", ".6", ".5", ""))):
            (pathlib.Path(folder) / name).write_bytes(b"")
        absent = dict(env, LD_LIBRARY_PATH=folder + ":" + env.get("LD_LIBRARY_PATH", ""))
        for name, goal_ms, where in (("open with driver", 150, env), ("open without driver", 1, absent)):
            times, said, spent = [], {}, 0.0
            for _ in range(5):
                code, output, errors, seconds = run([build / "tests/plugins/simt/open_time"],
                                                    dict(where, RLX_TEST_PLUGIN=str(plugin)), LIMIT_S)
                spent += seconds
                try:
                    said = json.loads(output)
                except json.JSONDecodeError:
                    report.add(name, "FAILED", f"exit code {code}: {last_line(output + errors)}", spent)
                    break
                times.append(said["load_ms"] + said["enumerate_ms"])
            else:
                good = (said["devices"] > 0) == (where is env)
                report.add(name, "passed" if good else "FAILED", f"{min(times):.2f} ms (goal {goal_ms}), "
                           f"{said['devices']} devices", spent, ms=min(times), goal=goal_ms)
