// RNN, GRU and LSTM unrolled over their static sequence length, one direction after the other.
// Layouts: x [S, B, I], w [D, G*H, I], r [D, G*H, H], b [D, 2*G*H]; layout=1 swaps the batch axis to the front.

#include "context.hpp"

#include <algorithm>

namespace rlx::onnx {
namespace {

// Each step is a few dozen nodes.
constexpr int64_t kMaxSteps = 16384;

struct Cell {
  ValueId w, r, wb, rb;           // [I, G*H], [H, G*H], [G*H] each; biases kNoValue when absent
  std::vector<ValueId> peephole;  // i, o, f of an LSTM, [H] each
  std::vector<std::string> activations;
  int64_t hidden = 0;
  bool linear_before_reset = false;
  double clip = 0;
};

Result<ValueId> activate(NodeContext& c, const std::string& name, ValueId x, double clip) {
  if (clip > 0) {
    RLX_ASSIGN(x, c.add("clamp", {x}, {{"lo", -clip}, {"hi", clip}}));
  }
  std::string kind = name;
  std::transform(kind.begin(), kind.end(), kind.begin(),
                 [](unsigned char ch) { return static_cast<char>(std::tolower(ch)); });
  if (kind != "sigmoid" && kind != "tanh" && kind != "relu" && kind != "softsign" && kind != "softplus")
    return c.unsupported("activation '" + name + "' is not supported");
  return c.unary(kind, x);
}

Result<ValueId> narrow(NodeContext& c, ValueId x, int64_t axis, int64_t start, int64_t len) {
  return c.add("narrow", {x}, {{"axis", axis}, {"start", start}, {"len", len}});
}

// x [B, I] * w + bias: all gates at once.
Result<ValueId> gates(NodeContext& c, ValueId x, ValueId w, ValueId bias) {
  RLX_ASSIGN(ValueId y, c.add("matmul", {x, w}));
  return bias == kNoValue ? Result<ValueId>(y) : c.binary("add", y, bias);
}

struct StepState {
  ValueId h, cell;
};

Result<StepState> rnn_step(NodeContext& c, const Cell& k, ValueId x, StepState s) {
  RLX_ASSIGN(ValueId a, gates(c, x, k.w, k.wb));
  RLX_ASSIGN(ValueId b, gates(c, s.h, k.r, k.rb));
  RLX_ASSIGN(ValueId sum, c.binary("add", a, b));
  RLX_ASSIGN(s.h, activate(c, k.activations[0], sum, k.clip));
  return s;
}

Result<StepState> gru_step(NodeContext& c, const Cell& k, ValueId x, StepState s) {
  const int64_t h = k.hidden;
  RLX_ASSIGN(ValueId a, gates(c, x, k.w, k.wb));
  RLX_ASSIGN(ValueId b, gates(c, s.h, k.r, k.rb));
  auto gate = [&](int64_t i, const std::string& f) -> Result<ValueId> {
    RLX_ASSIGN(ValueId u, narrow(c, a, 1, i * h, h));
    RLX_ASSIGN(ValueId v, narrow(c, b, 1, i * h, h));
    RLX_ASSIGN(ValueId sum, c.binary("add", u, v));
    return activate(c, f, sum, k.clip);
  };
  RLX_ASSIGN(ValueId z, gate(0, k.activations[0]));
  RLX_ASSIGN(ValueId r, gate(1, k.activations[0]));
  RLX_ASSIGN(ValueId candidate, narrow(c, a, 1, 2 * h, h));
  ValueId recurrent = kNoValue;
  if (k.linear_before_reset) {
    RLX_ASSIGN(recurrent, narrow(c, b, 1, 2 * h, h));
    RLX_ASSIGN(recurrent, c.binary("mul", r, recurrent));
  } else {
    RLX_ASSIGN(ValueId reset, c.binary("mul", r, s.h));
    RLX_ASSIGN(ValueId rh, narrow(c, k.r, 1, 2 * h, h));
    ValueId bias = k.rb;
    if (bias != kNoValue) {
      RLX_ASSIGN(bias, narrow(c, bias, 0, 2 * h, h));
    }
    RLX_ASSIGN(recurrent, gates(c, reset, rh, bias));
  }
  RLX_ASSIGN(candidate, c.binary("add", candidate, recurrent));
  RLX_ASSIGN(candidate, activate(c, k.activations[1], candidate, k.clip));
  // h = (1 - z) * candidate + z * h = candidate + z * (h - candidate)
  RLX_ASSIGN(ValueId difference, c.binary("sub", s.h, candidate));
  RLX_ASSIGN(difference, c.binary("mul", z, difference));
  RLX_ASSIGN(s.h, c.binary("add", candidate, difference));
  return s;
}

Result<StepState> lstm_step(NodeContext& c, const Cell& k, ValueId x, StepState s) {
  const int64_t h = k.hidden;
  RLX_ASSIGN(ValueId a, gates(c, x, k.w, k.wb));
  RLX_ASSIGN(ValueId b, gates(c, s.h, k.r, k.rb));
  RLX_ASSIGN(ValueId all, c.binary("add", a, b));
  auto gate = [&](int64_t i, size_t peephole, ValueId cell, const std::string& f) -> Result<ValueId> {
    RLX_ASSIGN(ValueId g, narrow(c, all, 1, i * h, h));
    if (peephole < k.peephole.size()) {
      RLX_ASSIGN(ValueId p, c.binary("mul", k.peephole[peephole], cell));
      RLX_ASSIGN(g, c.binary("add", g, p));
    }
    return activate(c, f, g, k.clip);
  };
  constexpr size_t kNone = 3;
  RLX_ASSIGN(ValueId in, gate(0, 0, s.cell, k.activations[0]));
  RLX_ASSIGN(ValueId forget, gate(2, 2, s.cell, k.activations[0]));
  RLX_ASSIGN(ValueId candidate, gate(3, kNone, s.cell, k.activations[1]));
  RLX_ASSIGN(ValueId kept, c.binary("mul", forget, s.cell));
  RLX_ASSIGN(ValueId added, c.binary("mul", in, candidate));
  RLX_ASSIGN(s.cell, c.binary("add", kept, added));
  RLX_ASSIGN(ValueId out, gate(1, 1, s.cell, k.activations[0]));
  RLX_ASSIGN(ValueId squashed, activate(c, k.activations[2], s.cell, 0));
  RLX_ASSIGN(s.h, c.binary("mul", out, squashed));
  return s;
}

Status recurrent(NodeContext& c, int64_t gate_count, std::vector<std::string> defaults,
                 Result<StepState> (*step)(NodeContext&, const Cell&, ValueId, StepState)) {
  const bool lstm = gate_count == 4;
  const bool batch_first = c.attr("layout", 0) != 0;
  if (c.def.attrs.has("input_forget") && c.attr("input_forget", 0) != 0)
    return c.unsupported("input_forget is not supported");
  ValueId x = c.in(0);
  auto swap_batch = [&](ValueId v) -> Result<ValueId> {
    std::vector<int64_t> perm(c.g.shape(v).rank());
    if (perm.size() < 2)
      return c.fail(Code::kInvalidArgument, "a state of shape " + to_string(c.g.shape(v)) + " has no batch axis");
    for (size_t i = 0; i < perm.size(); ++i) perm[i] = static_cast<int64_t>(i);
    std::swap(perm[0], perm[1]);
    return c.add("transpose", {v}, {{"perm", perm}});
  };
  if (c.shape(0).rank() != 3 || c.shape(1).rank() != 3 || c.shape(2).rank() != 3)
    return c.fail(Code::kInvalidArgument, "X " + to_string(c.shape(0)) + ", W " + to_string(c.shape(1)) + " and R " +
                                              to_string(c.shape(2)) + " must have rank 3");
  if (batch_first) {
    RLX_ASSIGN(x, swap_batch(x));
  }
  const int64_t steps = c.g.shape(x)[0], batch = c.g.shape(x)[1], directions = c.shape(1)[0], hidden = c.shape(2)[2];
  if (c.has(4)) {
    RLX_ASSIGN(std::vector<int64_t> lengths, c.ints(4));
    for (int64_t l : lengths)
      if (l != steps) return c.unsupported("sequence_lens shorter than the sequence are not supported");
  }
  if (steps > kMaxSteps)
    return c.unsupported(std::to_string(steps) + " steps are more than the " + std::to_string(kMaxSteps) +
                         " that are unrolled");
  const std::string direction = c.attr_s("direction", "forward");
  if (directions != (direction == "bidirectional" ? 2 : 1))
    return c.fail(Code::kInvalidArgument,
                  "direction '" + direction + "' with " + std::to_string(directions) + " weights");
  if (const AttrValue* given = c.def.attrs.find("activations");
      given != nullptr || c.def.unsupported_attr == "activations")
    return c.unsupported("attribute 'activations' is not supported");
  std::vector<ValueId> sequences, last_h, last_c;
  for (int64_t d = 0; d < directions; ++d) {
    Cell k;
    k.hidden = hidden;
    k.activations = defaults;
    k.clip = c.attr_f("clip", 0);
    k.linear_before_reset = c.attr("linear_before_reset", 0) != 0;
    auto part = [&](ValueId v) -> Result<ValueId> {
      RLX_ASSIGN(ValueId one, narrow(c, v, 0, d, 1));
      const Shape s = c.g.shape(one);
      return c.reshape(one, s.dims().subspan(1));
    };
    auto transposed = [&](ValueId v) -> Result<ValueId> {
      RLX_ASSIGN(ValueId m, part(v));
      return c.add("transpose", {m}, {{"perm", std::vector<int64_t>{1, 0}}});
    };
    RLX_ASSIGN(k.w, transposed(c.in(1)));
    RLX_ASSIGN(k.r, transposed(c.in(2)));
    k.wb = k.rb = kNoValue;
    if (c.has(3)) {
      RLX_ASSIGN(ValueId b, part(c.in(3)));
      RLX_ASSIGN(k.wb, narrow(c, b, 0, 0, gate_count * hidden));
      RLX_ASSIGN(k.rb, narrow(c, b, 0, gate_count * hidden, gate_count * hidden));
    }
    if (lstm && c.has(7)) {
      RLX_ASSIGN(ValueId p, part(c.in(7)));
      for (int64_t i = 0; i < 3; ++i) {
        RLX_ASSIGN(ValueId one, narrow(c, p, 0, i * hidden, hidden));
        k.peephole.push_back(one);
      }
    }
    auto initial = [&](size_t input) -> Result<ValueId> {
      if (!c.has(input)) {
        RLX_ASSIGN(ValueId zero, c.scalar(c.dtype(0), 0));
        return c.add("expand", {zero}, {{"shape", std::vector<int64_t>{batch, hidden}}});
      }
      ValueId v = c.in(input);
      if (batch_first) {
        RLX_ASSIGN(v, swap_batch(v));
      }
      return part(v);
    };
    StepState s{kNoValue, kNoValue};
    RLX_ASSIGN(s.h, initial(5));
    if (lstm) {
      RLX_ASSIGN(s.cell, initial(6));
    }
    const bool reverse = direction == "reverse" || d == 1;
    std::vector<ValueId> outputs(static_cast<size_t>(steps));
    for (int64_t t = 0; t < steps; ++t) {
      const int64_t at = reverse ? steps - 1 - t : t;
      RLX_ASSIGN(ValueId xt, narrow(c, x, 0, at, 1));
      const int64_t dims[] = {batch, c.g.shape(x)[2]};
      RLX_ASSIGN(xt, c.reshape(xt, dims));
      RLX_ASSIGN(s, step(c, k, xt, s));
      const int64_t wide[] = {1, 1, batch, hidden};
      RLX_ASSIGN(outputs[static_cast<size_t>(at)], c.reshape(s.h, wide));
    }
    RLX_ASSIGN(ValueId sequence, c.add("concat", outputs, {{"axis", int64_t{0}}}));
    sequences.push_back(sequence);
    const int64_t wide[] = {1, batch, hidden};
    RLX_ASSIGN(ValueId h, c.reshape(s.h, wide));
    last_h.push_back(h);
    if (lstm) {
      RLX_ASSIGN(ValueId cell, c.reshape(s.cell, wide));
      last_c.push_back(cell);
    }
  }
  RLX_ASSIGN(ValueId y, c.add("concat", sequences, {{"axis", int64_t{1}}}));  // [S, D, B, H]
  RLX_ASSIGN(ValueId y_h, c.add("concat", last_h, {{"axis", int64_t{0}}}));   // [D, B, H]
  if (batch_first) {
    RLX_ASSIGN(y, c.add("transpose", {y}, {{"perm", std::vector<int64_t>{2, 0, 1, 3}}}));
    RLX_ASSIGN(y_h, swap_batch(y_h));
  }
  RLX_TRY(c.out(0, y));
  RLX_TRY(c.out(1, y_h));
  if (!lstm || !c.wants(2)) return {};
  RLX_ASSIGN(ValueId y_c, c.add("concat", last_c, {{"axis", int64_t{0}}}));
  if (batch_first) {
    RLX_ASSIGN(y_c, swap_batch(y_c));
  }
  return c.out(2, y_c);
}

Status rnn(NodeContext& c) {
  return recurrent(c, 1, {"Tanh"}, rnn_step);
}
Status gru(NodeContext& c) {
  return recurrent(c, 3, {"Sigmoid", "Tanh"}, gru_step);
}
Status lstm(NodeContext& c) {
  return recurrent(c, 4, {"Sigmoid", "Tanh", "Tanh"}, lstm_step);
}

constexpr OpEntry kOps[] = {{"GRU", gru, 3}, {"LSTM", lstm, 3}, {"RNN", rnn, 3}};

}  // namespace

std::span<const OpEntry> recurrent_ops() {
  return kOps;
}

}  // namespace rlx::onnx
