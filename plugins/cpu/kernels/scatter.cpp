// scatter_elements, scatter_nd, scatter_add and gather_backward: updates combined into a tensor at given indices.
// Equal indices are combined in order, so that results do not depend on the number of threads: the updates of one
// target run on one thread, and threads share outer (scatter_elements) or inner (the others) elements.
#include "kernels/axis_view.hpp"
#include "kernels/indices.hpp"
#include "kernels/integer_math.hpp"

#include <rlx/sdk/convert.hpp>

#include <algorithm>
#include <cstring>

namespace rlx::cpu::kernels {

namespace {

constexpr uint64_t kGrainBytes = 256u << 10;  // worth a second thread
constexpr uint64_t kGrain = 4096;             // updates

enum class Reduction : uint8_t { kNone, kAdd, kMul, kMax, kMin };

Reduction reduction_of(const NodeView& n) {
  if (n.op() == "scatter_add" || n.op() == "gather_backward") return Reduction::kAdd;
  const std::string_view s = n.s("reduction");
  return s == "add"   ? Reduction::kAdd
         : s == "mul" ? Reduction::kMul
         : s == "max" ? Reduction::kMax
         : s == "min" ? Reduction::kMin
                      : Reduction::kNone;
}

template <typename T>
T combined(Reduction how, T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    if (how == Reduction::kAdd) return static_cast<T>(wide(a) + wide(b));
    if (how == Reduction::kMul) return static_cast<T>(wide(a) * wide(b));
  } else {
    if (how == Reduction::kAdd) return a + b;
    if (how == Reduction::kMul) return a * b;
    if (a != a) return a;
  }
  if (how == Reduction::kMax) return b > a || b != b ? b : a;
  if (how == Reduction::kMin) return b < a || b != b ? b : a;
  return b;
}

using CombineRun = void (*)(Reduction how, std::byte* to, const std::byte* from, uint64_t count);

template <typename T>
void combine_run(Reduction how, std::byte* to_bytes, const std::byte* from_bytes, uint64_t count) {
  T* to = reinterpret_cast<T*>(to_bytes);
  const T* from = reinterpret_cast<const T*>(from_bytes);
  if (how == Reduction::kNone) {
    std::memcpy(to, from, count * sizeof(T));
    return;
  }
  for (uint64_t i = 0; i < count; ++i) {
    if constexpr (std::is_arithmetic_v<T>)
      to[i] = combined(how, to[i], from[i]);
    else
      to[i] = sdk::cast_to<T>(combined(how, sdk::cast_to<float>(to[i]), sdk::cast_to<float>(from[i])));
  }
}

// bool combines as a number: add is "or", mul is "and".
template <>
void combine_run<sdk::Bool>(Reduction how, std::byte* to, const std::byte* from, uint64_t count) {
  for (uint64_t i = 0; i < count; ++i) {
    const int value = combined<int>(how, static_cast<int>(to[i]), static_cast<int>(from[i]));
    to[i] = static_cast<std::byte>(value != 0);
  }
}

template <>
void combine_run<sdk::C64>(Reduction how, std::byte* to_bytes, const std::byte* from_bytes, uint64_t count) {
  float* to = reinterpret_cast<float*>(to_bytes);
  const float* from = reinterpret_cast<const float*>(from_bytes);
  for (uint64_t i = 0; i < 2 * count; ++i) to[i] = how == Reduction::kNone ? from[i] : to[i] + from[i];
}

CombineRun find_combine(rlx_dtype dtype) {
  CombineRun found = nullptr;
  sdk::visit_dtype(dtype, [&](auto v) { found = combine_run<decltype(v)>; });
  return found;
}

void copy_all(const Run& r, const std::byte* from, std::byte* to, uint64_t bytes) {
  if (from == to) return;
  r.team.split(bytes, kGrainBytes,
               [&](uint64_t begin, uint64_t end, unsigned) { std::memcpy(to + begin, from + begin, end - begin); });
}

class ScatterElements final : public Kernel {
 public:
  explicit ScatterElements(const NodeView& n)
      : Kernel("move:scatter_elements"),
        indices_(n.in(1)),
        how_(reduction_of(n)),
        combine_(find_combine(n.in(0).dtype)),
        x_bytes_(n.in(0).size_bytes),
        bytes_(sdk::dtype_size(n.in(0).dtype)) {
    const rlx_tensor &x = n.in(0), &idx = n.in(1);
    rank_ = idx.rank;
    axis_ = static_cast<uint32_t>(n.i("axis"));
    uint64_t step = 1;
    for (uint32_t i = rank_; i-- > 0; step *= x.dims[i]) {
      dims_[i] = idx.dims[i];
      strides_[i] = step;
    }
    size_ = static_cast<int64_t>(x.dims[axis_]);
    for (uint32_t i = 0; i < rank_; ++i) (i < axis_ ? outer_ : inner_) *= dims_[i];
  }
  void run(const Run& r) const override {
    copy_all(r, r.inputs[0], r.outputs[0], x_bytes_);
    r.team.split(outer_, std::max<uint64_t>(1, kGrain / std::max<uint64_t>(1, inner_)),
                 [&](uint64_t begin, uint64_t end, unsigned) {
                   for (uint64_t i = begin * inner_; i < end * inner_; ++i) one(r, i);
                 });
  }

