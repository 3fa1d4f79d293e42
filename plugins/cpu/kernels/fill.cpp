// Tensors made from positions: iota, one_hot, trilu, non_zero. Bound by memory.
#include "kernels/axis_view.hpp"
#include "kernels/indices.hpp"

#include <rlx/sdk/convert.hpp>

#include <algorithm>
#include <cstring>
#include <vector>

namespace rlx::cpu::kernels {

namespace {

constexpr uint64_t kGrain = 16384;  // elements worth a second thread

// The values along the axis are made with the kernel; a run spreads them.
class Iota final : public Kernel {
 public:
  explicit Iota(const NodeView& n) : Kernel("fill:iota"), bytes_(sdk::dtype_size(n.out().dtype)) {
    view_ = n.out().rank == 0 ? AxisView{} : view_axis(n.out(), n.i("axis"));
    // Holds every 64-bit integer.
    const long double start = n.f("start"), step = n.f("step");
    values_.resize(view_.n * bytes_);
    sdk::visit_dtype(n.out().dtype, [&](auto v) {
      for (uint64_t i = 0; i < view_.n; ++i) {
        const auto x = sdk::cast_to<decltype(v)>(start + step * static_cast<long double>(i));
        std::memcpy(values_.data() + i * bytes_, &x, sizeof x);
      }
    });
  }
  void run(const Run& r) const override {
    std::byte* y = r.outputs[0];
    for (uint64_t o = 0; o < view_.outer; ++o)
      for (uint64_t i = 0; i < view_.n; ++i)
        for (uint64_t k = 0; k < view_.inner; ++k, y += bytes_) std::memcpy(y, values_.data() + i * bytes_, bytes_);
  }

 private:
  AxisView view_;
  uint64_t bytes_;
  std::vector<std::byte> values_;
};

class OneHot final : public Kernel {
 public:
  explicit OneHot(const NodeView& n)
      : Kernel("fill:one_hot"), indices_(n.in(0)), bytes_(sdk::dtype_size(n.out().dtype)), depth_(n.i("depth")) {
    view_ = view_axis(n.out(), n.i("axis"));
  }
  void run(const Run& r) const override {
    const std::byte *off = r.inputs[1], *on = off + bytes_;
    r.team.split(view_.outer, std::max<uint64_t>(1, kGrain / std::max<uint64_t>(1, view_.n * view_.inner)),
                 [&](uint64_t begin, uint64_t end, unsigned) {
                   for (uint64_t o = begin; o < end; ++o) {
                     std::byte* y = r.outputs[0] + o * view_.n * view_.inner * bytes_;
                     for (uint64_t i = 0; i < view_.n * view_.inner; ++i) std::memcpy(y + i * bytes_, off, bytes_);
                     for (uint64_t k = 0; k < view_.inner; ++k) {
                       const int64_t given = indices_.raw(r.inputs[0], o * view_.inner + k);
                       const int64_t at = given < 0 ? given + depth_ : given;
                       if (at < 0 || at >= depth_) continue;
                       std::memcpy(y + (static_cast<uint64_t>(at) * view_.inner + k) * bytes_, on, bytes_);
                     }
                   }
                 });
  }

 private:
  Indices indices_;
  AxisView view_;
  uint64_t bytes_;
  int64_t depth_;
};

class Trilu final : public Kernel {
 public:
  explicit Trilu(const NodeView& n)
      : Kernel("fill:trilu"), bytes_(sdk::dtype_size(n.out().dtype)), upper_(n.flag("upper")) {
    const rlx_tensor& x = n.in(0);
    columns_ = x.dims[x.rank - 1];
    rows_ = x.dims[x.rank - 2];
    // Diagonals beyond the corners are all alike, and a sum with a row must not overflow.
    k_ = std::clamp<int64_t>(n.i("k"), -static_cast<int64_t>(rows_), static_cast<int64_t>(columns_));
    all_rows_ = columns_ ? sdk::elements(x) / columns_ : 0;
  }
  void run(const Run& r) const override {
    const int64_t columns = static_cast<int64_t>(columns_);
    r.team.split(all_rows_, std::max<uint64_t>(1, kGrain / std::max<uint64_t>(1, columns_)),
                 [&](uint64_t begin, uint64_t end, unsigned) {
                   for (uint64_t i = begin; i < end; ++i) {
                     // Upper keeps columns from the diagonal on, lower those up to it.
                     const int64_t diagonal = static_cast<int64_t>(i % rows_) + k_;
                     const int64_t from = upper_ ? std::clamp<int64_t>(diagonal, 0, columns) : 0;
                     const int64_t to = upper_ ? columns : std::clamp<int64_t>(diagonal + 1, 0, columns);
                     row(r, i, static_cast<uint64_t>(from), static_cast<uint64_t>(to));
                   }
                 });
  }

 private:
  void row(const Run& r, uint64_t i, uint64_t from, uint64_t to) const {
    const std::byte* x = r.inputs[0] + i * columns_ * bytes_;
    std::byte* y = r.outputs[0] + i * columns_ * bytes_;
    if (x != y) std::memcpy(y + from * bytes_, x + from * bytes_, (to - from) * bytes_);
    std::memset(y, 0, from * bytes_);
    std::memset(y + to * bytes_, 0, (columns_ - to) * bytes_);
  }

  uint64_t bytes_, rows_, columns_, all_rows_;
  int64_t k_;
  bool upper_;
};

template <typename T>
bool is_set(const std::byte* x, uint64_t i) {
  T v;
  std::memcpy(&v, x + i * sizeof(T), sizeof v);
  return sdk::cast_to<sdk::Bool>(v).value != 0;
}

class NonZero final : public Kernel {
 public:
  explicit NonZero(const NodeView& n) : Kernel("fill:non_zero"), x_(n.in(0)), limit_(n.out().dims[1]) {
    count_ = sdk::elements(x_);
    sdk::visit_dtype(x_.dtype, [&](auto v) { is_set_ = is_set<decltype(v)>; });
  }
  void run(const Run& r) const override {
    int64_t* y = r.out<int64_t>();
    uint64_t found = 0;
    for (uint64_t i = 0; i < count_ && found < limit_; ++i) {
      if (!is_set_(r.inputs[0], i)) continue;
      uint64_t rest = i;
      for (uint32_t k = x_.rank; k-- > 0; rest /= x_.dims[k])
        y[k * limit_ + found] = static_cast<int64_t>(rest % x_.dims[k]);
      ++found;
    }
    for (uint32_t k = 0; k < x_.rank; ++k) std::fill(y + k * limit_ + found, y + (k + 1) * limit_, 0);
    *r.out<int64_t>(1) = static_cast<int64_t>(found);
  }

 private:
  rlx_tensor x_;
  uint64_t limit_, count_;
  bool (*is_set_)(const std::byte*, uint64_t) = nullptr;
};

}  // namespace

Claim claim_fill(const NodeView& n, const CpuInfo&) {
  return Claim::native(n.op() == "trilu" ? 1 : 0);
}

std::unique_ptr<Kernel> make_fill(MakeContext& m) {
  const std::string_view op = m.node.op();
  if (op == "iota") return std::make_unique<Iota>(m.node);
  if (op == "one_hot") return std::make_unique<OneHot>(m.node);
  if (op == "trilu") return std::make_unique<Trilu>(m.node);
  return std::make_unique<NonZero>(m.node);
}

}  // namespace rlx::cpu::kernels
