// conv, conv_transpose and fused_conv_bias_act. oneDNN chooses the layouts of activations and weights; a residual is
// added in place: the compiler lets the output take over its memory whenever it dies here.
#include "kernels/conv_epilogue.hpp"
#include "onednn/forward.hpp"
#include "onednn/post_ops.hpp"
#include "onednn/primitive_kernel.hpp"

#include <algorithm>
#include <cstring>

namespace rlx::cpu {

namespace {

using namespace onednn;

constexpr uint32_t kBias = 2, kResidual = 3;

Window read_window(const NodeView& n) {
  Window w;
  auto copy = [&](const char* name, dnnl_dims_t& to, int64_t less) {
    size_t i = 0;
    for (int64_t v : n.ints(name)) to[i++] = v - less;
  };
  copy("strides", w.strides, 0);
  copy("dilations", w.dilations, 1);  // oneDNN counts the gaps
  copy("pads_begin", w.pads_begin, 0);
  copy("pads_end", w.pads_end, 0);
  return w;
}

// dims of the weights as oneDNN wants them: [groups,] out, in, kernel; and where the program has them.
struct WeightDims {
  std::vector<uint64_t> dims;
  Desc plain;
};

WeightDims weight_dims(const NodeView& n, bool transposed) {
  const rlx_tensor& w = n.in(1);
  const uint64_t groups = static_cast<uint64_t>(n.i("groups"));
  uint64_t spatial = 1;
  for (uint32_t i = 2; i < w.rank; ++i) spatial *= w.dims[i];
  // conv: [M, C/g, k]; conv_transpose: [C, M/g, k]. Either way the group is the outer part of the first axis.
  const uint64_t first = w.dims[0] / groups, second = w.dims[1];
  std::vector<uint64_t> dims;
  std::vector<dnnl_dim_t> strides;
  if (groups > 1) {
    dims.push_back(groups);
    strides.push_back(static_cast<dnnl_dim_t>(first * second * spatial));
  }
  const dnnl_dim_t outer = static_cast<dnnl_dim_t>(second * spatial), inner = static_cast<dnnl_dim_t>(spatial);
  dims.push_back(transposed ? second : first);
  strides.push_back(transposed ? inner : outer);
  dims.push_back(transposed ? first : second);
  strides.push_back(transposed ? outer : inner);
  for (uint32_t i = 2; i < w.rank; ++i) {
    dims.push_back(w.dims[i]);
    spatial /= w.dims[i];
    strides.push_back(static_cast<dnnl_dim_t>(spatial));
  }
  return {dims, Desc::by_strides(dims, dnnl_f32, strides)};
}

class Conv final : public PrimitiveKernel {
 public:
  explicit Conv(MakeContext& m)
      : transposed_(m.node.op() == "conv_transpose"),
        window_(read_window(m.node)),
        has_residual_(m.node.has_input(kResidual)),
        bytes_(0),
        after_(after(m.node)) {
    const NodeView& n = m.node;
    const auto src_dims = sdk::dims(n.in(0)), dst_dims = sdk::dims(n.out());
    const WeightDims w = weight_dims(n, transposed_);
    const PostOps post_ops = make_post_ops(n, has_residual_);
    attr_ = make_attr(post_ops.get());
    weights_ = any_desc(w.dims);
    if (n.has_input(kBias)) bias_ = desc_of(sdk::dims(n.in(kBias)), Layout::kPlain);

    PrimitiveDesc desc;
    Layout src_layout = Layout::kPlain, dst_layout = Layout::kPlain;
    if (after_) alpha_ = n.f("alpha"), beta_ = n.f("beta");
    const bool found = (!m.plain_only && choose(src_dims, dst_dims, m.in_layouts[0], desc, src_layout, dst_layout) &&
                        (!after_ || is_dense(n.out(), dst_layout))) ||
                       choose_plain(src_dims, dst_dims, desc, src_layout, dst_layout);
    if (!found) throw sdk::Error(RLX_UNIMPLEMENTED, n.label() + ": oneDNN has no convolution for these shapes");
    set_name(desc);
    m.in_layouts[0] = src_layout;
    m.out_layouts[0] = dst_layout;
    src_ = query(desc, dnnl_query_src_md);
    dst_ = query(desc, dnnl_query_dst_md);
    weights_ = query(desc, dnnl_query_weights_md);
    for (uint32_t i = 1; i < m.in_layouts.size(); ++i) m.in_layouts[i] = Layout::kPlain;
    if (has_residual_) m.in_layouts[kResidual] = dst_layout;

    add_input(DNNL_ARG_SRC, src_, 0);
    add_weight(DNNL_ARG_WEIGHTS, weights_, w.plain, 1, m.is_weight(1));
    if (bias_) add_input(DNNL_ARG_BIAS, *bias_, kBias);
    add_output(DNNL_ARG_DST, dst_);
    bytes_ = dst_.bytes();
  }

