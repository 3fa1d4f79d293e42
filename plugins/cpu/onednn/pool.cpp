// pool and global_pool in whatever layout the input has.
#include "onednn/forward.hpp"
#include "onednn/primitive_kernel.hpp"

#include <algorithm>

namespace rlx::cpu {

namespace {

using namespace onednn;

// What one spatial axis looks like to oneDNN, which wants padding that explains the output's size exactly.
struct Axis {
  int64_t in, out, kernel, stride, dilation, begin, end;
  int64_t extent() const { return (kernel - 1) * dilation + 1; }
  // The end padding that the last window needs; smaller than given when windows do not fill the input.
  int64_t needed_end() const { return std::max<int64_t>(0, (out - 1) * stride + extent() - in - begin); }
  bool explains(int64_t pad) const { return (in - extent() + begin + pad) / stride + 1 == out; }
};

std::vector<Axis> axes_of(const NodeView& n) {
  std::vector<Axis> axes;
  const bool global = n.op() == "global_pool";
  for (uint32_t i = 2; i < n.in(0).rank; ++i) {
    const int64_t in = static_cast<int64_t>(n.in(0).dims[i]), out = static_cast<int64_t>(n.out().dims[i]);
    if (global)
      axes.push_back({in, out, in, 1, 1, 0, 0});
    else
      axes.push_back({in, out, n.ints("kernel")[i - 2], n.ints("strides")[i - 2], n.ints("dilations")[i - 2],
                      n.ints("pads_begin")[i - 2], n.ints("pads_end")[i - 2]});
  }
  return axes;
}

class Pool final : public PrimitiveKernel {
 public:
  explicit Pool(MakeContext& m) : axes_(axes_of(m.node)), attr_(make_attr()) {
    const NodeView& n = m.node;
    const Layout layout = m.in_layouts[0];
    m.out_layouts[0] = layout;
    src_ = desc_of(sdk::dims(n.in(0)), layout);
    dst_ = desc_of(sdk::dims(n.out()), layout);
    const bool include = n.op() == "pool" && n.flag("count_include_pad");
    algorithm_ = n.s("kind") == "max" ? dnnl_pooling_max
                 : include            ? dnnl_pooling_avg_include_padding
                                      : dnnl_pooling_avg_exclude_padding;
    add_input(DNNL_ARG_SRC, src_, 0);
    add_output(DNNL_ARG_DST, dst_);
    set_name(create());
  }

 private:
  PrimitiveDesc create() const override {
    Window window;
    dnnl_dims_t kernel{};
    for (size_t i = 0; i < axes_.size(); ++i) {
      const Axis& a = axes_[i];
      kernel[i] = a.kernel;
      window.strides[i] = a.stride, window.dilations[i] = a.dilation - 1, window.pads_begin[i] = a.begin;
      window.pads_end[i] = a.explains(a.end) ? a.end : a.needed_end();
    }
    PrimitiveDesc desc;
    check(describe_pooling(algorithm_, src_, dst_, kernel, window, attr_.get(), desc), "pool");
    return desc;
  }

  std::vector<Axis> axes_;
  Attr attr_;
  dnnl_alg_kind_t algorithm_;
  Desc src_, dst_;
};

}  // namespace

namespace kernels {

Claim claim_pool(const NodeView& n, const CpuInfo&) {
  const rlx_tensor& x = n.in(0);
  if (x.dtype != RLX_DTYPE_F32) return Claim::no(dtype_reason(x.dtype));
  if (x.rank < 3 || x.rank > 5) return Claim::no("rank " + std::to_string(x.rank) + " not supported");
  if (x.size_bytes == 0 || n.out().size_bytes == 0) return Claim::no("empty tensors not supported");
  if (n.s("kind") != "max" && n.s("kind") != "mean")
    return Claim::no("kind " + std::string(n.s("kind")) + " not supported");
  if (n.output_count() > 1) return Claim::no("indices not supported");
  const bool include = n.op() == "pool" && n.flag("count_include_pad");
  for (const Axis& a : axes_of(n)) {
    // oneDNN would count the padding that ceil_mode adds, and has nothing to say about windows of padding alone.
    if (include && !a.explains(a.end)) return Claim::no("count_include_pad with ceil_mode not supported");
    if (a.begin >= a.extent() || a.end >= a.extent()) return Claim::no("padding wider than the window not supported");
    if (!a.explains(a.end) && !a.explains(a.needed_end())) return Claim::no("this output size is not supported");
    if (a.dilation > 1 && n.s("kind") != "max") return Claim::no("dilated mean not supported");
  }
  return Claim::native();
}

std::unique_ptr<Kernel> make_pool(MakeContext& m) {
  // Row-major images have a kernel of their own.
  if (m.node.op() == "pool" && m.in_layouts[0] == Layout::kPlain && m.node.in(0).rank <= 4) return nullptr;
  return std::make_unique<Pool>(m);
}

}  // namespace kernels
}  // namespace rlx::cpu
