// Pools over NC… with one to three spatial axes.
//   pool: max, mean or (Σ|x|^p)^(1/p) over windows; max may also give the flat index of each maximum in x
//   global_pool: the same over all spatial dims
#include "number.hpp"
#include "window.hpp"

namespace rlx::ref::kernels {

namespace {

// The positions of one channel that a window covers.
struct Covered {
  std::vector<int64_t> inside;
  int64_t with_padding = 0;  // also those in the padding, but not what ceil_mode adds behind it
};

Covered covered(const Window& w, std::span<const int64_t> pads_end, std::array<int64_t, kSpatial> at) {
  Covered c;
  for (int64_t n = 0; n < w.taps(); ++n) {
    const auto tap = w.tap(n);
    bool inside = true, padded = true;
    int64_t position = 0;
    for (size_t i = 0; i < kSpatial; ++i) {
      const int64_t p = w.axis[i].meet(at[i], tap[i]);
      inside &= w.axis[i].is_inside(p);
      const bool is_real = i >= kSpatial - pads_end.size();
      const int64_t end = w.axis[i].wide + (is_real ? pads_end[i - (kSpatial - pads_end.size())] : 0);
      padded &= p < end;
      position = position * w.axis[i].wide + p;
    }
    c.with_padding += padded;
    if (inside) c.inside.push_back(position);
  }
  return c;
}

// A position of a channel, counted with the first spatial axis running fastest.
int64_t column_major(const Window& w, int64_t position) {
  const auto& [a, b, c] = w.axis;
  return position / (b.wide * c.wide) + a.wide * (position / c.wide % b.wide + b.wide * (position % c.wide));
}

double power_mean(double sum, int64_t p) {
  return p == 1 ? sum : p == 2 ? std::sqrt(sum) : std::pow(sum, 1.0 / static_cast<double>(p));
}

double magnitude(double x, int64_t p) {
  return p == 1 ? std::fabs(x) : p == 2 ? x * x : std::pow(std::fabs(x), static_cast<double>(p));
}

// Calls fn(element of y, channel's start in x, what the window covers).
template <typename Fn>
void for_each_window(const Call& call, const Window& w, Fn&& fn) {
  const int64_t channels = static_cast<int64_t>(call.in(0).dim(0) * call.in(0).dim(1));
  const std::span<const int64_t> pads_end = call.node.ints("pads_end");
  int64_t position = 0;
  for (int64_t i = 0; i < w.axis[0].narrow; ++i)
    for (int64_t j = 0; j < w.axis[1].narrow; ++j)
      for (int64_t k = 0; k < w.axis[2].narrow; ++k, ++position) {
        const Covered c = covered(w, pads_end, {i, j, k});
        for (int64_t n = 0; n < channels; ++n)
          fn(static_cast<size_t>(n * w.narrow_size() + position), n * w.wide_size(), c);
      }
}

void max_pool(const Call& call, const Window& w) {
  const bool by_column = call.node.flag("column_major");
  visit_number(call.out().dtype, [&](auto number) {
    using T = decltype(number);
    const std::vector<T> x = load<T>(call.in(0));
    std::vector<T> y(call.out().elements());
    std::vector<int64_t> indices(y.size());
    for_each_window(call, w, [&](size_t to, int64_t start, const Covered& c) {
      T best = lowest_of<T>(call.out().dtype);
      int64_t at = c.inside.empty() ? 0 : c.inside[0];
      for (int64_t position : c.inside) {
        const T v = x[static_cast<size_t>(start + position)];
        if (!less(best, v)) continue;
        best = v;
        at = position;
      }
      y[to] = best;
      indices[to] = start + (by_column ? column_major(w, at) : at);
    });
    store(call.out(), y);
    if (call.outputs.size() > 1) store(call.out(1), indices);
  });
}

void mean_or_lp_pool(const Call& call, const Window& w, bool mean) {
  const int64_t p = call.node.i("p");
  const bool with_padding = call.node.flag("count_include_pad");
  const std::vector<double> x = load<double>(call.in(0));
  std::vector<double> y(call.out().elements());
  for_each_window(call, w, [&](size_t to, int64_t start, const Covered& c) {
    double sum = 0;
    for (int64_t position : c.inside) {
      const double v = x[static_cast<size_t>(start + position)];
      sum += mean ? v : magnitude(v, p);
    }
    const int64_t count = with_padding ? c.with_padding : static_cast<int64_t>(c.inside.size());
    y[to] = mean ? sum / static_cast<double>(count) : power_mean(sum, p);
  });
  store(call.out(), y);
}

}  // namespace

void pool(const Call& call) {
  const std::string_view kind = call.node.s("kind");
  const Window window = window_of(call, call.in(0), call.out(), call.node.ints("kernel"));
  if (kind == "max") return max_pool(call, window);
  if (kind != "mean" && kind != "lp") call.bad_attribute("kind", kind);
  mean_or_lp_pool(call, window, kind == "mean");
}

void global_pool(const Call& call) {
  const std::string_view kind = call.node.s("kind");
  const Tensor& x = call.in(0);
  const uint64_t channels = x.dim(0) * x.dim(1), size = count_of(x.dims.subspan(2));
  if (kind == "max") {
    visit_number(x.dtype, [&](auto number) {
      using T = decltype(number);
      const std::vector<T> v = load<T>(x);
      std::vector<T> y(channels, lowest_of<T>(x.dtype));
      for (uint64_t i = 0; i < v.size(); ++i) y[i / size] = max(y[i / size], v[i]);
      store(call.out(), y);
    });
    return;
  }
  if (kind != "mean" && kind != "lp") call.bad_attribute("kind", kind);
  const int64_t p = call.node.i("p");
  const std::vector<double> v = load<double>(x);
  std::vector<double> y(channels);
  for (uint64_t i = 0; i < v.size(); ++i) y[i / size] += kind == "mean" ? v[i] : magnitude(v[i], p);
  for (double& sum : y) sum = kind == "mean" ? sum / static_cast<double>(size) : power_mean(sum, p);
  store(call.out(), y);
}

}  // namespace rlx::ref::kernels