 private:
  void one(const Run& r, uint64_t i) const {
    const int64_t at = indices_.read(r, r.inputs[1], i, size_);
    if (at < 0) return;
    uint64_t to = static_cast<uint64_t>(at) * strides_[axis_], rest = i;
    for (uint32_t k = rank_; k-- > 0; rest /= dims_[k])
      if (k != axis_) to += rest % dims_[k] * strides_[k];
    combine_(how_, r.outputs[0] + to * bytes_, r.inputs[2] + i * bytes_, 1);
  }

  Indices indices_;
  Reduction how_;
  CombineRun combine_;
  uint32_t rank_, axis_;
  int64_t size_;
  uint64_t x_bytes_, bytes_, outer_ = 1, inner_ = 1, dims_[RLX_MAX_RANK] = {}, strides_[RLX_MAX_RANK] = {};
};

// Runs of elements: update u of outer block o goes to run index[u] of block o. scatter_nd has one block and tuples.
class ScatterRuns final : public Kernel {
 public:
  explicit ScatterRuns(const NodeView& n)
      : Kernel("move:" + std::string(n.op())),
        how_(reduction_of(n)),
        combine_(find_combine(n.out().dtype)),
        out_bytes_(n.out().size_bytes),
        bytes_(sdk::dtype_size(n.out().dtype)) {
    const rlx_tensor& y = n.out();
    if (n.op() == "scatter_nd") {
      base_ = 0, index_input_ = 1, update_input_ = 2;
      const rlx_tensor& idx = n.in(1);
      depth_ = static_cast<uint32_t>(idx.dims[idx.rank - 1]);
      for (uint32_t i = 0; i < depth_; ++i) sizes_[i] = static_cast<int64_t>(y.dims[i]);
      for (uint32_t i = depth_; i < y.rank; ++i) run_ *= y.dims[i];
      updates_ = 1;
      for (uint32_t i = 0; i + 1 < idx.rank; ++i) updates_ *= idx.dims[i];
    } else {
      base_ = kNone, index_input_ = 1, update_input_ = 0;
      const AxisView v = view_axis(y, n.op() == "gather_backward" ? n.i("axis") : 0);
      outer_ = v.outer;
      depth_ = 1;
      sizes_[0] = static_cast<int64_t>(v.n);
      run_ = v.inner;
      updates_ = sdk::elements(n.in(1));
    }
    indices_ = Indices(n.in(index_input_));
    rows_ = 1;
    for (uint32_t i = 0; i < depth_; ++i) rows_ *= static_cast<uint64_t>(sizes_[i]);
  }

  void run(const Run& r) const override {
    if (base_ == kNone)
      r.team.split(out_bytes_, kGrainBytes,
                   [&](uint64_t begin, uint64_t end, unsigned) { std::memset(r.outputs[0] + begin, 0, end - begin); });
    else
      copy_all(r, r.inputs[base_], r.outputs[0], out_bytes_);
    r.team.split(run_, std::max<uint64_t>(16, kGrain / std::max<uint64_t>(1, updates_ * outer_)),
                 [&](uint64_t begin, uint64_t end, unsigned) {
                   for (uint64_t o = 0; o < outer_; ++o)
                     for (uint64_t u = 0; u < updates_; ++u) one(r, o, u, begin, end);
                 });
  }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;

  void one(const Run& r, uint64_t o, uint64_t u, uint64_t begin, uint64_t end) const {
    uint64_t row = 0;
    for (uint32_t k = 0; k < depth_; ++k) {
      const int64_t at = indices_.read(r, r.inputs[index_input_], u * depth_ + k, sizes_[k]);
      if (at < 0) return;
      row = row * static_cast<uint64_t>(sizes_[k]) + static_cast<uint64_t>(at);
    }
    std::byte* to = r.outputs[0] + ((o * rows_ + row) * run_ + begin) * bytes_;
    const std::byte* from = r.inputs[update_input_] + ((o * updates_ + u) * run_ + begin) * bytes_;
    combine_(how_, to, from, end - begin);
  }

  Indices indices_;
  Reduction how_;
  CombineRun combine_;
  uint64_t out_bytes_, bytes_;
  uint32_t base_, index_input_, update_input_, depth_ = 1;
  int64_t sizes_[RLX_MAX_RANK] = {};
  uint64_t outer_ = 1, run_ = 1, updates_ = 0, rows_ = 1;
};

}  // namespace

Claim claim_scatter(const NodeView& n, const CpuInfo&) {
  return Claim::native(n.op() == "scatter_elements" || n.op() == "scatter_nd" ? 1 : 0);
}

std::unique_ptr<Kernel> make_scatter(MakeContext& m) {
  if (m.node.op() == "scatter_elements") return std::make_unique<ScatterElements>(m.node);
  return std::make_unique<ScatterRuns>(m.node);
}

}  // namespace rlx::cpu::kernels
