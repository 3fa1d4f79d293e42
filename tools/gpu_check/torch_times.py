"""Times PyTorch on the GPU: torch_times.py TASKS, JSON of [name, kind, dtype, arguments]. One JSON object a line."""
import json
import sys

import torch
import torch.nn.functional as F


def rand(dtype, *shape):
    return torch.randn(shape, device="cuda", dtype=getattr(torch, dtype))


def best_ms(fn, repeats=10):
    for _ in range(3):
        fn()
    best = float("inf")
    for _ in range(repeats):
        begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        begin.record()
        fn()
        end.record()
        end.synchronize()
        best = min(best, begin.elapsed_time(end))
    return best


def matmul(dtype, m, n, k):
    torch.backends.cuda.matmul.allow_tf32 = dtype == "tf32"
    a, b = (rand("float32" if dtype == "tf32" else dtype, *shape) for shape in ((m, k), (k, n)))
    return best_ms(lambda: a @ b)


def matmul_fp8(_, m, n, k):
    a, b = (rand("bfloat16", rows, k).to(torch.float8_e4m3fn) for rows in (m, n))
    one = torch.ones((), device="cuda")
    return best_ms(lambda: torch._scaled_mm(a, b.t(), scale_a=one, scale_b=one, out_dtype=torch.bfloat16))


def attention(dtype, b, h, kv, sq, sk, d, causal):
    q, k, v = rand(dtype, b, h, sq, d), rand(dtype, b, kv, sk, d), rand(dtype, b, kv, sk, d)
    return best_ms(lambda: F.scaled_dot_product_attention(q, k, v, is_causal=bool(causal), enable_gqa=h != kv))


def copy(dtype, elements):
    x = rand(dtype, elements)
    y = torch.empty_like(x)
    return best_ms(lambda: y.copy_(x))


def graph_ms(fn):
    """A whole run as a CUDA graph. Blocks are compiled one by one: all are the same code."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side), torch.no_grad():
        for _ in range(3):
            fn()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.no_grad(), torch.cuda.graph(graph):
        fn()
    return best_ms(graph.replay, 20)


def weights(dtype, hidden):
    shapes = [(hidden, hidden)] * 4 + [(4 * hidden, hidden), (hidden, 4 * hidden)]
    pairs = [(rand(dtype, *shape), rand(dtype, shape[0])) for shape in shapes]
    return pairs + [(rand(dtype, hidden), rand(dtype, hidden)) for _ in range(2)]


def heads_of(x, heads):
    return x.view(*x.shape[:2], heads, -1).transpose(1, 2)


def encoder(dtype, batch, tokens, layers, hidden, heads):
    @torch.compile(dynamic=False)
    def block(x, w):
        q, k, v = (heads_of(F.linear(x, *w[i]), heads) for i in range(3))
        y = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(x.shape)
        x = F.layer_norm(x + F.linear(y, *w[3]), (hidden,), *w[6])
        y = F.linear(F.gelu(F.linear(x, *w[4])), *w[5])
        return F.layer_norm(x + y, (hidden,), *w[7])

    all_weights = [weights(dtype, hidden) for _ in range(layers)]
    x = rand(dtype, batch, tokens, hidden)

    def whole():
        y = x
        for w in all_weights:
            y = block(y, w)
        return y
    return graph_ms(whole)


def decode(dtype, context, layers, hidden, heads, vocabulary):
    @torch.compile(dynamic=False)
    def block(x, w, keys, values, row):
        y = F.layer_norm(x, (hidden,), *w[6])
        q, k, v = (F.linear(y, *w[i]) for i in range(3))
        keys.index_copy_(1, row, k)
        values.index_copy_(1, row, v)
        y = F.scaled_dot_product_attention(heads_of(q, heads), heads_of(keys, heads), heads_of(values, heads))
        x = x + F.linear(y.transpose(1, 2).reshape(x.shape), *w[3])
        y = F.layer_norm(x, (hidden,), *w[7])
        return x + F.linear(F.gelu(F.linear(y, *w[4])), *w[5])

    all_weights = [weights(dtype, hidden) for _ in range(layers)]
    caches = [(rand(dtype, 1, context, hidden), rand(dtype, 1, context, hidden)) for _ in range(layers)]
    head, last = (rand(dtype, vocabulary, hidden), rand(dtype, vocabulary)), (rand(dtype, hidden), rand(dtype, hidden))
    x, row = rand(dtype, 1, 1, hidden), torch.zeros(1, device="cuda", dtype=torch.int64)

    def whole():
        y = x
        for w, (keys, values) in zip(all_weights, caches):
            y = block(y, w, keys, values, row)
        return F.linear(F.layer_norm(y, (hidden,), *last), *head)
    return graph_ms(whole)


KINDS = {"matmul": matmul, "matmul_fp8": matmul_fp8, "attention": attention, "copy": copy, "encoder": encoder,
         "decode": decode}

for name, kind, dtype, arguments in json.loads(sys.argv[1]):
    try:
        print(json.dumps({"name": name, "ms": KINDS[kind](dtype, *arguments)}), flush=True)
    except Exception as error:  # whatever it is, the next task may work
        print(json.dumps({"name": name, "error": (str(error) or type(error).__name__).splitlines()[0][:200]}), flush=True)
    torch.cuda.empty_cache()