  void run(const Run& r) const override {
    if (has_residual_ && r.inputs[kResidual] != r.outputs[0]) {
      constexpr uint64_t kGrain = 256u << 10;
      r.team.split(bytes_, kGrain, [&](uint64_t begin, uint64_t end, unsigned) {
        std::memcpy(r.outputs[0] + begin, r.inputs[kResidual] + begin, end - begin);
      });
    }
    PrimitiveKernel::run(r);
    if (!after_) return;
    float* y = r.out<float>();
    constexpr uint64_t kGrain = 16384;
    r.team.split(bytes_ / sizeof(float), kGrain, [&](uint64_t begin, uint64_t end, unsigned) {
      after_({{y + begin, nullptr, nullptr}, {false, false, false}, y + begin, end - begin, alpha_, beta_});
    });
  }

  bool reads(uint32_t input) const override {
    return (input == kResidual && has_residual_) || PrimitiveKernel::reads(input);
  }

 private:
  // The layouts oneDNN likes best; the one the input has when that needs no reorder and is no worse.
  bool choose(std::span<const uint64_t> src_dims, std::span<const uint64_t> dst_dims, Layout have, PrimitiveDesc& desc,
              Layout& src_layout, Layout& dst_layout) {
    src_ = any_desc(src_dims);
    dst_ = any_desc(dst_dims);
    PrimitiveDesc best;
    Layout best_src = Layout::kPlain, best_dst = Layout::kPlain;
    const bool has_best = try_create(best) && to_layout(query(best, dnnl_query_src_md), src_dims, best_src) &&
                          to_layout(query(best, dnnl_query_dst_md), dst_dims, best_dst);
    if (has_best && best_src != have && have != Layout::kPlain) {
      src_ = desc_of(src_dims, have);
      dst_ = desc_of(dst_dims, have);
      if (try_create(desc) && kernel_name(desc).find("jit") != std::string::npos) {
        src_layout = dst_layout = have;
        return true;
      }
    }
    if (has_best) {
      desc = std::move(best);
      src_layout = best_src;
      dst_layout = best_dst;
      return true;
    }
    return false;
  }

  bool choose_plain(std::span<const uint64_t> src_dims, std::span<const uint64_t> dst_dims, PrimitiveDesc& desc,
                    Layout& src_layout, Layout& dst_layout) {
    src_ = desc_of(src_dims, Layout::kPlain);
    dst_ = desc_of(dst_dims, Layout::kPlain);
    src_layout = dst_layout = Layout::kPlain;
    return try_create(desc);
  }

  bool try_create(PrimitiveDesc& out) const {
    return describe_convolution(transposed_, src_, weights_, bias_ ? &*bias_ : nullptr, dst_, window_, attr_.get(),
                                out) == dnnl_success;
  }

  PrimitiveDesc create() const override {
    PrimitiveDesc desc;
    if (!try_create(desc)) throw sdk::Error(RLX_UNIMPLEMENTED, name() + ": oneDNN refuses this thread count");
    return desc;
  }

  bool transposed_;
  Window window_;
  bool has_residual_;
  uint64_t bytes_;
  StepFn after_;  // an activation that oneDNN lacks
  double alpha_ = 0, beta_ = 0;
  Attr attr_;
  Desc src_, weights_, dst_;
  std::optional<Desc> bias_;
};

}  // namespace

namespace kernels {

Claim claim_conv(const NodeView& n, const CpuInfo&) {
  if (std::string problem = conv_problem(n); !problem.empty()) return Claim::no(std::move(problem));
  const rlx_tensor &x = n.in(0), &w = n.in(1);
  if (x.rank < 3 || x.rank > 5) return Claim::no("rank " + std::to_string(x.rank) + " not supported");
  for (uint32_t i = 2; i < x.rank; ++i) {
    // The generated code of oneDNN 2 reads behind the input where a window lies in the padding alone.
    const int64_t span = (static_cast<int64_t>(w.dims[i]) - 1) * n.ints("dilations")[i - 2] + 1;
    if (n.ints("pads_begin")[i - 2] >= span || n.ints("pads_end")[i - 2] >= span)
      return Claim::no("padding as wide as the window not supported");
    if (n.op() == "conv_transpose" && n.ints("output_padding")[i - 2] >= n.ints("strides")[i - 2])
      return Claim::no("output padding of a stride or more not supported");
  }
  return Claim::native(n.has_input(kResidual) ? 1u << kResidual : 0);
}

std::unique_ptr<Kernel> make_conv(MakeContext& m) {
  return std::make_unique<Conv>(m);
}

}  // namespace kernels
}  // namespace rlx::cpu
