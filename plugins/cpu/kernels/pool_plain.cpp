// pool in row-major order for what oneDNN does not take: indices, lp, other dtypes, odd windows. Row by row over the
// output, tap by tap over the window; bound by the loads, one per tap and output.
#include "kernel.hpp"
#include "kernels/axis_view.hpp"
#include "kernels/plain_loop.hpp"
#include "kernels/window.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace rlx::cpu::kernels {

namespace {

constexpr uint64_t kGrain = 8192;  // taps of all windows together worth a second thread

enum class PoolKind : uint8_t { kMax, kMean, kLp };

struct PoolHow {
  PoolKind kind;
  Window window;
  int64_t p;
  bool include_pad, by_column;
};

// The input positions one output position sees.
struct Covered {
  int64_t first[3], last[3], padded = 1;
};
Covered covered(const Window& w, const int64_t (&at)[3]) {
  Covered c;
  for (size_t i = 0; i < 3; ++i) {
    const WindowAxis& a = w.axis[i];
    c.first[i] = a.first_tap(at[i]);
    c.last[i] = a.last_tap(at[i], a.in);
    c.padded *= a.last_tap(at[i], a.in + a.pad_end);
  }
  return c;
}

// A position of a channel, counted with the first spatial axis running fastest.
int64_t column_major(const Window& w, int64_t position) {
  const auto& [a, b, c] = w.axis;
  return position / (b.in * c.in) + a.in * (position / c.in % b.in + b.in * (position % c.in));
}

// fn(position within the channel) for every element the window sees.
template <typename Fn>
void for_each_seen(const Window& w, const Covered& c, const int64_t (&at)[3], Fn&& fn) {
  const auto& [x, y, z] = w.axis;
  for (int64_t i = c.first[0]; i < c.last[0]; ++i)
    for (int64_t j = c.first[1]; j < c.last[1]; ++j)
      for (int64_t k = c.first[2]; k < c.last[2]; ++k)
        fn((x.meet(at[0], i) * y.in + y.meet(at[1], j)) * z.in + z.meet(at[2], k));
}

template <typename T>
void pool_max(const PoolHow& how, const Covered& c, const int64_t (&at)[3], const T* x, T* y, int64_t* index) {
  T best = std::is_floating_point_v<T> ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::lowest();
  int64_t best_at = -1;
  for_each_seen(how.window, c, at, [&](int64_t position) {
    const T v = x[position];
    if (best_at < 0 || v > best || (v != v && best == best)) best = v, best_at = position;
  });
  *y = best;
  if (index) *index = best_at < 0 ? 0 : how.by_column ? column_major(how.window, best_at) : best_at;
}

template <typename T>
void pool_sum(const PoolHow& how, const Covered& c, const int64_t (&at)[3], const T* x, T* y) {
  double sum = 0;
  int64_t count = 0;
  for_each_seen(how.window, c, at, [&](int64_t position) {
    const double v = static_cast<double>(x[position]);
    ++count;
    sum += how.kind == PoolKind::kMean ? v
           : how.p == 1                ? std::fabs(v)
           : how.p == 2                ? v * v
                                       : std::pow(std::fabs(v), static_cast<double>(how.p));
  });
  if (how.kind == PoolKind::kMean)
    sum /= static_cast<double>(how.include_pad ? c.padded : count);
  else if (how.p != 1)
    sum = how.p == 2 ? std::sqrt(sum) : std::pow(sum, 1.0 / static_cast<double>(how.p));
  *y = static_cast<T>(sum);
}

// One channel; indices may be NULL and are flat over the whole input, which starts channel_start before x.
template <typename T>
void pool_channel(const PoolHow& how, const std::byte* src, std::byte* dst, int64_t* indices, int64_t channel_start) {
  const T* x = reinterpret_cast<const T*>(src);
  T* y = reinterpret_cast<T*>(dst);
  const Window& w = how.window;
  int64_t at[3];
  for (at[0] = 0; at[0] < w.axis[0].out; ++at[0])
    for (at[1] = 0; at[1] < w.axis[1].out; ++at[1])
      for (at[2] = 0; at[2] < w.axis[2].out; ++at[2], ++y) {
        const Covered c = covered(w, at);
        if (how.kind != PoolKind::kMax) {
          pool_sum(how, c, at, x, y);
          continue;
        }
        pool_max(how, c, at, x, y, indices);
        if (indices) *indices++ += channel_start;
      }
}

class PlainPool final : public Kernel {
 public:
  explicit PlainPool(const NodeView& n) : Kernel("plain:pool"), bytes_(sdk::dtype_size(n.in(0).dtype)) {
    const std::string_view kind = n.s("kind");
    how_.kind = kind == "max" ? PoolKind::kMax : kind == "mean" ? PoolKind::kMean : PoolKind::kLp;
    how_.p = n.i("p");
    how_.include_pad = n.op() == "pool" && n.flag("count_include_pad");
    how_.by_column = n.op() == "pool" && n.flag("column_major");
    if (n.op() == "pool")
      how_.window = window_of(n, [&](uint32_t i) { return n.ints("kernel")[i]; });
    else
      whole_channel(n);
    channels_ = n.in(0).dims[0] * n.in(0).dims[1];
    indices_ = n.output_count() > 1;
    visit_number(n.in(0).dtype, [&](auto v) { pool_ = pool_channel<decltype(v)>; });
  }

  void run(const Run& r) const override {
    const uint64_t in = static_cast<uint64_t>(how_.window.in_size()),
                   out = static_cast<uint64_t>(how_.window.out_size());
    uint64_t taps = 1;
    for (const WindowAxis& a : how_.window.axis) taps *= static_cast<uint64_t>(a.taps);
    const uint64_t grain = std::max<uint64_t>(1, kGrain / std::max<uint64_t>(1, out * taps));
    r.team.split(channels_, grain, [&](uint64_t begin, uint64_t end, unsigned) {
      for (uint64_t c = begin; c < end; ++c)
        pool_(how_, r.inputs[0] + c * in * bytes_, r.outputs[0] + c * out * bytes_,
              indices_ ? r.out<int64_t>(1) + c * out : nullptr, static_cast<int64_t>(c * in));
    });
  }

 private:
  // global_pool: one window of one axis.
  void whole_channel(const NodeView& n) {
    WindowAxis& a = how_.window.axis[2];
    for (uint32_t i = 2; i < n.in(0).rank; ++i) a.in *= static_cast<int64_t>(n.in(0).dims[i]);
    a.taps = a.in;
  }

  PoolHow how_;
  uint64_t bytes_, channels_;
  bool indices_;
  void (*pool_)(const PoolHow&, const std::byte*, std::byte*, int64_t*, int64_t) = nullptr;
};

}  // namespace

Claim claim_pool_plain(const NodeView& n, const CpuInfo&) {
  const rlx_tensor& x = n.in(0);
  const bool real = x.dtype == RLX_DTYPE_F32 || x.dtype == RLX_DTYPE_F64;
  const bool integer = x.dtype >= RLX_DTYPE_I8 && x.dtype <= RLX_DTYPE_U64;
  if (!real && !(integer && n.s("kind") == "max")) return Claim::no(dtype_reason(x.dtype));
  if (n.op() == "pool" && x.rank > 5) return Claim::no("rank " + std::to_string(x.rank) + " not supported");
  return Claim::native();
}

std::unique_ptr<Kernel> make_pool_plain(MakeContext& m) {
  return std::make_unique<PlainPool>(m.node);
}

}  // namespace rlx::cpu::kernels
