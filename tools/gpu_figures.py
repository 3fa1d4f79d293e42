"""What gpu-check measures: graphs in text form, how much work each is, and what a peer of the same work says.

rlx-run's profile gives the time on the device; peers are timed on it, too, so that neither counts copies to the host.
"""
import json
import re
import resource
import subprocess
import sys
import time

PROFILE = re.compile(r"^profile\s+\d+ kernels, ([0-9.]+) ms$", re.M)

# Run by this Python if it has PyTorch: one JSON object from name to milliseconds.
PEERS = """
import json, sys, torch
import torch.nn.functional as F
def ms(fn):
    for _ in range(3): fn()
    best = float("inf")
    for _ in range(10):
        begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        begin.record(); fn(); end.record(); end.synchronize()
        best = min(best, begin.elapsed_time(end))
    return best
def rand(dtype, *shape): return torch.randn(shape, device="cuda", dtype=getattr(torch, dtype))
out = {}
for name, kind, dtype, args in json.loads(sys.argv[1]):
    if kind == "matmul":
        m, n, k = args
        a, b = rand(dtype, m, k), rand(dtype, k, n)
        out[name] = ms(lambda: a @ b)
    elif kind == "attention":
        b, h, kv, sq, sk, d, causal = args
        q, k, v = rand(dtype, b, h, sq, d), rand(dtype, b, kv, sk, d), rand(dtype, b, kv, sk, d)
        out[name] = ms(lambda: F.scaled_dot_product_attention(q, k, v, is_causal=bool(causal), enable_gqa=h != kv))
    elif kind == "copy":
        x = rand(dtype, *args)
        y = torch.empty_like(x)
        out[name] = ms(lambda: y.copy_(x))
    torch.cuda.empty_cache()
print(json.dumps(out))
"""


class Figure:
    """One graph: its text, the operations or bytes of a run, and the peer's kind and arguments (None: no peer)."""

    def __init__(self, name, text, flops=0, moved=0, peer=None):
        self.name, self.text, self.flops, self.moved, self.peer = name, text, flops, moved, peer

    def rate(self, milliseconds):
        seconds = milliseconds / 1e3
        return f"{self.flops / seconds / 1e12:.1f} TFLOP/s" if self.flops else f"{self.moved / seconds / 1e9:.0f} GB/s"


def graph(name, inputs, nodes):
    """inputs: types; nodes: (text behind the equals sign, type). The last node is the output."""
    lines = [f'  %{i} = input() {{name="x{i}"}} : {kind}' for i, kind in enumerate(inputs)]
    lines += [f"  %{i} = {node} : {kind}" for i, (node, kind) in enumerate(nodes, len(inputs))]
    lines.append(f'  output "y" = %{len(inputs) + len(nodes) - 1}')
    return f'graph "{name}" {{\n' + "\n".join(lines) + "\n}\n"


def matmul(dtype, torch_dtype, side):
    kind, name = f"{dtype}[{side}, {side}]", f"matmul {dtype} {side}"
    return Figure(name, graph(name, [kind, kind], [("matmul(%0, %1)", kind)]), flops=2 * side**3,
                  peer=("matmul", torch_dtype, [side] * 3))


def attention(name, batch, heads, kv_heads, queries, keys, size, causal):
    q, k = f"bf16[{batch}, {heads}, {queries}, {size}]", f"bf16[{batch}, {kv_heads}, {keys}, {size}]"
    mask = "causal" if causal else "none"
    text = graph(name, [q, k, k], [(f'attention(%0, %1, %2) {{layout="bhsd", mask="{mask}"}}', q)])
    flops = 4 * batch * heads * queries * keys * size // (2 if causal else 1)
    decode = queries == 1
    return Figure(name, text, flops=0 if decode else flops, moved=4 * batch * kv_heads * keys * size,
                  peer=("attention", "bfloat16", [batch, heads, kv_heads, queries, keys, size, causal]))


def figures(small):
    """All of them. small: sizes for an emulated GPU, where only the tool itself is tried."""
    rows, columns = (64, 128) if small else (16384, 8192)
    kind, moved = f"f16[{rows}, {columns}]", 4 * rows * columns
    side = 64 if small else 4096
    region = [('unary(%0) {kind="tanh"}', kind), ('binary(%1, %0) {kind="mul"}', kind)]
    return [
        matmul("bf16", "bfloat16", side),
        matmul("f16", "float16", side if small else 8192),
        matmul("f32", "float32", side),
        Figure("elementwise region", graph("region", [kind], region), moved=moved),
        Figure("softmax", graph("softmax", [kind], [("softmax(%0) {axis=1}", kind)]), moved=moved),
        Figure("layer_norm", graph("norm", [kind, f"f16[{columns}]", f"f16[{columns}]"],
                                   [("layer_norm(%0, %1, %2) {axis=1}", kind)]), moved=moved),
        attention("attention causal", *((1, 2, 2, 64, 64, 32) if small else (4, 16, 16, 4096, 4096, 128)), True),
        attention("attention decode", *((1, 4, 2, 1, 256, 32) if small else (8, 32, 8, 1, 16384, 128)), False),
        # A copy itself is removed when a graph is compiled.
        Figure("negation and copy", graph("negation", [kind], [('unary(%0) {kind="neg"}', kind)]), moved=moved,
               peer=("copy", "float16", [rows, columns])),
    ]


def steady_run(rlx_run, path, device, env):
    """CPU and wall time in microseconds of one more run of a small graph, or None and why."""
    times = []
    for repeat in (1, 2001):
        begin, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([rlx_run, path, "--device", device, "--fallback", "none", "--repeat", str(repeat)],
                              env=env, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return None, last_line(done)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        times.append((cpu, time.monotonic() - begin))
    return tuple(1e6 * (long - short) / 2000 for short, long in zip(*times)), ""


def last_line(done):
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    return lines[-1][:160] if lines else f"exit code {done.returncode}"


def device_milliseconds(rlx_run, path, device, env):
    """The device's time for one run of a graph, the best of three processes; or why there is none."""
    best = None
    for _ in range(3):
        done = subprocess.run([rlx_run, path, "--device", device, "--fallback", "none", "--repeat", "5", "--profile"],
                              env=env, capture_output=True, text=True, check=False)
        found = PROFILE.search(done.stdout)
        if done.returncode != 0 or not found:
            return None, last_line(done)
        best = min(best or float("inf"), float(found.group(1)))
    return best, ""


def peer_milliseconds(wanted):
    """From name to milliseconds, empty without PyTorch and a GPU; and why."""
    tasks = [(figure.name, *figure.peer) for figure in wanted if figure.peer]
    done = subprocess.run([sys.executable, "-c", PEERS, json.dumps(tasks)], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return json.loads(done.stdout.strip().splitlines()[-1]), ""
    return {}, last_line(done)
