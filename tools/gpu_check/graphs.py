"""The graphs that are measured, in RLX's text form, and how much work each of them is."""


class Graph:
    """Writes a graph line by line; values are numbers, as the text form has them."""

    def __init__(self, name):
        self.name, self.lines, self.inputs = name, [], 0

    def _add(self, text, kind):
        self.lines.append(f"  %{len(self.lines)} = {text} : {kind}")
        return f"%{len(self.lines) - 1}"

    def input(self, kind):
        self.inputs += 1
        return self._add(f'input() {{name="x{self.inputs - 1}"}}', kind)

    def state(self, kind):
        return self._add(f'state() {{name="s{len(self.lines)}"}}', kind)

    def node(self, op, inputs, made, /, **attributes):
        texts = [f'{name}="{value}"' if isinstance(value, str) else f"{name}={value}" for name, value in attributes.items()]
        return self._add(f"{op}({', '.join(inputs)})" + (f" {{{', '.join(texts)}}}" if texts else ""), made)

    def text(self, output):
        return "\n".join([f'graph "{self.name}" {{', *self.lines, f'  output "y" = {output}', "}", ""])


class Figure:
    """What is measured and what it is held against.

    flops, moved: operations or bytes of a run. peer: kind and arguments of the same work in peers.py. copy_share: the
    goal is a share of the rate of a copy, not of a peer's. whole: the time of a whole run counts, as a user has it, not
    that of its kernels. wants: an op that RLX may have no kernel for on the device; a refusal, or its decomposition, then
    means 'not built'.
    """

    def __init__(self, name, text, goal, *, flops=0, moved=0, peer=None, copy_share=False, whole=False, wants=""):
        self.name, self.text, self.goal, self.flops, self.moved = name, text, goal, flops, moved
        self.peer, self.copy_share, self.whole, self.wants = peer, copy_share, whole, wants

    def rate(self, milliseconds):
        seconds = milliseconds / 1e3
        return f"{self.flops / seconds / 1e12:.1f} TFLOP/s" if self.flops else f"{self.moved / seconds / 1e9:.0f} GB/s"


def matmul(dtype, torch_dtype, side, name="", wants=""):
    name = name or f"matmul {dtype} {side}"
    graph, kind = Graph(name), f"{dtype}[{side}, {side}]"
    a, b = graph.input(kind), graph.input(kind)
    return Figure(name, graph.text(graph.node("matmul", [a, b], kind)), 0.95, flops=2 * side**3,
                  peer=("matmul", torch_dtype, [side] * 3), wants=wants)


def packed(name, scheme, rows, columns, row_bytes, samples, goal, peer):
    """y = x · wᵀ with w packed; the scheme says how (docs/ops.md)."""
    graph = Graph(name)
    x, w = graph.input(f"bf16[{samples}, {columns}]"), graph.input(f"u8[{rows}, {row_bytes}]")
    y = graph.node("dequant_matmul", [x, w], f"bf16[{samples}, {rows}]", scheme=scheme)
    work = {"moved": rows * row_bytes, "copy_share": True} if samples == 1 else {"flops": 2 * rows * columns * samples}
    return Figure(name, graph.text(y), goal, peer=peer, wants="dequant_matmul", **work)


def rowwise(name, rows, columns, build, goal=0.9):
    """build(graph, x, kind) gives the output of a graph that reads x once and writes as much."""
    graph, kind = Graph(name), f"f16[{rows}, {columns}]"
    x = graph.input(kind)
    return Figure(name, graph.text(build(graph, x, kind)), goal, moved=4 * rows * columns, copy_share=True)


def region(graph, x, kind):
    return graph.node("binary", [graph.node("unary", [x], kind, kind="tanh"), x], kind, kind="mul")


def softmax(graph, x, kind):
    return graph.node("softmax", [x], kind, axis=1)


def norm(op):
    def build(graph, x, kind):
        row = "f16[" + kind.split(", ")[1]
        inputs = [x, graph.input(row)] + ([graph.input(row)] if op == "layer_norm" else [])
        return graph.node(op, inputs, kind, axis=1)
    return build


def negation(graph, x, kind):
    return graph.node("unary", [x], kind, kind="neg")


def attention(name, batch, heads, kv_heads, queries, keys, size, causal):
    graph = Graph(name)
    kind, key_kind = f"bf16[{batch}, {heads}, {queries}, {size}]", f"bf16[{batch}, {kv_heads}, {keys}, {size}]"
    inputs = [graph.input(kind), graph.input(key_kind), graph.input(key_kind)]
    y = graph.node("attention", inputs, kind, layout="bhsd", mask="causal" if causal else "none")
    arguments = [batch, heads, kv_heads, queries, keys, size, causal]
    if queries == 1:
        return Figure(name, graph.text(y), 0.85, moved=4 * batch * kv_heads * keys * size, copy_share=True,
                      peer=("attention", "bfloat16", arguments))
    return Figure(name, graph.text(y), 0.9, flops=4 * batch * heads * queries * keys * size // (2 if causal else 1),
                  peer=("attention", "bfloat16", arguments))


