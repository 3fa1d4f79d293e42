// Convolutions and pools.

#include "spatial.hpp"

#include <algorithm>

namespace rlx::onnx {

Result<Window> window_of(NodeContext& c, std::vector<int64_t> kernel) {
  const Shape& x = c.shape(0);
  if (x.rank() < 3) return c.fail(Code::kInvalidArgument, "expected rank 3 to 5, got shape " + to_string(x));
  const size_t n = x.rank() - 2;
  Window w;
  w.kernel = std::move(kernel);
  w.strides = c.attr_ints("strides");
  w.dilations = c.attr_ints("dilations");
  std::vector<int64_t> pads = c.attr_ints("pads");
  if (w.strides.empty()) w.strides.assign(n, 1);
  if (w.dilations.empty()) w.dilations.assign(n, 1);
  if (w.kernel.size() != n || w.strides.size() != n || w.dilations.size() != n ||
      (!pads.empty() && pads.size() != 2 * n))
    return c.fail(Code::kInvalidArgument, "kernel_shape, strides, dilations and pads do not fit shape " + to_string(x));
  RLX_TRY(check_window(c, "kernel size", w.kernel, 1));
  RLX_TRY(check_window(c, "stride", w.strides, 1));
  RLX_TRY(check_window(c, "dilation", w.dilations, 1));
  RLX_TRY(check_window(c, "pad", pads, -kMaxWindow));
  w.begins.assign(n, 0);
  w.ends.assign(n, 0);
  const std::string mode = c.attr_s("auto_pad", "NOTSET");
  if (mode == "SAME_UPPER" || mode == "SAME_LOWER") {
    for (size_t i = 0; i < n; ++i) {
      const int64_t out = (x[i + 2] + w.strides[i] - 1) / w.strides[i];
      const int64_t total =
          std::max<int64_t>(0, (out - 1) * w.strides[i] + (w.kernel[i] - 1) * w.dilations[i] + 1 - x[i + 2]);
      w.begins[i] = mode == "SAME_LOWER" ? total - total / 2 : total / 2;
      w.ends[i] = total - w.begins[i];
    }
  } else if (mode == "NOTSET" || mode == "VALID") {
    for (size_t i = 0; i < n && mode == "NOTSET" && !pads.empty(); ++i) {
      w.begins[i] = pads[i];
      w.ends[i] = pads[i + n];
    }
  } else {
    return c.fail(Code::kInvalidArgument, "auto_pad '" + mode + "' is not known");
  }
  return w;
}

Result<Attrs> conv_attrs(NodeContext& c, size_t weight) {
  const Shape& w = c.shape(weight);
  if (w.rank() < 3) return c.fail(Code::kInvalidArgument, "the weight has shape " + to_string(w));
  RLX_ASSIGN(Window win, window_of(c, std::vector<int64_t>(w.begin() + 2, w.end())));
  return Attrs{{"strides", win.strides},
               {"pads_begin", win.begins},
               {"pads_end", win.ends},
               {"dilations", win.dilations},
               {"groups", c.attr("group", 1)}};
}

namespace {

Status conv(NodeContext& c) {
  RLX_ASSIGN(Attrs attrs, conv_attrs(c));
  std::vector<ValueId> inputs{c.in(0), c.in(1)};
  if (c.has(2)) inputs.push_back(c.in(2));
  return c.out(c.add("conv", inputs, std::move(attrs)));
}

Status conv_transpose(NodeContext& c) {
  const Shape& x = c.shape(0);
  const Shape& w = c.shape(1);
  const size_t n = x.rank() < 3 ? 0 : x.rank() - 2;
  if (n == 0 || w.rank() != x.rank())
    return c.fail(Code::kInvalidArgument, "shapes " + to_string(x) + " and " + to_string(w) + " do not fit");
  auto or_default = [&](std::string_view name, int64_t value) {
    std::vector<int64_t> v = c.attr_ints(name);
    if (v.empty()) v.assign(n, value);
    return v;
  };
  const auto strides = or_default("strides", 1), dilations = or_default("dilations", 1);
  auto extra = or_default("output_padding", 0);
  std::vector<int64_t> pads = c.attr_ints("pads"), out_shape = c.attr_ints("output_shape");
  if (pads.empty()) pads.assign(2 * n, 0);
  if (strides.size() != n || dilations.size() != n || extra.size() != n || pads.size() != 2 * n ||
      (!out_shape.empty() && out_shape.size() < n))
    return c.fail(Code::kInvalidArgument, "strides, dilations, pads or output_shape do not fit shape " + to_string(x));
  if (out_shape.size() > n) out_shape.erase(out_shape.begin(), out_shape.end() - static_cast<std::ptrdiff_t>(n));
  RLX_TRY(check_window(c, "stride", strides, 1));
  RLX_TRY(check_window(c, "dilation", dilations, 1));
  RLX_TRY(check_window(c, "output padding", extra, 0));
  RLX_TRY(check_window(c, "pad", pads, -kMaxWindow));
  RLX_TRY(check_window(c, "output dim", out_shape, 0));
  RLX_TRY(check_window(c, "dim", std::vector<int64_t>(x.begin() + 2, x.end()), 0));
  RLX_TRY(check_window(c, "kernel size", std::vector<int64_t>(w.begin() + 2, w.end()), 0));
  const std::string mode = c.attr_s("auto_pad", "NOTSET");
  std::vector<int64_t> begins(n), ends(n);
  for (size_t i = 0; i < n; ++i) {
    begins[i] = pads[i];
    ends[i] = pads[i + n];
    const bool same = mode == "SAME_UPPER" || mode == "SAME_LOWER";
    if (out_shape.empty() && !same) continue;
    const int64_t target = out_shape.empty() ? x[i + 2] * strides[i] : out_shape[i];
    int64_t total = (x[i + 2] - 1) * strides[i] + extra[i] + (w[i + 2] - 1) * dilations[i] + 1 - target;
    if (total < 0) {
      extra[i] -= total;
      total = 0;
    }
    begins[i] = mode == "SAME_UPPER" ? total / 2 : total - total / 2;
    ends[i] = total - begins[i];
  }
  std::vector<ValueId> inputs{c.in(0), c.in(1)};
  if (c.has(2)) inputs.push_back(c.in(2));
  return c.out(c.add("conv_transpose", inputs,
                     {{"strides", strides},
                      {"pads_begin", begins},
                      {"pads_end", ends},
                      {"dilations", dilations},
                      {"groups", c.attr("group", 1)},
                      {"output_padding", extra}}));
}

Status pool(NodeContext& c, const char* kind) {
  RLX_ASSIGN(Window w, window_of(c, c.attr_ints("kernel_shape")));
  Attrs attrs{{"kind", std::string(kind)},
              {"kernel", w.kernel},
              {"strides", w.strides},
              {"pads_begin", w.begins},
              {"pads_end", w.ends},
              {"dilations", w.dilations},
              {"count_include_pad", c.attr("count_include_pad", 0)},
              {"ceil_mode", c.attr("ceil_mode", 0)},
              {"p", c.attr("p", 2)},
              {"column_major", c.attr("storage_order", 0)}};
  const bool indices = c.wants(1);
  RLX_ASSIGN(std::vector<ValueId> outs, c.add_multi("pool", {c.in(0)}, std::move(attrs), indices ? 2 : 1));
  RLX_TRY(c.out(0, outs[0]));
  return indices ? c.out(1, outs[1]) : Status{};
}
Status max_pool(NodeContext& c) {
  return pool(c, "max");
}
Status average_pool(NodeContext& c) {
  return pool(c, "mean");
}
Status lp_pool(NodeContext& c) {
  return pool(c, "lp");
}

Status global_pool(NodeContext& c, const char* kind) {
  return c.out(c.add("global_pool", {c.in(0)}, {{"kind", std::string(kind)}, {"p", c.attr("p", 2)}}));
}
Status global_max(NodeContext& c) {
  return global_pool(c, "max");
}
Status global_average(NodeContext& c) {
  return global_pool(c, "mean");
}
Status global_lp(NodeContext& c) {
  return global_pool(c, "lp");
}

constexpr OpEntry kOps[] = {
    {"AveragePool", average_pool, 1},
    {"Conv", conv, 2},
    {"ConvTranspose", conv_transpose, 2},
    {"GlobalAveragePool", global_average, 1},
    {"GlobalLpPool", global_lp, 1},
    {"GlobalMaxPool", global_max, 1},
    {"LpPool", lp_pool, 1},
    {"MaxPool", max_pool, 1},
};

}  // namespace

std::span<const OpEntry> conv_ops() {
  return kOps;
}

}  // namespace rlx::onnx