class Transformer:
    """Blocks of bf16 with a weight of its own for every product, all of them inputs."""

    def __init__(self, name, batch, tokens, hidden, heads):
        self.graph, self.hidden, self.heads = Graph(name), hidden, heads
        self.batch, self.tokens = batch, tokens
        self.kind = self.wide(hidden)
        self.flops = self.weights = 0

    def wide(self, columns):
        return f"bf16[{self.batch}, {self.tokens}, {columns}]"

    def linear(self, x, columns, out, **attributes):
        w, b = self.graph.input(f"bf16[{columns}, {out}]"), self.graph.input(f"bf16[{out}]")
        self.flops += 2 * self.batch * self.tokens * columns * out
        self.weights += 2 * columns * out
        return self.graph.node("linear", [x, w, b], self.wide(out), w_layout="kn", **attributes)

    def norm(self, x):
        row = f"bf16[{self.hidden}]"
        return self.graph.node("layer_norm", [x, self.graph.input(row), self.graph.input(row)], self.kind, axis=2)

    def add(self, a, b):
        return self.graph.node("binary", [a, b], self.kind, kind="add")

    def attend(self, x, keys_of):
        q, k, v = (self.linear(x, self.hidden, self.hidden) for _ in range(3))
        k, v, keys = keys_of(k, v)
        self.flops += 4 * self.batch * self.tokens * keys * self.hidden
        y = self.graph.node("attention", [q, k, v], self.kind, layout="bs_hd", heads=self.heads, kv_heads=self.heads,
                            head_dim=self.hidden // self.heads, mask="none")
        return self.linear(y, self.hidden, self.hidden)

    def feed_forward(self, x):
        inner = self.linear(x, self.hidden, 4 * self.hidden, activation="gelu")
        return self.linear(inner, 4 * self.hidden, self.hidden)


def encoder(batch, tokens, layers, hidden, heads):
    """BERT's encoder: norms behind the sums."""
    net = Transformer(f"encoder batch {batch}", batch, tokens, hidden, heads)
    x = net.graph.input(net.kind)
    for _ in range(layers):
        x = net.norm(net.add(x, net.attend(x, lambda k, v: (k, v, tokens))))
        x = net.norm(net.add(x, net.feed_forward(x)))
    return Figure(net.graph.name, net.graph.text(x), 1.1, flops=net.flops, whole=True,
                  peer=("encoder", "bfloat16", [batch, tokens, layers, hidden, heads]))


def decode_step(context, layers, hidden, heads, vocabulary):
    """GPT's next token: norms in front, keys and values in states of full length, one row of them written."""
    net = Transformer("decode step", 1, 1, hidden, heads)
    graph, cache = net.graph, f"bf16[1, {context}, {hidden}]"
    x, row = graph.input(net.kind), graph.input("i64[]")

    def keys_of(*new):
        kept = [graph.node("state_write", [graph.state(cache), value, row], cache, axis=1) for value in new]
        return kept[0], kept[1], context

    for _ in range(layers):
        x = net.add(x, net.attend(net.norm(x), keys_of))
        x = net.add(x, net.feed_forward(net.norm(x)))
    y = net.linear(net.norm(x), hidden, vocabulary)
    moved = net.weights + 4 * layers * context * hidden
    return Figure(graph.name, graph.text(y), 1.1, moved=moved, whole=True,
                  peer=("decode", "bfloat16", [context, layers, hidden, heads, vocabulary]))


def small_graph():
    """What a run costs beside its work."""
    graph = Graph("small")
    return graph.text(negation(graph, graph.input("f32[256]"), "f32[256]"))


def figures(small):
    """All of them. small: sizes for an emulated GPU, where only the tool itself is tried."""
    rows, columns = (64, 128) if small else (8192, 8192)
    sides = [64] if small else [4096, 8192]
    side = sides[0]
    found = []
    for n in sides:
        found += [matmul("bf16", "bfloat16", n), matmul("f16", "float16", n), matmul("f32", "float32", n),
                  matmul("f32", "tf32", n, f"matmul f32 {n} and tf32"),
                  packed(f"matmul bf16 {n} by fp8", "fp8_e4m3", n, n, n, n, 0.95, ("matmul_fp8", "bfloat16", [n] * 3))]
    found += [
        rowwise("negation", rows, columns, negation),
        rowwise("elementwise region", rows, columns, region),
        rowwise("softmax", rows, columns, softmax),
        rowwise("layer_norm", rows, columns, norm("layer_norm")),
        rowwise("rms_norm", rows, columns, norm("rms_norm")),
        attention("attention causal", *((1, 2, 2, 64, 64, 32) if small else (4, 16, 16, 4096, 4096, 128)), True),
        attention("attention decode", *((1, 4, 2, 1, 256, 32) if small else (8, 32, 8, 1, 16384, 128)), False),
        packed(f"gemv q4_k {side}", "q4_k", side, 256 if small else side, 144 if small else side // 256 * 144, 1, 0.8, None),
    ]
    if small:
        return found + [encoder(1, 8, 1, 32, 2), decode_step(16, 1, 32, 2, 64)]
    return found + [encoder(1, 384, 24, 1024, 16), encoder(32, 384, 24, 1024, 16),
                    decode_step(1024, 24, 1024, 16, 50257)]
